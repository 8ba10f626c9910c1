"""Losses that are worth one operation: the gradient is simpler than that of its parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import primitive
from minitorch.ops.activation import softmax
from minitorch.ops.shape import unsqueeze

__all__ = ["softmax_cross_entropy"]


def _forward(x: np.ndarray, *, labels: Any, counts: Any, total: Any) -> tuple[Any, np.ndarray]:
    return kernels.softmax_cross_entropy(x, labels, counts, total)


def _gradient(g: Any, x: Any, residual: Any, labels: Any, counts: Any, total: Any) -> Any:
    if residual is not None:
        return kernels.softmax_cross_entropy_gradient(g, residual, labels, counts, total)
    target = np.zeros(x.shape, x._array.dtype)
    target[np.arange(len(target)), labels] = 1
    scale = g if total is None else g / float(total or np.nan)
    if counts is not None:
        scale = scale * counts.astype(target.dtype)
    return (softmax(x, 1) - target) * (unsqueeze(scale, 1) if scale.ndim else scale)


_cross_entropy = primitive("softmax_cross_entropy", _forward, residual=True, x=_gradient)


def softmax_cross_entropy(
    scores: Any, labels: np.ndarray, counts: np.ndarray | None = None, total: Any = None
) -> Any:
    """Return the cross entropy ``-c_i log softmax(x_i)[y_i]`` of rows of scores against classes.

    The softmax that the forward computes is all that the gradient needs: it is the difference
    between that and the target.

    Args:
        scores: x, before the softmax.
        labels: the classes y, all in range.
        counts: what each row counts, c; None if each counts 1.
        total: what the sum of the losses is divided by; None for the losses of the rows.

    Shape:
        - scores ``(R, C)``, labels ``(R,)``, counts ``(R,)``.
        - Result ``()``, or ``(R,)`` without `total`.
    """
    return _cross_entropy(scores, labels=labels, counts=counts, total=total)
