"""Normalization of rows: layer normalization, and division by the root of the mean square.

Each keeps its input and, for each row, a factor. The ordinary backward pass runs a kernel on those;
a recorded one goes back to the input, in differentiable operations.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.function import Function
from minitorch.autograd.grad_mode import is_grad_enabled
from minitorch.ops._normalization import (
    parameter_array,
    parameter_gradients,
    standardized,
    through_standardized,
    wanted_gradients,
    wrapped_gradients,
)
from minitorch.ops.pointwise import rsqrt
from minitorch.ops.reduction import mean
from minitorch.tensor import Tensor, wrap

__all__ = ["layer_norm", "rms_norm"]


def _rows(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return `x` as rows of all that `shape` holds."""
    size = math.prod(shape)
    full = kernels.full_precision(x)
    return np.ascontiguousarray(full).reshape(full.size // max(size, 1), size)


def _flat(parameter: Tensor | None) -> Any:
    return None if parameter is None else parameter_array(parameter).reshape(-1)


class NativeLayerNorm(Function):
    """Normalization over the last dimensions."""

    fresh_gradients = True

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        shape: tuple[int, ...],
        eps: float,
    ) -> Tensor:
        """Return the result."""
        out, ctx.mean, ctx.inverse = kernels.layer_norm(
            _rows(x._array, shape), _flat(weight), _flat(bias), eps
        )
        ctx.shape_of_rows, ctx.eps = shape, eps
        ctx.save_for_backward(x, weight)
        return wrap(out.reshape(x._array.shape).astype(x._array.dtype, copy=False))

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients by x, weight and bias."""
        x, weight = ctx.saved_tensors
        (g,) = grad_outputs
        shape = ctx.shape_of_rows
        if is_grad_enabled():
            axes = tuple(range(x.ndim - len(shape), x.ndim))
            unit, inverse = standardized(x, axes, ctx.eps)
            by_x = through_standardized(g if weight is None else g * weight, unit, inverse, axes)
            gradients = by_x, *parameter_gradients(g, unit, axes)
            return *wanted_gradients(gradients, ctx.needs_input_grad), None, None
        by_x, by_weight, by_bias = kernels.layer_norm_gradients(
            _rows(g._array, shape), _rows(x._array, shape), ctx.mean, ctx.inverse, _flat(weight)
        )
        gradients = by_x.reshape(x.shape), by_weight.reshape(shape), by_bias.reshape(shape)
        return *wrapped_gradients(gradients, ctx.needs_input_grad, x), None, None


def layer_norm(
    x: Tensor, shape: tuple[int, ...], weight: Tensor | None, bias: Tensor | None, eps: float
) -> Tensor:
    """Return `x` normalized over its last dimensions, which have the sizes `shape`."""
    out: Tensor = NativeLayerNorm.apply(x, weight, bias, shape, eps)
    return out


class RmsNorm(Function):
    """Division by the root of the mean square over the last dimensions."""

    fresh_gradients = True

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor | None, shape: tuple[int, ...], eps: float
    ) -> Tensor:
        """Return the result."""
        out, ctx.inverse = kernels.rms_norm(_rows(x._array, shape), _flat(weight), eps)
        ctx.shape_of_rows, ctx.eps = shape, eps
        ctx.save_for_backward(x, weight)
        return wrap(out.reshape(x._array.shape).astype(x._array.dtype, copy=False))

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients by x and weight."""
        x, weight = ctx.saved_tensors
        (g,) = grad_outputs
        shape = ctx.shape_of_rows
        if is_grad_enabled():
            axes = tuple(range(x.ndim - len(shape), x.ndim))
            inverse = rsqrt(mean(x * x, axes, keepdim=True) + ctx.eps)
            unit = x * inverse
            scaled = g if weight is None else g * weight
            by_x = inverse * (scaled - unit * mean(scaled * unit, axes, keepdim=True))
            gradients = by_x, parameter_gradients(g, unit, axes)[0]
            return *wanted_gradients(gradients, ctx.needs_input_grad), None, None
        by_x, by_weight = kernels.rms_norm_gradients(
            _rows(g._array, shape), _rows(x._array, shape), ctx.inverse, _flat(weight)
        )
        gradients = by_x.reshape(x.shape), by_weight.reshape(shape)
        return *wrapped_gradients(gradients, ctx.needs_input_grad, x), None, None


def rms_norm(x: Tensor, shape: tuple[int, ...], weight: Tensor | None, eps: float) -> Tensor:
    """Return `x` over the root of its mean square over its last dimensions, of sizes `shape`."""
    out: Tensor = RmsNorm.apply(x, weight, shape, eps)
    return out
