"""Statistics and affine maps of planes: the values of one sample in one channel.

A batch (N, C, *) lies in memory with its channels last, as (N, S, C), or first, as (N, C, S), or
with its samples last, as (S, C, N). Each order has a class with the same four walks over all
planes, in pieces that stay in the cache, on all threads. What belongs to a plane, a mean or a
factor, is an array (N, C); with `pooled`, the planes of a channel are one and it is (1, C). Sums of
pieces are combined in float64.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from minitorch.kernels.planes_batch_last import BatchLast, batch_last
from minitorch.kernels.planes_first import ChannelsFirst
from minitorch.kernels.planes_last import ChannelsLast

_SHORT = 64  # places in a plane below which channels-first memory is not walked as it is

Planes: TypeAlias = ChannelsFirst | ChannelsLast | BatchLast


def planes(x: np.ndarray, pooled: bool) -> Planes:
    """Return how to walk `x`, (N, C, *), in its order of memory.

    Args:
        x: floats, not of half precision, at least one.
        pooled: whether the planes of a channel count as one.
    """
    if x.flags.c_contiguous and math.prod(x.shape[2:]) >= _SHORT:
        return _planes(ChannelsFirst, x.shape, pooled)
    lanes = pooled and len(x) > 1 and batch_last(x).flags.c_contiguous
    return _planes(BatchLast if lanes else ChannelsLast, x.shape, pooled)


@lru_cache(maxsize=256)
def _planes(order: type[Planes], shape: tuple[int, ...], pooled: bool) -> Planes:
    """Return a way to walk arrays of one shape; it holds none of them."""
    return order(shape, pooled)


def pool(means: Any, squares: Any, counts: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the variance of parts together, over axis 1: (B, parts, C) -> (B, C).

    Args:
        means: of the parts.
        squares: for each part, the sum of what it deviates from its mean by, squared.
        counts: how many values each part has, an array.

    Reference: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing
    sample variances", 1979.
    """
    if means.shape[1] == 1:
        return means[:, 0].astype(np.float64), squares[:, 0] / counts.reshape(-1)[0]
    counts = np.broadcast_to(counts, means.shape)
    total = counts.sum(1)
    mean = (counts * means).sum(1) / total
    spread = (counts * (means - mean[:, None]) ** 2).sum(1)
    return mean, (squares.sum(1, dtype=np.float64) + spread) / total
