"""Where the windows of a convolution lie, and how its work is cut into tiles.

Inside this package images are (N, H, W, C) and weights (kh, kw, C/g, O), both C-contiguous: the
channels of a pixel are neighbours, and so are the pixels of a row of a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import NamedTuple

import numpy as np

TILE = 1 << 20  # bytes of scratch memory that should stay in the cache
SPLIT = 20_000_000  # multiplications below which a thread of its own does not pay


@dataclass(frozen=True)
class Geometry:
    """How the windows of a 2-D convolution lie over its input.

    Attributes:
        size: (H, W) of the input.
        kernel: (kh, kw).
        stride: steps between windows.
        padding: rows of zeros above and columns of zeros to the left of the input; negative for
            rows and columns that are left out. Below and to the right, there are as many as the
            last window needs.
        dilation: steps between the taps of a window.
        groups: how many convolutions are done side by side, each on its share of the channels.
        out: (H, W) of the output.
    """

    size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int
    out: tuple[int, int]

    @cached_property
    def taps(self) -> int:
        """How many pixels a window has."""
        return prod(self.kernel)

    @cached_property
    def covered(self) -> tuple[int, int]:
        """The height and the width of what all windows cover together, zeros included."""
        return self.reach(0, self.out[0]), self.reach(1, self.out[1])

    @cached_property
    def inside(self) -> bool:
        """Whether no window needs a zero."""
        fits = all(n <= size for n, size in zip(self.covered, self.size, strict=True))
        return self.padding == (0, 0) and fits

    @cached_property
    def turned(self) -> Geometry:
        """The geometry of the input's gradient, with a stride of 1: a convolution in its turn."""
        reach = [d * (k - 1) for d, k in zip(self.dilation, self.kernel, strict=True)]
        padding = (reach[0] - self.padding[0], reach[1] - self.padding[1])
        ones = (1, 1)
        return Geometry(self.out, self.kernel, ones, padding, self.dilation, self.groups, self.size)

    def reach(self, axis: int, count: int) -> int:
        """Return how many rows (or columns) of the input `count` neighbouring windows cover."""
        window = self.dilation[axis] * (self.kernel[axis] - 1) + 1
        return (count - 1) * self.stride[axis] + window if count else 0


class Tile(NamedTuple):
    """Images from `start` to `stop`, and their output rows from `top` to `bottom`."""

    start: int
    stop: int
    top: int
    bottom: int


def tiles(n: int, rows: int, row_bytes: int, parts: int) -> list[Tile]:
    """Cut `n` images of `rows` rows into tiles of about `TILE` bytes.

    A tile is some whole images, or some rows of one.

    Args:
        n: the number of images.
        rows: of an output image.
        row_bytes: what one row of one image takes in scratch memory.
        parts: into how many the work should be divisible.
    """
    image_bytes = max(rows * row_bytes, 1)
    if n >= parts and image_bytes <= 2 * TILE:
        count = max(-(-n * image_bytes // TILE), 1)
        count = min(n, -(-count // parts) * parts)
        bounds = [n * i // count for i in range(count + 1)]
        return [Tile(a, b, 0, rows) for a, b in pairwise(bounds)]
    bands = min(rows, max(-(-image_bytes // TILE), -(-parts // max(n, 1))))
    bounds = [rows * i // bands for i in range(bands + 1)]
    return [Tile(i, i + 1, top, bottom) for i in range(n) for top, bottom in pairwise(bounds)]


def least(items: int, *sizes: int) -> int:
    """Return how many of `items` equal pieces of work are worth a thread.

    Args:
        items: into how many pieces the whole is cut.
        sizes: their product is the number of multiplications of the whole.
    """
    return max(1, -(-items * SPLIT // max(prod(sizes), 1)))


def strided(x: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """Return a view of the memory of a C-contiguous array.

    It is `numpy.lib.stride_tricks.as_strided` without that function's 5 microseconds.
    """
    return np.ndarray(shape, x.dtype, x, 0, strides)


def surround(x: np.ndarray, offset: tuple[int, int], frame: np.ndarray) -> None:
    """Copy images into larger ones, with zeros around them: both ``(N, H, W, C)``.

    Args:
        x: the images.
        offset: where they begin in the frame; negative if they begin outside.
        frame: what they are copied to, in any memory order.
    """
    top, bottom = _overlap(offset[0], x.shape[1], frame.shape[1])
    left, right = _overlap(offset[1], x.shape[2], frame.shape[2])
    frame[:, :top] = 0
    frame[:, bottom:] = 0
    frame[:, top:bottom, :left] = 0
    frame[:, top:bottom, right:] = 0
    source = x[:, top - offset[0] : bottom - offset[0], left - offset[1] : right - offset[1]]
    target = frame[:, top:bottom, left:right]
    for image in range(len(x)):  # one after the other: each is read in the order of its memory
        target[image] = source[image]


def crop(frame: np.ndarray, offset: tuple[int, int], out: np.ndarray) -> None:
    """Undo `surround`; what lies outside the frame is 0."""
    top, bottom = _overlap(offset[0], out.shape[1], frame.shape[1])
    left, right = _overlap(offset[1], out.shape[2], frame.shape[2])
    if (bottom - top, right - left) != out.shape[1:3]:
        out[...] = 0
    inside = out[:, top - offset[0] : bottom - offset[0], left - offset[1] : right - offset[1]]
    inside[...] = frame[:, top:bottom, left:right]


def _overlap(offset: int, size: int, length: int) -> tuple[int, int]:
    """Return the part of ``range(length)`` that `size` places from `offset` on cover."""
    start = min(max(offset, 0), length)
    return start, max(min(offset + size, length), start)
