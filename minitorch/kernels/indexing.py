"""Adding into rows and places chosen by index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def embedding_gradient(g: np.ndarray, indices: np.ndarray, rows: int) -> np.ndarray:
    """Return the sum of the rows of `g` for each index, ``(N, C), (N,) -> (rows, C)``.

    Rounds over occurrence rank: sorted by index, the k-th occurrences of all indices are distinct,
    so one fancy ``+=`` adds them at once; np.add.at takes seven times as long.
    """
    out = np.zeros((rows, g.shape[1]), g.dtype)
    if indices.size == 0:
        return out
    order = np.argsort(indices, kind="stable")
    ordered = indices[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    counts = np.diff(np.r_[starts, ordered.size])
    if counts.max() > 64:  # few indices, many times each: sum runs instead
        out[ordered[starts]] = np.add.reduceat(g[order], starts, axis=0)
        return out
    unique = ordered[starts]
    out[unique] = g[order[starts]]
    for rank in range(1, int(counts.max())):
        more = counts > rank
        out[unique[more]] += g[order[starts[more] + rank]]
    return out


def is_basic(index: Any) -> bool:
    """Return whether `index` gives a view: only integers, slices, None and ``...``."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        p is None
        or p is Ellipsis
        or (isinstance(p, (int, np.integer, slice)) and not isinstance(p, (bool, np.bool_)))
        for p in parts
    )


def put_zeros(g: np.ndarray, index: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return zeros of `shape` to which `g` was added at `index`; repeated places add up."""
    out = np.zeros(shape, g.dtype)
    if is_basic(index):
        out[index] = g
        return out
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [p for p in parts if isinstance(p, np.ndarray)]
    if len(arrays) == 1 and arrays[0].dtype == bool:
        out[index] = g
    elif len(parts) == 1 and len(shape) > 1:
        rows = np.where(arrays[0] < 0, arrays[0] + shape[0], arrays[0]).reshape(-1)
        flat = g.reshape(rows.size, math.prod(shape[1:]))
        return embedding_gradient(flat, rows, shape[0]).reshape(shape)
    else:
        np.add.at(out, index, g)
    return out
