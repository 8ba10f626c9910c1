"""Reading the data that a tensor is made of: nested sequences of whatever counts as a number."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch.dtypes import numpy_dtype
from minitorch.notices import warn
from minitorch.tensor import Tensor

_PLAIN = {bool, int, float}
_SEQUENCES = (list, tuple, range)


def from_data(data: Any, dtype: Any) -> np.ndarray:
    """Return a new array of `data`; each number has a say in its dtype."""
    if isinstance(data, Tensor):
        return data._array.astype(numpy_dtype(dtype, data._array.dtype), order="K")
    if isinstance(data, (np.ndarray, np.generic)):
        checked = dtypes.from_numpy_dtype(data.dtype)
        return np.array(data, dtype=numpy_dtype(dtype, checked.numpy))
    found: set[np.dtype[Any]] = set()
    kinds = _sum_types(data)
    if not kinds <= _PLAIN:
        data = _numbers(data, found)
    wanted = numpy_dtype(dtype, functools.reduce(dtypes.promote, found) if found else None)
    try:
        if dtype is None and not found and float not in kinds:
            array = np.array(data)
            if not array.size or array.dtype in (bool, np.int64):
                return array if array.size else array.astype(wanted)
            wanted = np.dtype(np.int64)
        return np.array(data, dtype=wanted)
    except OverflowError:
        raise RuntimeError(
            f"value cannot be converted to type {wanted.name} without overflow"
        ) from None
    except ValueError as error:
        raise ValueError(f"tensor: {error}") from None


def _sum_types(data: Any) -> set[type]:
    """Return the types of the sums of the innermost sequences.

    These are int and float as long as all are Python's numbers, and quicker to find than the types
    of the numbers. What cannot be added counts as an object.
    """
    if not isinstance(data, _SEQUENCES):
        return {type(data)}
    if data and isinstance(data[0], _SEQUENCES):
        return set().union(*map(_sum_types, data))
    try:
        return {type(sum(data))}
    except (OverflowError, RuntimeError, TypeError, ValueError):
        return {object}


def _numbers(data: Any, found: set[np.dtype[Any]]) -> Any:
    """Return `data` with arrays for what is no plain number; put the dtypes into `found`."""
    if isinstance(data, _SEQUENCES):
        return [_numbers(x, found) for x in data]
    if type(data) in _PLAIN:
        found.add(dtypes.scalar_dtype(data))
        return data
    array = _only_element(data) if isinstance(data, Tensor) else np.asarray(data)
    if isinstance(data, (str, bytes, complex)):
        raise TypeError(f"tensor: cannot make a tensor of {type(data).__name__} {data!r:.60}")
    if array.dtype == object:
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    found.add(dtypes.from_numpy_dtype(array.dtype).numpy)
    return array


def _only_element(tensor: Tensor) -> np.ndarray:
    """Return the 0-d array of a tensor of one element, which stands for a number."""
    if tensor._array.size != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    if tensor.requires_grad:
        warn(
            "Converting a tensor with requires_grad=True to a scalar may lead to unexpected "
            "behavior.\nConsider using tensor.detach() first.",
        )
    return tensor._array.reshape(())
