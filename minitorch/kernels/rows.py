"""Reductions over the last axis, which NumPy does slowly when rows are short."""

from __future__ import annotations

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
