"""Normalization of batches and groups of channels: to mean 0 and variance 1, then an affine map.

Each keeps its input and, for each channel or group, a mean and a factor. The ordinary backward pass
runs a kernel on those; a recorded one goes back to the input, in differentiable operations.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.function import Function
from minitorch.autograd.grad_mode import is_grad_enabled
from minitorch.autograd.primitive import Operation, primitive
from minitorch.ops._normalization import (
    both_arrays,
    parameter_array,
    parameter_gradients,
    standardized,
    through_standardized,
    wanted_gradients,
    wrapped_gradients,
)
from minitorch.tensor import Tensor, wrap

__all__ = ["batch_norm", "fixed_batch_norm", "group_norm"]


def _channels(vector: Any, x: Tensor) -> Any:
    """Return a vector of channels shaped to be multiplied with (N, C, *); None as 1."""
    return 1.0 if vector is None else vector.reshape(-1, *[1] * (x.ndim - 2))


# ------------------------------------------------------------------------------------ batches


class NativeBatchNorm(Function):
    """Batch normalization with the batch's own mean and variance."""

    fresh_gradients = True

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float, moments: Any
    ) -> Tensor:
        """Return the result; `moments` is a list to which mean and variance are added."""
        array = kernels.full_precision(x._array)
        ctx.mean, variance = kernels.batch_moments(array)
        ctx.inverse = 1 / np.sqrt(variance + eps)
        ctx.eps = eps
        moments += [ctx.mean, variance]
        ctx.save_for_backward(x, weight)
        out = kernels.batch_norm(
            array, ctx.mean, ctx.inverse, parameter_array(weight), parameter_array(bias)
        )
        return wrap(out.astype(x._array.dtype, copy=False))

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients by x, weight and bias."""
        x, weight = ctx.saved_tensors
        (g,) = grad_outputs
        if is_grad_enabled():
            axes = (0, *range(2, x.ndim))
            unit, inverse = standardized(x, axes, ctx.eps)
            by_x = through_standardized(g * _channels(weight, x), unit, inverse, axes)
            gradients = by_x, *parameter_gradients(g, unit, (1,))
            return *wanted_gradients(gradients, ctx.needs_input_grad), None, None
        gradients = kernels.batch_norm_gradients(
            *both_arrays(g, x),
            ctx.mean, ctx.inverse, parameter_array(weight), ctx.needs_input_grad[0],
        )  # fmt: skip
        return *wrapped_gradients(gradients, ctx.needs_input_grad, x), None, None


def _mean_and_factor(mean: np.ndarray, variance: np.ndarray, eps: float) -> Any:
    """Return the mean, and one over the root of the variance, of channels, in float64."""
    return mean.astype(np.float64), 1 / np.sqrt(variance.astype(np.float64) + eps)


def _fixed_forward(
    x: np.ndarray,
    weight: np.ndarray | None,
    bias: np.ndarray | None,
    *,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    eps: float,
) -> np.ndarray:
    """Return the result where nothing is recorded."""
    mean, inverse = _mean_and_factor(running_mean, running_var, eps)
    out = kernels.batch_norm(kernels.full_precision(x), mean, inverse, weight, bias)
    return out.astype(x.dtype, copy=False)


_fixed: Operation = primitive("native_batch_norm", _fixed_forward)


class NativeBatchNormFixed(Function):
    """Batch normalization with a mean and a variance that are given."""

    fresh_gradients = True

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        running_mean: np.ndarray,
        running_var: np.ndarray,
        eps: float,
    ) -> Tensor:
        """Return the result."""
        ctx.mean, ctx.inverse = _mean_and_factor(running_mean, running_var, eps)
        ctx.save_for_backward(x if ctx.needs_input_grad[1] else None, weight)
        array = kernels.full_precision(x._array)
        out = kernels.batch_norm(
            array, ctx.mean, ctx.inverse, parameter_array(weight), parameter_array(bias)
        )
        return wrap(out.astype(x._array.dtype, copy=False))

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients by x, weight and bias."""
        x, weight = ctx.saved_tensors
        (g,) = grad_outputs
        x = g if x is None else x  # only the weight's gradient depends on it
        if is_grad_enabled():
            center, inverse = (
                _channels(wrap(v.astype(x._array.dtype)), x) for v in (ctx.mean, ctx.inverse)
            )
            by_x = g * (inverse * _channels(weight, x))
            gradients = by_x, *parameter_gradients(g, (x - center) * inverse, (1,))
            return *wanted_gradients(gradients, ctx.needs_input_grad), None, None, None
        gradients = kernels.fixed_norm_gradients(
            *both_arrays(g, x),
            ctx.mean, ctx.inverse, parameter_array(weight),
            ctx.needs_input_grad[0], any(ctx.needs_input_grad[1:3]),
        )  # fmt: skip
        return *wrapped_gradients(gradients, ctx.needs_input_grad, x), None, None, None


