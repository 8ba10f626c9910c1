"""Rearranging that copies: turned round, shifted, repeated."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.coerce import sum_to
from minitorch.autograd.primitive import Operation, primitive
from minitorch.ops.arguments import named_sizes, sizes
from minitorch.ops.shape import as_shape, reshape, transpose
from minitorch.size import wrap_dim

__all__ = [
    "flip", "fliplr", "flipud", "repeat", "roll", "rot90", "tile",
]  # fmt: skip

_flip: Operation = primitive(
    "flip", lambda x, *, axis: np.flip(x, axis).copy(), x=lambda g, axis: _flip(g, axis=axis)
)
_roll: Operation = primitive(
    "roll",
    lambda x, *, shift, axis: np.roll(x, shift, axis),
    x=lambda g, shift, axis: _roll(g, shift=tuple(-s for s in shift), axis=axis),
)


def _repeated(x: np.ndarray, *, counts: tuple[int, ...]) -> np.ndarray:
    shape = (1,) * (len(counts) - x.ndim) + x.shape
    spread = x.reshape([v for n in shape for v in (1, n)])
    full = np.broadcast_to(spread, [v for pair in zip(counts, shape, strict=True) for v in pair])
    return np.array(full, order="C").reshape([r * n for r, n in zip(counts, shape, strict=True)])


def _repeat_gradient(g: Any, x_shape: tuple[int, ...], counts: tuple[int, ...]) -> Any:
    shape = (1,) * (len(counts) - len(x_shape)) + tuple(x_shape)
    full = as_shape(g, shape=tuple(v for pair in zip(counts, shape, strict=True) for v in pair))
    return as_shape(sum_to(full, shape=tuple(v for n in shape for v in (1, n))), shape=x_shape)


_repeat = primitive("repeat", _repeated, x=_repeat_gradient)


def _rearranged(x: np.ndarray, *, split: Any, order: Any, shape: Any) -> np.ndarray:
    return np.array(x.reshape(split).transpose(order), order="C").reshape(shape)


rearrange: Operation = primitive(
    "rearrange",
    _rearranged,
    doc="Return a copy of `input` under `split`, its dimensions in `order`, under `shape`.",
    x=lambda g, x_shape, split, order: rearrange(
        g,
        split=tuple(split[d] for d in order),
        order=tuple(order.index(d) for d in range(len(order))),
        shape=x_shape,
    ),
)


def flip(input: Any, *given: Any, dims: Any = None) -> Any:
    """Return a copy with the order along `dims` reversed."""
    axes = named_sizes("dims", given, dims)
    return _flip(input, axis=tuple(wrap_dim(d, input.ndim) for d in axes))


def fliplr(input: Any) -> Any:
    """Return a copy with the order of the columns, dimension 1, reversed."""
    if input.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, 1)


def flipud(input: Any) -> Any:
    """Return a copy with the order of the rows, dimension 0, reversed."""
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, 0)


def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """Return a copy turned `k` times by 90 degrees, from the first of `dims` to the second."""
    first, second = (wrap_dim(d, input.ndim) for d in dims)
    if first == second:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    turns = k % 4
    if turns == 2:
        return flip(input, first, second)
    if turns == 1:
        return transpose(flip(input, second), first, second)
    if turns == 3:
        return flip(transpose(input, first, second), second)
    return flip(input, ())


def roll(input: Any, shifts: Any, dims: Any = None) -> Any:
    """Return a copy shifted along `dims`, what falls off coming back at the other end."""
    shift = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    if dims is None:
        return reshape(_roll(reshape(input, -1), shift=shift, axis=(0,)), *input.shape)
    axis = (dims,) if isinstance(dims, int) else tuple(dims)
    return _roll(input, shift=shift, axis=axis)


def repeat(input: Any, *repeats: Any) -> Any:
    """Return a copy with the tensor repeated ``repeats[i]`` times along dimension i."""
    counts = sizes(repeats)
    if len(counts) < input.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of "
            "tensor"
        )
    return _repeat(input, counts=counts)


def tile(input: Any, *dims: Any) -> Any:
    """Return `repeat`, with missing leading counts taken as 1."""
    counts = sizes(dims)
    return repeat(input, *((1,) * (input.ndim - len(counts)) + counts))
