"""Functions of two numbers that are no operators: the larger, the angle, the logarithm of a sum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import dtypes, kernels
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import Operation, primitive
from minitorch.dtypes import dtype_name
from minitorch.kernels import masking
from minitorch.ops._reduced import in_dtype
from minitorch.ops.comparison import where
from minitorch.ops.pointwise import exp, exp2, isnan, log
from minitorch.tensor import Tensor

__all__ = [
    "atan2", "clamp", "clamp_max", "clamp_min", "clip", "fmax", "fmin", "heaviside", "hypot",
    "logaddexp", "logaddexp2", "maximum", "minimum", "xlogy",
]  # fmt: skip

# ---------------------------------------------------------------------- the larger, the smaller


_masked: Operation = primitive("mul", masking.masked, x=lambda g, mask: _masked(g, mask))


def _wins(x: Any, y: Any) -> Any:
    """Return 0 where x < y, 1/2 where they are equal, else 1: beside NaN, too."""
    return where(x < y, 0.0, where(x == y, 0.5, 1.0))


maximum = primitive(
    "maximum",
    np.maximum,
    promotes=True,
    doc="Return the larger of two elements, NaN if one is NaN; equal ones share the gradient.",
    x=lambda g, x, y: g * _wins(x, y),
    y=lambda g, x, y: g * _wins(y, x),
)
minimum = primitive(
    "minimum",
    np.minimum,
    promotes=True,
    doc="Return the smaller of two elements, NaN if one is NaN; equal ones share the gradient.",
    x=lambda g, x, y: g * _wins(y, x),
    y=lambda g, x, y: g * _wins(x, y),
)
fmax = primitive(
    "fmax",
    np.fmax,
    promotes=True,
    doc="Return the larger of two elements, the other one if one is NaN.",
    x=lambda g, x, y: _masked(g, (x >= y) | isnan(y)),
    y=lambda g, x, y: _masked(g, ~((x >= y) | isnan(y))),
)
fmin = primitive(
    "fmin",
    np.fmin,
    promotes=True,
    doc="Return the smaller of two elements, the other one if one is NaN.",
    x=lambda g, x, y: _masked(g, (x <= y) | isnan(y)),
    y=lambda g, x, y: _masked(g, ~((x <= y) | isnan(y))),
)


def _inside(x: Any, low: Any, high: Any) -> Any:
    if low is None:
        return x <= high
    return x >= low if high is None else (x >= low) & (x <= high)


def _below(x: Any, low: Any, high: Any) -> Any:
    return x < low if high is None else (x < low) & (low < high)


def _above(x: Any, low: Any, high: Any) -> Any:
    return x > high if low is None else (x > high) | (high < low)


_clamp = primitive(
    "clamp",
    lambda x, low, high: np.clip(x, low, high),
    x=lambda g, x, low, high: _masked(g, _inside(x, low, high)),
    low=lambda g, x, low, high: _masked(g, _below(x, low, high)),
    high=lambda g, x, low, high: _masked(g, _above(x, low, high)),
)


def clamp(input: Any, min: Any = None, max: Any = None) -> Any:
    """Return `input` limited to ``[min, max]``.

    The gradient is 1 inside, borders included, 0 outside.

    Args:
        input: the tensor.
        min: number, tensor or None for no lower limit.
        max: number, tensor or None for no upper limit.
    """
    if min is None and max is None:
        raise RuntimeError("clamp: At least one of 'min' or 'max' must not be None")
    if isinstance(min, np.number):
        min = min.item()
    if isinstance(max, np.number):
        max = max.item()
    tensors = [isinstance(x, Tensor) for x in (min, max) if x is not None]
    if isinstance(min, complex) or isinstance(max, complex):
        raise RuntimeError(
            "clamp: a complex value cannot be converted to type double without overflow"
        )
    if not any(tensors):
        array = input._array if isinstance(input, Tensor) else input
        if array.dtype.kind != "f" and (isinstance(min, float) or isinstance(max, float)):
            input = cast(input, dtype=dtypes.get_default_dtype().numpy)
        return _clamp(input, min, max)
    if not all(tensors):
        raise TypeError("clamp(): 'min' and 'max' must be two numbers or two tensors")
    arrays = [x._array for x in (input, min, max) if x is not None]
    dtype = dtypes.result_type(tuple(arrays))
    return _clamp(*(x if x is None else in_dtype(x, dtype) for x in (input, min, max)))


clip = clamp


def clamp_min(input: Any, min: Any) -> Any:
    """Return `input`, or `min` where that is larger."""
    return clamp(input, min=min)


def clamp_max(input: Any, max: Any) -> Any:
    """Return `input`, or `max` where that is smaller."""
    return clamp(input, max=max)


# ---------------------------------------------------------------------- functions of two numbers


def _over_square(g: Any, x: Any, y: Any) -> Any:
    """Return ``g / (x^2 + y^2)``, and 0 at the origin, which has no angle."""
    square = x * x + y * y
    return where(square == 0, 0.0, g / where(square == 0, 1.0, square))


atan2 = primitive(
    "atan2",
    np.arctan2,
    promotes=True,
    floats=True,
    doc="Return the angle of the point ``(other, input)``, between -pi and pi.",
    x=lambda g, x, y: _over_square(g, x, y) * y,
    y=lambda g, x, y: -_over_square(g, x, y) * x,
)


def _of_floats(ufunc: Any, kernel: str) -> Any:
    """Return `ufunc` that refuses integers, for which torch's `kernel` is not made."""

    def checked(x: Any, y: Any) -> Any:
        kind = np.result_type(x, y)
        if kind.kind != "f":
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{dtype_name(kind)}'")
        return ufunc(x, y)

    return checked


