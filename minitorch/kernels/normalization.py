"""Batch and group normalization of (N, C, *), and their gradients.

Normalizing is one factor and one shift for each plane (`kernels.planes`); the gradient of what was
normalized adds a multiple of the input. What belongs to channels or groups is kept in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.kernels.planes import Planes, planes, pool
from minitorch.kernels.planes_last import FAR


def full_precision(x: np.ndarray) -> np.ndarray:
    """Return `x`, in float32 if it is of half precision."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


def batch_moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the variance of each channel, (N, C, *) -> (C,)."""
    mean, variance = pool(*planes(x, pooled=True).moments(x))
    return mean[0], variance[0]


def _products(
    walk: Planes, g: np.ndarray, x: np.ndarray, mean: np.ndarray, inverse: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum over each plane of ``g``, and that of ``g * (x - mean)``."""
    if ((mean * inverse) ** 2 > FAR).any():
        return walk.products(g, x, mean)
    sums, products = walk.products(g, x, None)
    return sums, products - mean * sums


def batch_norm(
    x: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    weight: np.ndarray | None,
    bias: np.ndarray | None,
) -> np.ndarray:
    """Return ``(x - mean) * inverse * weight + bias``, all but x of shape (C,)."""
    scale = inverse if weight is None else inverse * weight
    shift = -mean * scale if bias is None else bias - mean * scale
    return planes(x, pooled=True).affine(x, scale[None], shift[None])


def batch_norm_gradients(
    g: np.ndarray,
    x: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    weight: np.ndarray | None,
    wants_x: bool,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Return the gradients by the input (None unless wanted), the weight and the bias.

    Mean and variance are those of `x`:
    ``dx = scale (g - mean(g) - (x - mean) inverse^2 mean(g (x - mean)))``.
    """
    walk = planes(x, pooled=True)
    sums, products = _products(walk, g, x, mean[None], inverse[None])  # (1, C)
    gradient = None
    if wants_x:
        scale = inverse if weight is None else inverse * weight
        slope = -scale * inverse**2 * products / walk.count
        shift = -scale * sums / walk.count - slope * mean
        gradient = walk.combination(g, x, scale[None], slope, shift)
    return gradient, products[0] * inverse, sums[0]


def fixed_norm_gradients(
    g: np.ndarray,
    x: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    weight: np.ndarray | None,
    wants_x: bool,
    wants_rest: bool,
) -> tuple[Any, Any, Any]:
    """Return the gradients by the input, the weight and the bias: mean and variance are given."""
    walk = planes(x, pooled=True)
    gradient = by_weight = by_bias = None
    if wants_x:
        scale = inverse if weight is None else inverse * weight
        gradient = walk.affine(g, scale[None], None)
    if wants_rest:
        sums, products = _products(walk, g, x, mean[None], inverse[None])
        by_weight, by_bias = products[0] * inverse, sums[0]
    return gradient, by_weight, by_bias


def group_moments(x: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the variance of each group of channels, (N, C, *) -> (N, G)."""
    walk = planes(x, pooled=False)
    mean, variance = pool(*walk.moments(x))  # (N, C)
    parts = (*_grouped(x, groups), 1)
    squares = variance * walk.count
    mean, variance = (part.reshape(parts[0] * groups, parts[2], 1) for part in (mean, squares))
    mean, variance = pool(mean, variance, np.array(float(walk.count)))
    return mean.reshape(parts[:2]), variance.reshape(parts[:2])


def _grouped(x: np.ndarray, groups: int) -> tuple[int, int, int]:
    return x.shape[0], groups, x.shape[1] // groups


def _per_channel(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return each group's value for each of its channels, (N, G) -> (N, C)."""
    return np.repeat(values, x.shape[1] // values.shape[1], axis=1)


def group_norm(
    x: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    weight: np.ndarray | None,
    bias: np.ndarray | None,
) -> np.ndarray:
    """Return ``(x - mean) * inverse * weight + bias``, with mean and inverse of shape (N, G)."""
    scale = _per_channel(inverse, x)
    if weight is not None:
        scale *= weight
    shift = -_per_channel(mean, x) * scale
    if bias is not None:
        shift += bias
    return planes(x, pooled=False).affine(x, scale, shift)


def group_norm_gradients(
    g: np.ndarray,
    x: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    weight: np.ndarray | None,
    wants_x: bool,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Return the gradients by the input (None unless wanted), the weight and the bias."""
    walk = planes(x, pooled=False)
    center, scale = _per_channel(mean, x), _per_channel(inverse, x)  # (N, C)
    sums, products = _products(walk, g, x, center, scale)
    by_weight, by_bias = (products * scale).sum(0), sums.sum(0)
    if not wants_x:
        return None, by_weight, by_bias
    if weight is not None:
        sums, products = sums * weight, products * weight
    shape, count = _grouped(x, mean.shape[1]), walk.count * (x.shape[1] // mean.shape[1])
    mean_g, mean_p = (part.reshape(shape).sum(2) / count for part in (sums, products))  # (N, G)
    slope = -(inverse**3) * mean_p
    shift = -inverse * mean_g - slope * mean
    factor = scale if weight is None else scale * weight
    gradient = walk.combination(g, x, factor, _per_channel(slope, x), _per_channel(shift, x))
    return gradient, by_weight, by_bias
