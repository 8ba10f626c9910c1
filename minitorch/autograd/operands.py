"""What an operation's operands may be: given by name, of two dtypes, of shapes that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch.dtypes import dtype_name

# What torch calls the operands, by their position.
_POSITIONS = {"input": 0, "other": 1, "exponent": 1}


def in_order(name: str, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """Return the operands of ``mul(x, other=y)`` in order; TypeError for a name that is none."""
    for key in sorted(named, key=lambda k: _POSITIONS.get(k, -1)):
        if _POSITIONS.get(key) != len(inputs):
            raise TypeError(f"{name}() got an unexpected keyword argument '{key}'")
        inputs = (*inputs, named[key])
    return inputs


def shape_error(name: str, arrays: list[Any], error: ValueError) -> RuntimeError:
    """Return torch's error for operands that do not fit together."""
    shapes = [list(x.shape) for x in arrays if isinstance(x, np.ndarray)]
    if len(shapes) != 2:
        return RuntimeError(f"{name}: {error} (shapes: {', '.join(map(str, shapes))})")
    a, b = shapes
    for back in range(1, min(len(a), len(b)) + 1):
        if a[-back] != b[-back] and 1 not in (a[-back], b[-back]):
            return RuntimeError(
                f"The size of tensor a ({a[-back]}) must match the size of tensor b ({b[-back]}) "
                f"at non-singleton dimension {max(len(a), len(b)) - back} ({name} of shapes {a} "
                f"and {b})"
            )
    return RuntimeError(f"{name}: {error} (shapes: {a}, {b})")


_NOT_OF_BOOLS = {
    "sub": (
        "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
        "`logical_xor()` operator instead."
    ),
    "neg": (
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
        "invert a mask, use the `~` or `logical_not()` operator instead."
    ),
}


def refusal(name: str, arrays: list[Any], error: Exception) -> Exception:
    """Return torch's error for operands of which NumPy could not make a result."""
    if isinstance(error, ValueError):
        return shape_error(name, arrays, error)
    kinds = [x.dtype for x in arrays if isinstance(x, np.ndarray)]
    if name in _NOT_OF_BOOLS and {kind.kind for kind in kinds} == {"b"}:
        return RuntimeError(_NOT_OF_BOOLS[name])
    if "ufunc" in str(error) and kinds and kinds[0].kind != "f":
        return NotImplementedError(f"\"{name}\" not implemented for '{dtype_name(kinds[0])}'")
    return error


def promoted(x: Any, y: Any, floats: bool, alone: bool) -> list[Any]:
    """Return two operands in torch's result type; Python scalars stay scalars where NumPy agrees.

    Args:
        x: an array or a scalar.
        y: the same.
        floats: whether integers give the default floating dtype.
        alone: whether neither came in a Tensor. Beside one, a NumPy scalar is a number as Python's
            are, without a dtype of its own.
    """
    if type(x) is np.ndarray:
        if type(y) is np.ndarray:
            if x.dtype is y.dtype and (not floats or x.dtype.kind == "f"):
                return [x, y]
        elif x.dtype.kind == "f" and (type(y) is float or type(y) is int):
            return [x, y]
    elif type(y) is np.ndarray and y.dtype.kind == "f" and (type(x) is float or type(x) is int):
        return [x, y]
    for operand in (x, y):
        if not isinstance(operand, (np.ndarray, np.generic, float, int)):
            raise TypeError(
                f"unsupported operand: expected a Tensor or a number, got {type(operand).__name__}"
            )
        if isinstance(operand, np.ndarray) and operand.dtype.kind not in "fiub":
            dtypes.from_numpy_dtype(operand.dtype)  # says which there are
    if not alone:
        x, y = (v.item() if isinstance(v, np.number) else v for v in (x, y))
    result = dtypes.result_type((x, y))
    if floats and result.kind != "f":
        result = dtypes.get_default_dtype().numpy
    return [np.asarray(operand).astype(result, copy=False) for operand in (x, y)]
