"""Softmax, logarithm and choice of the target class in one go."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.kernels import parallel
from minitorch.kernels.memory import empty
from minitorch.kernels.rows import row_max, row_sum


def softmax_cross_entropy(
    x: np.ndarray, labels: np.ndarray, counts: np.ndarray | None, total: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses ``-c_i log softmax(x_i)[y_i]``, or their sum over `total`, and the softmax.

    Args:
        x: scores, ``(R, C)``.
        labels: the classes y, all in range, ``(R,)``.
        counts: what each row counts, c, ``(R,)``; None if each counts 1.
        total: what the sum of the losses is divided by, not 0; None for no sum.
    """
    p = empty(x.shape, x.dtype)  # (R, C)
    losses = np.empty(len(x), x.dtype)

    def work(rows: slice) -> None:
        losses[rows] = _softmax_piece(x[rows], labels[rows], p[rows])

    parallel.walk(work, *x.shape, dear=True)
    if counts is not None:
        losses = np.where(counts == 0, 0, losses * counts).astype(x.dtype, copy=False)
    if total is None:
        return losses, p
    summed = np.add.reduce(losses)
    return summed / total, p


def _softmax_piece(x: np.ndarray, labels: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Write the softmax of some rows to `p`, and return their losses."""
    np.subtract(x, row_max(x)[:, None], out=p)
    picked = p.reshape(-1)[_places(labels, x.shape[1])]
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
    column = scale[:, None] if np.ndim(scale) else scale
    out = empty(p.shape, p.dtype)

    def work(rows: slice) -> None:
        own = (column[rows], scale[rows]) if np.ndim(scale) else (scale, scale)
        part = np.multiply(p[rows], own[0], out=out[rows])
        part.reshape(-1)[_places(labels[rows], p.shape[1])] -= own[1]

    parallel.walk(work, *p.shape)
    return out


def _places(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return where in the flattened rows the labelled elements lie."""
    return np.arange(len(labels)) * classes + labels


def _scale(g: Any, counts: np.ndarray | None, total: Any) -> Any:
    """Return ``g c / total``, by which ``p - target`` is multiplied, ``()`` or ``(R,)``."""
    if total is not None:
        g = g / total
    if counts is None:
        return g
    return np.where(counts == 0, 0, g * counts).astype(counts.dtype, copy=False)
