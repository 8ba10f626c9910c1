"""Layers that keep the largest element or the mean of each window."""

from __future__ import annotations

from typing import Any

from minitorch.nn import functional as F
from minitorch.nn.functional.pooling import Size
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class _MaxPool(Module):
    kernel_size: Size
    stride: Size
    padding: Size
    dilation: Size
    return_indices: bool
    ceil_mode: bool

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )

    def _arguments(self) -> tuple[Any, ...]:
        return (
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )


class MaxPool1d(_MaxPool):
    r"""Return the largest element of each window of a signal.

    Args:
        kernel_size: length of the windows.
        stride: steps between windows; `kernel_size` by default.
        padding: how many elements of minus infinity surround the signal; half the window at most.
        dilation: steps between the elements of a window.
        return_indices: whether to return also where each maximum lies.
        ceil_mode: whether a last window may reach beyond the signal.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`, :math:`L' = \lfloor (L + 2p - d(k - 1) - 1) / s + 1 \rfloor`,
          or rounded up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.MaxPool1d(3, stride=2)(minitorch.zeros(20, 16, 50)).shape
        minitorch.Size([20, 16, 24])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the maxima, and where they lie if that was asked for."""
        return F.max_pool1d(input, *self._arguments())


class MaxPool2d(_MaxPool):
    r"""Return the largest element of each window of an image.

    Args:
        kernel_size: height and width of the windows, or one number for both.
        stride: steps between windows; `kernel_size` by default.
        padding: how many elements of minus infinity surround the image; half the window at most.
        dilation: steps between the elements of a window.
        return_indices: whether to return also, as int64, where in its plane of H * W elements each
            maximum lies.
        ceil_mode: whether a last window may reach beyond the image.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`, :math:`H' = \lfloor (H + 2p - d(k - 1) - 1) / s + 1
          \rfloor`, or rounded up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.MaxPool2d(3, stride=2, padding=1)(minitorch.zeros(20, 16, 50, 32)).shape
        minitorch.Size([20, 16, 25, 16])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the maxima, and where they lie if that was asked for."""
        return F.max_pool2d(input, *self._arguments())


class AvgPool1d(Module):
    r"""Return the mean of each window of a signal.

    Args:
        kernel_size: length of the windows.
        stride: steps between windows; `kernel_size` by default.
        padding: how many zeros surround the signal; half the window at most.
        ceil_mode: whether a last window may reach beyond the signal.
        count_include_pad: whether these zeros count among the elements of a window.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`, :math:`L' = \lfloor (L + 2p - k) / s + 1 \rfloor`, or rounded
          up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AvgPool1d(2)(minitorch.tensor([[1.0, 3.0, 2.0, 0.0]]))
        tensor([[2., 1.]])
    """

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    ceil_mode: bool
    count_include_pad: bool

    def __init__(
        self,
        kernel_size: int | tuple[int],
        stride: int | tuple[int] | None = None,
        padding: int | tuple[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = _single(kernel_size)
        self.stride = _single(kernel_size if stride is None else stride)
        self.padding = _single(padding)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """Return the means."""
        return F.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AvgPool(Module):
    kernel_size: Size
    stride: Size
    padding: Size
    ceil_mode: bool
    count_include_pad: bool
    divisor_override: int | None

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"

    def _arguments(self) -> tuple[Any, ...]:
        return (
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool2d(_AvgPool):
    r"""Return the mean of each window of an image.

    Args:
        kernel_size: height and width of the windows, or one number for both.
        stride: steps between windows; `kernel_size` by default.
        padding: how many zeros surround the image; half the window at most.
        ceil_mode: whether a last window may reach beyond the image.
        count_include_pad: whether these zeros count among the elements of a window.
        divisor_override: if given, what sums are divided by, instead of the number of elements.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`, :math:`H' = \lfloor (H + 2p - k) / s + 1 \rfloor`, or
          rounded up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AvgPool2d((3, 2), stride=(2, 1))(minitorch.zeros(20, 16, 50, 32)).shape
        minitorch.Size([20, 16, 24, 31])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the means."""
        return F.avg_pool2d(input, *self._arguments())


def _single(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)
