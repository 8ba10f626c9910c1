"""Which tensors share memory, and what to write of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np


class View(NamedTuple):
    """Where the numbers of a tensor lie: in which storage, how long that is, and how within it."""

    storage: int
    length: int
    offset: int
    strides: tuple[int, ...]


class Storages:
    """The stretches of memory that given arrays lie in.

    Arrays that overlap share a storage, if one of them fills it without a gap. Every other array
    has one of its own, of its numbers in order; what else lies around it in memory is left out.
    """

    def __init__(self, arrays: Iterable[np.ndarray]) -> None:
        self._storages: list[np.ndarray] = []  # each one-dimensional
        self._views: dict[tuple[int, int, tuple[int, ...], tuple[int, ...], str], View] = {}
        for group in _overlapping(arrays):
            self._add_group(group)

    def find(self, array: np.ndarray) -> View:
        """Return where the numbers of one of the arrays lie."""
        return self._views[_identity(array)]

    def arrays(self) -> list[np.ndarray]:
        """Return the storages."""
        return self._storages

    def _add_group(self, group: list[np.ndarray]) -> None:
        whole = _whole(group) if len(group) > 1 else None
        if whole is None:
            for array in group:
                if _identity(array) not in self._views:
                    strides = _row_major(array.shape)
                    self._add(array, View(len(self._storages), array.size, 0, strides))
                    self._storages.append(np.ravel(array))
            return
        start = whole.ctypes.data
        for array in group:
            steps = tuple(step // array.itemsize for step in array.strides)
            offset = (array.ctypes.data - start) // array.itemsize
            self._add(array, View(len(self._storages), whole.size, offset, steps))
        self._storages.append(whole)

    def _add(self, array: np.ndarray, view: View) -> None:
        self._views[_identity(array)] = view


def _identity(array: np.ndarray) -> tuple[int, int, tuple[int, ...], tuple[int, ...], str]:
    """Return what is the same for two arrays only if they are the same numbers in memory."""
    return array.ctypes.data, array.size, array.shape, array.strides, array.dtype.str


def _overlapping(arrays: Iterable[np.ndarray]) -> list[list[np.ndarray]]:
    """Return groups of different arrays whose memory overlaps, in the order of their first."""
    unique = {_identity(array): array for array in arrays}
    order = {key: place for place, key in enumerate(unique)}
    spans = sorted(
        ((*np.lib.array_utils.byte_bounds(a), order[key]) for key, a in unique.items()),
    )
    given = list(unique.values())
    groups: list[list[int]] = []
    reach = -1
    for low, high, index in spans:
        if low < reach and given[index].size:
            groups[-1].append(index)
        else:
            groups.append([index])
        reach = max(reach, high)
    return [[given[i] for i in sorted(group)] for group in sorted(groups, key=min)]


def _whole(group: list[np.ndarray]) -> np.ndarray | None:
    """Return the memory of a group as one row of numbers, if one of the arrays fills it."""
    bounds = [np.lib.array_utils.byte_bounds(array) for array in group]
    low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
    if len({array.dtype for array in group}) > 1 or any(s < 0 for a in group for s in a.strides):
        return None
    for array, span in zip(group, bounds, strict=True):
        if span == (low, high) and array.nbytes == high - low:
            axes = sorted(range(array.ndim), key=lambda axis: -array.strides[axis])
            ordered = array.transpose(axes)
            if ordered.flags.c_contiguous:
                return ordered.reshape(-1)
    return None


def _row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides, in elements, of numbers in order."""
    steps = [1]
    for size in reversed(shape[1:]):
        steps.append(steps[-1] * max(size, 1))
    return tuple(reversed(steps)) if shape else ()
