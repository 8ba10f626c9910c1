"""Copies between arrays of different memory order."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.kernels import memory

BLOCK = 64  # rows of the one that are columns of the other: their cache lines stay in the cache
LARGE = 64 * 1024  # elements; fewer fit in the cache anyhow


def copy_into(target: np.ndarray, source: np.ndarray) -> None:
    """Write `source`, broadcast and cast, into `target`.

    Where neighbours in the one lie far apart in the other, a part of the target's innermost axis is
    written at a time.
    """
    axis = _innermost(target)
    if (
        target.size < LARGE
        or source.shape != target.shape
        or axis == _innermost(source)
        or np.may_share_memory(target, source)
    ):
        np.copyto(target, source, casting="unsafe")
        return
    to, of = np.moveaxis(target, axis, 0), np.moveaxis(source, axis, 0)
    for start in range(0, len(to), BLOCK):
        part = slice(start, start + BLOCK)
        np.copyto(to[part], of[part], casting="unsafe")


def _innermost(array: np.ndarray) -> int:
    """The axis along which neighbours lie next to each other, -1 if there is none."""
    steps = [(abs(s), a) for a, s in enumerate(array.strides) if array.shape[a] > 1]
    return min(steps)[1] if steps else -1


def concatenated(arrays: list[np.ndarray], axis: int, dtype: Any) -> np.ndarray:
    """Return the arrays joined along `axis`."""
    if not all(x.flags.c_contiguous for x in arrays):
        return np.concatenate(arrays, axis=axis, dtype=dtype)
    shape = list(arrays[0].shape)
    shape[axis] = sum(x.shape[axis] for x in arrays)
    return np.concatenate(arrays, axis=axis, out=memory.empty(tuple(shape), dtype))
