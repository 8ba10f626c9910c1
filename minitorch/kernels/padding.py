"""Borders around an array: a constant, or values repeated from inside."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Border: TypeAlias = tuple[int, int, int, int]  # dimension, its size, elements before and behind


def pad_constant(x: np.ndarray, pads: tuple[tuple[int, int], ...], value: Any) -> np.ndarray:
    """Return `x` with `value` around it; a negative number of elements is cut off.

    Args:
        x: the array.
        pads: how many elements before and behind, for each dimension.
        value: of the border.
    """
    shape = tuple(n + before + behind for n, (before, behind) in zip(x.shape, pads, strict=True))
    out = np.empty_like(x, shape=shape)
    inside = tuple(slice(max(a, 0), n - max(b, 0)) for n, (a, b) in zip(shape, pads, strict=True))
    kept = tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, pads, strict=True))
    out[...] = value
    out[inside] = x[kept]
    return out


def pad_from_inside(x: np.ndarray, borders: tuple[Border, ...], mode: str) -> np.ndarray:
    """Return `x` with borders taken from itself.

    Args:
        x: the array.
        borders: where, and how wide.
        mode: ``"reflect"``, without repeating the outermost element; ``"replicate"`` it; or
            ``"circular"``, what lies at the other end.
    """
    out = np.empty_like(x, shape=_padded_shape(x.shape, borders))
    out[_inside(out.ndim, borders)] = x
    for dim, size, before, behind in borders:
        for place, source in _sources(size, before, behind, mode):
            out[_at(dim, place)] = out[_at(dim, source)]
    return out


def add_borders(g: np.ndarray, borders: tuple[Border, ...], mode: str) -> np.ndarray:
    """Return what lies inside the borders of `g`, each element of these added to its source."""
    out = np.array(g, order="K")
    for dim, size, before, behind in reversed(borders):
        for place, source in _sources(size, before, behind, mode):
            out[_at(dim, source)] += out[_at(dim, place)]
    return out[_inside(out.ndim, borders)]


def _sources(size: int, before: int, behind: int, mode: str) -> list[tuple[int, int]]:
    """Return the places in the border, and for each the place inside that it repeats."""
    places = np.r_[-before:0, size : size + behind]
    if mode == "circular":
        inner = places % size
    elif mode == "replicate":
        inner = np.clip(places, 0, size - 1)
    else:
        inner = np.where(places < 0, -places, 2 * (size - 1) - places)
    return list(zip((places + before).tolist(), (inner + before).tolist(), strict=True))


def _padded_shape(shape: tuple[int, ...], borders: tuple[Border, ...]) -> tuple[int, ...]:
    sizes = list(shape)
    for dim, size, before, behind in borders:
        sizes[dim] = size + before + behind
    return tuple(sizes)


def _inside(ndim: int, borders: tuple[Border, ...]) -> tuple[slice, ...]:
    index = [slice(None)] * ndim
    for dim, size, before, _ in borders:
        index[dim] = slice(before, before + size)
    return tuple(index)


def _at(dim: int, place: int) -> tuple[Any, ...]:
    return (*(slice(None),) * dim, place)
