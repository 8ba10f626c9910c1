"""Adding into rows and places chosen by index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch.kernels.broadcast import sum_leading

_ROUNDS = 32  # occurrences of an index that are added with everybody's; the others in one sum


def embedding_gradient(g: np.ndarray, indices: np.ndarray, rows: int) -> np.ndarray:
    """Return the sum of the rows of `g` for each index, ``(N, C), (N,) -> (rows, C)``.

    The k-th occurrences of all indices are distinct, so one ``+=`` adds them at once. With the
    indices in the order of how often they occur, each round is shorter than the last and adds to
    the first sums. Those of float16 are made in float32.
    """
    if g.dtype == np.float16:
        return embedding_gradient(g.astype(np.float32), indices, rows).astype(g.dtype)
    out = np.zeros((rows, g.shape[1]), g.dtype)
    if indices.size == 0:
        return out
    order = _stable_order(indices, rows)
    counts = np.bincount(indices, minlength=rows)
    ends = np.cumsum(counts)
    frequent = np.argsort(-counts, kind="stable")  # indices, those of most occurrences first
    counts, starts = counts[frequent], (ends - counts)[frequent]
    live = np.searchsorted(-counts, -np.arange(1, min(counts[0], _ROUNDS) + 1), side="right")
    sums = np.take(g, order[starts[: live[0]]], axis=0)
    for rank, n in enumerate(live[1:].tolist(), start=1):  # n indices occur more than rank times
        sums[:n] += np.take(g, order[starts[:n] + rank], axis=0)
    for i in np.flatnonzero(counts > _ROUNDS).tolist():
        more = order[starts[i] + _ROUNDS : starts[i] + counts[i]]
        sums[i] += sum_leading(np.take(g, more, axis=0))
    out[frequent[: live[0]]] = sums
    return out


def _stable_order(indices: np.ndarray, rows: int) -> np.ndarray:
    """Return the order that sorts indices below `rows`, equal ones as they came.

    NumPy sorts 16 bits by their digits, ten times as fast as whole words: here the low ones, then
    the high ones.
    """
    if rows > 1 << 32:
        return np.argsort(indices, kind="stable")
    order = np.argsort(indices.astype(np.uint16), kind="stable")
    if rows > 1 << 16:
        high = (indices >> 16).astype(np.uint16)
        order = order[np.argsort(high[order], kind="stable")]
    return order


def _is_basic(index: Any) -> bool:
    """Return whether `index` gives a view: only integers, slices, None and ``...``."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        p is None
        or p is Ellipsis
        or (isinstance(p, (int, np.integer, slice)) and not isinstance(p, (bool, np.bool_)))
        for p in parts
    )


def put_zeros(g: np.ndarray, index: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return zeros of `shape` to which `g` was added at `index`; repeated places add up.

    As long as no dimension came or went, they lie in memory in the order of `g`.
    """
    out = np.zeros_like(g, shape=shape, subok=False)
    if _is_basic(index):
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
        add_at(out, index, g)
    return out


def add_at(x: np.ndarray, index: Any, added: np.ndarray) -> None:
    """Add to `x` at the places of `index`, in place; to repeated ones several times."""
    if x.dtype != np.float16:
        np.add.at(x, index, added)
        return
    sums = x.astype(np.float32)
    np.add.at(sums, index, added)
    x[...] = sums
