"""Planes of a batch whose channels lie last in memory, (N, S, C)."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.broadcast import ones

FAR = 4.0  # a mean square this many variances large needs its mean taken off first
_WIDE = (
    8192  # shorter vectors NumPy would first repeat in a buffer of this size, element by element
)
_FOLD = 16  # many sums of few channels are kept this many times as short, for their last digits


class Piece(NamedTuple):
    """Some places of some samples.

    Attributes:
        samples: which.
        places: which.
        times: how many places make a row that is long enough.
    """

    samples: slice
    places: slice
    times: int


class ChannelsLast:
    """How to walk a batch (N, C, *) as (N, S, C), or pooled as (1, N S, C).

    Attributes:
        count: how many values a plane has.
    """

    def __init__(self, shape: tuple[int, ...], pooled: bool) -> None:
        samples, channels = shape[:2]
        places = math.prod(shape[2:])
        self.shape = shape
        self.channels = channels
        self.view = (1, samples * places, channels) if pooled else (samples, places, channels)
        self.count = self.view[1]
        self.pieces = _pieces(*self.view, parallel.piece(math.prod(shape)))
        self.last = (0, *range(2, len(shape)), 1)  # the axes, channels last
        self.back = (0, len(shape) - 1, *range(1, len(shape) - 1))

    def moments(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return mean, sum of squared deviations and size of each piece of a plane, (B, p, C)."""
        source = self._laid(x)

        def measure(piece: Piece) -> tuple[np.ndarray, np.ndarray]:
            part, wide = source[piece.samples, piece.places], _wide(source, piece)
            rest = parallel.scratch("planes", wide.shape, wide.dtype)
            count = part.shape[1]
            mean = _sums(part) / count  # (k, C)
            np.multiply(wide, wide, out=rest)
            squares = _sums(rest.reshape(part.shape)) - count * mean * mean
            if (count * mean * mean > FAR * squares).any():
                np.subtract(wide, _repeated(mean, piece.times), out=rest)
                error = _sums(rest.reshape(part.shape)).astype(np.float64) / count
                np.multiply(rest, rest, out=rest)
                squares = _sums(rest.reshape(part.shape)) - count * error * error
                mean = mean + error
            return mean, squares

        means, squares = self._collected(measure)
        sizes = [p.places.stop - p.places.start for p in self.pieces[: means.shape[1]]]
        return means, squares, np.array(sizes, np.float64)[:, None]

    def products(
        self, g: np.ndarray, x: np.ndarray, center: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the sum over each plane of ``g``, and that of ``g * (x - center)``."""
        gradient, source = self._laid(g), self._laid(x)
        centers = None if center is None else self._fitted(center, x.dtype)

        def measure(piece: Piece) -> tuple[np.ndarray, np.ndarray]:
            part, wide = gradient[piece.samples, piece.places], _wide(gradient, piece)
            rest = parallel.scratch("planes", wide.shape, wide.dtype)
            if centers is None:
                np.multiply(_wide(source, piece), wide, out=rest)
            else:
                np.subtract(_wide(source, piece), centers(piece), out=rest)
                np.multiply(rest, wide, out=rest)
            return _sums(part), _sums(rest.reshape(part.shape))

        sums, products = self._collected(measure)
        return sums.sum(1, dtype=np.float64), products.sum(1, dtype=np.float64)

    def affine(self, x: np.ndarray, scale: np.ndarray, shift: np.ndarray | None) -> np.ndarray:
        """Return ``scale * x + shift``."""
        source, out = self._laid(x), memory.empty(self.view, x.dtype)
        scales = self._fitted(scale, x.dtype)
        shifts = None if shift is None else self._fitted(shift, x.dtype)

        def fill(piece: Piece) -> None:
            target = _wide(out, piece)
            np.multiply(_wide(source, piece), scales(piece), out=target)
            if shifts is not None:
                np.add(target, shifts(piece), out=target)

        parallel.each(fill, self.pieces, math.prod(self.shape))
        return self._shaped(out)

    def combination(
        self, g: np.ndarray, x: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray
    ) -> np.ndarray:
        """Return ``a * g + b * x + c``."""
        gradient, source = self._laid(g), self._laid(x)
        out = memory.empty(self.view, x.dtype)
        by_g, by_x, shifts = (self._fitted(values, x.dtype) for values in (a, b, c))

        def fill(piece: Piece) -> None:
            target = _wide(out, piece)
            rest = parallel.scratch("planes", target.shape, target.dtype)
            np.multiply(_wide(gradient, piece), by_g(piece), out=rest)
            np.multiply(_wide(source, piece), by_x(piece), out=target)
            np.add(target, rest, out=target)
            np.add(target, shifts(piece), out=target)

        parallel.each(fill, self.pieces, math.prod(self.shape))
        return self._shaped(out)

    def _laid(self, x: np.ndarray) -> np.ndarray:
        """Return `x` as a contiguous (N, S, C), or (1, N S, C); a copy if need be."""
        return np.ascontiguousarray(x.transpose(self.last)).reshape(self.view)

    def _shaped(self, out: np.ndarray) -> np.ndarray:
        samples, channels, *places = self.shape
        return out.reshape(samples, *places, channels).transpose(self.back)

    def _collected(self, measure: Callable[[Piece], Any]) -> tuple[np.ndarray, np.ndarray]:
        """Return two measures of all pieces, each as (samples, pieces of a sample, C)."""
        first, second = zip(
            *parallel.each(measure, self.pieces, math.prod(self.shape)), strict=True
        )
        shape = self.view[0], -1, self.channels
        return np.concatenate(first).reshape(shape), np.concatenate(second).reshape(shape)

    def _fitted(self, values: np.ndarray, dtype: Any) -> Callable[[Piece], np.ndarray]:
        """Return a function that gives values of planes as long rows that fit a piece."""
        values = values.astype(dtype, copy=False)
        if len(values) == 1:
            repeated = _repeated(values, self.pieces[0].times)  # the last one's may be fewer
            return lambda piece: repeated[..., : piece.times * self.channels]
        return lambda piece: _repeated(values[piece.samples], piece.times)


def _pieces(samples: int, places: int, channels: int, most: int) -> list[Piece]:
    """Return the pieces of an (N, S, C): runs of places of one sample, or some whole samples.

    None has many more than `most` elements.
    """
    times = -(-_WIDE // (channels * _FOLD)) * _FOLD if channels < _WIDE else 1
    size = places * channels
    if size > most // 2:
        step = max(1, most // channels // times) * times
        whole = places // times * times
        bounds = [*range(0, whole, step), whole]
        runs = [(slice(a, b), times) for a, b in pairwise(bounds)]
        if whole < places:
            runs.append((slice(whole, places), 1))
        return [Piece(slice(n, n + 1), run, t) for n in range(samples) for run, t in runs]
    times = next(t for t in range(min(times, places), 0, -1) if places % t == 0)
    step = max(1, most // size)
    starts = range(0, samples, step)
    return [Piece(slice(n, min(n + step, samples)), slice(0, places), times) for n in starts]


def _wide(view: np.ndarray, piece: Piece) -> np.ndarray:
    """Return a piece of an (N, S, C) as rows of `t` places, (k, S / t, t C)."""
    part = view[piece.samples, piece.places]
    k, rows, channels = part.shape
    return part.reshape(k, rows // piece.times, piece.times * channels)


def _repeated(values: np.ndarray, times: int) -> np.ndarray:
    """Return vectors repeated, (k, C) -> (k, 1, t C)."""
    k, channels = values.shape
    out = np.empty((k, times, channels), values.dtype)
    out[...] = values[:, None]
    return out.reshape(k, 1, times * channels)


def _sums(part: np.ndarray) -> np.ndarray:
    """Return the sums over the places of a piece, (k, S, C) -> (k, C)."""
    k, places, channels = part.shape
    if k > 1:
        return np.matmul(ones(places, part.dtype), part)
    if channels >= _FOLD * 4 or places % _FOLD:
        return np.dot(ones(places, part.dtype), part[0])[None]
    rows = part.reshape(-1, _FOLD * channels)
    return np.dot(ones(len(rows), part.dtype), rows).reshape(1, _FOLD, channels).sum(1)