def batch_norm(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """Return `x`, (N, C, *), normalized in each channel, its means and its biased variances."""
    moments: list[np.ndarray] = []
    out = NativeBatchNorm.apply(x, weight, bias, eps, moments)
    return out, *moments


def fixed_batch_norm(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor,
    running_var: Tensor,
    eps: float,
) -> Tensor:
    """Return ``(x - running_mean) / sqrt(running_var + eps) * weight + bias`` for (N, C, *)."""
    mean, variance = running_mean._array, running_var._array
    out: Tensor
    if is_grad_enabled():
        out = NativeBatchNormFixed.apply(x, weight, bias, mean, variance, eps)
    else:
        out = _fixed(x, weight, bias, running_mean=mean, running_var=variance, eps=eps)
    return out


# ------------------------------------------------------------------------------------ groups


class NativeGroupNorm(Function):
    """Normalization of groups of channels of each sample."""

    fresh_gradients = True

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        groups: int,
        eps: float,
        moments: Any,
    ) -> Tensor:
        """Return the result; `moments` is a list to which mean and variance are added."""
        array = kernels.full_precision(x._array)
        ctx.mean, variance = kernels.group_moments(array, groups)
        ctx.inverse = 1 / np.sqrt(variance + eps)
        ctx.groups, ctx.eps = groups, eps
        moments += [ctx.mean, variance]
        ctx.save_for_backward(x, weight)
        out = kernels.group_norm(
            array, ctx.mean, ctx.inverse, parameter_array(weight), parameter_array(bias)
        )
        return wrap(out.astype(x._array.dtype, copy=False))

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients by x, weight and bias."""
        x, weight = ctx.saved_tensors
        (g,) = grad_outputs
        if is_grad_enabled():
            table = (x.shape[0], ctx.groups, math.prod(x.shape[1:]) // ctx.groups)
            unit, inverse = standardized(x.reshape(table), (2,), ctx.eps)
            scaled = (g * _channels(weight, x)).reshape(table)
            by_x = through_standardized(scaled, unit, inverse, (2,)).reshape(x.shape)
            gradients = by_x, *parameter_gradients(g, unit.reshape(x.shape), (1,))
            return *wanted_gradients(gradients, ctx.needs_input_grad), None, None, None
        gradients = kernels.group_norm_gradients(
            *both_arrays(g, x),
            ctx.mean, ctx.inverse, parameter_array(weight), ctx.needs_input_grad[0],
        )  # fmt: skip
        return *wrapped_gradients(gradients, ctx.needs_input_grad, x), None, None, None


def group_norm(
    x: Tensor, groups: int, weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """Return `x`, (N, C, *), normalized in each group of a sample's channels, and its moments.

    The means and the biased variances are (N, G).
    """
    moments: list[np.ndarray] = []
    out = NativeGroupNorm.apply(x, weight, bias, groups, eps, moments)
    return out, *moments
