"""Sums and maxima of rows, and a number for each row along it: NumPy is slow at short rows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from minitorch.kernels.broadcast import ones


def row_max(x: np.ndarray) -> np.ndarray:
    """Return the maximum of each row, ``(R, C) -> (R,)``.

    NumPy starts its loop anew for every row; for short rows it is sooner done over columns.
    """
    if x.shape[1] <= 32 < x.size:
        return np.maximum.reduce(x.T.copy(), axis=0)
    return np.maximum.reduce(x, axis=1)


def row_sum(x: np.ndarray) -> np.ndarray:
    """Return the sum of each row, ``(R, C) -> (R,)``, as a matrix-vector product."""
    return np.dot(x, ones(x.shape[1], x.dtype))


def spread(column: np.ndarray, out: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Write a number for each row along the row, ``(R,) -> (R, C)``, and return `out`.

    As a matrix product of inner dimension 2 that is written at full speed; NumPy's broadcasting
    runs at a third of it, unless rows are longer than its buffer of 8,192 elements.

    Args:
        column: the numbers.
        out: where they go, C-contiguous.
        weight: ``(2, C)``: the numbers are multiplied by its first row, and its second is added.
    """
    if weight is None:
        weight = _unit(out.shape[1], out.dtype)
    left = np.empty((len(column), 2), out.dtype)
    left[:, 0] = column
    left[:, 1] = 1
    return np.matmul(left, weight, out=out)


@lru_cache(maxsize=64)
def _unit(n: int, dtype: np.dtype) -> np.ndarray:
    """Return a row of ones and a row of zeros."""
    pair = np.zeros((2, n), dtype)
    pair[0] = 1
    pair.flags.writeable = False
    return pair
