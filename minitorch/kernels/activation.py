"""Nonlinearities and their gradients, in pieces that stay in the cache."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch.kernels import pieces
from minitorch.kernels.broadcast import zeros
from minitorch.kernels.error import normal
from minitorch.kernels.parallel import scratch

_ROOT = math.sqrt(2 / math.pi)
_CUBIC = 0.044715
_FEW = 32 * 1024  # elements that stay in the cache as a whole
OVERFLOWS = np.errstate(over="ignore")  # of exponentials, whose reciprocals are wanted
_BITS: dict[int, Any] = {2: np.dtype(np.int16), 4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def relu(x: np.ndarray) -> np.ndarray:
    """Return ``max(x, 0)``."""
    if x.size <= _FEW:
        return np.maximum(x, 0)
    return pieces.apply(_relu, x, dear=False)


def _relu(x: np.ndarray, out: np.ndarray) -> None:
    np.maximum(x, zeros(x.size, x.dtype), out=out)  # twice as fast as with a number


def relu_gradient(g: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return 0 where the output is 0, even of an infinite or NaN `g`, and else `g`."""
    if out.size <= _FEW:
        gradient = np.empty_like(out)
        _relu_gradient(out, g, gradient)
        return gradient
    return pieces.apply(_relu_gradient, out, g, dear=False)


def _relu_gradient(y: np.ndarray, g: np.ndarray, out: np.ndarray) -> None:
    """Write the bits of `g` to `out`, and none where y is 0: as fast as a product."""
    mask = (y <= 0).view(np.int8)
    mask -= 1  # 0, or -1: all bits
    bits = _BITS[y.itemsize]
    np.bitwise_and(mask, g.view(bits), out=out.view(bits))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return ``1 / (1 + exp(-x))``; where the exponential overflows, that is 0."""
    if x.size <= _FEW:
        return _sigmoid(x, np.empty_like(x))
    return pieces.apply(_sigmoid, x)


@OVERFLOWS
def _sigmoid(x: np.ndarray, out: np.ndarray) -> np.ndarray:
    np.negative(x, out=out)
    np.exp(out, out=out)  # NumPy's tanh takes twice as long without AVX-512
    out += 1
    return np.reciprocal(out, out=out)


def silu(x: np.ndarray) -> np.ndarray:
    """Return ``x / (1 + exp(-x))``."""
    return pieces.apply(_silu, x)


def _silu(x: np.ndarray, out: np.ndarray) -> None:
    _sigmoid(x, out)
    np.multiply(out, x, out=out)


def silu_gradient(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return ``g s (1 + x (1 - s))``, s the sigmoid of x."""
    return pieces.apply(_silu_gradient, x, g)


def _silu_gradient(x: np.ndarray, g: np.ndarray, out: np.ndarray) -> None:
    s = _sigmoid(x, scratch("sigmoid", x.shape, x.dtype))
    np.subtract(1, s, out=out)
    out *= x
    out += 1
    out *= s
    out *= g


def gelu_tanh(x: np.ndarray) -> np.ndarray:
    """Return GELU by its tanh approximation, ``x / 2 (1 + tanh(sqrt(2 / pi) (x + a x^3)))``.

    With u what is inside the tanh, it is ``x / (1 + exp(-2 u))``.
    """
    return pieces.apply(_gelu_tanh, x)


@OVERFLOWS
def _gelu_tanh(x: np.ndarray, out: np.ndarray) -> None:
    np.multiply(x, x, out=out)
    out *= -2 * _ROOT * _CUBIC
    out -= 2 * _ROOT
    out *= x
    np.exp(out, out=out)
    out += 1
    np.divide(x, out, out=out)


def gelu_tanh_gradient(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the gradient of `gelu_tanh`, ``g s (1 + 2 x (1 - s) u')``, s the sigmoid of 2 u."""
    return pieces.apply(_gelu_tanh_gradient, x, g)


@OVERFLOWS
def _gelu_tanh_gradient(x: np.ndarray, g: np.ndarray, out: np.ndarray) -> None:
    square = np.multiply(x, x, out=scratch("gelu square", x.shape, x.dtype))
    s = np.multiply(square, -2 * _ROOT * _CUBIC, out=scratch("gelu sigmoid", x.shape, x.dtype))
    s -= 2 * _ROOT
    s *= x
    np.exp(s, out=s)
    s += 1
    np.reciprocal(s, out=s)
    square *= 6 * _ROOT * _CUBIC
    square += 2 * _ROOT  # twice the slope of u
    square *= x
    np.subtract(1, s, out=out)
    out *= square
    out += 1
    out *= s
    out *= g


def gelu_erf(x: np.ndarray) -> np.ndarray:
    """Return ``x / 2 (1 + erf(x / sqrt(2)))``."""
    if x.dtype.itemsize == 2:
        return gelu_erf(x.astype(np.float32)).astype(x.dtype)
    return pieces.apply(_gelu_erf, x)


def _gelu_erf(x: np.ndarray, out: np.ndarray) -> None:
    normal(x, out)
    out *= x


def gelu_erf_gradient(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the gradient of `gelu_erf`, ``g (Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi))``."""
    if x.dtype.itemsize == 2:
        return gelu_erf_gradient(g, x.astype(np.float32))
    return pieces.apply(_gelu_erf_gradient, x, g)


def _gelu_erf_gradient(x: np.ndarray, g: np.ndarray, out: np.ndarray) -> None:
    density = np.multiply(x, x, out=scratch("gelu density", x.shape, x.dtype))
    density *= -0.5
    np.exp(density, out=density)
    density *= 1 / math.sqrt(2 * math.pi)
    density *= x
    normal(x, out)
    out += density
    out *= g
