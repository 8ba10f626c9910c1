"""Operators on two tensors, element by element, with broadcasting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.dtypes import cpp_name, dtype_name
from minitorch.ops.comparison import where
from minitorch.ops.pointwise import log
from minitorch.tensor import Tensor

__all__ = [
    "add", "div", "divide", "float_power", "floor_divide", "fmod", "lerp", "mul", "multiply",
    "power", "remainder", "sub", "true_divide",
]  # fmt: skip

add = primitive(
    "add",
    np.add,
    promotes=True,
    doc="Return ``input + other``.",
    x=lambda g: g,
    y=lambda g: g,
)
sub = primitive(
    "sub",
    np.subtract,
    promotes=True,
    doc="Return ``input - other``.",
    x=lambda g: g,
    y=lambda g: -g,
)
mul = multiply = primitive(
    "mul",
    np.multiply,
    promotes=True,
    doc="Return ``input * other``.",
    x=lambda g, y: g * y,
    y=lambda g, x: g * x,
)
div = true_divide = primitive(
    "div",
    np.true_divide,
    promotes=True,
    floats=True,
    doc="Return ``input / other``; integers give the default floating dtype.",
    x=lambda g, y: g / y,
    y=lambda g, x, y: -g * (x / y / y),  # no square, which would overflow sooner
)


def _power_x(g: Any, x: Any, y: Any) -> Any:
    if isinstance(y, (int, float)):
        if y == 0:
            return None
        return g * (2 * x) if y == 2 else g * (y * power(x, y - 1))
    return g * where(y == 0, 0.0, y * power(x, where(y == 0, 1.0, y - 1)))


def _power_y(g: Any, x: Any, y: Any, out: Any) -> Any:
    if not _is_array(x):
        if x > 0:
            return g * (out * math.log(x))
        return g * where(y >= 0, 0.0, out * (-np.inf if x == 0 else np.nan))
    zero = (x == 0) & (y >= 0)
    return g * where(zero, 0.0, out * log(where(zero, 1.0, x)))


def _is_array(x: Any) -> bool:
    return isinstance(x, (Tensor, np.ndarray))


def _power(x: Any, y: Any) -> Any:
    """Return ``x ** y``; of integers to negative powers what is left of the fractions, as in C."""
    if isinstance(y, np.ndarray) and y.ndim and y.dtype.kind == "i" and np.any(y < 0):
        x = np.broadcast_to(x, np.broadcast_shapes(x.shape, y.shape))
        odd = np.where(y % 2 == 0, 1, x)
        return np.where(y < 0, np.where(np.abs(x) == 1, odd, 0), np.power(x, np.maximum(y, 0)))
    return kernels.power(x, y)


power = primitive(
    "pow",
    _power,
    promotes=True,
    doc="Return ``input ** exponent``, of which either may be a number.",
    x=_power_x,
    y=_power_y,
)


def _as_double(x: Any) -> Any:
    """Return `x`, a number or in float64; what is in float64 already stays itself."""
    array = x._array if isinstance(x, Tensor) else x
    return cast(x, dtype=np.float64) if _is_array(x) and array.dtype != np.float64 else x


def float_power(input: Any, exponent: Any) -> Any:
    """Return ``input ** exponent``, computed in float64."""
    x, y = (_as_double(v) for v in (input, exponent))
    return power(x, y)


# ---------------------------------------------------------------------- between two


def _between(x: np.ndarray, end: np.ndarray, weight: Any) -> np.ndarray:
    """Return ``x + weight * (end - x)``, or the same counted from the end that is nearer."""
    way = end - x
    if isinstance(weight, (int, float)):
        return x + weight * way if abs(weight) < 0.5 else end - (1 - weight) * way
    return np.where(np.abs(weight) < 0.5, x + weight * way, end - (1 - weight) * way)


_lerp = primitive(
    "lerp",
    _between,
    x=lambda g, weight: g * (1 - weight),
    end=lambda g, weight: g * weight,
    weight=lambda g, x, end: g * (end - x),
)


def lerp(input: Any, end: Any, weight: Any) -> Any:
    """Return ``input + weight * (end - input)``, `input` for a weight of 0 and `end` for one of 1.

    Args:
        input: where the weight is 0.
        end: where it is 1.
        weight: number or tensor.

    Raises:
        RuntimeError: the tensors have different dtypes.
        NotImplementedError: they are not floating.
    """
    if not isinstance(end, Tensor):
        raise TypeError(f"lerp(): argument 'end' must be Tensor, not {type(end).__name__}")
    dtype = input._array.dtype
    if isinstance(weight, np.number):
        weight = weight.item()
    if isinstance(weight, Tensor) and not weight.ndim and weight._array.dtype != dtype:
        weight = cast(weight, dtype=dtype)
    for name, other in (("end", end), ("weight", weight)):
        if isinstance(other, Tensor) and other.dtype != input.dtype:
            raise RuntimeError(
                f"expected dtype {cpp_name(input.dtype)} for `{name}` but got dtype "
                f"{cpp_name(other.dtype)}"
            )
    if dtype.kind != "f":
        raise NotImplementedError(
            f"\"lerp_kernel_scalar\" not implemented for '{dtype_name(dtype)}'"
        )
    return _lerp(input, end, weight)


# ---------------------------------------------------------------------- division with rounding


def _floor_divide(x: Any, y: Any) -> Any:
    _check_divisor("div_floor_cpu", x, y)
    return np.floor_divide(x, y)


def _trunc_divide(x: Any, y: Any) -> Any:
    _check_divisor("div_trunc_cpu", x, y)
    if np.result_type(x, y).kind == "f":
        return np.trunc(np.true_divide(x, y))
    quotient, rest = np.divmod(x, y)
    return quotient + ((rest != 0) & ((rest < 0) != (np.asarray(x) < 0)))


def _remainder(x: Any, y: Any) -> Any:
    _check_divisor("remainder_cpu", x, y)
    return np.remainder(x, y)


def _fmod(x: Any, y: Any) -> Any:
    _check_divisor("fmod_cpu", x, y)
    return np.fmod(x, y)


def _check_divisor(kernel: str, x: Any, y: Any) -> None:
    """Refuse bools, for which torch's `kernel` is not made, and integers divided by zero."""
    kind = np.result_type(x, y)
    if kind.kind == "b":
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{dtype_name(kind)}'")
    if kind.kind != "f" and not np.all(y):
        raise RuntimeError("ZeroDivisionError")


