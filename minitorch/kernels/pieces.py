"""Functions of one or two arrays, element by element, in pieces that stay in the cache.

The pieces run through memory as it lies, whatever the order of the axes, on all threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minitorch.kernels import memory, parallel

SMALL = 128 * 1024  # elements that are sooner done at once

Work = Callable[..., Any]


def apply(work: Work, x: np.ndarray, *others: np.ndarray, dear: bool = True) -> np.ndarray:
    """Return the array that ``work(x, *others, out)`` writes, called with pieces of all of them.

    Args:
        work: takes arrays of one dimension and one size; may use `parallel.scratch`.
        x: gives the result its type and, unless it has gaps, its order of memory.
        others: of the shape of `x`.
        dear: whether an element takes exponentials or the like.
    """
    if x.size <= SMALL and x.flags.c_contiguous and all(y.flags.c_contiguous for y in others):
        out = memory.empty(x.shape, x.dtype)
        work(x.reshape(-1), *(y.reshape(-1) for y in others), out.reshape(-1))
        return out
    x = _without_gaps(x)
    out = memory.empty_like(x)
    flat = [x.ravel(order="K"), *(_like(x, other) for other in others), out.ravel(order="K")]

    parallel.walk(lambda piece: work(*(array[piece] for array in flat)), x.size, 1, dear=dear)
    return out


def _without_gaps(x: np.ndarray) -> np.ndarray:
    """Return `x`, or a contiguous copy if it does not fill the memory it spans."""
    if x.flags.c_contiguous or np.shares_memory(x.ravel(order="K"), x):
        return x
    return np.ascontiguousarray(x)


def _like(x: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the elements of `other` in the order in which those of `x` lie in memory."""
    if other.strides != x.strides:
        copy: Any = np.empty_like(x, dtype=other.dtype)
        copy[...] = other
        other = copy
    return other.ravel(order="K")
