"""Broadcasting, and undoing it."""

from __future__ import annotations

from typing import Any

import numpy as np

_MANY = 4 * 1024  # rows whose sum in float32 keeps its digits
_vectors: dict[tuple[int, int, Any], np.ndarray] = {}


def ones(n: int, dtype: Any) -> np.ndarray:
    """Return a read-only vector of `n` ones, kept for the next time."""
    return _kept(1, n, dtype)


def zeros(n: int, dtype: Any) -> np.ndarray:
    """Return a read-only vector of `n` zeros, kept for the next time."""
    return _kept(0, n, dtype)


def _kept(value: int, n: int, dtype: Any) -> np.ndarray:
    key = (value, n, dtype)
    vector = _vectors.get(key)
    if vector is None:
        if len(_vectors) > 64:
            _vectors.clear()
        vector = _vectors[key] = np.full(n, value, dtype)
        vector.flags.writeable = False
    return vector


def spread_to(x: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return `x` broadcast to `shape`.

    A small one is written out, which is sooner done than a view.
    """
    out = np.empty(shape, x.dtype)
    if out.size > 16 * 1024:
        return np.broadcast_to(x, shape)
    out[...] = x
    return out


def sum_leading(x: np.ndarray) -> np.ndarray:
    """Return the sum over all axes but the last, ``(..., C) -> (C,)``.

    As ``ones @ x`` it is a matrix-vector product, several times as fast as ``x.sum(0)``. It adds up
    one row after the other: of very many, in parts, lest the last ones fall below the digits of
    their sum.
    """
    rows = x.reshape(x.size // max(x.shape[-1], 1), x.shape[-1])  # (R, C)
    if rows.dtype.kind != "f" or rows.dtype.itemsize == 2:
        return _sum(rows, 0)
    vector = ones(min(len(rows), _MANY), rows.dtype)
    if len(rows) <= _MANY:
        return np.dot(vector, rows)
    parts = [np.dot(vector[: len(part)], part) for part in _parts(rows)]
    return np.sum(parts, axis=0, dtype=np.float64).astype(rows.dtype)


def _parts(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[start : start + _MANY] for start in range(0, len(rows), _MANY)]


def sum_to(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return `x` summed over the axes along which `shape` was broadcast to ``x.shape``."""
    extra = x.ndim - len(shape)
    if len(shape) == 1 and extra > 0 and shape[0] == x.shape[-1]:
        return sum_leading(x)
    axes = tuple(range(extra)) + tuple(
        axis + extra for axis, n in enumerate(shape) if n == 1 and x.shape[axis + extra] != 1
    )
    if not axes:
        return x.reshape(shape)
    return _sum(x, axes).reshape(shape)


def _sum(x: np.ndarray, axis: Any) -> np.ndarray:
    """Return the sum over `axis` in the dtype of `x`; float16 is added up in float32.

    Added up in float16, ones come to 2,048 at most.
    """
    wide = np.float32 if x.dtype == np.float16 else x.dtype
    return np.asarray(x.sum(axis=axis, dtype=wide)).astype(x.dtype, copy=False)
