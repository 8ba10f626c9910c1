"""Softmax, logarithm and choice of the target class in one go."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.kernels.rows import row_max, row_sum

_CHUNK = 64 * 1024  # elements: the pieces of x and p stay in the cache through four sweeps


def softmax_cross_entropy(
    x: np.ndarray, labels: np.ndarray, counts: np.ndarray | None, total: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses ``-c_i log softmax(x_i)[y_i]``, or their sum over `total`, and the softmax.

    Args:
        x: scores, ``(R, C)``.
        labels: the classes y, all in range, ``(R,)``.
        counts: what each row counts, c, ``(R,)``; None if each counts 1.
        total: what the sum of the losses is divided by; None for no sum.
    """
    p = np.empty(x.shape, x.dtype)  # (R, C)
    step = max(1, _CHUNK // max(1, x.shape[1]))
    if len(x) <= step:
        losses = _softmax_piece(x, labels, p)
    else:
        losses = np.empty(len(x), x.dtype)
        for start in range(0, len(x), step):
            part = slice(start, start + step)
            losses[part] = _softmax_piece(x[part], labels[part], p[part])
    if counts is not None:
        losses = np.where(counts == 0, 0, losses * counts).astype(x.dtype, copy=False)
    if total is None:
        return losses, p
    summed = np.add.reduce(losses)
    return (summed / total if total != 0 else summed * np.nan), p


def _softmax_piece(x: np.ndarray, labels: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Write the softmax of some rows to `p`, and return their losses."""
    np.subtract(x, row_max(x)[:, None], out=p)
    picked = p[np.arange(len(x)), labels]
    np.exp(p, out=p)
    sums = row_sum(p)
    p /= sums[:, None]
    losses = np.log(sums)
    losses -= picked
    return losses


def softmax_cross_entropy_gradient(
    g: Any, p: np.ndarray, labels: np.ndarray, counts: np.ndarray | None, total: Any
) -> np.ndarray:
    """Return the gradient by the scores, ``g c / total (p - target)``, given the softmax p."""
    scale = _scale(g, counts, total)
    out = p * (scale[:, None] if np.ndim(scale) else scale)
    out[np.arange(len(p)), labels] -= scale
    return out


def _scale(g: Any, counts: np.ndarray | None, total: Any) -> Any:
    """Return ``g c / total``, by which ``p - target`` is multiplied, ``()`` or ``(R,)``."""
    if total is not None:
        g = g / total if total != 0 else g * np.nan
    return g if counts is None else g * counts
