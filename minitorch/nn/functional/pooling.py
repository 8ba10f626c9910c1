"""The largest element or the mean of windows of a signal or an image."""

from __future__ import annotations

from typing import Any, TypeAlias

from minitorch import ops
from minitorch.kernels import Bins, Windows
from minitorch.nn.functional._pooling_arguments import (
    check_images,
    check_kind,
    check_signal_numbers,
    check_signals,
    divisors,
    image_windows,
    one_number,
    two_numbers,
    windows,
)
from minitorch.tensor import Tensor

Size: TypeAlias = int | tuple[int, ...] | list[int]

_ONE_ROW = Windows(1, 1, 1, 0, 1, 1)


def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""Return the largest element of each window of an image.

    .. math:: out_{nchw} = \max_{i,j} input_{nc, s h + d i - p, s w + d j - p}

    Of equal elements the first gets the gradient; a NaN is larger than any number.

    Args:
        input: images.
        kernel_size: height and width of the windows, or one number for both.
        stride: steps between windows; `kernel_size` by default.
        padding: how many elements of minus infinity surround the image; half the window at most.
        dilation: steps between the elements of a window.
        ceil_mode: whether a last window may reach beyond the image.
        return_indices: whether to return also, as int64, where in its plane of H * W elements each
            maximum lies.

    Shape:
        - input :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`, :math:`H' = \lfloor (H + 2p - d(k - 1) - 1) / s + 1
          \rfloor`, or rounded up.

    Raises:
        RuntimeError: for arguments that make no sense, or if no window fits.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html

    Example:
        >>> import minitorch
        >>> image = minitorch.arange(16.0).reshape(1, 1, 4, 4)
        >>> minitorch.nn.functional.max_pool2d(image, 2)
        tensor([[[[ 5.,  7.],
                  [13., 15.]]]])
    """
    name = "max_pool2d"
    kernel = two_numbers(name, "kernel_size", kernel_size)
    steps = kernel if stride is None else two_numbers(name, "stride", stride)
    border = two_numbers(name, "padding", padding)
    spread = two_numbers(name, "dilation", dilation)
    if input.ndim not in (3, 4):
        raise RuntimeError("non-empty 3D or 4D (batch mode) tensor expected for input")
    rows, columns = image_windows(input, kernel, steps, border, spread, ceil_mode)
    check_images(input)
    check_kind(name, input, "fiu")
    return _max_pool(input, rows, columns, return_indices)


def max_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""Return the largest element of each window of a signal; see `max_pool2d`.

    Shape:
        - input :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`, :math:`L' = \lfloor (L + 2p - d(k - 1) - 1) / s + 1 \rfloor`,
          or rounded up.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.max_pool1d(minitorch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)
        tensor([[3., 2.]])
    """
    name = "max_pool1d"
    kernel = one_number(name, "kernel_size", kernel_size)
    steps = kernel if stride is None else one_number(name, "stride", stride)
    border = one_number(name, "padding", padding)
    spread = one_number(name, "dilation", dilation)
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{list(input.shape)}"
        )
    check_signal_numbers(kernel, steps, border, spread)
    columns = windows(input.shape[-1], kernel, steps, border, spread, ceil_mode)
    if columns.out < 1:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {columns.out}")
    check_kind("max_pool1d_impl", input)
    out = _max_pool(ops.unsqueeze(input, -2), _ONE_ROW, columns, return_indices)
    return tuple(ops.squeeze(x, -2) for x in out) if return_indices else ops.squeeze(out, -2)


def _max_pool(input: Tensor, rows: Windows, columns: Windows, return_indices: bool) -> Any:
    """Pool images, with or without a batch dimension."""
    images = input if input.ndim == 4 else ops.unsqueeze(input, 0)
    if not return_indices:
        out = ops.max_pool(images, rows, columns)
        return out if input.ndim == 4 else ops.squeeze(out, 0)
    pair = ops.max_pool_with_indices(images, rows, columns)
    return pair if input.ndim == 4 else tuple(ops.squeeze(x, 0) for x in pair)


def avg_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    r"""Return the mean of each window of an image.

    .. math:: out_{nchw} = \frac{1}{k_h k_w} \sum_{i,j} input_{nc, s h + i - p, s w + j - p}

    Args:
        input: images.
        kernel_size: height and width of the windows, or one number for both.
        stride: steps between windows; `kernel_size` by default.
        padding: how many zeros surround the image; half the window at most.
        ceil_mode: whether a last window may reach beyond the image.
        count_include_pad: whether these zeros count among the elements of a window.
        divisor_override: if given, what sums are divided by, instead of the number of elements.

    Shape:
        - input :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`, :math:`H' = \lfloor (H + 2p - k) / s + 1 \rfloor`, or
          rounded up.

    Raises:
        RuntimeError: for arguments that make no sense, or if no window fits.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html

    Example:
        >>> import minitorch
        >>> image = minitorch.arange(16.0).reshape(1, 1, 4, 4)
        >>> minitorch.nn.functional.avg_pool2d(image, 2)
        tensor([[[[ 2.5000,  4.5000],
                  [10.5000, 12.5000]]]])
    """
    name = "avg_pool2d"
    kernel = two_numbers(name, "kernel_size", kernel_size)
    steps = kernel if stride is None else two_numbers(name, "stride", stride)
    border = two_numbers(name, "padding", padding)
    check_images(input)
    rows, columns = image_windows(input, kernel, steps, border, (1, 1), ceil_mode)
    check_kind(name, input)
    return average(
        input, rows, columns, divisors(rows, columns, count_include_pad, divisor_override)
    )


def avg_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    r"""Return the mean of each window of a signal; see `avg_pool2d`.

    Shape:
        - input :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`, :math:`L' = \lfloor (L + 2p - k) / s + 1 \rfloor`, or rounded
          up.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.avg_pool1d(minitorch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)
        tensor([[2., 1.]])
    """
    name = "avg_pool1d"
    kernel = one_number(name, "kernel_size", kernel_size)
    steps = kernel if stride is None else one_number(name, "stride", stride)
    border = one_number(name, "padding", padding)
    check_signals(name, input)
    signals = ops.unsqueeze(input, -2)
    check_images(signals)
    rows, columns = image_windows(signals, (1, kernel), (1, steps), (0, border), (1, 1), ceil_mode)
    check_kind(name, input)
    divisor = divisors(rows, columns, count_include_pad, None)
    return ops.squeeze(average(signals, rows, columns, divisor), -2)


def average(input: Tensor, rows: Windows | Bins, columns: Windows | Bins, divisor: Any) -> Tensor:
    """Return the means of images, with or without a batch dimension."""
    if input.ndim == 4:
        return ops.average_pool(input, rows, columns, divisor)
    return ops.squeeze(ops.average_pool(ops.unsqueeze(input, 0), rows, columns, divisor), 0)
