"""The convolutional layer of volumes."""

from __future__ import annotations

from typing import Any

from minitorch import dtypes
from minitorch.nn import functional as F
from minitorch.nn.conv import _Convolution, _numbers, _padding
from minitorch.tensor import Tensor


class Conv3d(_Convolution):
    r"""Correlate volumes with learned windows: the layer of `functional.conv3d`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size k of the window.
        stride: steps s between neighbouring windows.
        padding: places p added at each side; ``"valid"`` for none, ``"same"`` for as many as make
            the output as large as the input (with a stride of 1).
        dilation: steps d between the taps of a window.
        groups: the channels are divided into so many groups, each convolved on its own.
        bias: whether to learn an additive bias.
        padding_mode: what is added: ``"zeros"``, ``"reflect"``, ``"replicate"`` or
            ``"circular"``.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input: :math:`(N, C_{in}, D, H, W)` or :math:`(C_{in}, D, H, W)`.
        - Output: :math:`(N, C_{out}, D_{out}, H_{out}, W_{out})` or
          :math:`(C_{out}, D_{out}, H_{out}, W_{out})` with
          :math:`D_{out} = \lfloor (D + 2p - d (k - 1) - 1) / s \rfloor + 1`.
        - weight: :math:`(C_{out}, C_{in} / groups, k_d, k_h, k_w)`, bias: :math:`(C_{out})`, both
          drawn from :math:`U(-b, b)` with :math:`b^{-2}` the number of weights of one output
          channel.

    Raises:
        ValueError: if a number of channels is not divisible by `groups`, or an argument is unknown.
        RuntimeError: if the input has other channels, or is smaller than the window.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Conv3d(4, 8, 3, stride=2, padding=1)
        >>> layer(minitorch.randn(2, 4, 9, 9, 7)).shape
        minitorch.Size([2, 8, 5, 5, 4])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: str | int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            _numbers(kernel_size, 3),
            _numbers(stride, 3),
            _padding(padding, 3),
            _numbers(dilation, 3),
            False,
            _numbers(0, 3),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor) -> Tensor:
        """Return the convolution of `input`."""
        x, padding = self._padded(input)
        return F.conv3d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
