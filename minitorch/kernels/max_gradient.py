"""From the largest element of each window back to where it lies, and the other way.

What `max_pool_taps` says of each window, the number of its tap, becomes a place in memory: that of
the window, the same for every image, plus that of the tap, looked up in a short table.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.kernels import parallel
from minitorch.kernels.windows import Bins, Windows, empty_in_order

_BLOCK = 16 * 1024  # windows whose places, 128 KB, are worked out at a time


def spread_taps(
    g: np.ndarray, numbers: np.ndarray, rows: Windows, columns: Windows, order: tuple[int, ...]
) -> np.ndarray:
    """Return zeros to which each element of `g` was added at the tap of its window.

    ``(N, C, Ho, Wo) -> (N, C, H, W)``, in the given memory order, which should be that of
    `numbers`.
    """
    g = _in_order(g, order)
    out = empty_in_order((*g.shape[:2], rows.size, columns.size), order, g.dtype)
    places = _Places(numbers, out, order, rows, columns)
    source, target = g.transpose(order).reshape(-1), out.transpose(order).reshape(-1)

    for n in range(places.images):  # in one thread: NumPy keeps the interpreter's lock here
        image = target[n * places.image : (n + 1) * places.image]
        image[...] = 0
        for block in places.blocks(n):
            np.add.at(image, places.of(block), source[block])
    return out


def pick_taps(
    x: np.ndarray, numbers: np.ndarray, rows: Windows, columns: Windows, order: tuple[int, ...]
) -> np.ndarray:
    """Return the element of `x` at the tap of each window, ``(N, C, H, W) -> (N, C, Ho, Wo)``."""
    x = _in_order(x, order)
    out = empty_in_order(numbers.shape, order, x.dtype)
    places = _Places(numbers, x, order, rows, columns)
    source, target = x.transpose(order).reshape(-1), out.transpose(order).reshape(-1)

    def pick(n: int) -> None:
        image = source[n * places.image : (n + 1) * places.image]
        for block in places.blocks(n):
            image.take(places.of(block), out=target[block], mode="clip")

    parallel.each(pick, range(places.images), x.size)
    return out


class _Places:
    """Where in flat memory the chosen tap of each window lies.

    Attributes:
        images: how many parts of the batch lie apart in memory: its images, or 1.
        image: how many elements of the input each of them has.
    """

    def __init__(
        self,
        numbers: np.ndarray,
        x: np.ndarray,
        order: tuple[int, ...],
        rows: Windows,
        columns: Windows,
    ) -> None:
        self.numbers = numbers.transpose(order).reshape(-1)
        self.images = len(x) if order[0] == 0 else 1
        self.image = x.size // max(self.images, 1)
        self.windows = numbers.size // max(self.images, 1)
        _, channel, row, column = steps = [s // x.itemsize for s in x.strides]
        down = np.arange(rows.kernel) * rows.dilation * row
        across = np.arange(columns.kernel) * columns.dilation * column
        self.table = (down[:, None] + across).reshape(-1)
        first = np.arange(len(x) if self.images == 1 else 1) * steps[0]
        starts = (
            first[:, None, None, None]
            + (np.arange(x.shape[1]) * channel)[:, None, None]
            + (rows.places * row)[:, None]
            + columns.places * column
        )
        self.starts = starts.transpose(order).reshape(-1)

    def blocks(self, image: int) -> list[slice]:
        """Return the windows of an image, a few thousand at a time."""
        start, stop = image * self.windows, (image + 1) * self.windows
        return [slice(a, min(a + _BLOCK, stop)) for a in range(start, stop, _BLOCK)]

    def of(self, block: slice) -> np.ndarray:
        """Return the places of a block of windows in their image."""
        first = block.start % self.windows
        index = parallel.scratch("max pooling", (block.stop - block.start,), np.int64)
        np.take(self.table, self.numbers[block], out=index, mode="clip")
        index += self.starts[first : first + len(index)]
        return index


def tap_indices(numbers: np.ndarray, rows: Windows, columns: Windows) -> np.ndarray:
    """Return where in its flattened plane the tap of each window lies."""
    down, across = np.divmod(numbers, columns.kernel, dtype=np.int64)
    row = rows.places[:, None] + down * rows.dilation
    column = columns.places + across * columns.dilation
    return row * columns.size + column


def bin_indices(x: np.ndarray, rows: Bins | Windows, columns: Bins | Windows) -> np.ndarray:
    """Return where in its flattened plane the largest element of each bin lies."""
    out = np.empty((*x.shape[:2], rows.out, columns.out), np.int64)
    for i, (top, bottom) in enumerate(rows.ranges):
        for j, (left, right) in enumerate(columns.ranges):
            size = (bottom - top) * (right - left)
            block = x[:, :, top:bottom, left:right].reshape(*x.shape[:2], size)
            down, across = np.divmod(block.argmax(2), right - left)
            out[:, :, i, j] = (top + down) * columns.size + left + across
    return out


def _in_order(x: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    """Return `x` without gaps, with its dimensions in memory in the given order."""
    if x.transpose(order).flags.c_contiguous:
        return x
    copy: Any = empty_in_order(x.shape, order, x.dtype)
    copy[...] = x
    return copy
