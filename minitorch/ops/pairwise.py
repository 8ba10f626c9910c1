"""Functions of two numbers that are no operators: the larger, the angle, the logarithm of a sum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import dtypes, kernels
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.ops.comparison import where
from minitorch.ops.pointwise import exp, isnan, log
from minitorch.tensor import Tensor

__all__ = [
    "atan2", "clamp", "clamp_max", "clamp_min", "clip", "fmax", "fmin", "heaviside", "hypot",
    "logaddexp", "logaddexp2", "maximum", "minimum", "xlogy",
]  # fmt: skip

# ---------------------------------------------------------------------- the larger, the smaller


def _wins(x: Any, y: Any) -> Any:
    """Return 1 where x > y, 1/2 where they are equal, else 0: a tie shares the gradient."""
    return where(x > y, 1.0, where(x == y, 0.5, 0.0))


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
    x=lambda g, x, y: g * ((x >= y) | isnan(y)),
    y=lambda g, x, y: g * ~((x >= y) | isnan(y)),
)
fmin = primitive(
    "fmin",
    np.fmin,
    promotes=True,
    doc="Return the smaller of two elements, the other one if one is NaN.",
    x=lambda g, x, y: g * ((x <= y) | isnan(y)),
    y=lambda g, x, y: g * ~((x <= y) | isnan(y)),
)


def _inside(x: Any, low: Any, high: Any) -> Any:
    if low is None:
        return x <= high
    return x >= low if high is None else (x >= low) & (x <= high)


_clamp = primitive(
    "clamp",
    lambda x, *, low, high: np.clip(x, low, high),
    x=lambda g, x, low, high: g * _inside(x, low, high),
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
    if not (isinstance(min, Tensor) or isinstance(max, Tensor)):
        whole = (
            input._array.dtype.kind != "f" if isinstance(input, Tensor) else input.dtype.kind != "f"
        )
        if whole and (isinstance(min, float) or isinstance(max, float)):
            input = cast(input, dtype=dtypes.get_default_dtype().numpy)
        return _clamp(input, low=min, high=max)
    out = input if min is None else where(input < min, min, input)
    return out if max is None else where(out > max, max, out)


clip = clamp


def clamp_min(input: Any, min: Any) -> Any:
    """Return `input`, or `min` where that is larger."""
    return clamp(input, min=min)


def clamp_max(input: Any, max: Any) -> Any:
    """Return `input`, or `max` where that is smaller."""
    return clamp(input, max=max)


# ---------------------------------------------------------------------- functions of two numbers

atan2 = primitive(
    "atan2",
    np.arctan2,
    promotes=True,
    floats=True,
    doc="Return the angle of the point ``(other, input)``, between -pi and pi.",
    x=lambda g, x, y: g * y / (x * x + y * y),
    y=lambda g, x, y: -g * x / (x * x + y * y),
)
hypot = primitive(
    "hypot",
    np.hypot,
    promotes=True,
    doc="Return ``sqrt(input^2 + other^2)`` without overflow.",
    x=lambda g, x, out: g * (x / out),
    y=lambda g, y, out: g * (y / out),
)
logaddexp = primitive(
    "logaddexp",
    np.logaddexp,
    promotes=True,
    doc="Return ``log(e^input + e^other)`` without overflow.",
    x=lambda g, x, y: g / (1 + exp(y - x)),
    y=lambda g, x, y: g / (1 + exp(x - y)),
)


def logaddexp2(input: Any, other: Any) -> Any:
    """Return ``log2(2^input + 2^other)`` without overflow."""
    return logaddexp(input * math.log(2), other * math.log(2)) / math.log(2)


xlogy = primitive(
    "xlogy",
    kernels.xlogy,
    promotes=True,
    floats=True,
    doc="Return ``input * log(other)``, and 0 where `input` is 0 and `other` no NaN.",
    x=lambda g, x, y: g * where((x == 0) & (y <= 0), 0.0, log(y)),
    y=lambda g, x, y: g * x / y,
)


def _heaviside(x: Any, y: Any) -> Any:
    return np.where(x == 0, y, x > 0).astype(np.result_type(x, y))


heaviside = primitive(
    "heaviside",
    _heaviside,
    promotes=True,
    doc="Return 0 where ``input < 0``, `values` where it is 0, and 1 where it is positive.",
    x=lambda g: None,
    y=lambda g: None,
)
