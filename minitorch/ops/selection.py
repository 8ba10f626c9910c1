"""Reading and writing places that an index tensor or a mask names, under names of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.primitive import primitive
from minitorch.ops.arguments import wrap_dim
from minitorch.ops.arithmetic import mul
from minitorch.ops.indexing import (
    add_at,
    along,
    erase_at,
    narrow,
    out_of_range,
    plain_index,
    read_at,
)
from minitorch.ops.shape import expand, reshape
from minitorch.tensor import Tensor, wrap

__all__ = [
    "argwhere", "index_add", "index_copy", "index_fill", "index_put", "index_select",
    "masked_scatter", "masked_select", "nonzero", "repeat_interleave", "take",
]  # fmt: skip


def _indices_along(name: str, input: Tensor, dim: int, index: Tensor) -> tuple[Any, ...]:
    """Return the index for the places of `dim` that the 1-D tensor `index` names."""
    array = index._array
    if array.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}(): Expected dtype int32 or int64 for index, got {index.dtype.name}"
        )
    if array.ndim > 1:
        raise IndexError(
            f"{name}(): Index is supposed to be a vector, got shape {list(array.shape)}"
        )
    place = wrap_dim(dim, input.ndim)
    size = input.shape[place] if input.ndim else 1
    if array.size and (array.min() < -size or array.max() >= size):
        bad = int(array.max() if array.max() >= size else array.min())
        raise IndexError(f"index out of range in self: {bad} in dimension {place} of size {size}")
    return along(place, array.reshape(-1))


def index_select(input: Tensor, dim: int, index: Tensor) -> Any:
    """Return the places of `input` along `dim` that the 1-D `index` names, in its order."""
    places = _indices_along("index_select", input, dim, index)
    return read_at(input, index=places) if input.ndim else read_at(input, index=...)


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Any:
    """Return `input` with ``alpha * source`` added at the places along `dim` that `index` names."""
    places = _indices_along("index_add", input, dim, index)
    added = source if alpha == 1 else mul(source, alpha)
    return input + add_at(added, index=places, shape=input._array.shape)


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Any:
    """Return `input` with the places along `dim` that `index` names taken from `source`."""
    return _replaced(input, source, index=_indices_along("index_copy", input, dim, index))


def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Any:
    """Return `input` with the number `value` at the places along `dim` that `index` names."""
    return _replaced(input, value, index=_indices_along("index_fill", input, dim, index))


def repeat_interleave(input: Any, repeats: Any = None, dim: int | None = None) -> Any:
    """Return a copy in which each place along `dim` stands several times in a row.

    Args:
        input: the tensor.
        repeats: how many times; a number, or a tensor with one for each place.
            Left out, `input` holds these numbers, and the indices of the places are returned.
        dim: along which dimension. Default: of the flattened tensor.
    """
    if repeats is None:
        return wrap(np.repeat(np.arange(input.numel()), input._array))
    if dim is None:
        input, dim = reshape(input, -1), 0
    place = wrap_dim(dim, input.ndim)
    n = input.shape[place]
    counts = np.asarray(repeats._array if isinstance(repeats, Tensor) else repeats).reshape(-1)
    if counts.size not in (1, n):
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts.size} and input.size({place}) = {n}"
        )
    if counts.size and counts.min() < 0:
        raise RuntimeError("repeats can not be negative")
    return read_at(input, index=along(place, np.repeat(np.arange(n), counts)))


# ---------------------------------------------------------------------- at lists of places


def _replace(x: np.ndarray, value: Any, *, index: Any) -> np.ndarray:
    out = x.copy()
    out[index] = value
    return out


# Returns x with `value`, which broadcasts, at an index from `plain_index`.
_replaced = primitive(
    "index_put",
    _replace,
    x=lambda g, index: erase_at(g, index=index),
    value=lambda g, index: read_at(g, index=index),
)


def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Any:
    """Return `input` with `values` written to, or added at, ``input[indices]``.

    Args:
        input: the tensor.
        indices: a tuple of integer or bool tensors.
        values: broadcast to the shape of ``input[indices]``.
        accumulate: add, also several times to one place, instead of writing.
    """
    index = plain_index(tuple(indices))
    try:
        target = input._array[index].shape
    except IndexError as error:
        raise out_of_range(error, input) from None
    if not accumulate:
        return _replaced(input, values, index=index)
    spread = values if values._array.shape == target else expand(values, *target)
    return input + add_at(spread, index=index, shape=input._array.shape)


def masked_select(input: Tensor, mask: Tensor) -> Any:
    """Return the elements where `mask`, which broadcasts with the tensor, holds. Shape: 1-D."""
    if mask._array.dtype != bool:
        raise RuntimeError(f"masked_select: expected BoolTensor for mask, got {mask.dtype.name}")
    shape = np.broadcast_shapes(input._array.shape, mask._array.shape)
    whole = input if input._array.shape == shape else expand(input, *shape)
    return read_at(whole, index=np.broadcast_to(mask._array, shape))


def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Any:
    """Return `input` with the elements of `source`, in order, where `mask` holds.

    Raises:
        RuntimeError: `source` has fewer elements than `mask` asks for.
    """
    if mask._array.dtype != bool:
        raise RuntimeError(
            f"masked_scatter_ only supports boolean masks, but got mask with dtype "
            f"{mask.dtype.name}"
        )
    places = np.broadcast_to(mask._array, input._array.shape)
    count = int(np.count_nonzero(places))
    if count > source._array.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return _replaced(input, narrow(reshape(source, -1), 0, 0, count), index=places)


def take(input: Tensor, index: Tensor) -> Any:
    """Return the elements that `index` names in the flattened tensor. Shape: that of `index`."""
    flat = reshape(input, -1)
    try:
        return read_at(flat, index=np.asarray(index._array))
    except IndexError as error:
        raise out_of_range(error, flat) from None


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """Return the indices of the elements that are not zero. Shape: (count, input.ndim), int64.

    Args:
        input: the tensor.
        as_tuple: return instead one 1-D tensor for each dimension, which together index the tensor.
    """
    indices = np.nonzero(np.atleast_1d(input._array))
    if as_tuple:
        return tuple(wrap(index) for index in indices)
    return wrap(
        np.stack(indices[: input.ndim], axis=1)
        if input.ndim
        else np.empty((indices[0].size, 0), np.int64)
    )


def argwhere(input: Tensor) -> Any:
    """Return the indices of the elements that are not zero. Shape: (count, input.ndim), int64."""
    return nonzero(input)
