"""Nonlinearities of neural networks, and dropout."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.dtypes import numpy_dtype
from minitorch.ops._linked import linked
from minitorch.ops.arguments import require_floating
from minitorch.ops.arithmetic import mul
from minitorch.ops.comparison import where
from minitorch.ops.pointwise import erf, exp, sigmoid, tanh
from minitorch.ops.reduction import sum
from minitorch.random import Generator, numpy_generator
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor

__all__ = [
    "dropout", "dropout_mask", "elu", "gelu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
    "log_softmax", "prelu", "relu", "rrelu", "silu", "softmax", "softplus", "threshold",
]  # fmt: skip


# ---------------------------------------------------------------------- of straight pieces


def _relu_gradient(g: Any, out: Any) -> Any:
    return _where_positive(g, out) if isinstance(g, Tensor) else kernels.relu_gradient(g, out)


relu = primitive(
    "relu",
    kernels.relu,
    doc="Return ``max(x, 0)``; the gradient at 0 is 0.",
    x=_relu_gradient,
)
_where_positive = primitive(
    "threshold_backward",
    lambda g, out: kernels.relu_gradient(g, out),
    g=_relu_gradient,
    out=lambda g: None,
)


def _leaky(x: np.ndarray, *, slope: float) -> np.ndarray:
    require_floating("leaky_relu_cpu", x.dtype)
    return np.where(x > 0, x, x * slope)


_leaky_relu = primitive(
    "leaky_relu", _leaky, x=lambda g, x, slope: linked(where(x > 0, g, g * slope), x)
)


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Any:
    """Return `input` where it is positive and ``negative_slope * input`` elsewhere."""
    return _leaky_relu(input, slope=negative_slope)


prelu = primitive(
    "prelu",
    lambda x, weight: np.where(x > 0, x, weight * x),
    doc="Return `input` where it is positive and ``weight * input``, which broadcasts, elsewhere.",
    x=lambda g, x, weight: linked(where(x > 0, g, g * weight), x),
    weight=lambda g, x: where(x > 0, 0.0, g * x),
)


def _above(x: np.ndarray, *, limit: float, value: float) -> np.ndarray:
    if x.dtype.kind == "b":
        require_floating("threshold_cpu", x.dtype)
    return np.where(x <= limit, x.dtype.type(value), x)


_threshold = primitive(
    "threshold", _above, x=lambda g, x, limit: linked(where(x <= limit, 0.0, g), x)
)


def threshold(input: Any, threshold: float, value: float) -> Any:
    """Return `input`, and `value` where it is not greater than `threshold`; NaN stays NaN."""
    return _threshold(input, limit=threshold, value=value)


def _limited(x: np.ndarray, *, lowest: float, highest: float) -> np.ndarray:
    if x.dtype.kind == "b":
        raise RuntimeError("Bool inputs not supported for hardtanh")
    if x.dtype.kind != "f":
        lowest, highest = int(lowest), int(highest)
        if x.dtype.kind == "u" and lowest < 0:
            raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    return np.clip(x, lowest, highest)


_hardtanh = primitive(
    "hardtanh",
    _limited,
    x=lambda g, out, lowest, highest: linked(
        where((out <= lowest) | (out >= highest), 0.0, g), out
    ),
)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """Return `input` limited to ``[min_val, max_val]``; the gradient at the limits is 0."""
    return _hardtanh(input, lowest=min_val, highest=max_val)


def _hard_sigmoid(x: np.ndarray) -> np.ndarray:
    require_floating("hardsigmoid_cpu", x.dtype)
    return np.clip(x + 3, 0, 6) / 6


hardsigmoid = primitive(
    "hardsigmoid",
    _hard_sigmoid,
    doc="Return ``min(max(x + 3, 0), 6) / 6``.",
    x=lambda g, x: linked(where((x > -3) & (x < 3), g / 6, 0.0), x),
)


def _hard_swish(x: np.ndarray) -> np.ndarray:
    require_floating("hardswish_cpu", x.dtype)
    return x * np.clip(x + 3, 0, 6) / 6


hardswish = primitive(
    "hardswish",
    _hard_swish,
    doc="Return ``x * min(max(x + 3, 0), 6) / 6``.",
    x=lambda g, x: where(x <= -3, 0.0, where(x < 3, g * (x / 3 + 0.5), g)),
)

# ---------------------------------------------------------------------- of curves


def _elu_of(x: np.ndarray, *, alpha: float, rate: float) -> np.ndarray:
    require_floating("elu_cpu", x.dtype)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) * rate))


def _elu_gradient(g: Any, x: Any, alpha: float, rate: float) -> Any:
    """Return the slope times `g`: at 0 that on the left, taken for constant, and at NaN 1."""
    return g * where(x <= 0, (alpha * rate) * exp(where(x < 0, x, 0.0) * rate), 1.0)


_elu = primitive("elu", _elu_of, x=_elu_gradient)


def elu(input: Any, alpha: float = 1.0, rate: float = 1.0) -> Any:
    """Return `input` if it is positive and ``alpha * (exp(rate * input) - 1)`` elsewhere."""
    return _elu(input, alpha=alpha, rate=rate)


def _silu_gradient(g: Any, x: Any) -> Any:
    if isinstance(g, np.ndarray):
        return kernels.silu_gradient(g, x)
    s = sigmoid(x)
    return g * (s * (1 + x * (1 - s)))


def _silu(x: np.ndarray) -> np.ndarray:
    require_floating("silu_cpu", x.dtype)
    return kernels.silu(x)


silu = primitive("silu", _silu, doc="Return ``x / (1 + e^-x)``.", x=_silu_gradient)


def _softplus_of(x: np.ndarray, *, beta: float, threshold: float) -> np.ndarray:
    require_floating("softplus_cpu", x.dtype)
    return kernels.softplus(x, beta, threshold)


_softplus = primitive(
    "softplus",
    _softplus_of,
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
    require_floating("GeluKernelImpl", getattr(input, "_array", input).dtype)
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
        input = cast(input, dtype=numpy_dtype(dtype))
    return _softmax(input, axis=wrap_dim(dim, input.ndim)) if input.ndim else input * 0 + 1


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """Return ``log(softmax(input))`` along `dim`, without overflow, in `dtype` if given."""
    if dtype is not None:
        input = cast(input, dtype=numpy_dtype(dtype))
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


def rrelu(input: Tensor, lower: float, upper: float, generator: Generator | None = None) -> Any:
    """Return x where it is positive, and x times a factor drawn from [lower, upper) elsewhere."""
    x = input._array
    factors = numpy_generator(generator).uniform(lower, upper, x.shape).astype(x.dtype)
    return mul(input, np.where(x <= 0, factors, x.dtype.type(1)))
