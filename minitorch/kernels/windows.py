"""Where the windows of a pooling lie along one dimension, and how its work is cut into pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np

from minitorch.kernels import parallel

Tap: TypeAlias = tuple[int, slice, slice]  # its number, the windows that have it, and where it lies


@dataclass(frozen=True)
class Windows:
    """Windows of one size along one dimension.

    Attributes:
        size: of the input along the dimension.
        kernel: how many elements, taps, a window has.
        stride: steps between windows.
        padding: how far the first window begins before the input.
        dilation: steps between the taps of a window.
        out: how many windows there are.
    """

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    out: int

    @cached_property
    def tiled(self) -> bool:
        """Whether each element lies in one window, and all of the windows in the input."""
        exact = self.kernel == self.stride and self.padding == 0
        return exact and self.dilation == 1 and self.out * self.stride == self.size

    def taps(self, start: int, stop: int) -> Iterator[Tap]:
        """Give for each tap the windows, counted from `start`, in which it lies in the input."""
        for number in range(self.kernel):
            offset = number * self.dilation - self.padding
            first = max(start, -(offset // self.stride))
            last = min(stop, (self.size - 1 - offset) // self.stride + 1)
            if first < last:
                begin, end = first * self.stride + offset, (last - 1) * self.stride + offset + 1
                yield number, slice(first - start, last - start), slice(begin, end, self.stride)

    @cached_property
    def places(self) -> np.ndarray:
        """The place in the input of the first tap of each window; negative in the padding."""
        return np.arange(self.out) * self.stride - self.padding

    @cached_property
    def first(self) -> np.ndarray:
        """The number of the first tap of each window that lies in the input."""
        number = -(np.minimum(self.places, 0) // self.dilation)
        return np.minimum(number, self.kernel - 1)

    @cached_property
    def ranges(self) -> list[tuple[int, int]]:
        """Begin and end of each window in the input, without dilation."""
        ends = np.minimum(self.places + self.kernel, self.size)
        begins = np.maximum(self.places, 0)
        return list(zip(begins.tolist(), ends.tolist(), strict=True))


@dataclass(frozen=True)
class Bins:
    """Windows that divide a dimension as evenly as possible; neighbours may share an element.

    Attributes:
        size: of the input along the dimension.
        out: how many windows there are.
    """

    size: int
    out: int

    @cached_property
    def tiled(self) -> bool:
        """Whether each element lies in one window, and all windows have one size."""
        return self.out > 0 and self.size % self.out == 0 and self.size > 0

    @cached_property
    def windows(self) -> Windows | None:
        """The same as windows of one size, if the dimension can be divided evenly."""
        if not self.tiled:
            return None
        step = self.size // self.out
        return Windows(self.size, step, step, 0, 1, self.out)

    @cached_property
    def ranges(self) -> list[tuple[int, int]]:
        """Begin and end of each window in the input."""
        size, out = self.size, self.out
        return [(i * size // out, -(-(i + 1) * size // out)) for i in range(out)]


class Piece(NamedTuple):
    """Some samples, and some of the rows of windows over them."""

    samples: slice
    start: int
    stop: int


def pieces(shape: tuple[int, ...], rows: Windows) -> list[Piece]:
    """Return pieces that cover the windows over an (N, C, H, W)."""
    count, channels, height, width = shape
    image = channels * height * width
    size = parallel.piece(count * image)
    if image <= size:
        step = max(1, size // max(image, 1))
        return [Piece(slice(n, min(n + step, count)), 0, rows.out) for n in range(0, count, step)]
    step = max(1, size // (channels * width * rows.stride))
    starts = range(0, rows.out, step)
    return [
        Piece(slice(n, n + 1), start, min(start + step, rows.out))
        for n in range(count)
        for start in starts
    ]


def memory_order(x: np.ndarray) -> tuple[int, ...]:
    """Return the dimensions of `x` from the one with the longest steps to that with the shortest.

    One of a single element takes no steps, whatever its stride: it comes last.

    Example:
        ``(0, 2, 3, 1)`` for an (N, C, H, W) whose channels lie last in memory.
    """
    return tuple(sorted(range(x.ndim), key=lambda d: (-abs(x.strides[d]) * (x.shape[d] > 1), d)))


def empty_in_order(shape: tuple[int, ...], order: tuple[int, ...], dtype: object) -> np.ndarray:
    """Return an array of `shape` whose dimensions lie in memory as `order` says."""
    inverse = sorted(range(len(order)), key=order.__getitem__)
    made: np.ndarray = np.empty([shape[d] for d in order], dtype)  # type: ignore[call-overload]
    return made.transpose(inverse)
