"""Transposed convolutional layers."""

from __future__ import annotations

from typing import Any

from minitorch import dtypes
from minitorch.nn import functional as F
from minitorch.nn.conv import _Convolution, _numbers
from minitorch.size import Size
from minitorch.tensor import Tensor


class _Transpose(_Convolution):
    """What transposed convolutions over one and two dimensions have in common."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]

    def __init__(
        self,
        count: int,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        output_padding: Any,
        groups: int,
        bias: bool,
        dilation: Any,
        padding_mode: str,
        device: Any,
        dtype: dtypes.dtype | None,
    ) -> None:
        if padding_mode != "zeros":
            name = type(self).__name__
            raise ValueError(f'Only "zeros" padding mode is supported for {name}')
        super().__init__(
            in_channels,
            out_channels,
            _numbers(kernel_size, count),
            _numbers(stride, count),
            _numbers(padding, count),
            _numbers(dilation, count),
            True,
            _numbers(output_padding, count),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _extra(self, input: Tensor, output_size: Any) -> tuple[int, ...]:
        """Return the output padding with which the output has `output_size`.

        Raises:
            ValueError: if there is none.
        """
        if output_size is None:
            return self.output_padding
        count = len(self.kernel_size)
        leading = input.ndim - count
        asked = [int(n) for n in output_size]
        if len(asked) == leading + count:
            asked = asked[leading:]
        if len(asked) != count:
            raise ValueError(
                f"ConvTranspose{count}D: for {input.ndim}D input, output_size must have {count} or "
                f"{leading + count} elements (got {len(asked)})"
            )
        steps = zip(
            input.shape[leading:], self.kernel_size, self.stride, self.padding, self.dilation,
            strict=True,
        )  # fmt: skip
        smallest = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, k, s, p, d in steps]
        largest = [n + s - 1 for n, s in zip(smallest, self.stride, strict=True)]
        if any(not a <= n <= b for a, n, b in zip(smallest, asked, largest, strict=True)):
            raise ValueError(
                f"requested an output size of {output_size}, but valid sizes range from {smallest} "
                f"to {largest} (for an input of {Size(input.shape[2:])})"
            )
        return tuple(n - low for n, low in zip(asked, smallest, strict=True))


class ConvTranspose1d(_Transpose):
    r"""Apply the transpose of a convolution: the layer of `functional.conv_transpose1d`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size k of the window.
        stride: steps s between neighbouring windows in the output.
        padding: places p cut off at each side of the output.
        output_padding: places added at the far end of the output.
        groups: the channels are divided into so many groups, each convolved on its own.
        bias: whether to learn an additive bias.
        dilation: steps d between the taps of a window.
        padding_mode: ``"zeros"``.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input: :math:`(N, C_{in}, L)` or :math:`(C_{in}, L)`.
        - Output: :math:`(N, C_{out}, L_{out})` or
          :math:`(C_{out}, L_{out})` with
          :math:`L_{out} = (L - 1) s - 2p + d (k - 1) + p_{out} + 1`.
        - weight: :math:`(C_{in}, C_{out} / groups, k)`, bias: :math:`(C_{out})`, both drawn
          from :math:`U(-b, b)` with :math:`b^{-2}` the number of weights of one input channel.

    Raises:
        ValueError: if a number of channels is not divisible by `groups`, another `padding_mode` is
            given, or the layer cannot make an output of the size that is asked for.
        RuntimeError: if the input has other channels.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.ConvTranspose1d(4, 8, 4, stride=2, padding=1)
        >>> layer(minitorch.randn(2, 4, 9)).shape
        minitorch.Size([2, 8, 18])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        output_padding: int | tuple[int, ...] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | tuple[int, ...] = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(
            1,
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            output_padding,
            groups,
            bias,
            dilation,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Return the transposed convolution of `input`.

        Args:
            input: the x.
            output_size: of the output, without the batch and the channels or with them; it stands
                for the `output_padding` that makes it.
        """
        return F.conv_transpose1d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self._extra(input, output_size),
            self.groups,
            self.dilation,
        )


class ConvTranspose2d(_Transpose):
    r"""Apply the transpose of a convolution: the layer of `functional.conv_transpose2d`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size k of the window.
        stride: steps s between neighbouring windows in the output.
        padding: places p cut off at each side of the output.
        output_padding: places added at the far end of the output.
        groups: the channels are divided into so many groups, each convolved on its own.
        bias: whether to learn an additive bias.
        dilation: steps d between the taps of a window.
        padding_mode: ``"zeros"``.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input: :math:`(N, C_{in}, H, W)` or :math:`(C_{in}, H, W)`.
        - Output: :math:`(N, C_{out}, H_{out}, W_{out})` or
          :math:`(C_{out}, H_{out}, W_{out})` with
          :math:`H_{out} = (H - 1) s - 2p + d (k - 1) + p_{out} + 1`.
        - weight: :math:`(C_{in}, C_{out} / groups, k_h, k_w)`, bias: :math:`(C_{out})`, both drawn
          from :math:`U(-b, b)` with :math:`b^{-2}` the number of weights of one input channel.

    Raises:
        ValueError: if a number of channels is not divisible by `groups`, another `padding_mode` is
            given, or the layer cannot make an output of the size that is asked for.
        RuntimeError: if the input has other channels.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.ConvTranspose2d(4, 8, 4, stride=2, padding=1)
        >>> layer(minitorch.randn(2, 4, 9, 9)).shape
        minitorch.Size([2, 8, 18, 18])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        output_padding: int | tuple[int, ...] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | tuple[int, ...] = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(
            2,
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            output_padding,
            groups,
            bias,
            dilation,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Return the transposed convolution of `input`.

        Args:
            input: the x.
            output_size: of the output, without the batch and the channels or with them; it stands
                for the `output_padding` that makes it.
        """
        return F.conv_transpose2d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self._extra(input, output_size),
            self.groups,
            self.dilation,
        )
