"""Softmax and its logarithm, with their gradients.

Rows that lie in memory one after the other are taken in pieces that stay in the cache, on all
threads. Most need no maximum of their own: one for the whole piece keeps the exponentials from
overflowing, and unless a row's sum comes out tiny they have lost nothing by it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.rows import row_max, row_sum, spread

_TINY = 1e-6  # a sum of exponentials below this may have lost digits to a far larger row


def softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Return ``exp(x) / sum(exp(x))`` along `axis`; NaN where all of x is minus infinity."""
    if _in_rows(x, axis):
        return _by_rows(_softmax, x)
    out = _below_maximum(x, axis)
    np.exp(out, out=out)
    out /= out.sum(axis=axis, keepdims=True)
    return out


def _softmax(x: np.ndarray, out: np.ndarray) -> None:
    sums = _exponentials(x, out)[1]
    factors = spread(1 / sums, parallel.scratch("softmax", x.shape, x.dtype))
    np.multiply(out, factors, out=out)


def log_softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Return ``x - log(sum(exp(x)))`` along `axis`; NaN where all of x is minus infinity."""
    if _in_rows(x, axis):
        return _by_rows(_log_softmax, x)
    out = _below_maximum(x, axis)
    out -= np.log(np.exp(out).sum(axis=axis, keepdims=True))
    return out


def _log_softmax(x: np.ndarray, out: np.ndarray) -> None:
    shift, sums = _exponentials(x, out)
    spread(-(shift + np.log(sums)), out)
    np.add(out, x, out=out)


def softmax_gradient(g: np.ndarray, out: np.ndarray, axis: int) -> np.ndarray:
    """Return ``out (g - sum(g out))`` along `axis`."""
    if _in_rows(out, axis):
        return _by_rows(_softmax_gradient, out, g)
    return out * (g - (g * out).sum(axis=axis, keepdims=True))


def _softmax_gradient(y: np.ndarray, g: np.ndarray, out: np.ndarray) -> None:
    spread(-np.vecdot(y, g), out)
    np.add(out, g, out=out)
    np.multiply(out, y, out=out)


def log_softmax_gradient(g: np.ndarray, out: np.ndarray, axis: int) -> np.ndarray:
    """Return ``g - exp(out) sum(g)`` along `axis`."""
    if _in_rows(out, axis):
        return _by_rows(_log_softmax_gradient, out, g)
    return g - np.exp(out) * g.sum(axis=axis, keepdims=True)


def _log_softmax_gradient(y: np.ndarray, g: np.ndarray, out: np.ndarray) -> None:
    np.exp(y, out=out)
    sums = spread(-row_sum(g), parallel.scratch("softmax", y.shape, y.dtype))
    np.multiply(out, sums, out=out)
    np.add(out, g, out=out)


def _exponentials(x: np.ndarray, out: np.ndarray) -> tuple[Any, np.ndarray]:
    """Write ``exp(x - shift)`` to `out`; return what was subtracted and the sums of the rows."""
    shift: Any = x.max()
    if np.isfinite(shift):
        np.subtract(x, shift, out=out)
        np.exp(out, out=out)
        sums = row_sum(out)
        if sums.min() > _TINY:
            return shift, sums
    shift = row_max(x)
    with np.errstate(invalid="ignore"):
        np.subtract(x, shift[:, None], out=out)
    np.exp(out, out=out)
    return shift, row_sum(out)


def _below_maximum(x: np.ndarray, axis: int) -> np.ndarray:
    """Return ``x - max(x)`` along `axis`."""
    if x.shape[axis] == 0:
        return x.copy()
    with np.errstate(invalid="ignore"):
        return x - x.max(axis=axis, keepdims=True)


def _in_rows(x: np.ndarray, axis: int) -> bool:
    """Return whether `axis` runs along rows of memory, enough of them to be worth the trouble."""
    last = axis in (-1, x.ndim - 1) and x.flags.c_contiguous
    return last and x.size > 1024 and x.shape[-1] > 1 and x.dtype.itemsize > 2


def _by_rows(work: Callable[..., None], x: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """Return the array that ``work(x, *others, out)`` writes, called with pieces of rows."""
    out = memory.empty(x.shape, x.dtype)
    length = x.shape[-1]
    operands = (x, *(np.ascontiguousarray(other) for other in others), out)
    tables = [array.reshape(-1, length) for array in operands]
    rows = len(tables[0])
    parallel.walk(lambda piece: work(*(table[piece] for table in tables)), rows, length, dear=True)
    return out
