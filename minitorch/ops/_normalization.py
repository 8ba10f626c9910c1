"""What the normalizations share: types, and their gradients in differentiable operations."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.ops.pointwise import rsqrt
from minitorch.ops.reduction import mean, sum
from minitorch.tensor import Tensor, wrap


def parameter_array(x: Tensor | None) -> Any:
    """Return a parameter's array, at least in float32, or None."""
    return None if x is None else kernels.full_precision(x._array)


def both_arrays(g: Tensor, x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return a gradient and an input as arrays, at least in float32."""
    return kernels.full_precision(g._array), kernels.full_precision(x._array)


def wrapped_gradients(gradients: Any, wanted: Any, like: Tensor) -> tuple[Any, ...]:
    """Return gradients as Tensors of the input's computing type, None where none is wanted."""
    dtype = np.promote_types(like._array.dtype, np.float32)
    return tuple(
        wrap(gradient.astype(dtype, copy=False)) if want else None
        for gradient, want in zip(gradients, wanted, strict=False)
    )


def wanted_gradients(gradients: Any, wanted: Any) -> tuple[Any, ...]:
    """Return gradients, None where none is wanted."""
    return tuple(g if want else None for g, want in zip(gradients, wanted, strict=False))


def standardized(x: Tensor, axes: tuple[int, ...], eps: float) -> tuple[Any, Any]:
    """Return x with mean 0 and variance 1 over `axes`, and what it was multiplied by."""
    rest = x - mean(x, axes, keepdim=True)
    inverse = rsqrt(mean(rest * rest, axes, keepdim=True) + eps)
    return rest * inverse, inverse


def through_standardized(g: Any, unit: Any, inverse: Any, axes: tuple[int, ...]) -> Any:
    """Return the gradient by x of `standardized`, given that by its result."""
    share = mean(g * unit, axes, keepdim=True)
    return inverse * (g - mean(g, axes, keepdim=True) - unit * share)


def parameter_gradients(g: Any, unit: Any, kept: tuple[int, ...]) -> tuple[Any, Any]:
    """Return the gradients by weight and bias, whose dimensions are `kept`."""
    axes = tuple(d for d in range(g.ndim) if d not in kept)
    return (sum(g * unit, axes), sum(g, axes)) if axes else (g * unit, g)
