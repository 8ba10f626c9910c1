"""Element types, and the rules by which operators combine them.

A `dtype` names a NumPy type by torch's name. Promotion follows torch, which differs from NumPy in
two
ways: a Python scalar or a 0-d tensor changes the result only when it is of a higher *category*
(bool < integer < floating), and an integer tensor meeting a float gives the *default* float, not
float64.

Reference: https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from __future__ import annotations

import builtins
from typing import Any, NamedTuple

import numpy as np


class dtype:
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


class _Unstored(dtype):
    """An element type of torch's that NumPy has no numbers of: it can be named, and no more."""

    __slots__ = ()

    def __init__(self, name: str, itemsize: builtins.int) -> None:
        self.name = name
        self.itemsize = itemsize
        self.is_floating_point = True

    @property
    def numpy(self) -> Any:  # type: ignore[override]
        """Raise NotImplementedError."""
        raise NotImplementedError(f"dtype=minitorch.{self.name} is not supported: NumPy has none")

    def __reduce__(self) -> tuple[Any, ...]:
        return _unstored, (self.name,)


float16 = half = dtype("float16")
float32 = float = dtype("float32")
float64 = double = dtype("float64")
uint8 = dtype("uint8")
int8 = dtype("int8")
int16 = short = dtype("int16")
int32 = int = dtype("int32")
int64 = long = dtype("int64")
bool = dtype("bool")
bfloat16 = _Unstored("bfloat16", 2)
_UNSTORED = {bfloat16.name: bfloat16}

ALL = (float16, float32, float64, uint8, int8, int16, int32, int64, bool)
OF_PYTHON = {builtins.float: float64, builtins.int: int64, builtins.bool: bool}
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


def _unstored(name: str) -> dtype:
    """Return the `dtype` of this name that NumPy has no numbers of."""
    return _UNSTORED[name]


def numpy_dtype(given: Any, default: Any = None) -> Any:
    """Return the NumPy dtype of a `dtype` or of Python's type of numbers.

    Args:
        given: the dtype, ``float``, ``int``, ``bool``, or None.
        default: what None stands for. Default: the default dtype.
    """
    if given is None:
        return _default.numpy if default is None else default
    if not isinstance(given, dtype):
        if isinstance(given, type) and given in OF_PYTHON:
            return OF_PYTHON[given].numpy
        raise TypeError(f"dtype must be a minitorch.dtype such as minitorch.float32, got {given!r}")
    return given.numpy


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
    return int64.numpy if isinstance(value, builtins.int) else _default.numpy


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


# --------------------------------------------------------------------------- names in messages


class _Names(NamedTuple):
    scalar: str
    cpp: str
    number: str


_NAMES = {
    "float16": _Names("Half", "c10::Half", "c10::Half"),
    "float32": _Names("Float", "float", "float"),
    "float64": _Names("Double", "double", "double"),
    "uint8": _Names("Byte", "unsigned char", "uint8_t"),
    "int8": _Names("Char", "signed char", "int8_t"),
    "int16": _Names("Short", "short int", "int16_t"),
    "int32": _Names("Int", "int", "int"),
    "int64": _Names("Long", "long int", "int64_t"),
    "bool": _Names("Bool", "bool", "bool"),
}


def dtype_name(d: Any) -> str:
    """Return what torch's errors call a dtype, NumPy's or ours, such as ``"Float"``."""
    return _NAMES[d.name].scalar if d.name in _NAMES else str(d.name)  # NumPy has more


def cpp_name(d: Any) -> str:
    """Return the C++ name that some of torch's errors use, such as ``"long int"``."""
    return _NAMES[d.name].cpp


def number_name(d: Any) -> str:
    """Return the name of a dtype to which a number cannot be converted, such as ``"int64_t"``."""
    return _NAMES[d.name].number


# ---------------------------------------------------------------------- public rules and limits


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """Return the smallest dtype to which both can be brought.

    Example:
        >>> import minitorch
        >>> minitorch.promote_types(minitorch.int32, minitorch.float16)
        minitorch.float16
    """
    return from_numpy_dtype(promote(numpy_dtype(type1), numpy_dtype(type2)))


def can_cast(from_: dtype, to: dtype) -> builtins.bool:
    """Return whether `from_` may be written to `to`, which must be of no lower category."""
    return category(numpy_dtype(from_)) <= category(numpy_dtype(to))


class finfo:
    """The limits of a floating dtype, by default of the default one.

    Attributes:
        bits: bits of one number.
        eps: the distance from 1 to the next number.
        max: the largest number.
        min: the smallest, most negative one.
        tiny: the smallest positive one of full precision.
        smallest_normal: the same.
        resolution: the decimal precision.
        dtype: the dtype's name.
    """

    def __init__(self, type: dtype | None = None) -> None:
        chosen = from_numpy_dtype(numpy_dtype(type))
        if not chosen.is_floating_point:
            raise TypeError(f"minitorch.finfo() requires a floating point input type, got {chosen}")
        limits: Any = np.finfo(chosen.numpy)
        self.bits, self.dtype = builtins.int(limits.bits), chosen.name
        self.eps, self.resolution = builtins.float(limits.eps), builtins.float(limits.resolution)
        self.max, self.min = builtins.float(limits.max), builtins.float(limits.min)
        self.tiny = self.smallest_normal = builtins.float(limits.tiny)

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, "
            f"eps={self.eps:g}, smallest_normal={self.tiny:g}, tiny={self.tiny:g}, "
            f"dtype={self.dtype})"
        )


class iinfo:
    """The limits of an integer dtype.

    Attributes:
        bits: bits of one number.
        max: the largest number.
        min: the smallest number.
        dtype: the dtype's name.
    """

    def __init__(self, type: dtype) -> None:
        if category(type.numpy) != 1:
            raise TypeError(f"minitorch.iinfo() requires an integer input type, got {type}")
        limits: Any = np.iinfo(type.numpy)
        self.bits, self.dtype = builtins.int(limits.bits), type.name
        self.max, self.min = builtins.int(limits.max), builtins.int(limits.min)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
