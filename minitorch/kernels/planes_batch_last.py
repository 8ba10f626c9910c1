"""Planes of a batch whose samples lie last in memory, (S, C, N)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch.kernels.planes_first import ChannelsFirst
from minitorch.kernels.planes_last import ChannelsLast


def batch_last(x: np.ndarray) -> np.ndarray:
    """Return (N, C, *) as (*, C, N)."""
    return x.transpose(*range(2, x.ndim), 1, 0)


class BatchLast:
    """How to walk a batch (N, C, *), pooled.

    For sums, the samples of a pixel's channel are a row; for maps, the channels of all samples are
    channels of their own.

    Attributes:
        count: how many values a channel has.
    """

    def __init__(self, shape: tuple[int, ...], pooled: bool) -> None:
        if not pooled:
            raise ValueError("planes of single samples are not walked with the samples last")
        samples, channels, *places = shape
        self.shape = shape
        self.rows = ChannelsFirst((math.prod(places), channels, samples), pooled=True)
        self.lanes = ChannelsLast((1, channels * samples, math.prod(places)), pooled=True)
        self.count = math.prod(places) * samples

    def moments(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return mean, sum of squared deviations and size of each piece of a plane, (1, p, C)."""
        return self.rows.moments(self._laid(x))

    def products(
        self, g: np.ndarray, x: np.ndarray, center: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the sum over each plane of ``g``, and that of ``g * (x - center)``."""
        return self.rows.products(self._laid(g), self._laid(x), center)

    def affine(self, x: np.ndarray, scale: np.ndarray, shift: np.ndarray | None) -> np.ndarray:
        """Return ``scale * x + shift``."""
        shifts = None if shift is None else self._repeated(shift)
        return self._shaped(self.lanes.affine(self._flat(x), self._repeated(scale), shifts))

    def combination(
        self, g: np.ndarray, x: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray
    ) -> np.ndarray:
        """Return ``a * g + b * x + c``."""
        factors = (self._repeated(values) for values in (a, b, c))
        return self._shaped(self.lanes.combination(self._flat(g), self._flat(x), *factors))

    def _laid(self, x: np.ndarray) -> np.ndarray:
        """Return `x` as a contiguous (S, C, N); a copy if need be."""
        samples, channels = self.shape[:2]
        return np.ascontiguousarray(batch_last(x)).reshape(-1, channels, samples)

    def _flat(self, x: np.ndarray) -> np.ndarray:
        """Return `x` as (1, C N, S), the channels last in memory; a copy if need be."""
        return self._laid(x).reshape(1, -1, self.lanes.channels).swapaxes(1, 2)

    def _shaped(self, out: np.ndarray) -> np.ndarray:
        samples, channels, *places = self.shape
        flat = out.swapaxes(1, 2).reshape(*places, channels, samples)
        return flat.transpose(-1, -2, *range(len(places)))

    def _repeated(self, values: np.ndarray) -> Any:
        """Return values of channels for each sample, (1, C) -> (1, C N)."""
        return np.repeat(values, self.shape[0], axis=1)
