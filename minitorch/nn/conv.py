"""Convolutional layers."""

from __future__ import annotations

import math
from typing import Any

from minitorch import dtypes, ops
from minitorch.devices import require_cpu
from minitorch.kernels import empty_taps
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.functional._windows import same_padding
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor, wrap

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _Convolution(Module):
    """What convolutions over any number of dimensions, and their transposes, have in common."""

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: str | tuple[int, ...]
    dilation: tuple[int, ...]
    transposed: bool
    output_padding: tuple[int, ...]
    groups: int
    padding_mode: str
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: str | tuple[int, ...],
        dilation: tuple[int, ...],
        transposed: bool,
        output_padding: tuple[int, ...],
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: dtypes.dtype | None,
    ) -> None:
        super().__init__()
        require_cpu(device, type(self).__name__)
        _check(in_channels, out_channels, groups, padding, stride, padding_mode)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.transposed = transposed
        self.output_padding = output_padding
        self.groups = groups
        self.padding_mode = padding_mode
        rows, columns = (in_channels, out_channels)[:: 1 if transposed else -1]
        shape = (rows, columns // groups, *kernel_size)
        numpy_dtype = dtypes.numpy_dtype(dtype)
        self.weight = Parameter(wrap(empty_taps(shape, numpy_dtype)))
        self.register_parameter("bias", empty_parameter((out_channels,), dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weight and the bias anew."""
        # kaiming_uniform_ with a = sqrt(5) has the bound 1 / sqrt(fan_in).
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = math.prod(self.weight.shape[1:])
            if fan_in:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        shown = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        shown += f", stride={self.stride}"
        count = len(self.kernel_size)
        if self.padding != (0,) * count:
            shown += f", padding={self.padding}"
        if self.dilation != (1,) * count:
            shown += f", dilation={self.dilation}"
        if self.output_padding != (0,) * count:
            shown += f", output_padding={self.output_padding}"
        if self.groups != 1:
            shown += f", groups={self.groups}"
        if self.bias is None:
            shown += ", bias=False"
        if self.padding_mode != "zeros":
            shown += f", padding_mode={self.padding_mode}"
        return shown

    def _padded(self, input: Tensor) -> tuple[Tensor, Any]:
        """Return the input, and the zeros that are still to be put around it."""
        if self.padding_mode == "zeros":
            return input, self.padding
        if self.padding == "valid":
            return input, 0
        if self.padding == "same":
            pairs = same_padding(self.kernel_size, self.stride, self.dilation)
        else:
            pairs = [(int(p), int(p)) for p in self.padding]
        around = [n for pair in reversed(pairs) for n in pair]  # the last dimension comes first
        return ops.pad(input, around, self.padding_mode), 0


def _check(
    in_channels: int, out_channels: int, groups: int, padding: Any, stride: Any, padding_mode: str
) -> None:
    """Raise torch's ValueError for arguments that no input could suit."""
    if groups <= 0:
        raise ValueError("groups must be a positive integer")
    if in_channels % groups:
        raise ValueError("in_channels must be divisible by groups")
    if out_channels % groups:
        raise ValueError("out_channels must be divisible by groups")
    if isinstance(padding, str) and padding not in ("same", "valid"):
        raise ValueError(
            f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}"
        )
    if padding == "same" and any(s != 1 for s in stride):
        raise ValueError("padding='same' is not supported for strided convolutions")
    if padding_mode not in _PADDING_MODES:
        raise ValueError(
            f"padding_mode must be one of {_PADDING_MODES}, but got padding_mode={padding_mode!r}"
        )


def _numbers(value: Any, count: int) -> tuple[int, ...]:
    """Return one number `count` times, and several as they are."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * count


def _padding(value: Any, count: int) -> Any:
    return value if isinstance(value, str) else _numbers(value, count)


class Conv1d(_Convolution):
    r"""Correlate signals with learned windows: the layer of `functional.conv1d`.

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
        - Input: :math:`(N, C_{in}, L)` or :math:`(C_{in}, L)`.
        - Output: :math:`(N, C_{out}, L_{out})` or
          :math:`(C_{out}, L_{out})` with
          :math:`L_{out} = \lfloor (L + 2p - d (k - 1) - 1) / s \rfloor + 1`.
        - weight: :math:`(C_{out}, C_{in} / groups, k)`, bias: :math:`(C_{out})`, both drawn
          from :math:`U(-b, b)` with :math:`b^{-2}` the number of weights of one output channel.

    Raises:
        ValueError: if a number of channels is not divisible by `groups`, or an argument is unknown.
        RuntimeError: if the input has other channels, or is smaller than the window.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Conv1d(4, 8, 3, stride=2, padding=1)
        >>> layer(minitorch.randn(2, 4, 9)).shape
        minitorch.Size([2, 8, 5])
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
            _numbers(kernel_size, 1),
            _numbers(stride, 1),
            _padding(padding, 1),
            _numbers(dilation, 1),
            False,
            _numbers(0, 1),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor) -> Tensor:
        """Return the convolution of `input`."""
        x, padding = self._padded(input)
        return F.conv1d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv2d(_Convolution):
    r"""Correlate images with learned windows: the layer of `functional.conv2d`.

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
        - Input: :math:`(N, C_{in}, H, W)` or :math:`(C_{in}, H, W)`.
        - Output: :math:`(N, C_{out}, H_{out}, W_{out})` or
          :math:`(C_{out}, H_{out}, W_{out})` with
          :math:`H_{out} = \lfloor (H + 2p - d (k - 1) - 1) / s \rfloor + 1`.
        - weight: :math:`(C_{out}, C_{in} / groups, k_h, k_w)`, bias: :math:`(C_{out})`, both drawn
          from :math:`U(-b, b)` with :math:`b^{-2}` the number of weights of one output channel.

    Raises:
        ValueError: if a number of channels is not divisible by `groups`, or an argument is unknown.
        RuntimeError: if the input has other channels, or is smaller than the window.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Conv2d(4, 8, 3, stride=2, padding=1)
        >>> layer(minitorch.randn(2, 4, 9, 9)).shape
        minitorch.Size([2, 8, 5, 5])
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
            _numbers(kernel_size, 2),
            _numbers(stride, 2),
            _padding(padding, 2),
            _numbers(dilation, 2),
            False,
            _numbers(0, 2),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor) -> Tensor:
        """Return the convolution of `input`."""
        x, padding = self._padded(input)
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
