"""Convolution as a matrix product: the pixels under each window are copied into a row (im2col).

The textbook does this for the whole batch at once; here it is done for as many images as fit the
cache, and each product is finished while its rows are still there.

Reference: Chellapilla, Puri, Simard, "High performance convolutional neural networks for document
processing", 2006.
"""

from __future__ import annotations

from math import prod

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.convolution.geometry import (
    TILE,
    Geometry,
    Tile,
    crop,
    least,
    strided,
    surround,
    tiles,
)

_TURN = 100_000  # weights whose order takes a thread's time to change


def forward(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry
) -> np.ndarray:
    """Return the convolution, ``(N, H, W, C), (kh, kw, C/g, O), (O,) -> (N, Ho, Wo, O)``."""
    groups = geometry.groups
    out = memory.empty((len(x), *geometry.out, weight.shape[3]), x.dtype)
    matrices = _matrices(weight, groups)  # (g, K, O/g)
    width = matrices.shape[1]
    work = _tiles(out, width * groups, out.size * width)

    def run(start: int, stop: int, _: int) -> None:
        for tile in work[start:stop]:
            y = out[tile.start : tile.stop, tile.top : tile.bottom]
            np.matmul(columns(x, tile, geometry), matrices, out=_by_group(y, groups))
            if bias is not None:
                y += bias

    parallel.split(run, len(work), least(len(work), out.size, width))
    return out


