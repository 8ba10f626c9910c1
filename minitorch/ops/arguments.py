"""Reading the arguments that many operations share."""

from __future__ import annotations

from typing import Any


def wrap_dim(dim: int, ndim: int) -> int:
    """Return `dim` counted from the front; IndexError if there is no such dimension."""
    size = ndim or 1
    if not -size <= dim < size:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-size}, {size - 1}], but got "
            f"{dim})"
        )
    return dim % size


def sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return a shape given as ``(2, 3)`` or as ``((2, 3),)``."""
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    return tuple(int(n) for n in shape)


def wrap_dims(dim: Any, ndim: int) -> tuple[int, ...]:
    """Return `dim` (None for all, a number or several) sorted and counted from the front."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    asked = (dim,) if isinstance(dim, int) else tuple(dim)
    places = [wrap_dim(d, ndim) for d in asked]
    if len(set(places)) != len(places):
        raise RuntimeError(f"dim {places[-1]} appears multiple times in the list of dims")
    return tuple(sorted(places)) if ndim else ()
