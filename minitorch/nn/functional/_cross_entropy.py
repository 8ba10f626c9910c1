"""Softmax, logarithm and choice of the target class as one operation.

The probabilities that the forward computes anyway are all that the gradient needs: it is the
difference between them and the target.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import ops
from minitorch.autograd import Function, is_grad_enabled
from minitorch.tensor import Tensor, wrap


class SoftmaxCrossEntropy(Function):
    r"""Rows of scores against classes: :math:`-c_i \log softmax(x_i)_{y_i}`, or their mean."""

    @staticmethod
    def forward(
        ctx: Any,
        scores: Tensor,
        labels: np.ndarray,
        counts: np.ndarray | None,
        total: Any,
    ) -> Tensor:
        """Return the loss of each row, or the sum of the losses divided by `total`.

        Args:
            ctx: takes what the backward needs.
            scores: the x. Shape: (R, C).
            labels: the y, all in range. Shape: (R,).
            counts: the c, or None if each row counts 1. Shape: (R,).
            total: what the sum is divided by, or None for no sum.
        """
        ctx.save_for_backward(scores)
        x = scores._array
        rows = np.arange(len(x))
        p = x - np.maximum.reduce(x, axis=1, keepdims=True)  # (R, C)
        picked = p[rows, labels]
        np.exp(p, out=p)
        sums = np.add.reduce(p, axis=1)
        losses = np.log(sums) - picked  # (R,)
        p /= sums[:, None]
        ctx.p, ctx.places, ctx.scale = p, (rows, labels), 1.0 if counts is None else counts
        if counts is not None:
            losses = np.where(counts == 0, 0, losses * counts)
        if total is None:
            return wrap(losses)
        with np.errstate(divide="ignore", invalid="ignore"):
            ctx.scale = 1 / total if counts is None else np.where(counts == 0, 0, counts / total)
            return wrap(np.asarray(np.add.reduce(losses) / total, x.dtype))

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return c (p - target) g, from the stored probabilities unless it is recorded."""
        if is_grad_enabled():
            (scores,) = ctx.saved_tensors
            target = np.zeros_like(ctx.p)
            target[ctx.places] = 1
            slope = g * _constant(ctx.scale, ctx.p.dtype)  # () or (R,)
            column = ops.unsqueeze(slope, -1) if slope.ndim else slope
            return (ops.softmax(scores, 1) - wrap(target)) * column, None, None, None
        scale = g._array * ctx.scale  # () or (R,)
        gradient = ctx.p * (scale[:, None] if np.ndim(scale) else scale)
        gradient[ctx.places] -= scale
        return wrap(gradient), None, None, None


def _constant(value: Any, dtype: Any) -> Tensor:
    return wrap(np.asarray(value, dtype))
