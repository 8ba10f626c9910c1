"""Memory that starts where a cache line does, and memory used again.

A fresh large array is mapped page by page as it is first written, which takes longer than most
operations on it.
"""

from __future__ import annotations

import ctypes
import math
import sys
import threading
from typing import Any, NamedTuple

import numpy as np

_LINE = 64  # bytes of a cache line, and of the widest vector register
_SMALL = 4096  # elements below which it does not matter where an array starts


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return a C-contiguous array with undefined values that starts at a cache line.

    A large array from the C library starts 16 bytes after one. Each of its vectors then crosses
    two, and NumPy writes a sum or product to it at less than half the speed.

    The memory is that of an earlier such array if nobody holds that any more. Whoever holds an
    array, or any view of it, holds a reference to its memory; memory with no reference but that of
    the list here is free. A training step makes arrays of the same shapes over and over.
    """
    size = math.prod(shape)
    if size < _SMALL:
        return np.empty(shape, dtype)
    key = size, np.dtype(dtype)
    rooms = _kept.stock.rooms.get(key)
    room, start = (rooms and rooms.free()) or _new_room(*key)
    return room[start : start + size].reshape(shape)


def fresh(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return what `empty` does, in memory that is not kept: for what is held for long."""
    size = math.prod(shape)
    room, start = _room(size, np.dtype(dtype))
    return room[start : start + size].reshape(shape)


def _room(size: int, dtype: np.dtype) -> tuple[Any, int]:
    """Return an array of at least `size` elements, and the first of them at a cache line."""
    room: Any = np.empty(size + _LINE // dtype.itemsize, dtype)
    address = ctypes.addressof(ctypes.c_char.from_buffer(room))
    return room, -address % _LINE // dtype.itemsize


def is_whole(array: np.ndarray) -> bool:
    """Return whether an array shows all of its memory, but for what `empty` has to spare."""
    base: Any = array.base
    while isinstance(further := getattr(base, "base", None), np.ndarray):
        base = further
    spare = getattr(base, "nbytes", array.nbytes) - array.nbytes
    if not spare:
        return True
    room = spare == _LINE and array.size >= _SMALL and isinstance(base, np.ndarray)
    return room and array.ctypes.data - base.ctypes.data < _LINE


def empty_like(x: np.ndarray) -> np.ndarray:
    """Return `empty` memory of the shape, the type and, if it has no gaps, the order of `x`."""
    if x.size < _SMALL:
        return np.empty_like(x)
    order = outermost_first(x)
    out = empty(tuple(x.shape[axis] for axis in order), x.dtype)
    return out.transpose([order.index(axis) for axis in range(x.ndim)])


def outermost_first(x: np.ndarray) -> tuple[int, ...]:
    """Return the axes of `x`, that with the longest steps in memory first."""
    return tuple(sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis])))


_SMALLEST, _LARGEST = 128 * 1024, 32 << 20  # bytes; smaller arrays cost no page faults
_LIMIT, _LIMIT_ELSEWHERE = 256 << 20, 16 << 20  # bytes kept by the main thread, and by any other
_MOST = 64  # rooms of one size
_LOOKS = 8  # of them that are looked at before a new one is made
_PATIENCE = 32  # rooms that are not kept, before those that are kept are looked through again


class _Rooms:
    """Arrays of one size and dtype, and where a cache line starts in each."""

    __slots__ = ("entries", "place")

    def __init__(self) -> None:
        self.entries: list[tuple[Any, int]] = []
        self.place = 0  # of the one found last; those just before it are likely in use

    def free(self) -> tuple[Any, int] | None:
        """Return one that nobody else holds, unless it is far to seek."""
        entries, place = self.entries, self.place
        for _ in range(min(len(entries), _LOOKS)):
            place = place + 1 if place + 1 < len(entries) else 0
            entry = entries[place]
            if _holders(entry) == _ALONE:
                self.place = place
                return entry
        return None


class _Stock(NamedTuple):
    """What is kept; replaced as a whole, so that an interruption leaves it consistent.

    Attributes:
        rooms: by size and dtype.
        owners: the ids of their arrays; each is in `rooms` too, but not the other way round.
    """

    rooms: dict[Any, _Rooms]
    owners: set[int]


