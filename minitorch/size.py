"""The shape of a tensor, and its dimensions counted from either end."""

from __future__ import annotations

import operator
from typing import Any, SupportsIndex, overload

_item = tuple.__getitem__


class Size(tuple[int, ...]):
    """A shape: a tuple that prints and counts as torch's does.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3).shape, minitorch.zeros(2, 3).shape.numel()
        (minitorch.Size([2, 3]), 6)
    """

    __slots__ = ()

    @overload
    def __getitem__(self, place: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Size: ...
    def __getitem__(self, place: Any) -> Any:
        found = _item(self, place)
        return Size(found) if type(place) is slice else found

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: tuple[int, ...]) -> Size:
        return Size(other + tuple(self))

    def __mul__(self, count: Any) -> Size:
        return Size(tuple.__mul__(self, count))

    __rmul__ = __mul__

    def numel(self) -> int:
        """Return the number of elements of a tensor of this shape."""
        count = 1
        for size in self:
            count *= size
        return count

    def __repr__(self) -> str:
        return f"minitorch.Size([{', '.join(map(str, self))}])"


def wrap_dim(dim: int, ndim: int) -> int:
    """Return `dim` counted from the front; IndexError if there is no such dimension."""
    size = ndim or 1
    if not -size <= dim < size:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-size}, {size - 1}], but got "
            f"{dim})"
        )
    return operator.index(dim % size)
