"""The largest element or the mean of windows of a volume."""

from __future__ import annotations

from typing import Any

from minitorch import ops
from minitorch.nn.functional._pooling_arguments import check_kind
from minitorch.nn.functional._volume_arguments import (
    check_kernel,
    check_output,
    check_volume,
    product,
    three_numbers,
    volume_divisors,
    volume_windows,
)
from minitorch.nn.functional._volumes import Lines, average, largest
from minitorch.nn.functional.adaptive_pooling import OutputSize, bins, check_not_empty
from minitorch.nn.functional.pooling import Size
from minitorch.tensor import Tensor


def max_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""Return the largest element of each window of a volume; see `max_pool2d`.

    Args:
        input: volumes.
        kernel_size: depth, height and width of the windows, or one number for all.
        stride: steps between windows; `kernel_size` by default.
        padding: how many elements of minus infinity surround the volume; half the window at most.
        dilation: steps between the elements of a window.
        ceil_mode: whether a last window may reach beyond the volume.
        return_indices: whether to return also, as int64, where in its volume of D * H * W elements
            each maximum lies.

    Shape:
        - input :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`,
          :math:`D' = \lfloor (D + 2p - d(k - 1) - 1) / s + 1 \rfloor`, or rounded up.

    Raises:
        RuntimeError: for arguments that make no sense, or if no window fits.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html

    Example:
        >>> import minitorch
        >>> volume = minitorch.arange(8.0).reshape(1, 1, 2, 2, 2)
        >>> minitorch.nn.functional.max_pool3d(volume, (2, 2, 1))
        tensor([[[[[6., 7.]]]]])
    """
    name = "max_pool3d"
    kernel = three_numbers(name, "kernel_size", kernel_size)
    steps = kernel if stride is None else three_numbers(name, "stride", stride)
    border = three_numbers(name, "padding", padding)
    spread = three_numbers(name, "dilation", dilation)
    lines = volume_windows(input, kernel, steps, border, spread, ceil_mode)
    check_volume(f"{name}_with_indices_out_cpu_template", input)
    check_output(input, lines)
    check_kind(name, input, "fiu")
    return _largest(input, lines, return_indices)


def avg_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    r"""Return the mean of each window of a volume; see `avg_pool2d`.

    Args:
        input: volumes.
        kernel_size: depth, height and width of the windows, or one number for all.
        stride: steps between windows; `kernel_size` by default.
        padding: how many zeros surround the volume; half the window at most.
        ceil_mode: whether a last window may reach beyond the volume.
        count_include_pad: whether these zeros count among the elements of a window.
        divisor_override: if given, what sums are divided by, instead of the number of elements.

    Shape:
        - input :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`, :math:`D' = \lfloor (D + 2p - k) / s + 1 \rfloor`, or
          rounded up.

    Raises:
        RuntimeError: for arguments that make no sense, or if no window fits.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool3d.html

    Example:
        >>> import minitorch
        >>> volume = minitorch.arange(8.0).reshape(1, 1, 2, 2, 2)
        >>> minitorch.nn.functional.avg_pool3d(volume, (2, 2, 1))
        tensor([[[[[3., 4.]]]]])
    """
    name = "avg_pool3d"
    kernel = three_numbers(name, "kernel_size", kernel_size)
    steps = kernel if stride is None else three_numbers(name, "stride", stride)
    border = three_numbers(name, "padding", padding)
    lines = volume_windows(input, kernel, steps, border, (1, 1, 1), ceil_mode)
    divisor = volume_divisors(lines, count_include_pad, divisor_override)
    check_volume(name, input)
    check_kernel(input, lines)
    check_output(input, lines)
    check_kind(f"{name}_out_frame", input)
    return _average(input, lines, divisor)


def adaptive_avg_pool3d(input: Tensor, output_size: OutputSize) -> Tensor:
    """Return the means of bins that divide a volume as evenly as possible.

    See `adaptive_avg_pool2d` for the bins.

    Args:
        input: volumes.
        output_size: depth, height and width of the output, or one number for all; None for that of
            the input.

    Shape:
        - input :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`.

    Raises:
        RuntimeError: if a size is negative, or a volume empty.

    Reference:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool3d.html

    Example:
        >>> import minitorch
        >>> volume = minitorch.arange(8.0).reshape(1, 1, 2, 2, 2)
        >>> minitorch.nn.functional.adaptive_avg_pool3d(volume, (1, 1, 2))
        tensor([[[[[3., 4.]]]]])
    """
    name = "adaptive_avg_pool3d"
    size = _filled(output_size, input, f"{name}: output_size must be 3")
    if input.ndim not in (4, 5):
        raise RuntimeError(f"{name}(): Expected 4D or 5D tensor, but got {list(input.shape)}")
    if min(size) < 0:
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received "
            f"{{{size[0]}, {size[1]},{size[2]}}}"
        )
    check_not_empty(name, input, 1)
    check_kind(f"{name}_cpu", input)
    lines = _bins(input, size)
    counts = [[end - begin for begin, end in line.ranges] for line in lines]
    return _average(input, lines, product(counts))


def adaptive_max_pool3d(
    input: Tensor, output_size: OutputSize, return_indices: bool = False
) -> Any:
    """Return the largest elements of bins that divide a volume as evenly as possible.

    See `adaptive_avg_pool2d` for the bins. Of equal elements the first gets the gradient.

    Args:
        input: volumes.
        output_size: depth, height and width of the output, or one number for all; None for that of
            the input.
        return_indices: whether to return also, as int64, where in its volume of D * H * W elements
            each maximum lies.

    Shape:
        - input :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`.

    Raises:
        RuntimeError: if a size is negative, or a volume empty.

    Reference:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html

    Example:
        >>> import minitorch
        >>> volume = minitorch.arange(8.0).reshape(1, 1, 2, 2, 2)
        >>> minitorch.nn.functional.adaptive_max_pool3d(volume, (1, 1, 2))
        tensor([[[[[6., 7.]]]]])
    """
    name = "adaptive_max_pool3d"
    message = f"{name}(): internal error: output_size.size() must be 3"
    size = _filled(output_size, input, message)
    if input.ndim not in (4, 5):
        raise RuntimeError(f"{name}(): Expected 4D or 5D tensor, but got: {list(input.shape)}")
    if min(size) < 0:
        shape = [*input.shape[:-3], *size]
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(size)}: {shape}")
    check_not_empty(name, input, 1)
    check_kind(f"{name}_cpu", input)
    lines = _bins(input, size)
    return _largest(input, lines, return_indices)


def _filled(output_size: OutputSize, input: Tensor, message: str) -> tuple[int, ...]:
    """Return the size of the output; RuntimeError with `message` for a wrong number of sizes."""
    values = output_size if isinstance(output_size, tuple | list) else (output_size,) * 3
    if len(values) != 3:
        raise RuntimeError(message)
    if input.ndim < 3:
        return (0, 0, 0)  # what that input is refused for
    pairs = zip(input.shape[-3:], values, strict=True)
    return tuple(n if value is None else int(value) for n, value in pairs)


def _bins(input: Tensor, size: tuple[int, ...]) -> Lines:
    depth, rows, columns = map(bins, input.shape[-3:], size)
    return depth, rows, columns


def _largest(input: Tensor, lines: Lines, return_indices: bool) -> Any:
    """Return the maxima of volumes, with or without a batch dimension."""
    if input.ndim == 5:
        return largest(input, lines, return_indices)
    out = largest(ops.unsqueeze(input, 0), lines, return_indices)
    return tuple(ops.squeeze(x, 0) for x in out) if return_indices else ops.squeeze(out, 0)


def _average(input: Tensor, lines: Lines, divisor: Any) -> Tensor:
    """Return the means of volumes, with or without a batch dimension."""
    if input.ndim == 5:
        return average(input, lines, divisor)
    return ops.squeeze(average(ops.unsqueeze(input, 0), lines, divisor), 0)