floor_divide = primitive(
    "floor_divide",
    _floor_divide,
    promotes=True,
    doc="Return ``input / other`` rounded down; its gradient is zero.",
    x=lambda g: None,
    y=lambda g: None,
)
_divide_trunc = primitive(
    "divide_trunc", _trunc_divide, promotes=True, x=lambda g: None, y=lambda g: None
)
remainder = primitive(
    "remainder",
    _remainder,
    promotes=True,
    doc="Return ``input - other * floor(input / other)``, which has the sign of `other`.",
    x=lambda g: g,
    y=lambda g, x, y: -g * floor_divide(x, y),
)
fmod = primitive(
    "fmod",
    _fmod,
    promotes=True,
    doc="Return ``input - other * trunc(input / other)``, which has the sign of `input`.",
    x=lambda g: g,
    y=lambda g, x, y: -g * _divide_trunc(x, y),
)


def divide(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """Return ``input / other``, rounded as asked.

    Args:
        input: dividend.
        other: divisor.
        rounding_mode: None for true division, ``"floor"`` or ``"trunc"``.
    """
    if rounding_mode is None:
        return div(input, other)
    if rounding_mode == "floor":
        return floor_divide(input, other)
    if rounding_mode == "trunc":
        return _divide_trunc(input, other)
    raise RuntimeError(
        "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
        f"'{rounding_mode}'"
    )
