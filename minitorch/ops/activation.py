"""Nonlinearities of neural networks, and dropout."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.ops.arguments import wrap_dim
from minitorch.ops.arithmetic import mul
from minitorch.ops.comparison import where
from minitorch.ops.pointwise import erf, exp, sigmoid, tanh
from minitorch.ops.reduction import sum
from minitorch.random import Generator, numpy_generator
from minitorch.tensor import Tensor

__all__ = [
    "dropout", "dropout_mask", "elu", "gelu", "leaky_relu", "log_softmax", "relu", "silu",
    "softmax", "softplus",
]  # fmt: skip


def _relu_gradient(g: Any, out: Any) -> Any:
    return kernels.relu_gradient(g, out) if isinstance(g, np.ndarray) else g * (out > 0)


relu = primitive(
    "relu",
    kernels.relu,
    doc="Return ``max(x, 0)``; the gradient at 0 is 0.",
    x=_relu_gradient,
)
_leaky_relu = primitive(
    "leaky_relu",
    lambda x, *, slope: np.where(x > 0, x, x * slope),
    x=lambda g, x, slope: where(x > 0, g, g * slope),
)


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Any:
    """Return `input` where it is positive and ``negative_slope * input`` elsewhere."""
    return _leaky_relu(input, slope=negative_slope)


_elu = primitive(
    "elu",
    lambda x, *, alpha: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    x=lambda g, x, alpha: g * where(x > 0, 1.0, alpha * exp(where(x > 0, 0.0, x))),
)


def elu(input: Any, alpha: float = 1.0) -> Any:
    """Return `input` where it is positive and ``alpha * (exp(input) - 1)`` elsewhere."""
    return _elu(input, alpha=alpha)


def _silu_gradient(g: Any, x: Any) -> Any:
    if isinstance(g, np.ndarray):
        return kernels.silu_gradient(g, x)
    s = sigmoid(x)
    return g * (s * (1 + x * (1 - s)))


silu = primitive(
    "silu", kernels.silu, floats=True, doc="Return ``x / (1 + e^-x)``.", x=_silu_gradient
)


_softplus = primitive(
    "softplus",
    lambda x, *, beta, threshold: kernels.softplus(x, beta, threshold),
    x=lambda g, x, beta, threshold: g * where(x * beta > threshold, 1.0, sigmoid(x * beta)),
)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """Return ``log(1 + exp(beta * input)) / beta``, or `input` where the two all but agree."""
    return _softplus(input, beta=beta, threshold=threshold)


_ROOT = math.sqrt(2 / math.pi)
_CUBIC = 0.044715


def _gelu_tanh_gradient(g: Any, x: Any) -> Any:
    if isinstance(g, np.ndarray):
        return kernels.gelu_tanh_gradient(g, x)
    square = x * x
    t = tanh(_ROOT * x * (1 + _CUBIC * square))
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (_ROOT * (1 + 3 * _CUBIC * square)))


def _gelu_erf_gradient(g: Any, x: Any) -> Any:
    if isinstance(g, np.ndarray):
        return kernels.gelu_erf_gradient(g, x)
    return g * (
        0.5 * (1 + erf(x * math.sqrt(0.5))) + x * exp(-0.5 * (x * x)) / math.sqrt(2 * math.pi)
    )


_gelu_tanh = primitive("gelu", kernels.gelu_tanh, x=_gelu_tanh_gradient)
_gelu_erf = primitive("gelu", kernels.gelu_erf, x=_gelu_erf_gradient)


def gelu(input: Any, approximate: str = "none") -> Any:
    """Return ``input * Phi(input)``, Phi the normal distribution function.

    Args:
        input: floating tensor.
        approximate: ``"none"`` for the exact form, ``"tanh"`` for the faster
            ``x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))``.

    Reference: Hendrycks, Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415.
    """
    if approximate == "none":
        return _gelu_erf(input)
    if approximate == "tanh":
        return _gelu_tanh(input)
    raise RuntimeError("approximate argument must be either none or tanh.")


def _softmax_gradient(g: Any, out: Any, axis: int) -> Any:
    if isinstance(g, np.ndarray):
        return kernels.softmax_gradient(g, out, axis)
    return out * (g - sum(g * out, axis, keepdim=True))


def _log_softmax_gradient(g: Any, out: Any, axis: int) -> Any:
    if isinstance(g, np.ndarray):
        return kernels.log_softmax_gradient(g, out, axis)
    return g - exp(out) * sum(g, axis, keepdim=True)


_softmax = primitive("softmax", lambda x, *, axis: kernels.softmax(x, axis), x=_softmax_gradient)
_log_softmax = primitive(
    "log_softmax", lambda x, *, axis: kernels.log_softmax(x, axis), x=_log_softmax_gradient
)


def softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """Return ``exp(input) / sum(exp(input))`` along `dim`, computed in `dtype` if that is given."""
    if dtype is not None:
        input = cast(input, dtype=dtype.numpy)
    return _softmax(input, axis=wrap_dim(dim, input.ndim)) if input.ndim else input * 0 + 1


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """Return ``log(softmax(input))`` along `dim`, without overflow, in `dtype` if given."""
    if dtype is not None:
        input = cast(input, dtype=dtype.numpy)
    return _log_softmax(input, axis=wrap_dim(dim, input.ndim)) if input.ndim else input * 0


def dropout_mask(
    input: Tensor,
    p: float,
    shape: tuple[int, ...] | None = None,
    generator: Generator | None = None,
) -> np.ndarray:
    """Return an array of ``1 / (1 - p)`` with probability ``1 - p`` and 0 otherwise.

    Args:
        input: gives the dtype, and the shape by default.
        p: the probability of a zero.
        shape: of the mask.
        generator: where the randomness comes from.
    """
    size = input._array.shape if shape is None else shape
    return kernels.dropout_mask(size, p, input._array.dtype, numpy_generator(generator))


def dropout(input: Tensor, p: float = 0.5, generator: Generator | None = None) -> Any:
    """Return `input` with elements zero with probability `p`, the others times ``1 / (1 - p)``."""
    return mul(input, dropout_mask(input, p, generator=generator))
