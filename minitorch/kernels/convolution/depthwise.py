"""Convolution of each channel on its own: no products of matrices, a sum over the window's taps.

Here the group of every output has one channel, and every channel has one output: the weight is
(kh, kw, 1, C).

Reference: Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision
applications", arXiv:1704.04861.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.broadcast import sum_leading
from minitorch.kernels.convolution.columns import bordered, windows
from minitorch.kernels.convolution.geometry import Geometry, Tile, crop, least, tiles


def forward(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry
) -> np.ndarray:
    """Return the convolution, ``(N, H, W, C), (kh, kw, 1, C), (C,) -> (N, Ho, Wo, C)``."""
    out = memory.empty((len(x), *geometry.out, x.shape[3]), x.dtype)
    rows = _rows(weight, geometry)
    work = _tiles(out, geometry)

    def run(start: int, stop: int, _: int) -> None:
        for tile in work[start:stop]:
            y = out[tile.start : tile.stop, tile.top : tile.bottom]
            product = parallel.scratch("convolution product", y.shape, y.dtype)
            for first, (tap, view) in enumerate(_views(x, tile, geometry)):
                np.multiply(view, rows[tap], out=product if first else y)
                if first:
                    y += product
            if bias is not None:
                y += bias

    parallel.split(run, len(work), least(len(work), out.size, geometry.taps, 8))
    return out


def input_gradient(g: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the input, ``(N, Ho, Wo, C), (kh, kw, 1, C) -> (N, H, W, C)``."""
    out = memory.empty((len(g), *geometry.size, g.shape[3]), g.dtype)
    rows = _rows(weight, geometry)

    def run(start: int, stop: int, _: int) -> None:
        for image in range(start, stop):
            frame = parallel.scratch(
                "convolution frame", (1, *geometry.covered, g.shape[3]), g.dtype
            )
            product = parallel.scratch("convolution product", (1, *g.shape[1:]), g.dtype)
            frame[...] = 0
            views = windows(frame, geometry.out[0], geometry)
            for tap in np.ndindex(geometry.kernel):
                target = views[:, :, :, tap[0], tap[1]]
                target += np.multiply(g[image : image + 1], rows[tap], out=product)
            crop(frame, geometry.padding, out[image : image + 1])

    parallel.split(run, len(g), least(len(g), g.size, geometry.taps, 8))
    return out


def weight_gradient(x: np.ndarray, g: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the weight, ``(N, H, W, C), (N, Ho, Wo, C) -> (kh, kw, 1, C)``."""
    work = _tiles(g, geometry)
    enough = least(len(work), g.size, geometry.taps, 8)
    parts = parallel.count(len(work), enough)
    sums = np.zeros((parts, *geometry.kernel, g.shape[3]), g.dtype)

    def run(start: int, stop: int, part: int) -> None:
        for tile in work[start:stop]:
            y = g[tile.start : tile.stop, tile.top : tile.bottom]
            product = parallel.scratch("convolution product", y.shape, y.dtype)
            for tap, view in _views(x, tile, geometry):
                sums[part][tap] += sum_leading(np.multiply(view, y, out=product))

    parallel.split(run, len(work), enough)
    total = parallel.total(sums)
    return total[:, :, None]


def _views(
    x: np.ndarray, tile: Tile, geometry: Geometry
) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Yield each tap and the pixels that lie under it, ``(n, rows, Wo, C)``."""
    views = windows(bordered(x, tile, geometry), tile.bottom - tile.top, geometry)
    for tap in np.ndindex(geometry.kernel):
        yield tap, views[:, :, :, tap[0], tap[1]]


def _rows(weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the weights of each tap for a whole row of pixels, ``(kh, kw, Wo, C)``."""
    shape = (*geometry.kernel, geometry.out[1], weight.shape[3])
    return np.ascontiguousarray(np.broadcast_to(weight, shape))


def _tiles(out: np.ndarray, geometry: Geometry) -> list[Tile]:
    """Return tiles whose inputs and products fit the cache together."""
    n, height, across, channels = out.shape
    area = 2 * geometry.stride[0] * geometry.stride[1]
    row_bytes = across * channels * area * out.itemsize
    return tiles(n, height, row_bytes, parallel.count(n * height))
