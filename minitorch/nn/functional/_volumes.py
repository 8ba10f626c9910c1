"""Volumes as batches of frames: whatever is done to images, done over the depth as well.

A frame is the image at one depth. The operations on images know their derivatives of any order, and
so does what is made of them.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from minitorch import ops
from minitorch.kernels import Bins, Windows
from minitorch.nn.functional import _windows
from minitorch.tensor import Tensor

Line: TypeAlias = Windows | Bins
Lines: TypeAlias = tuple[Line, Line, Line]


def convolve_volumes(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Tensor:
    """Return the convolution of volumes with a weight.

    The frames that a window covers are channels of one image: as many images as the output is deep.

    Shape:
        - x ``(N, C, D, H, W)``, weight ``(O, C/g, kd, kh, kw)``, bias ``(O,)``.
        - Result ``(N, O, Do, Ho, Wo)``.

    Raises:
        RuntimeError: if the kernel is larger than the padded input.
    """
    n, channels, depth, height, width = x.shape
    kernel = tuple(weight.shape[2:])
    out, *_ = _windows.output_size(x.shape[2:], kernel, stride, padding, dilation)
    frames = Windows(depth, kernel[0], stride[0], padding[0][0], dilation[0], out)
    flat = ops.reshape(x, (n, channels, depth, height * width))
    taps = ops.unfold(flat, frames, _each(height * width))  # (N, C kd, Do H W)
    taps = ops.reshape(taps, (n, channels * kernel[0], out, height, width))
    images = ops.reshape(ops.transpose(taps, 1, 2), (n * out, channels * kernel[0], height, width))
    rest = (kernel[1:], stride[1:], padding[1:], dilation[1:])
    geometry = _windows.geometry((height, width), *rest, groups)
    windows = ops.flatten(weight, 1, 2)
    y = ops.convolve(images, windows, bias, geometry)
    volumes = ops.transpose(ops.reshape(y, (n, out, *y.shape[1:])), 1, 2)
    return ops.contiguous(volumes)  # what follows may ask for a view


def largest(x: Tensor, lines: Lines, with_indices: bool) -> Any:
    """Return the largest element of each window, and where in its volume it lies if asked for.

    Of equal elements the first is chosen: the first frame, and in it the first place.

    Args:
        x: volumes.
        lines: where the windows lie in D, in H and in W.
        with_indices: whether to return also where in its D * H * W elements each maximum lies.

    Shape:
        - x ``(N, C, D, H, W)``. Result ``(N, C, Do, Ho, Wo)``.
    """
    n, channels, deep, height, width = x.shape
    depth, rows, columns = lines
    plane = rows.out * columns.out
    images = ops.reshape(x, (n, channels * deep, height, width))
    values, places = _largest(images, rows, columns, with_indices)
    flat = ops.reshape(values, (n, channels, deep, plane))
    values, chosen = _largest(flat, depth, _each(plane), with_indices)
    shape = (n, channels, depth.out, rows.out, columns.out)
    if not with_indices:
        return ops.reshape(values, shape)
    chosen = ops.flatten(chosen, 2)
    of_plane = ops.gather(ops.reshape(places, (n, channels, deep * plane)), 2, chosen)
    indices = chosen // max(plane, 1) * (height * width) + of_plane
    return ops.reshape(values, shape), ops.reshape(indices, shape)


def _largest(images: Tensor, rows: Line, columns: Line, with_indices: bool) -> tuple[Any, Any]:
    """Return the largest elements of images and, for windows only if asked for, their places."""
    if not isinstance(rows, Windows) or not isinstance(columns, Windows):
        return ops.adaptive_max_pool(images, rows, columns)
    if with_indices:
        return ops.max_pool_with_indices(images, rows, columns)
    return ops.max_pool(images, rows, columns), None


def average(x: Tensor, lines: Lines, divisor: Any) -> Tensor:
    """Return the sum of each window over `divisor`.

    Args:
        x: floating tensor.
        lines: where the windows lie in D, in H and in W.
        divisor: a number, or an array ``(Do, Ho, Wo)``.

    Shape:
        - x ``(N, C, D, H, W)``. Result ``(N, C, Do, Ho, Wo)``.
    """
    n, channels, deep, height, width = x.shape
    depth, rows, columns = lines
    plane = rows.out * columns.out
    out = ops.reshape(x, (n, channels * deep, height, width))
    if rows != _each(height) or columns != _each(width):
        out = ops.average_pool(out, rows, columns, 1)
    if isinstance(divisor, np.ndarray):
        divisor = divisor.reshape(depth.out, plane)
    flat = ops.reshape(out, (n, channels, deep, plane))
    means = ops.average_pool(flat, depth, _each(plane), divisor)
    return ops.reshape(means, (n, channels, depth.out, rows.out, columns.out))


def _each(size: int) -> Windows:
    """Return windows of one element."""
    return Windows(size, 1, 1, 0, 1, size)
