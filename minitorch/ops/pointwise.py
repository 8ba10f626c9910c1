"""Functions of one tensor, element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.ops.comparison import where

__all__ = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "erf", "erfc",
    "erfinv", "exp", "exp2", "expm1", "floor", "frac", "isfinite", "isinf", "isnan", "isneginf",
    "isposinf", "log", "log10", "log1p", "log2", "logit", "nan_to_num", "neg", "positive",
    "reciprocal", "round", "rsqrt", "sigmoid", "sign", "signbit", "sin", "sinh", "sqrt", "square",
    "tan", "tanh", "trunc",
]  # fmt: skip


def _function(name: str, forward: Any, formula: str, gradient: Any) -> Any:
    """Declare a function whose results are floating, also for integers."""
    doc = f"Return ``{formula}`` of each element; integers give the default floating dtype."
    return primitive(name, forward, floats=True, doc=doc, x=gradient)


# ----------------------------------------------------------------- exponentials, logarithms, roots

exp = _function("exp", np.exp, "e^x", lambda g, out: g * out)
exp2 = _function("exp2", np.exp2, "2^x", lambda g, out: g * out * math.log(2))
expm1 = _function("expm1", np.expm1, "e^x - 1", lambda g, out: g * (out + 1))
log = _function("log", np.log, "log(x)", lambda g, x: g / x)
log2 = _function("log2", np.log2, "log(x) / log(2)", lambda g, x: g / (x * math.log(2)))
log10 = _function("log10", np.log10, "log(x) / log(10)", lambda g, x: g / (x * math.log(10)))
log1p = _function("log1p", np.log1p, "log(1 + x)", lambda g, x: g / (x + 1))
sqrt = _function("sqrt", np.sqrt, "x^(1/2)", lambda g, out: g / (2 * out))
rsqrt = _function(
    "rsqrt", lambda x: 1 / np.sqrt(x), "x^(-1/2)", lambda g, out: -0.5 * g * out * out * out
)
reciprocal = _function("reciprocal", np.reciprocal, "1 / x", lambda g, out: -g * out * out)

# ---------------------------------------------------------------------- angles

sin = _function("sin", np.sin, "sin(x)", lambda g, x: g * cos(x))
cos: Operation = _function("cos", np.cos, "cos(x)", lambda g, x: -g * sin(x))
tan = _function("tan", np.tan, "tan(x)", lambda g, out: g * (1 + out * out))
asin = _function("asin", np.arcsin, "arcsin(x)", lambda g, x: g * rsqrt(1 - x * x))
acos = _function("acos", np.arccos, "arccos(x)", lambda g, x: -g * rsqrt(1 - x * x))
atan = _function("atan", np.arctan, "arctan(x)", lambda g, x: g / (1 + x * x))
sinh = _function("sinh", np.sinh, "sinh(x)", lambda g, x: g * cosh(x))
cosh: Operation = _function("cosh", np.cosh, "cosh(x)", lambda g, x: g * sinh(x))
tanh = _function("tanh", np.tanh, "tanh(x)", lambda g, out: g * (1 - out * out))
asinh = _function("asinh", np.arcsinh, "arsinh(x)", lambda g, x: g * rsqrt(x * x + 1))
acosh = _function("acosh", np.arccosh, "arcosh(x)", lambda g, x: g * rsqrt(x * x - 1))
atanh = _function("atanh", np.arctanh, "artanh(x)", lambda g, x: g / (1 - x * x))

# ---------------------------------------------------------------------- of probability

sigmoid = _function(
    "sigmoid", kernels.sigmoid, "1 / (1 + e^-x)", lambda g, out: g * (out * (1 - out))
)
_SLOPE = 2 / math.sqrt(math.pi)
erf = _function(
    "erf",
    kernels.erf,
    "2 / sqrt(pi) * integral of e^(-t^2) from 0 to x",
    lambda g, x: g * (_SLOPE * exp(-(x * x))),
)
erfc = _function("erfc", kernels.erfc, "1 - erf(x)", lambda g, x: g * (-_SLOPE * exp(-(x * x))))
erfinv = _function(
    "erfinv",
    kernels.erfinv,
    "the number y with erf(y) = x",
    lambda g, out: g * (exp(out * out) / _SLOPE),
)


def _log_odds(x: np.ndarray, *, eps: float | None) -> np.ndarray:
    x = x if eps is None else np.clip(x, eps, 1 - eps)
    return np.log(x / (1 - x))


def _logit_gradient(g: Any, x: Any, eps: float | None) -> Any:
    """Return ``g / (x (1 - x))``, and beyond the limits 0, or NaN if there are none."""
    lowest, beyond = (0.0, math.nan) if eps is None else (eps, 0.0)
    return where((x < lowest) | (x > 1 - lowest), beyond, g / (x * (1 - x)))


_logit = primitive("logit", _log_odds, floats=True, x=_logit_gradient)


def logit(input: Any, eps: float | None = None) -> Any:
    """Return ``log(x / (1 - x))``, the inverse of `sigmoid`.

    Args:
        input: probabilities.
        eps: if given, the input is first limited to ``[eps, 1 - eps]``.
    """
    return _logit(input, eps=eps)


# ---------------------------------------------------------------------- sign and rounding

neg = primitive("neg", np.negative, doc="Return ``-x``.", x=lambda g: -g)
square = primitive("square", kernels.square, doc="Return ``x^2``.", x=lambda g, x: g * (2 * x))
abs = primitive("abs", np.abs, doc="Return ``|x|``.", x=lambda g, x: g * sign(x))


def _step(name: str, forward: Any, doc: str) -> Any:
    """Declare a function whose gradient is zero."""
    return primitive(name, forward, doc=doc, x=lambda g: None)


def _whole(ufunc: Any) -> Any:
    """Return `ufunc`, that rounds, for floats; integers are whole already."""
    return lambda x: ufunc(x) if x.dtype.kind == "f" else x.copy()


sign: Operation = _step("sign", kernels.sign, "Return -1, 0 or 1, the sign of each element.")
floor = _step("floor", _whole(np.floor), "Return the largest whole number not above each element.")
ceil = _step("ceil", _whole(np.ceil), "Return the smallest whole number not below each element.")
trunc = _step("trunc", _whole(np.trunc), "Return the elements without their fractions.")
_round = primitive("round", lambda x, *, decimals: _rounded(x, decimals), x=lambda g: None)


def _rounded(x: np.ndarray, decimals: int) -> np.ndarray:
    return np.round(x, decimals) if x.dtype.kind == "f" else x.copy()


def round(input: Any, *, decimals: int = 0) -> Any:
    """Return the elements rounded to `decimals` places, halves to the even neighbour."""
    return _round(input, decimals=decimals)


def frac(input: Any) -> Any:
    """Return ``x - trunc(x)``, the fraction of each element."""
    return input - trunc(input)


def positive(input: Any) -> Any:
    """Return `input` itself; RuntimeError for bools."""
    if input._array.dtype == bool:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


clone = primitive("clone", lambda x: x.copy(order="K"), x=lambda g: g)

# ----------------------------------------------------------------- tests, and what they replace

isnan = primitive("isnan", np.isnan, doc="Return where the elements are NaN.")
isinf = primitive("isinf", np.isinf, doc="Return where the elements are infinite.")
isfinite = primitive(
    "isfinite", np.isfinite, doc="Return where the elements are neither infinite nor NaN."
)
isposinf = primitive(
    "isposinf", lambda x: x == np.inf, doc="Return where the elements are infinity."
)
isneginf = primitive(
    "isneginf", lambda x: x == -np.inf, doc="Return where the elements are minus infinity."
)
signbit = primitive(
    "signbit",
    lambda x: np.signbit(x) if x.dtype.kind == "f" else x < 0,
    doc="Return where the sign bit is set.",
)

_nan_to_num = primitive(
    "nan_to_num",
    lambda x, *, nan, posinf, neginf: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    x=lambda g, x: g * isfinite(x),
)


def nan_to_num(
    input: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """Return `input` with NaN and the infinities replaced; where that happened the gradient is 0.

    Args:
        input: the tensor.
        nan: what replaces NaN.
        posinf: what replaces infinity. Default: the largest number of the dtype.
        neginf: what replaces minus infinity. Default: the smallest number of the dtype.
    """
    return _nan_to_num(input, nan=nan, posinf=posinf, neginf=neginf)
