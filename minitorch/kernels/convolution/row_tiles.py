"""Windows of three columns, four at a time, over images that lie side by side (`lanes`).

Winograd's algorithm in one dimension, along the row: a tile is four neighbouring pixels of the
output, for all rows of the window and all images at once. Points and matrices are those of
`transforms`.

Reference: Lavin, Gray, "Fast algorithms for convolutional neural networks", arXiv:1509.09308.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from minitorch.kernels import parallel
from minitorch.kernels.broadcast import ones
from minitorch.kernels.convolution.geometry import TILE, Geometry, least, strided
from minitorch.kernels.convolution.transforms import transforms

_SMALL = 1_000_000  # multiplications up to which BLAS rearranges nothing
_M = 4  # outputs of a tile
_PLACES = _M + 2  # inputs of a tile, and products


def slices(n: int, size: int) -> Iterator[slice]:
    """Cut `n` columns so that a product of a matrix of `size` elements with them stays small."""
    step = max(32, _SMALL // size // 32 * 32)
    return (slice(begin, min(begin + step, n)) for begin in range(0, n, step))


class _Tile(NamedTuple):
    """Some rows of the output, and the first of its columns that make a tile."""

    top: int
    bottom: int
    column: int


def fits(geometry: Geometry) -> bool:
    """Return whether the windows can be computed in tiles."""
    return geometry.kernel[1] == 3 and geometry.stride == (1, 1) and geometry.out[1] >= _M


def _work(geometry: Geometry, lane_bytes: int) -> list[_Tile]:
    """Cut the output into tiles whose values, `lane_bytes` for a pixel, stay in the cache."""
    rows, columns = geometry.out
    band = min(rows, max(4, 2 * TILE // max(_PLACES * lane_bytes, 1)))
    bands = -(-rows // band)
    bounds = [rows * i // bands for i in range(bands + 1)]
    return [_Tile(a, b, c) for a, b in pairwise(bounds) for c in range(0, columns, _M)]


def _values(x: np.ndarray, tile: _Tile, geometry: Geometry, of_input: np.ndarray) -> np.ndarray:
    """Return the transformed inputs of a tile as windows of rows, ``(a, rows, kh * C, N)``."""
    height, width, channels, n = x.shape
    kh, (py, px) = geometry.kernel[0], geometry.padding
    begin, end = tile.top - py, tile.bottom - 1 - py + kh  # rows of the input
    first, last = min(max(begin, 0), height), max(min(end, height), 0)
    left, right = max(tile.column - px, 0), min(tile.column - px + _PLACES, width)
    shape = _PLACES, end - begin, channels, n
    values = parallel.scratch("lanes values", shape, x.dtype)
    if left < right and first < last:
        values[:, : first - begin] = 0
        values[:, last - begin :] = 0
        inside = values[:, first - begin : last - begin].reshape(_PLACES, last - first, -1)
        matrix = of_input[:, left - (tile.column - px) : right - (tile.column - px)]
        pixels = x[first:last, left:right].reshape(last - first, right - left, -1)
        np.matmul(matrix, pixels, out=inside.transpose(1, 0, 2))
    else:
        values[...] = 0
    windows = _PLACES, tile.bottom - tile.top, kh * channels, n
    return strided(values, windows, values.strides)


def forward(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None,
    geometry: Geometry,
    out: np.ndarray,
) -> None:
    """Write the convolution to `out`, tile by tile."""
    kh, _, channels, outputs = weight.shape
    n = x.shape[3]
    of_input, of_weight, of_output = transforms(_M, x.dtype)
    matrices = np.matmul(of_weight, weight.reshape(kh, 3, -1))  # (kh, a, C O)
    matrices = matrices.reshape(kh, _PLACES, channels, outputs).transpose(1, 3, 0, 2)
    matrices = np.ascontiguousarray(matrices).reshape(_PLACES, 1, outputs, kh * channels)
    work = _work(geometry, channels * n * x.itemsize)

    def run(start: int, stop: int, _: int) -> None:
        for tile in work[start:stop]:
            rows = tile.bottom - tile.top
            windows = _values(x, tile, geometry, of_input)
            products = parallel.scratch("lanes tiles", (rows, _PLACES, outputs, n), x.dtype)
            ordered = products.transpose(1, 0, 2, 3)
            for part in slices(n, kh * channels * outputs):
                np.matmul(matrices, windows[..., part], out=ordered[..., part])
            pixels = out[tile.top : tile.bottom, tile.column : tile.column + _M]
            count = pixels.shape[1]
            flat = products.reshape(rows, _PLACES, -1), pixels.reshape(rows, count, -1)
            np.matmul(of_output[:count], flat[0], out=flat[1])
            if bias is not None:
                pixels += bias[:, None]

    parallel.split(run, len(work), least(len(work), out.size, kh * 3 * channels))


def weight_gradient(x: np.ndarray, g: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the weight, tile by tile: the adjoint of `forward`."""
    kh = geometry.kernel[0]
    channels, n, outputs = x.shape[2], x.shape[3], g.shape[2]
    of_input, of_weight, of_output = transforms(_M, x.dtype)
    work = _work(geometry, channels * n * x.itemsize)
    enough = least(len(work), g.size, kh * 3 * channels)
    size = kh * channels * outputs
    sums = np.zeros((parallel.count(len(work), enough), _PLACES, 1, size), x.dtype)
    step = max(1, TILE // (_PLACES * size * x.itemsize))

    def run(start: int, stop: int, part: int) -> None:
        for tile in work[start:stop]:
            rows = tile.bottom - tile.top
            windows = _values(x, tile, geometry, of_input)
            pixels = g[tile.top : tile.bottom, tile.column : tile.column + _M]
            count = pixels.shape[1]
            given = parallel.scratch("lanes tiles", (rows, _PLACES, outputs, n), x.dtype)
            flat = pixels.reshape(rows, count, -1), given.reshape(rows, _PLACES, -1)
            np.matmul(of_output[:count].T, flat[0], out=flat[1])
            wanted = given.transpose(1, 0, 3, 2)  # (a, rows, N, O)
            for y in range(0, rows, step):
                end = min(y + step, rows)
                shape = _PLACES, end - y, size
                products = parallel.scratch("lanes products", shape, x.dtype)
                each = products.reshape(_PLACES, end - y, -1, outputs)
                np.matmul(windows[:, y:end], wanted[:, y:end], out=each)
                sums[part] += np.matmul(ones(end - y, x.dtype)[None], products)

    parallel.split(run, len(work), enough)
    total = parallel.total(sums)
    filters = np.matmul(of_weight.T, total[:, 0]).reshape(3, kh, channels, outputs)
    return np.ascontiguousarray(filters.transpose(1, 0, 2, 3))
