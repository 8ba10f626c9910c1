"""Reading the arguments that many operations share."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from minitorch.dtypes import cpp_name, dtype_name, number_name
from minitorch.size import wrap_dim


def sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return a shape given as ``(2, 3)`` or as ``((2, 3),)``; TypeError if it is not of ints."""
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    try:
        return tuple(map(operator.index, shape))
    except TypeError:
        kinds = ", ".join(type(n).__name__ for n in shape)
        raise TypeError(f"a size must be tuple of ints, not of {kinds}") from None


def named_sizes(keyword: str, given: tuple[Any, ...], named: Any) -> tuple[int, ...]:
    """Return a shape given as `sizes` takes it or, instead, as the argument `keyword`."""
    if named is None:
        return sizes(given)
    if given:
        raise TypeError(f"got multiple values for argument '{keyword}'")
    return sizes((named,))


def require_bool(name: str, keepdim: Any) -> None:
    """Raise TypeError unless `keepdim`, an argument of the operation `name`, is a bool."""
    if not isinstance(keepdim, bool):
        raise TypeError(
            f"{name}(): argument 'keepdim' must be bool, not {type(keepdim).__name__}; several "
            "dimensions go into a tuple"
        )


def require_floating(kernel: str, dtype: np.dtype[Any]) -> None:
    """Raise NotImplementedError, naming torch's `kernel`, for a dtype that is not floating."""
    if dtype.kind != "f":
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{dtype_name(dtype)}'")


def require_dtype(wanted: np.dtype[Any], found: np.dtype[Any]) -> None:
    """Raise torch's RuntimeError for a dtype that is another one."""
    if found != wanted:
        raise RuntimeError(
            f"expected scalar type {dtype_name(wanted)} but found {dtype_name(found)}"
        )


def require_one_dtype(first: Any, *others: Any) -> None:
    """Refuse factors of different dtypes: of all operations, products do not promote."""
    for other in others:
        if other.dtype != first.dtype:
            raise RuntimeError(
                "expected m1 and m2 to have the same dtype, but got: "
                f"{cpp_name(first.dtype)} != {cpp_name(other.dtype)}"
            )


def fitting(value: Any, dtype: np.dtype[Any]) -> np.ndarray:
    """Return a number as a 0-d array of `dtype`: fractions are cut, unsigned integers wrap.

    RuntimeError if it lies beyond the dtype.
    """
    number = value.item() if isinstance(value, np.generic) else value
    if dtype.kind == "f":
        fits = not np.isfinite(number) or abs(number) <= np.finfo(dtype).max
    elif dtype.kind == "b":
        return np.asarray(bool(number))
    else:
        limits = np.iinfo(dtype)
        lowest = limits.min if dtype.kind == "i" else -limits.max
        fits = bool(np.isfinite(number)) and lowest <= number <= limits.max
        number = int(number) % (limits.max + 1) if fits and dtype.kind == "u" else number
    if not fits:
        name = number_name(dtype)
        raise RuntimeError(f"value cannot be converted to type {name} without overflow")
    return np.asarray(number, dtype)


def wrap_dims(dim: Any, ndim: int) -> tuple[int, ...]:
    """Return `dim` (None for all, a number or several) sorted and counted from the front."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    if not isinstance(dim, (tuple, list)):
        place = wrap_dim(dim, ndim)
        return (place,) if ndim else ()
    places = [wrap_dim(d, ndim) for d in dim]
    if len(set(places)) != len(places):
        twice = next(d for i, d in enumerate(places) if d in places[:i])
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return tuple(sorted(places)) if ndim else ()
