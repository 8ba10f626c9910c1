"""Sums over windows, one dimension at a time, and their division.

The sum over a window of k x k elements is a sum of k rows, then of k columns.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

from minitorch.kernels import parallel
from minitorch.kernels.windows import Bins, Windows, empty_in_order

Line: TypeAlias = Windows | Bins


def average_pool(x: np.ndarray, rows: Line, columns: Line, divisor: Any) -> np.ndarray:
    """Return the sum of each window over `divisor`, ``(N, C, H, W) -> (N, C, Ho, Wo)``.

    Args:
        x: the input.
        rows: where the windows lie in H.
        columns: where they lie in W.
        divisor: a number, or one for each window, ``(Ho, Wo)``.
    """
    out = np.empty_like(x, shape=(*x.shape[:2], rows.out, columns.out))

    def fill(samples: slice) -> None:
        some = x[samples]
        half = np.empty_like(some, shape=(*some.shape[:2], rows.out, x.shape[3]))
        _sum(some, half, rows, 2)
        _sum(half, out[samples], columns, 3)
        out[samples] /= divisor

    parallel.walk(fill, len(x), math.prod(x.shape[1:]))
    return out


def spread_average(
    g: np.ndarray, rows: Line, columns: Line, divisor: Any, order: tuple[int, ...]
) -> np.ndarray:
    """Return zeros to which ``g / divisor`` was added all over each window.

    ``(N, C, Ho, Wo) -> (N, C, H, W)``, in the given memory order. If there is but one window, the
    result is a view of one number a channel.
    """
    shape = (*g.shape[:2], rows.size, columns.size)
    if rows.ranges == [(0, rows.size)] and columns.ranges == [(0, columns.size)]:
        return np.broadcast_to(g / divisor, shape)
    out = empty_in_order(shape, order, g.dtype)

    def fill(samples: slice) -> None:
        scaled = empty_in_order(g[samples].shape, order, g.dtype)
        np.divide(g[samples], divisor, out=scaled)
        half = empty_in_order((*scaled.shape[:3], columns.size), order, g.dtype)
        _spread(scaled, half, columns, 3)
        _spread(half, out[samples], rows, 2)

    parallel.walk(fill, len(g), math.prod(shape[1:]))
    return out


def _sum(x: np.ndarray, out: np.ndarray, line: Line, axis: int) -> None:
    """Write the sum of each window along `axis` to `out`."""
    if isinstance(line, Bins) or line.kernel > line.out:
        for i, (begin, end) in enumerate(line.ranges):
            np.add.reduce(x[_along(axis, begin, end)], axis=axis, out=out[_at(axis, i)])
        return
    taps = _taps(line, axis)
    if len(taps) > 1 and all(out[at].shape == out.shape for at, _ in taps[:2]):
        np.add(x[taps[0][1]], x[taps[1][1]], out=out)
        taps = taps[2:]
    else:
        out[...] = 0
    for at, place in taps:
        np.add(out[at], x[place], out=out[at])


def _spread(g: np.ndarray, out: np.ndarray, line: Line, axis: int) -> None:
    """Write zeros to which the windows' numbers were added to `out`."""
    if not line.tiled:
        out[...] = 0
    if isinstance(line, Bins) or line.kernel > line.out:
        for i, (begin, end) in enumerate(line.ranges):
            target = out[_along(axis, begin, end)]
            number = np.expand_dims(g[_at(axis, i)], axis)
            if line.tiled:
                target[...] = number
            else:
                target += number
        return
    for at, place in _taps(line, axis):
        if line.tiled:
            out[place] = g[at]
        else:
            out[place] += g[at]


def _taps(windows: Windows, axis: int) -> list[tuple[Any, Any]]:
    before = (slice(None),) * axis
    return [((*before, at), (*before, place)) for _, at, place in windows.taps(0, windows.out)]


def _along(axis: int, begin: int, end: int) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, slice(begin, end))


def _at(axis: int, place: int) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, place)
