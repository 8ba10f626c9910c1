"""Planes of a C-contiguous batch, (N, C, S): each is a row of memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.broadcast import ones
from minitorch.kernels.planes_last import FAR


class ChannelsFirst:
    """How to walk a batch (N, C, *) as (N C, S).

    Attributes:
        count: how many values a plane has, or, pooled, those of a channel.
    """

    def __init__(self, shape: tuple[int, ...], pooled: bool) -> None:
        samples, channels = shape[:2]
        places = math.prod(shape[2:])
        self.shape = shape
        self.view = (samples * channels, places)
        self.table = (1, samples, channels) if pooled else (samples, 1, channels)  # (B, p, C)
        self.count = places * self.table[1]

    def moments(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return mean, sum of squared deviations and size of each piece of a plane, (B, p, C)."""
        source = self._laid(x)
        places = self.view[1]
        means, squares = np.empty(self.view[0]), np.empty(self.view[0])

        def measure(rows: slice) -> None:
            part = source[rows]
            mean = np.dot(part, ones(places, part.dtype)) / places
            square = np.vecdot(part, part) - places * mean * mean
            if (places * mean * mean > FAR * square).any():
                rest = parallel.scratch("planes", part.shape, part.dtype)
                np.subtract(part, mean[:, None], out=rest)
                error = np.dot(rest, ones(places, part.dtype)).astype(np.float64) / places
                square = np.vecdot(rest, rest) - places * error * error
                mean = mean + error
            means[rows], squares[rows] = mean, square

        parallel.walk(measure, *self.view)
        return means.reshape(self.table), squares.reshape(self.table), np.array(float(places))

    def products(
        self, g: np.ndarray, x: np.ndarray, center: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the sum over each plane of ``g``, and that of ``g * (x - center)``."""
        gradient, source = self._laid(g), self._laid(x)
        centers = None if center is None else self._column(center, x.dtype)
        sums, products = (np.empty(self.view[0], x.dtype) for _ in range(2))

        def measure(rows: slice) -> None:
            part = source[rows]
            if centers is not None:
                rest = parallel.scratch("planes", part.shape, part.dtype)
                part = np.subtract(part, centers[rows], out=rest)
            sums[rows] = np.dot(gradient[rows], ones(self.view[1], part.dtype))
            products[rows] = np.vecdot(part, gradient[rows])

        parallel.walk(measure, *self.view)
        return self._added(sums), self._added(products)

    def affine(self, x: np.ndarray, scale: np.ndarray, shift: np.ndarray | None) -> np.ndarray:
        """Return ``scale * x + shift``."""
        source, out = self._laid(x), memory.empty(self.view, x.dtype)
        scales = self._column(scale, x.dtype)
        shifts = None if shift is None else self._column(shift, x.dtype)

        def fill(rows: slice) -> None:
            np.multiply(source[rows], scales[rows], out=out[rows])
            if shifts is not None:
                np.add(out[rows], shifts[rows], out=out[rows])

        parallel.walk(fill, *self.view)
        return out.reshape(self.shape)

    def combination(
        self, g: np.ndarray, x: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray
    ) -> np.ndarray:
        """Return ``a * g + b * x + c``."""
        gradient, source = self._laid(g), self._laid(x)
        out = memory.empty(self.view, x.dtype)
        by_g, by_x, shifts = (self._column(values, x.dtype) for values in (a, b, c))

        def fill(rows: slice) -> None:
            target = out[rows]
            rest = parallel.scratch("planes", target.shape, target.dtype)
            np.multiply(gradient[rows], by_g[rows], out=rest)
            np.multiply(source[rows], by_x[rows], out=target)
            np.add(target, rest, out=target)
            np.add(target, shifts[rows], out=target)

        parallel.walk(fill, *self.view)
        return out.reshape(self.shape)

    def _laid(self, x: np.ndarray) -> np.ndarray:
        """Return `x` as a contiguous (N C, S); a copy if need be."""
        return np.ascontiguousarray(x).reshape(self.view)

    def _column(self, values: np.ndarray, dtype: Any) -> np.ndarray:
        """Return one value for each row of memory, (N, C) or (1, C) -> (N C, 1)."""
        return np.broadcast_to(values, self.shape[:2]).reshape(-1, 1).astype(dtype, copy=False)

    def _added(self, values: np.ndarray) -> np.ndarray:
        """Return sums over rows of memory as sums over planes, (B, C)."""
        return values.reshape(self.table).sum(1, dtype=np.float64)
