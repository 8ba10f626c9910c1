"""Functions of one tensor, element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import primitive

exp = primitive("exp", np.exp, floats=True, x=lambda g, out: g * out)
exp2 = primitive("exp2", np.exp2, floats=True, x=lambda g, out: g * out * math.log(2))
expm1 = primitive("expm1", np.expm1, floats=True, x=lambda g, out: g * (out + 1))
log = primitive("log", np.log, floats=True, x=lambda g, x: g / x)
log2 = primitive("log2", np.log2, floats=True, x=lambda g, x: g / (x * math.log(2)))
log10 = primitive("log10", np.log10, floats=True, x=lambda g, x: g / (x * math.log(10)))
log1p = primitive("log1p", np.log1p, floats=True, x=lambda g, x: g / (x + 1))
sqrt = primitive("sqrt", np.sqrt, floats=True, x=lambda g, out: g / (2 * out))
rsqrt = primitive(
    "rsqrt", lambda x: 1 / np.sqrt(x), floats=True, x=lambda g, out: -0.5 * g * out * out * out
)
reciprocal = primitive("reciprocal", np.reciprocal, floats=True, x=lambda g, out: -g * out * out)
square = primitive("square", np.square, x=lambda g, x: g * (2 * x))
abs = primitive("abs", np.abs, x=lambda g, x: g * sign(x))  # noqa: A001
sign = primitive("sign", np.sign, x=lambda g: None)

sin = primitive("sin", np.sin, floats=True, x=lambda g, x: g * cos(x))
cos = primitive("cos", np.cos, floats=True, x=lambda g, x: -g * sin(x))
tan = primitive("tan", np.tan, floats=True, x=lambda g, out: g * (1 + out * out))
asin = primitive("asin", np.arcsin, floats=True, x=lambda g, x: g * rsqrt(1 - x * x))
acos = primitive("acos", np.arccos, floats=True, x=lambda g, x: -g * rsqrt(1 - x * x))
atan = primitive("atan", np.arctan, floats=True, x=lambda g, x: g / (1 + x * x))
sinh = primitive("sinh", np.sinh, floats=True, x=lambda g, x: g * cosh(x))
cosh = primitive("cosh", np.cosh, floats=True, x=lambda g, x: g * sinh(x))
tanh = primitive("tanh", np.tanh, floats=True, x=lambda g, out: g * (1 - out * out))

floor = primitive("floor", np.floor, x=lambda g: None)
ceil = primitive("ceil", np.ceil, x=lambda g: None)
round = primitive("round", np.rint, x=lambda g: None)  # noqa: A001
trunc = primitive("trunc", np.trunc, x=lambda g: None)

sigmoid = primitive("sigmoid", kernels.sigmoid, floats=True, x=lambda g, out: g * (out * (1 - out)))
erf = primitive(
    "erf",
    kernels.erf,
    floats=True,
    x=lambda g, x: g * (2 / math.sqrt(math.pi)) * exp(-(x * x)),
)


def _clone(x: np.ndarray) -> np.ndarray:
    return x.copy(order="K")


clone = primitive("clone", _clone, x=lambda g: g)


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


_nan_to_num = primitive(
    "nan_to_num",
    lambda x, *, nan, posinf, neginf: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    x=lambda g, x: g * _finite(x),
)
_finite = primitive("isfinite", np.isfinite)
