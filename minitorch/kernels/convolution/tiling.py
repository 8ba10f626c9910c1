"""Images and weights to and from the tiles of Winograd's algorithm.

Inside a block, pixels come before images: (h, w, N, C). So one pixel of all its images is a long
row, and both one-dimensional transforms are products of a small matrix with such rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.convolution.geometry import strided, surround

_TILES = 5 << 18  # bytes of transformed pixels that fit the cache, with room for other things
_ROW = 512  # numbers in a row that make a product with a small matrix worth its call
_COLUMNS = 16 * 1024  # of a weight, transformed at a time


class Block(NamedTuple):
    """Images from `start` to `stop`, and their rows of tiles from `top` to `bottom`."""

    start: int
    stop: int
    top: int
    bottom: int
    across: int  # tiles in a row

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return (self.stop - self.start) * (self.bottom - self.top) * self.across


def blocks(
    n: int, size: tuple[int, int], m: tuple[int, int], channels: int, itemsize: int
) -> list[Block]:
    """Cut `n` images of outputs of `size` into blocks whose transforms fit the cache.

    Args:
        n: the number of images.
        size: (Ho, Wo).
        m: the height and the width of a tile.
        channels: of what is kept of a transformed pixel.
        itemsize: bytes of a number.
    """
    height, across = -(-size[0] // m[0]), -(-size[1] // m[1])
    row = (m[0] + 2) * (m[1] + 2) * across * channels * itemsize  # bytes of a row of tiles
    parts = parallel.count(n * height)
    together = max(1, min(n // parts, _ROW // channels, _TILES // row))
    rows = max(1, min(height // max(1, parts // max(n, 1)), _TILES // (row * together)))
    rows = -(-height // -(-height // rows))
    return [
        Block(start, min(start + together, n), top, min(top + rows, height), across)
        for start in range(0, n, together)
        for top in range(0, height, rows)
    ]


def to_tiles(
    x: np.ndarray,
    block: Block,
    offset: tuple[int, int],
    out: np.ndarray,
    matrices: tuple[np.ndarray, np.ndarray],
    step: tuple[int, int],
) -> None:
    """Write ``rows @ d @ columns.T`` for tiles d of p x q pixels.

    Args:
        x: images ``(N, H, W, C)``.
        block: which images, and which rows of tiles.
        offset: where the images begin, seen from the first tile of all.
        out: ``(a * b, tiles, C)``, a view of memory in which the tiles are contiguous.
        matrices: rows ``(a, p)`` and columns ``(b, q)``.
        step: from tile to tile, down and across.
    """
    (a, p), (b, q) = matrices[0].shape, matrices[1].shape
    n, rows, across = block.stop - block.start, block.bottom - block.top, block.across
    together = n * x.shape[3]
    height, width = (rows - 1) * step[0] + p, (across - 1) * step[1] + q
    frame = parallel.scratch("winograd frame", (height, width, n, x.shape[3]), x.dtype)
    start = offset[0] - block.top * step[0], offset[1]
    surround(x[block.start : block.stop], start, frame.transpose(2, 0, 1, 3))

    half = parallel.scratch("winograd half", (a, rows, width, together), x.dtype)
    line = frame.strides[0]
    tall = strided(frame, (rows, p, width * together), (step[0] * line, line, x.itemsize))
    np.matmul(matrices[0], tall, out=half.reshape(a, rows, width * together).swapaxes(0, 1))
    place, line, pixel, _ = half.strides
    strides = (place, line, step[1] * pixel, pixel, x.itemsize)
    wide = strided(half, (a, rows, across, q, together), strides)
    tiles = out.reshape(a, b, rows, across, together).transpose(0, 2, 3, 1, 4)
    np.matmul(matrices[1], wide, out=tiles)


def from_tiles(
    u: np.ndarray,
    block: Block,
    out: np.ndarray,
    bias: np.ndarray | None,
    matrices: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write ``rows @ u @ columns.T`` of a block's tiles to the output, and add a bias to it.

    Args:
        u: ``(a * b, tiles, O)``.
        block: which images, and which rows of tiles.
        out: images ``(N, Ho, Wo, O)``.
        bias: ``(O,)`` or None.
        matrices: rows ``(m, a)`` and columns ``(k, b)``.
    """
    (m, a), (k, b) = matrices[0].shape, matrices[1].shape
    channels = out.shape[3]
    length = block.tiles * channels
    half = parallel.scratch("winograd half", (m, b, length), out.dtype)
    np.matmul(matrices[0], u.reshape(a, b, length).swapaxes(0, 1), out=half.swapaxes(0, 1))
    pixels = parallel.scratch("winograd frame", (m, k, length), out.dtype)
    np.matmul(matrices[1], half, out=pixels)
    n, rows = block.stop - block.start, block.bottom - block.top
    places = pixels.reshape(m, k, rows, block.across, n, channels).transpose(0, 1, 4, 2, 3, 5)
    images = out[block.start : block.stop, block.top * m : block.bottom * m]
    for i in range(m):
        for j in range(k):
            y = images[:, i::m, j::k]
            y[...] = places[i, j, :, : y.shape[1], : y.shape[2]]
    if bias is not None:
        images += bias


def transform_weight(weight: np.ndarray, matrices: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return ``rows @ w @ columns.T`` of every window, ``(p, q, C, O) -> (a * b, C, O)``.

    Args:
        weight: windows; or the gradients of filters, ``(p * q, C, O)``.
        matrices: rows ``(a, p)`` and columns ``(b, q)``.
    """
    (a, p), (b, q) = matrices[0].shape, matrices[1].shape
    x = weight.reshape(p, q, -1)
    out = memory.empty((a, b, x.shape[2]), x.dtype)

    def run(start: int, stop: int, _: int) -> None:
        for first in range(start, stop, _COLUMNS):
            last = min(first + _COLUMNS, stop)
            half = parallel.scratch("winograd half", (p, b, last - first), x.dtype)
            np.matmul(matrices[1], x[:, :, first:last], out=half)
            np.matmul(matrices[0], half.swapaxes(0, 1), out=out[:, :, first:last].swapaxes(0, 1))

    parallel.split(run, x.shape[2], 4 * _COLUMNS)
    return out.reshape(a * b, *weight.shape[-2:])
