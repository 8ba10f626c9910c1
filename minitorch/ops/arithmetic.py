"""Operators on one or two tensors, element by element, with broadcasting."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import dtypes, kernels
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.ops.pointwise import log
from minitorch.tensor import Tensor, wrap

add = primitive("add", np.add, promotes=True, x=lambda g: g, y=lambda g: g)
sub = primitive("sub", np.subtract, promotes=True, x=lambda g: g, y=lambda g: -g)
mul = primitive("mul", np.multiply, promotes=True, x=lambda g, y: g * y, y=lambda g, x: g * x)
div = primitive(
    "div",
    np.true_divide,
    promotes=True,
    floats=True,
    x=lambda g, y: g / y,
    y=lambda g, x, y: -(g * x) / (y * y),
)
neg = primitive("neg", np.negative, x=lambda g: -g)


def _power_x(g: Any, x: Any, y: Any) -> Any:
    if isinstance(y, (int, float)):
        if y == 0:
            return None
        return g * (2 * x) if y == 2 else g * (y * power(x, y - 1))
    return g * where(y == 0, 0.0, y * power(x, where(y == 0, 1.0, y - 1)))


def _power_y(g: Any, x: Any, y: Any, out: Any) -> Any:
    return g * where((x == 0) & (y >= 0), 0.0, out * log(x))


power = primitive("pow", kernels.power, promotes=True, x=_power_x, y=_power_y)

# ---------------------------------------------------------------------- comparison: no gradient

eq = primitive("eq", np.equal, promotes=True)
ne = primitive("ne", np.not_equal, promotes=True)
lt = primitive("lt", np.less, promotes=True)
le = primitive("le", np.less_equal, promotes=True)
gt = primitive("gt", np.greater, promotes=True)
ge = primitive("ge", np.greater_equal, promotes=True)
logical_and = primitive("logical_and", np.logical_and)
logical_or = primitive("logical_or", np.logical_or)
logical_xor = primitive("logical_xor", np.logical_xor)
logical_not = primitive("logical_not", np.logical_not)
bitwise_and = primitive("bitwise_and", np.bitwise_and, promotes=True)
bitwise_or = primitive("bitwise_or", np.bitwise_or, promotes=True)
bitwise_xor = primitive("bitwise_xor", np.bitwise_xor, promotes=True)
bitwise_not = primitive("bitwise_not", np.invert)
isnan = primitive("isnan", np.isnan)
isinf = primitive("isinf", np.isinf)
isfinite = primitive("isfinite", np.isfinite)

# ---------------------------------------------------------------------- choice


def _where(condition: Any, x: Any, y: Any) -> Any:
    return np.where(condition, x, y)


_choose = primitive(
    "where",
    _where,
    x=lambda g, condition: _choose(condition, g, 0.0),
    y=lambda g, condition: _choose(condition, 0.0, g),
)


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """Return `input` where `condition` holds and `other` elsewhere.

    Args:
        condition: bool tensor.
        input: tensor or number. Without it, the indices where `condition` is not zero are returned,
            as by ``nonzero(as_tuple=True)``.
        other: tensor or number.

    Shape:
        The three broadcast; the result has their common shape.
    """
    if input is None:
        from_array = getattr(condition, "_array", condition)
        return tuple(wrap(index) for index in np.nonzero(from_array))
    x, y = _same_type(input, other)
    return _choose(condition, x, y)


def _same_type(x: Any, y: Any) -> tuple[Any, Any]:
    """Return the operands in torch's result type; a scalar beside a float tensor stays a scalar."""
    arrays = [getattr(v, "_array", v) for v in (x, y)]
    result = dtypes.result_type(tuple(arrays))
    return tuple(  # type: ignore[return-value]
        v
        if getattr(a, "dtype", None) == result
        else cast(v, dtype=result)
        if isinstance(a, np.ndarray)
        else result.type(v)
        for v, a in zip((x, y), arrays, strict=True)
    )


def _wins(x: Any, y: Any) -> Any:
    """Return 1 where x > y, 1/2 where they are equal, else 0: a tie shares the gradient."""
    return where(x > y, 1.0, where(x == y, 0.5, 0.0))


maximum = primitive(
    "maximum",
    np.maximum,
    promotes=True,
    x=lambda g, x, y: g * _wins(x, y),
    y=lambda g, x, y: g * _wins(y, x),
)
minimum = primitive(
    "minimum",
    np.minimum,
    promotes=True,
    x=lambda g, x, y: g * _wins(y, x),
    y=lambda g, x, y: g * _wins(x, y),
)


def _clip(x: np.ndarray, *, low: Any, high: Any) -> np.ndarray:
    return np.clip(x, low, high)


def _inside(x: Any, low: Any, high: Any) -> Any:
    if low is None:
        return x <= high
    return x >= low if high is None else (x >= low) & (x <= high)


_clamp = primitive("clamp", _clip, x=lambda g, x, low, high: g * _inside(x, low, high))


def clamp(input: Any, min: Any = None, max: Any = None) -> Any:
    """Return `input` limited to ``[min, max]``; the gradient is 1 inside, borders included, 0 outside.

    Args:
        input: the tensor.
        min: number, tensor or None for no lower limit.
        max: number, tensor or None for no upper limit.
    """
    if min is None and max is None:
        raise RuntimeError("clamp: At least one of 'min' or 'max' must not be None")
    if isinstance(min, (int, float, type(None))) and isinstance(max, (int, float, type(None))):
        return _clamp(input, low=min, high=max)
    out = input if min is None else where(input < min, min, input)
    return out if max is None else where(out > max, max, out)


# ---------------------------------------------------------------------- division with rounding


def _trunc_divide(x: Any, y: Any) -> Any:
    if np.result_type(x, y).kind in "iub":
        return np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y))
    return np.trunc(np.true_divide(x, y))


floor_divide = primitive("floor_divide", np.floor_divide, promotes=True)
_divide_trunc = primitive("divide_trunc", _trunc_divide, promotes=True)
remainder = primitive(
    "remainder",
    np.remainder,
    promotes=True,
    x=lambda g: g,
    y=lambda g, x, y: -g * floor_divide(x, y),
)
fmod = primitive(
    "fmod", np.fmod, promotes=True, x=lambda g: g, y=lambda g, x, y: -g * _divide_trunc(x, y)
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


def addition(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """Return ``input + alpha * other``."""
    return add(input, other if alpha == 1 else mul(other, alpha))


def subtraction(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """Return ``input - alpha * other``."""
    return sub(input, other if alpha == 1 else mul(other, alpha))


def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    """Return ``input + value * tensor1 * tensor2``."""
    return input + value * tensor1 * tensor2


def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    """Return ``input + value * tensor1 / tensor2``."""
    return input + value * tensor1 / tensor2


def lerp(input: Any, end: Any, weight: Any) -> Any:
    """Return ``input + weight * (end - input)``."""
    return input + weight * (end - input)


def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """Return `input` with `value` where `mask` holds.

    Args:
        input: the tensor, whose dtype the result has.
        mask: bool tensor that broadcasts with it.
        value: number or 0-d tensor.
    """
    if mask._array.dtype != bool:
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if not isinstance(value, Tensor):
        value = input._array.dtype.type(value)
    return _choose(mask, value, input)


def isclose(
    input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Return where ``|input - other| <= atol + rtol * |other|``."""
    return wrap(
        np.isclose(input._array, other._array, rtol=rtol, atol=atol, equal_nan=equal_nan)
    )


def allclose(
    input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Return whether `isclose` holds everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Return whether two tensors have the same shape and the same elements."""
    return np.array_equal(input._array, other._array)

