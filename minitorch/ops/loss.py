"""Losses that are worth one operation: the gradient is simpler than that of its parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import primitive
from minitorch.ops.activation import softmax
from minitorch.ops.comparison import where
from minitorch.ops.lookup import counted_classes
from minitorch.ops.shape import unsqueeze
from minitorch.tensor import Tensor, wrap

__all__ = ["huber", "softmax_cross_entropy"]


def _forward(x: np.ndarray, target: np.ndarray, *, counts: Any, total: Any) -> tuple[Any, Any]:
    return kernels.softmax_cross_entropy(x, counted_classes(target, counts), counts, total)


def _gradient(g: Any, x: Any, target: Any, residual: Any, counts: Any, total: Any) -> Any:
    if residual is not None:
        labels = counted_classes(target, counts)
        return kernels.softmax_cross_entropy_gradient(g, residual, labels, counts, total)
    wanted = np.zeros(x.shape, x._array.dtype)
    wanted[np.arange(len(wanted)), counted_classes(target._array, counts)] = 1
    scale = g if total is None else g / float(total)
    if counts is not None:
        scale = where(wrap(counts == 0), 0.0, scale * counts.astype(wanted.dtype))
    return (softmax(x, 1) - wanted) * (unsqueeze(scale, 1) if scale.ndim else scale)


_cross_entropy = primitive("softmax_cross_entropy", _forward, residual=True, x=_gradient)


def softmax_cross_entropy(
    scores: Any, target: Tensor, counts: np.ndarray | None = None, total: Any = None
) -> Any:
    """Return the cross entropy ``-c_i log softmax(x_i)[y_i]`` of rows of scores against classes.

    The softmax that the forward computes is all that the gradient needs: it is the difference
    between that and the target.

    Args:
        scores: x, before the softmax.
        target: the classes y, in range where they count.
        counts: what each row counts, c; None if each counts 1.
        total: what the sum of the losses is divided by, not 0; None for the losses of the rows.

    Shape:
        - scores ``(R, C)``, target ``(R,)``, counts ``(R,)``.
        - Result ``()``, or ``(R,)`` without `total`.
    """
    return _cross_entropy(scores, target, counts=counts, total=total)


# ---------------------------------------------------------------------- a parabola between lines


def _bent(x: np.ndarray, *, delta: float, scale: float) -> np.ndarray:
    size = np.abs(x)
    inner = np.minimum(size, delta)
    return (size - 0.5 * inner) * inner * scale


_huber = primitive(
    "huber_loss",
    _bent,
    x=lambda g, x, delta, scale: (
        g * scale * where(x >= delta, delta, where(x <= -delta, -delta, x))
    ),
)


def huber(input: Any, delta: float, scale: float = 1.0) -> Any:
    """Return `scale` times ``x^2 / 2`` where ``|x| <= delta``, and the tangents beyond.

    The second derivative is 0 at the ends of the parabola.
    """
    return _huber(input, delta=delta, scale=scale)
