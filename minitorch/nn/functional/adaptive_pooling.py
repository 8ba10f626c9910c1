"""Pooling to an output of a given size."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from minitorch import ops
from minitorch.kernels import Bins, Windows
from minitorch.nn.functional._pooling_arguments import check_kind, check_signals, one_number
from minitorch.nn.functional.pooling import average
from minitorch.tensor import Tensor

OutputSize: TypeAlias = int | tuple[int | None, ...] | list[int | None] | None


def adaptive_avg_pool2d(input: Tensor, output_size: OutputSize) -> Tensor:
    r"""Return the means of bins that divide an image as evenly as possible.

    Bin i of n covers the rows from :math:`\lfloor i H / n \rfloor` up to, and without,
    :math:`\lceil (i + 1) H / n \rceil`.

    Args:
        input: images.
        output_size: height and width of the output, or one number for both; None for that of the
            input.

    Shape:
        - input :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`.

    Raises:
        RuntimeError: if a size is negative, or an image empty.

    Reference:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html

    Example:
        >>> import minitorch
        >>> image = minitorch.arange(16.0).reshape(1, 1, 4, 4)
        >>> minitorch.nn.functional.adaptive_avg_pool2d(image, (1, 2))
        tensor([[[[6.5000, 8.5000]]]])
    """
    size = _filled(output_size, input, "adaptive_avg_pool2d: output_size must be 2")
    if input.ndim not in (3, 4):
        raise RuntimeError(
            f"adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got {list(input.shape)}"
        )
    return _adaptive_average(input, size)


def adaptive_avg_pool1d(input: Tensor, output_size: int | tuple[int] | list[int]) -> Tensor:
    """Return the means of bins that divide a signal as evenly as possible.

    See `adaptive_avg_pool2d`.

    Shape:
        - input :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.adaptive_avg_pool1d(minitorch.tensor([[1.0, 3.0, 5.0]]), 2)
        tensor([[2., 4.]])
    """
    size = one_number("adaptive_avg_pool1d", "output_size", output_size)
    check_signals("adaptive_avg_pool1d", input)
    return ops.squeeze(_adaptive_average(ops.unsqueeze(input, -2), (1, size)), -2)


def _adaptive_average(input: Tensor, size: tuple[int, int]) -> Tensor:
    if min(size) < 0:
        raise RuntimeError(
            "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but "
            f"received {{{size[0]}, {size[1]}}}"
        )
    check_not_empty("adaptive_avg_pool2d", input, input.ndim - 2)
    check_kind("adaptive_avg_pool2d", input)
    rows, columns = (bins(n, out) for n, out in zip(input.shape[-2:], size, strict=True))
    heights, widths = ([end - begin for begin, end in b.ranges] for b in (rows, columns))
    counts = np.outer(heights, widths)
    same = counts.size and np.all(counts == counts[0, 0])
    return average(input, rows, columns, int(counts[0, 0]) if same else counts)


def adaptive_max_pool2d(
    input: Tensor, output_size: OutputSize, return_indices: bool = False
) -> Any:
    """Return the largest elements of bins that divide an image as evenly as possible.

    See `adaptive_avg_pool2d` for the bins. Of equal elements the first gets the gradient.

    Args:
        input: images.
        output_size: height and width of the output, or one number for both; None for that of the
            input.
        return_indices: whether to return also, as int64, where in its plane of H * W elements each
            maximum lies.

    Shape:
        - input :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`.

    Raises:
        RuntimeError: if a size is negative, or an image empty.

    Reference:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html

    Example:
        >>> import minitorch
        >>> image = minitorch.arange(16.0).reshape(1, 1, 4, 4)
        >>> minitorch.nn.functional.adaptive_max_pool2d(image, (1, 2))
        tensor([[[[13., 15.]]]])
    """
    size = _filled(
        output_size,
        input,
        "adaptive_max_pool2d(): internal error: output_size.size() must be 2",
    )
    if input.ndim not in (3, 4):
        raise RuntimeError(
            f"adaptive_max_pool2d(): Expected 3D or 4D tensor, but got: {list(input.shape)}"
        )
    pair = _adaptive_max(input, size)
    return pair if return_indices else pair[0]


def adaptive_max_pool1d(
    input: Tensor, output_size: int | tuple[int] | list[int], return_indices: bool = False
) -> Any:
    """Return the largest elements of bins that divide a signal as evenly as possible.

    See `adaptive_max_pool2d`.

    Shape:
        - input :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.adaptive_max_pool1d(minitorch.tensor([[1.0, 3.0, 5.0]]), 2)
        tensor([[3., 5.]])
    """
    size = one_number("adaptive_max_pool1d", "output_size", output_size)
    check_signals("adaptive_max_pool1d", input)
    pair = _adaptive_max(ops.unsqueeze(input, -2), (1, size))
    values, indices = (ops.squeeze(x, -2) for x in pair)
    return (values, indices) if return_indices else values


def _adaptive_max(input: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    if min(size) < 0:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(size)}: "
            f"{[*input.shape[:-2], *size]}"
        )
    check_not_empty("adaptive_max_pool2d", input, input.ndim - 2)
    check_kind("adaptive_max_pool2d", input)
    rows, columns = (bins(n, out) for n, out in zip(input.shape[-2:], size, strict=True))
    images = input if input.ndim == 4 else ops.unsqueeze(input, 0)
    if isinstance(rows, Windows) and isinstance(columns, Windows):
        pair = ops.max_pool_with_indices(images, rows, columns)
    else:
        pair = ops.adaptive_max_pool(images, rows, columns)
    return pair if input.ndim == 4 else (ops.squeeze(pair[0], 0), ops.squeeze(pair[1], 0))


def _filled(output_size: OutputSize, input: Tensor, message: str) -> tuple[int, int]:
    """Return the size of the output; RuntimeError with `message` for a wrong number of sizes."""
    values = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    if len(values) != 2:
        raise RuntimeError(message)
    height, width = values
    return (
        input.shape[-2] if height is None else int(height),
        input.shape[-1] if width is None else int(width),
    )


def bins(size: int, out: int) -> Bins | Windows:
    """Return the bins of one dimension; windows of one size where those do."""
    line = Bins(size, out)
    return line.windows or line


def check_not_empty(name: str, input: Tensor, first: int) -> None:
    """Raise torch's RuntimeError if a dimension, from the `first` on, is empty."""
    for dim in range(first, input.ndim):
        if input.shape[dim] == 0:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but "
                f"input has sizes {list(input.shape)} with dimension {dim} being empty"
            )
