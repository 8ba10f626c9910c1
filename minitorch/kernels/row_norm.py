"""Layer and root-mean-square normalization of rows, (R, L), and their gradients.

Rows are walked in pieces that stay in the cache, on all threads. Sums along a row are products with
a vector, and so are the sums over rows; what belongs to a row is spread along it by another.
"""

from __future__ import annotations

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.broadcast import ones
from minitorch.kernels.planes_last import FAR
from minitorch.kernels.rows import spread

_SMALL = 8 * 1024  # elements that are sooner done at once


def layer_norm(
    x: np.ndarray, weight: np.ndarray | None, bias: np.ndarray | None, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ``(x - mean) / sqrt(variance + eps) * weight + bias``, the means, and the factors.

    Args:
        x: rows, (R, L), C-contiguous.
        weight: (L,), or None for ones.
        bias: (L,), or None for zeros.
        eps: keeps the division finite.
    """
    if x.size <= _SMALL:
        return _layer_norm_at_once(x, weight, bias, eps)
    out = memory.empty(x.shape, x.dtype)
    means, inverses = (np.empty(len(x), x.dtype) for _ in range(2))
    scale, scale_and_shift = _pair(x, weight, None), _pair(x, weight, bias)
    average = _average(x, None)

    def fill(rows: slice) -> None:
        source, target = x[rows], out[rows]
        rest = parallel.scratch("rows", target.shape, target.dtype)
        mean = np.dot(source, average)
        square = np.vecdot(source, source) / x.shape[1] - mean * mean
        if (mean * mean > FAR * square).any():
            np.subtract(source, mean[:, None], out=rest)
            square = np.vecdot(rest, rest) / x.shape[1]
        inverse = 1 / np.sqrt(square + x.dtype.type(eps))
        spread(inverse, target, scale)
        np.multiply(target, source, out=target)
        spread(-mean * inverse, rest, scale_and_shift)
        np.add(target, rest, out=target)
        means[rows], inverses[rows] = mean, inverse

    parallel.walk(fill, *x.shape)
    return out, means, inverses


def _layer_norm_at_once(
    x: np.ndarray, weight: np.ndarray | None, bias: np.ndarray | None, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what `layer_norm` does by fewer calls, which are what counts for a few rows."""
    mean = np.add.reduce(x, axis=1) / x.dtype.type(x.shape[1])
    out = x - mean[:, None]
    inverse = 1 / np.sqrt(np.vecdot(out, out) / x.dtype.type(x.shape[1]) + x.dtype.type(eps))
    out *= inverse[:, None]
    if weight is not None:
        out *= weight
    if bias is not None:
        out += bias
    return out, mean, inverse


def layer_norm_gradients(
    g: np.ndarray,
    x: np.ndarray,
    means: np.ndarray,
    inverses: np.ndarray,
    weight: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients by the rows, the weight and the bias.

    With ``d = x - mean`` and ``w`` the weight,
    ``dx = inverse (g w - mean(g w) - d inverse^2 mean(g w d))``.
    """
    out = memory.empty(x.shape, x.dtype)
    scale, average = _pair(x, weight, None), _average(x, weight)

    def fill(rows: slice) -> tuple[np.ndarray, np.ndarray]:
        gradient, source, target = g[rows], x[rows], out[rows]
        mean, inverse = means[rows], inverses[rows]
        rest = parallel.scratch("rows", target.shape, target.dtype)
        share = np.dot(gradient, average)
        by_weight, product = _products(gradient, source, mean, inverse, average, share, rest)
        slope = product * inverse**3
        spread(slope, target)
        np.multiply(target, source, out=target)
        spread(inverse, rest, scale)
        np.multiply(rest, gradient, out=rest)
        np.subtract(rest, target, out=target)
        spread(slope * mean - inverse * share, rest)
        np.add(target, rest, out=target)
        return by_weight, np.dot(ones(len(rest), x.dtype), gradient)

    by_weight, by_bias = zip(*parallel.walk(fill, *x.shape), strict=True)
    return out, np.sum(by_weight, 0), np.sum(by_bias, 0)


def _products(
    g: np.ndarray,
    x: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    average: np.ndarray,
    share: np.ndarray,
    rest: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum over rows of ``g d inverse``, and the mean of ``g w d`` of each row."""
    if ((mean * inverse) ** 2 > FAR).any():
        np.subtract(x, mean[:, None], out=rest)
        np.multiply(rest, g, out=rest)
        return np.dot(inverse, rest), np.dot(rest, average)
    np.multiply(x, g, out=rest)
    by_weight = np.dot(inverse, rest) - np.dot(inverse * mean, g)
    return by_weight, np.dot(rest, average) - mean * share


def rms_norm(x: np.ndarray, weight: np.ndarray | None, eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return ``x / sqrt(mean(x^2) + eps) * weight``, and the factors of the rows."""
    out = memory.empty(x.shape, x.dtype)
    inverses = np.empty(len(x), x.dtype)
    scale = _pair(x, weight, None)

    def fill(rows: slice) -> None:
        source, target = x[rows], out[rows]
        square = np.vecdot(source, source) / x.shape[1]
        inverse = inverses[rows] = 1 / np.sqrt(square + x.dtype.type(eps))
        spread(inverse, target, scale)
        np.multiply(target, source, out=target)

    parallel.walk(fill, *x.shape)
    return out, inverses


def rms_norm_gradients(
    g: np.ndarray, x: np.ndarray, inverses: np.ndarray, weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients by the rows and the weight: `layer_norm_gradients` without means."""
    out = memory.empty(x.shape, x.dtype)
    scale, average = _pair(x, weight, None), _average(x, weight)

    def fill(rows: slice) -> np.ndarray:
        gradient, source, target, inverse = g[rows], x[rows], out[rows], inverses[rows]
        rest = parallel.scratch("rows", target.shape, target.dtype)
        np.multiply(source, gradient, out=rest)
        by_weight = np.dot(inverse, rest)
        spread(np.dot(rest, average) * inverse**3, target)
        np.multiply(target, source, out=target)
        spread(inverse, rest, scale)
        np.multiply(rest, gradient, out=rest)
        np.subtract(rest, target, out=target)
        return by_weight

    return out, np.sum(parallel.walk(fill, *x.shape), 0)


def _average(x: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Return the vector whose product with a row is the mean of the row times the weight."""
    average = np.full(x.shape[1], 1 / x.shape[1], x.dtype)
    return average if weight is None else average * weight


def _pair(x: np.ndarray, weight: np.ndarray | None, bias: np.ndarray | None) -> np.ndarray:
    """Return weight and bias, ones and zeros by default, as the rows of a matrix."""
    pair = np.empty((2, x.shape[1]), x.dtype)
    pair[0] = 1 if weight is None else weight
    pair[1] = 0 if bias is None else bias
    return pair
