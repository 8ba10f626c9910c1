"""Element types, and the rules by which operators combine them.

A `dtype` names a NumPy type by torch's name. Promotion follows torch, which differs from NumPy in two
ways: a Python scalar or a 0-d tensor changes the result only when it is of a higher *category*
(bool < integer < floating), and an integer tensor meeting a float gives the *default* float, not float64.

Reference: https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from __future__ import annotations

from typing import Any

import numpy as np


class dtype:  # noqa: N801 - torch's name
    """An element type of a tensor, such as `minitorch.float32`.

    Attributes:
        name: torch's name, ``"float32"``.
        numpy: the NumPy dtype that stores it.

    Example:
        >>> import minitorch
        >>> minitorch.float32, minitorch.float32.itemsize, minitorch.int64.is_floating_point
        (minitorch.float32, 4, False)
    """

    __slots__ = ("is_floating_point", "itemsize", "name", "numpy")

    def __init__(self, name: str) -> None:
        self.name = name
        self.numpy = np.dtype(name)
        self.itemsize = self.numpy.itemsize
        self.is_floating_point = self.numpy.kind == "f"

    def __repr__(self) -> str:
        return f"minitorch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return from_numpy_dtype, (self.numpy,)


float16 = half = dtype("float16")
float32 = float = dtype("float32")  # noqa: A001 - torch's name
float64 = double = dtype("float64")
uint8 = dtype("uint8")
int8 = dtype("int8")
int16 = short = dtype("int16")
int32 = int = dtype("int32")  # noqa: A001
int64 = long = dtype("int64")
bool = dtype("bool")  # noqa: A001

ALL = (float16, float32, float64, uint8, int8, int16, int32, int64, bool)
_BY_NUMPY = {d.numpy: d for d in ALL}
_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2}

_default = float32


def from_numpy_dtype(numpy_dtype: Any) -> dtype:
    """Return the `dtype` of a NumPy dtype; TypeError names one that no tensor can hold."""
    try:
        return _BY_NUMPY[np.dtype(numpy_dtype).newbyteorder("=")]
    except KeyError:
        names = ", ".join(d.name for d in ALL)
        raise TypeError(
            f"can't convert np.ndarray of type {numpy_dtype}. The supported types are: {names}."
        ) from None


def get_default_dtype() -> dtype:
    """Return the dtype of tensors made from Python floats."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Make `d`, a floating dtype, the dtype of tensors made from Python floats."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type, got {d}")
    _default = d


def category(numpy_dtype: np.dtype[Any]) -> Any:
    """Return 0 for bool, 1 for integers, 2 for floating types."""
    return _CATEGORY[numpy_dtype.kind]


def promote(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type of an operation between two tensors of the same standing."""
    if a == b:
        return a
    category_a, category_b = _CATEGORY[a.kind], _CATEGORY[b.kind]
    if category_a != category_b and max(category_a, category_b) == 2:
        return a if category_a > category_b else b
    return np.promote_types(a, b)


def scalar_dtype(value: Any) -> np.dtype[Any]:
    """Return the type a Python or NumPy scalar has when it stands alone."""
    if isinstance(value, np.generic):
        return value.dtype
    if value is True or value is False:
        return bool.numpy
    return int64.numpy if type(value) is type(0) else _default.numpy


def result_type(operands: tuple[Any, ...]) -> np.dtype[Any]:
    """Return the NumPy dtype of an operation on arrays and scalars, by torch's three levels.

    Arrays with dimensions decide; 0-d arrays, then scalars, count only with a higher category.
    """
    levels: list[np.dtype[Any] | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, np.ndarray):
            level, kind = (0 if operand.ndim else 1), operand.dtype
        else:
            level, kind = 2, scalar_dtype(operand)
        current = levels[level]
        levels[level] = kind if current is None else promote(current, kind)
    result: np.dtype[Any] | None = None
    for candidate in levels:
        if candidate is not None and (
            result is None or _CATEGORY[candidate.kind] > _CATEGORY[result.kind]
        ):
            result = candidate
    assert result is not None
    return result