class _Kept(threading.local):
    """The rooms that a thread has made and may use again.

    Attributes:
        nbytes: their size.
        patience: how many rooms will not be kept before the next look for free ones.
    """

    def __init__(self) -> None:
        self.stock = _Stock({}, set())
        self.nbytes = 0
        self.patience = 0
        main = threading.current_thread() is threading.main_thread()
        self.limit = _LIMIT if main else _LIMIT_ELSEWHERE

    def add(self, key: Any, entry: tuple[Any, int]) -> None:
        """Keep a room, if there are not too many of its size."""
        rooms = self.stock.rooms.get(key)
        if rooms is None:
            rooms = self.stock.rooms[key] = _Rooms()
        if len(rooms.entries) >= _MOST:
            return
        self.nbytes += entry[0].nbytes
        rooms.entries.append(entry)
        self.stock.owners.add(id(entry[0]))

    def forget_free(self) -> None:
        """Let go of the rooms that nobody else holds."""
        before, self.stock = self.stock, _Stock({}, set())
        self.nbytes = 0
        for key, rooms in before.rooms.items():
            for entry in rooms.entries:
                if _holders(entry) > _ALONE:
                    self.add(key, entry)


def _holders(entry: tuple[Any, int]) -> int:
    """Return a number that grows with the references to a room."""
    return sys.getrefcount(entry[0])


_ALONE = _holders((np.empty(0), 0))
_kept = _Kept()


def _new_room(size: int, dtype: np.dtype) -> tuple[Any, int]:
    """Make a room, and keep it if it is large and there is space for it."""
    entry = _room(size, dtype)
    nbytes = entry[0].nbytes
    if not _SMALLEST <= nbytes <= _LARGEST or not _CAN_COUNT:
        return entry
    if _kept.nbytes + nbytes > _kept.limit:
        if _kept.patience:
            _kept.patience -= 1
            return entry
        _kept.forget_free()
        if _kept.nbytes + nbytes > _kept.limit:
            _kept.patience = _PATIENCE
            return entry
    _kept.add((size, dtype), entry)
    return entry


def references(array: np.ndarray) -> tuple[int, int]:
    """Return how many references there are to an array, and to the array whose memory it shows.

    The numbers mean something only beside those that another call in the same way gave; see
    `shared`.
    """
    return sys.getrefcount(array), 0 if array.base is None else sys.getrefcount(array.base)


def shared(counts: tuple[int, int], array: np.ndarray, holders: int) -> bool:
    """Return whether somebody may see the memory of an array besides its `holders`.

    Args:
        counts: what ``references(holder.attribute)`` returned.
        array: which array that was.
        holders: how many attributes hold it.
    """
    owner = array if array.base is None else array.base
    if type(owner) is not np.ndarray or not owner.flags.owndata or not _CAN_COUNT:
        return True  # a buffer of somebody else's
    kept = id(owner) in _kept.stock.owners  # the list here holds it too
    return counts[0] > _HELD[0] + holders - 1 or counts[1] > _HELD[1] + kept


class _Holder:
    """Holds an array as a tensor does."""

    def __init__(self) -> None:
        self.array = np.empty((2, 2))[:1]


_holder = _Holder()
_HELD = min(references(_holder.array) for _ in range(3))


def _can_count() -> bool:
    """Return whether each further reference counts here, as it does in today's CPython."""
    first = references(_holder.array)
    alias, view = _holder.array, _holder.array[:]
    second = references(_holder.array)
    del alias, view
    return first == _HELD and second == (_HELD[0] + 1, _HELD[1] + 1)


_CAN_COUNT = _can_count()


_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # malloc.h
_KEEP = 1 << 30


def keep_memory() -> bool:
    """Make this process keep freed memory for reuse; return whether the C library could be told.

    Large arrays then cost no page faults. Linux with glibc only, process-wide, for good; elsewhere
    it does nothing. The price is that freed memory is not handed back to the system.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, _KEEP), (_M_TOP_PAD, 64 << 20))
    done = [mallopt(name, value) == 1 for name, value in settings]
    return all(done)
