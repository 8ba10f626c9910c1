"""Comparisons, logic and bits, and the choice between tensors that follows from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import Operation, primitive
from minitorch.dtypes import dtype_name
from minitorch.ops.arguments import fitting
from minitorch.tensor import Tensor, wrap

__all__ = [
    "allclose", "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "eq", "equal", "ge", "greater", "greater_equal", "gt",
    "isclose", "isin", "le", "less", "less_equal", "logical_and", "logical_not", "logical_or",
    "logical_xor", "lt", "masked_fill", "ne", "not_equal", "where",
]  # fmt: skip


def _compared(name: str, ufunc: Any, sign: str) -> Any:
    doc = f"Return where ``input {sign} other``, element by element; bool."
    return primitive(name, ufunc, promotes=True, doc=doc)


eq = _compared("eq", np.equal, "==")
ne = not_equal = _compared("ne", np.not_equal, "!=")
lt = less = _compared("lt", np.less, "<")
le = less_equal = _compared("le", np.less_equal, "<=")
gt = greater = _compared("gt", np.greater, ">")
ge = greater_equal = _compared("ge", np.greater_equal, ">=")

logical_and = primitive("logical_and", np.logical_and, doc="Return where neither is zero; bool.")
logical_or = primitive(
    "logical_or", np.logical_or, doc="Return where one or both are not zero; bool."
)
logical_xor = primitive(
    "logical_xor", np.logical_xor, doc="Return where exactly one is not zero; bool."
)
logical_not = primitive(
    "logical_not", np.logical_not, doc="Return where the elements are zero; bool."
)


def _bits(name: str, ufunc: Any, meaning: str, kernel: str) -> Any:
    """Declare an operation for integers and bools; `kernel` is torch's name for what does it."""

    def checked(x: Any, y: Any) -> Any:
        if "f" in (np.asarray(x).dtype.kind, np.asarray(y).dtype.kind):
            kind = dtype_name(np.result_type(x, y))
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{kind}'")
        return ufunc(x, y)

    doc = f"Return {meaning} of the bits of two integers, or of two bools."
    return primitive(name, checked, promotes=True, doc=doc)


bitwise_and = _bits("bitwise_and", np.bitwise_and, "the conjunction", "bitwise_and_cpu")
bitwise_or = _bits("bitwise_or", np.bitwise_or, "the disjunction", "bitwise_or_cpu")
bitwise_xor = _bits("bitwise_xor", np.bitwise_xor, "the difference", "bitwise_xor_cpu")
bitwise_left_shift = _bits(
    "bitwise_left_shift", np.left_shift, "the shift to the left", "lshift_cpu"
)
bitwise_right_shift = _bits(
    "bitwise_right_shift", np.right_shift, "the shift to the right", "rshift_cpu"
)


def bitwise_not(input: Tensor) -> Tensor:
    """Return the complement of the bits of integers, or of bools."""
    if input._array.dtype.kind == "f":
        raise RuntimeError(f'"bitwise_not_cpu" not implemented for {input.dtype.name}')
    return wrap(np.invert(input._array))


# ---------------------------------------------------------------------- choice


def _where(condition: Any, x: Any, y: Any) -> Any:
    return np.where(condition, x, y)


_choose: Operation = primitive(
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

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([-1.0, 2.0])
        >>> minitorch.where(x > 0, x, 0.1 * x)
        tensor([-0.1000,  2.0000])
    """
    if input is None:
        return tuple(wrap(index) for index in np.nonzero(condition._array))
    test = getattr(condition, "_array", condition)
    if test.dtype not in (bool, np.uint8):
        raise RuntimeError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{dtypes.from_numpy_dtype(test.dtype).name}"
        )
    if isinstance(condition, Tensor):  # beside it, NumPy's numbers are as Python's
        input, other = (x.item() if isinstance(x, np.number) else x for x in (input, other))
    x, y = _same_type(input, other)
    return _choose(condition, x, y)


def _same_type(*operands: Any) -> tuple[Any, ...]:
    """Return the operands in torch's result type; scalars as NumPy scalars."""
    arrays = [getattr(x, "_array", x) for x in operands]
    result = dtypes.result_type(tuple(arrays))
    return tuple(_as_type(x, a, result) for x, a in zip(operands, arrays, strict=True))


def _as_type(operand: Any, array: Any, dtype: np.dtype[Any]) -> Any:
    if not isinstance(array, np.ndarray):
        return dtype.type(operand)
    return operand if array.dtype == dtype else cast(operand, dtype=dtype)


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Any:
    """Return `input` with `value` where `mask` holds.

    Args:
        input: the tensor, whose dtype the result has.
        mask: bool tensor that broadcasts with it.
        value: number or 0-d tensor.

    Raises:
        RuntimeError: the mask is not bool, or the number lies beyond the dtype.
    """
    if mask._array.dtype != bool:
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}"
        )
    dtype = input._array.dtype
    if not isinstance(value, Tensor):
        return _choose(mask, fitting(value, dtype), input)
    if value.ndim:
        raise RuntimeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.ndim} dimension(s)."
        )
    return _choose(mask, value if value._array.dtype == dtype else cast(value, dtype=dtype), input)


# ---------------------------------------------------------------------- of whole tensors


def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Return where ``|input - other| <= atol + rtol * |other|``; bool."""
    if input._array.dtype != other._array.dtype:
        raise RuntimeError(f"{input.dtype.name} did not match {other.dtype.name}")
    close = np.isclose(input._array, other._array, rtol=rtol, atol=atol, equal_nan=equal_nan)
    return wrap(np.asarray(close))


def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Return whether `isclose` holds everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Return whether two tensors have the same shape and the same elements."""
    return np.array_equal(input._array, other._array)


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Return, for each of `elements`, whether it is one of `test_elements`.

    Args:
        elements: tensor or number.
        test_elements: tensor or number.
        assume_unique: neither holds an element twice, which is faster.
        invert: return whether it is none of them.
    """
    found = np.isin(
        getattr(elements, "_array", elements),
        getattr(test_elements, "_array", test_elements),
        assume_unique=assume_unique,
        invert=invert,
    )
    return wrap(np.asarray(found))