def input_gradient(g: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the input, ``(N, Ho, Wo, O), (kh, kw, C/g, O) -> (N, H, W, C)``.

    What a window gives to each of its pixels is one product; the windows are then added up where
    they lie over one another (col2im).
    """
    groups = geometry.groups
    channels = weight.shape[2] * groups
    out = memory.empty((len(g), *geometry.size, channels), g.dtype)
    matrices = _matrices(weight, groups).transpose(0, 2, 1)  # (g, O/g, K)
    width = matrices.shape[2]
    row_bytes = geometry.out[1] * width * groups * g.itemsize
    step = max(1, 2 * TILE // max(geometry.out[0] * row_bytes, 1))

    def run(start: int, stop: int, _: int) -> None:
        for first in range(start, stop, step):
            some = g[first : min(first + step, stop)]
            shape = (groups, prod(some.shape[:3]), width)
            rows = parallel.scratch("convolution columns", shape, g.dtype)
            np.matmul(_by_group(some, groups), matrices, out=rows)
            _add_up(rows, out[first : first + len(some)], geometry)

    parallel.split(run, len(g), least(len(g), g.size, width))
    return out


def weight_gradient(x: np.ndarray, g: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the weight, ``(N, H, W, C), (N, Ho, Wo, O) -> (kh, kw, C/g, O)``."""
    groups = geometry.groups
    inputs, outputs = x.shape[3] // groups, g.shape[3] // groups
    width = geometry.taps * inputs
    work = _tiles(g, width * groups, g.size * width)
    enough = least(len(work), g.size, width)
    sums = np.zeros((parallel.count(len(work), enough), groups, width, outputs), g.dtype)

    def run(start: int, stop: int, part: int) -> None:
        product = parallel.scratch("convolution product", sums.shape[1:], g.dtype)
        for tile in work[start:stop]:
            rows = columns(x, tile, geometry).transpose(0, 2, 1)
            y = g[tile.start : tile.stop, tile.top : tile.bottom]
            sums[part] += np.matmul(rows, _by_group(y, groups), out=product)

    parallel.split(run, len(work), enough)
    total = parallel.total(sums)
    flat = np.ascontiguousarray(total.transpose(1, 0, 2))
    return flat.reshape(*geometry.kernel, inputs, groups * outputs)


def gradients(
    x: np.ndarray, weight: np.ndarray, g: np.ndarray, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray]:
    """Return both gradients of a convolution with stride 1 and one group.

    The windows of `g` around each pixel of the input, copied once, give both: times the windows of
    the weight turned around, and times the pixels themselves.
    """
    around = geometry.turned
    inputs, outputs = weight.shape[2:]
    matrix = turn(weight, 1).reshape(-1, inputs)
    out = memory.empty((len(x), *geometry.size, inputs), x.dtype)
    work = _tiles(out, len(matrix), 2 * out.size * len(matrix))
    enough = least(len(work), out.size, len(matrix), 2)
    sums = np.zeros((parallel.count(len(work), enough), inputs, len(matrix)), x.dtype)

    def run(start: int, stop: int, part: int) -> None:
        product = parallel.scratch("convolution product", sums.shape[1:], x.dtype)
        for tile in work[start:stop]:
            place = slice(tile.start, tile.stop), slice(tile.top, tile.bottom)
            rows = columns(g, tile, around)[0]
            np.matmul(rows, matrix, out=out[place].reshape(-1, inputs))
            sums[part] += np.matmul(x[place].reshape(-1, inputs).T, rows, out=product)

    parallel.split(run, len(work), enough)
    total = parallel.total(sums)
    turned = total.reshape(inputs, *geometry.kernel, outputs)[:, ::-1, ::-1]
    return out, np.ascontiguousarray(turned.transpose(1, 2, 0, 3))


def turn(weight: np.ndarray, groups: int) -> np.ndarray:
    """Return the weight of the turned geometry, ``(kh, kw, C/g, O) -> (kh, kw, O/g, C)``."""
    kh, kw, inputs, outputs = weight.shape
    source = weight[::-1, ::-1].reshape(kh, kw, inputs, groups, outputs // groups)
    source = source.transpose(0, 1, 4, 3, 2)  # (kh, kw, O/g, g, C/g)
    turned = np.empty(source.shape, weight.dtype)

    def run(start: int, stop: int, _: int) -> None:
        turned[:, :, start:stop] = source[:, :, start:stop]

    parallel.split(run, outputs // groups, max(1, _TURN * outputs // max(weight.size * groups, 1)))
    return turned.reshape(kh, kw, outputs // groups, groups * inputs)


def columns(x: np.ndarray, tile: Tile, geometry: Geometry) -> np.ndarray:
    """Return the pixels under the windows of a tile as rows, ``(g, rows, kh * kw * C/g)``."""
    views = windows(bordered(x, tile, geometry), tile.bottom - tile.top, geometry)
    b, h, w, kh, kw, c = views.shape
    groups = geometry.groups
    inputs = c // groups
    if kh == kw == groups == 1 and views.flags.c_contiguous:
        return views.reshape(1, b * h * w, c)
    rows = parallel.scratch("convolution columns", (groups, b, h, w, kh, kw, inputs), x.dtype)
    np.copyto(rows.transpose(1, 2, 3, 4, 5, 0, 6), views.reshape(b, h, w, kh, kw, groups, inputs))
    return rows.reshape(groups, b * h * w, kh * kw * inputs)


def windows(x: np.ndarray, count: int, geometry: Geometry) -> np.ndarray:
    """Return the windows of `count` output rows as a view, ``(N, count, Wo, kh, kw, C)``."""
    n, down, right, channel = x.strides
    (sy, sx), (dy, dx) = geometry.stride, geometry.dilation
    shape = (len(x), count, geometry.out[1], *geometry.kernel, x.shape[3])
    strides = (n, sy * down, sx * right, dy * down, dx * right, channel)
    if x.flags.c_contiguous:
        return strided(x, shape, strides)
    return np.lib.stride_tricks.as_strided(x, shape, strides)


def bordered(x: np.ndarray, tile: Tile, geometry: Geometry) -> np.ndarray:
    """Return the input of a tile with its border of zeros, in scratch memory if it has one."""
    images = x[tile.start : tile.stop]
    height, width = geometry.reach(0, tile.bottom - tile.top), geometry.covered[1]
    above, left = geometry.padding
    above -= tile.top * geometry.stride[0]
    if geometry.inside:
        return images[:, -above : height - above, :width]
    frame = parallel.scratch("convolution frame", (len(images), height, width, x.shape[3]), x.dtype)
    surround(images, (above, left), frame)
    return frame


def _add_up(rows: np.ndarray, out: np.ndarray, geometry: Geometry) -> None:
    """Add windows up where they lie over one another, ``(g, rows, K) -> (N, H, W, C)``."""
    groups = geometry.groups
    n, _, _, channels = out.shape
    (sy, sx), (dy, dx), (ho, wo) = geometry.stride, geometry.dilation, geometry.out
    frame = parallel.scratch("convolution frame", (n, *geometry.covered, channels), out.dtype)
    frame[...] = 0
    taps = rows.reshape(groups, n, ho, wo, *geometry.kernel, channels // groups)
    for ky in range(geometry.kernel[0]):
        down = slice(ky * dy, ky * dy + sy * (ho - 1) + 1, sy)
        for kx in range(geometry.kernel[1]):
            across = slice(kx * dx, kx * dx + sx * (wo - 1) + 1, sx)
            target = frame[:, down, across].reshape(n, ho, wo, groups, channels // groups)
            target += taps[:, :, :, :, ky, kx].transpose(1, 2, 3, 0, 4)
    crop(frame, geometry.padding, out)


def _matrices(weight: np.ndarray, groups: int) -> np.ndarray:
    """Return ``(kh, kw, C/g, O)`` as one matrix for each group, ``(g, kh * kw * C/g, O/g)``."""
    rows, outputs = prod(weight.shape[:3]), weight.shape[3]
    matrices = weight.reshape(rows, groups, outputs // groups).transpose(1, 0, 2)
    return np.ascontiguousarray(matrices)


def _by_group(y: np.ndarray, groups: int) -> np.ndarray:
    """Return the pixels of images as rows, ``(N, H, W, O) -> (g, N * H * W, O/g)``: a view."""
    n, h, w, outputs = y.shape
    return y.reshape(n * h * w, groups, outputs // groups).transpose(1, 0, 2)


def _tiles(out: np.ndarray, width: int, multiplications: int) -> list[Tile]:
    """Return the tiles of an output for which `width` numbers are copied per pixel."""
    n, height, across, _ = out.shape
    parts = parallel.count(n * height, least(n * height, multiplications))
    return tiles(n, height, across * width * out.itemsize, parts)