hypot = primitive(
    "hypot",
    _of_floats(np.hypot, "hypot_cpu"),
    promotes=True,
    doc="Return ``sqrt(input^2 + other^2)`` without overflow.",
    x=lambda g, x, out: g * (x / out),
    y=lambda g, y, out: g * (y / out),
)
logaddexp = primitive(
    "logaddexp",
    _of_floats(np.logaddexp, "logaddexp_cpu"),
    promotes=True,
    doc="Return ``log(e^input + e^other)`` without overflow.",
    x=lambda g, x, y: g / (1 + exp(y - x)),
    y=lambda g, x, y: g / (1 + exp(x - y)),
)
logaddexp2 = primitive(
    "logaddexp2",
    _of_floats(np.logaddexp2, "logaddexp2_cpu"),
    promotes=True,
    doc="Return ``log2(2^input + 2^other)`` without overflow.",
    x=lambda g, x, y: g / (1 + exp2(y - x)),
    y=lambda g, x, y: g / (1 + exp2(x - y)),
)


def _log(y: Any) -> Any:
    """Return the logarithm of a tensor, an array or a number."""
    if not isinstance(y, (int, float)):
        return log(y)
    return math.log(y) if y > 0 else -math.inf if y == 0 else math.nan


xlogy = primitive(
    "xlogy",
    kernels.xlogy,
    promotes=True,
    floats=True,
    doc="Return ``input * log(other)``, and 0 where `input` is 0 and `other` no NaN.",
    x=lambda g, x, y: g * where((x == 0) & (y <= 0), 0.0, _log(y)),
    y=lambda g, x, y: g * x / y,
)


def _heaviside(x: Any, y: Any) -> Any:
    if x.dtype != y.dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")
    return np.where(x == 0, y, x > 0).astype(x.dtype)


heaviside = primitive(
    "heaviside",
    _heaviside,
    doc="Return 0 where ``input < 0``, `values` where it is 0, and 1 where it is positive.",
    x=lambda g: None,
    y=lambda g: None,
)
