"""The largest element of each window.

The maximum over a window of k x k elements is a maximum over the columns of each row, then over the
rows. The k-th elements, the taps, of all windows along one dimension are a strided slice of the
input, so that a maximum over windows is one over a few slices, and no window is ever copied. The
taps of a window are numbered row by row. What the gradient needs is the number of the tap that was
chosen: one byte for each window.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from minitorch.kernels import parallel
from minitorch.kernels.windows import Piece, Tap, Windows, pieces

Better: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]


def max_pool(x: np.ndarray, rows: Windows, columns: Windows) -> np.ndarray:
    """Return the largest element of each window, ``(N, C, H, W) -> (N, C, Ho, Wo)``."""
    out = np.empty_like(x, shape=(*x.shape[:2], rows.out, columns.out))

    def fill(piece: Piece) -> None:
        block, taps = _block(x, piece, rows)
        half = np.empty_like(block, shape=(*block.shape[:3], columns.out))
        _maximum(block, half, list(columns.taps(0, columns.out)), 3)
        _maximum(half, _part(out, piece), taps, 2)

    parallel.each(fill, pieces(x.shape, rows), x.size)
    return out


def _maximum(x: np.ndarray, out: np.ndarray, taps: list[Tap], axis: int) -> None:
    """Write the largest element of each window along `axis` to `out`."""
    rest = taps
    if taps and taps[0][1] == slice(0, out.shape[axis]):
        np.copyto(out, x[_along(axis, taps[0][2])])
        rest = taps[1:]
    else:
        out[...] = _lowest(out.dtype)
    for _, at, place in rest:
        target = out[_along(axis, at)]
        np.maximum(target, x[_along(axis, place)], out=target)


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


# ---------------------------------------------------------------------- and which one it is


def max_pool_taps(x: np.ndarray, rows: Windows, columns: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest element of each window and the number of its tap.

    Of equal elements the first is taken, of several NaN the last.
    """
    out = np.empty_like(x, shape=(*x.shape[:2], rows.out, columns.out))
    numbers = np.empty_like(out, dtype=np.min_scalar_type(rows.kernel * columns.kernel - 1))

    def choose(piece: Piece, better: Better) -> np.ndarray:
        block, down = _block(x, piece, rows)
        across = list(columns.taps(0, columns.out))
        half = np.empty_like(block, shape=(*block.shape[:3], columns.out))
        codes = np.empty_like(half, dtype=numbers.dtype)
        _choose(block, None, half, codes, across, 3, 1, better)
        best, found = _part(out, piece), _part(numbers, piece)
        _choose(half, codes, best, found, down, 2, columns.kernel, better)
        return best

    def fill(piece: Piece) -> None:
        best = choose(piece, np.greater)
        if best.dtype.kind == "f" and best.size and np.isnan(best.max()):
            choose(piece, _greater_or_nan)

    parallel.each(fill, pieces(x.shape, rows), x.size)
    return out, numbers


def _choose(
    x: np.ndarray,
    codes: np.ndarray | None,
    best: np.ndarray,
    found: np.ndarray,
    taps: list[Tap],
    axis: int,
    step: int,
    better: Better,
) -> None:
    """Write the largest element of each window along one dimension, and which one it is.

    Args:
        x: the elements.
        codes: what each of them is called besides its tap's number; None for 0.
        best: for the largest elements.
        found: for the number of the tap times `step`, plus the code.
        taps: of the windows along the dimension.
        axis: the dimension.
        step: how much the number of a tap counts.
        better: whether its first argument is to be taken instead of its second.
    """
    _start(x, codes, best, found, taps, axis, step)
    for number, at, place in taps[1:]:
        here, there = _along(axis, at), _along(axis, place)
        candidate, target, name = x[there], best[here], found[here]
        if place.step > 1:
            candidate = candidate.copy("K")  # once, instead of two strided readings
        mark = better(candidate, target).view(np.uint8).astype(found.dtype, copy=False)
        code = number * step if codes is None else codes[there] + found.dtype.type(number * step)
        np.multiply(mark, code, out=mark)
        np.maximum(name, mark, out=name)  # a later tap has a larger number
        np.maximum(target, candidate, out=target)


def _start(
    x: np.ndarray,
    codes: np.ndarray | None,
    best: np.ndarray,
    found: np.ndarray,
    taps: list[Tap],
    axis: int,
    step: int,
) -> None:
    """Write the first tap of each window that lies in the input; see `_choose`."""
    covered = best.shape[axis]  # the windows from here on are done
    for number, at, place in taps:
        count = min(at.stop, covered) - at.start
        if count > 0:
            here = _along(axis, slice(at.start, at.start + count))
            there = _along(axis, slice(place.start, place.start + count * place.step, place.step))
            np.copyto(best[here], x[there])
            found[here] = number * step if codes is None else codes[there] + number * step
            covered = at.start
    if covered:
        best[_along(axis, slice(0, covered))] = _lowest(best.dtype)
        found[_along(axis, slice(0, covered))] = 0


def _greater_or_nan(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.logical_or(x > y, np.isnan(x))


def _block(x: np.ndarray, piece: Piece, rows: Windows) -> tuple[np.ndarray, list[Tap]]:
    """Return the rows of the input in which a piece's windows lie, and the taps in them."""
    taps = list(rows.taps(piece.start, piece.stop))
    top = min((place.start for _, _, place in taps), default=0)
    bottom = max((place.stop for _, _, place in taps), default=0)
    return x[piece.samples, :, top:bottom], [
        (number, at, slice(place.start - top, place.stop - top, place.step))
        for number, at, place in taps
    ]


def _part(array: np.ndarray, piece: Piece) -> np.ndarray:
    """Return what belongs to the windows of a piece."""
    return array[piece.samples, :, piece.start : piece.stop]


def _along(axis: int, index: slice) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, index)
