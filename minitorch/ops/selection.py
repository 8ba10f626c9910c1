"""Reading and writing places that an index tensor or a mask names, under names of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.dtypes import dtype_name
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
from minitorch.ops.shape import as_shape, expand, reshape, unsqueeze
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor, wrap

__all__ = [
    "argwhere", "index_add", "index_copy", "index_fill", "index_put", "index_select",
    "masked_scatter", "masked_select", "nonzero", "repeat_interleave", "take",
]  # fmt: skip


# ---------------------------------------------------------------------- along one dimension

# The tensor that names the places is an input of these operations, and no static argument: the
# backward pass reads it again, and refuses if it was changed meanwhile.


def _read(x: np.ndarray, index: np.ndarray, *, axis: int) -> np.ndarray:
    return np.asarray(x[along(axis, index)])


def _spread(g: np.ndarray, index: np.ndarray, *, axis: int, shape: tuple[int, ...]) -> np.ndarray:
    return kernels.put_zeros(g, along(axis, index), shape)


def _write(x: np.ndarray, index: np.ndarray, value: Any, *, axis: int) -> np.ndarray:
    out = x.copy()
    out[along(axis, index)] = value
    return out


def _reading(name: str) -> Operation:
    """Return the operation that reads from `x` where an integer or bool `index` says."""
    return primitive(
        name,
        _read,
        x=lambda g, index, axis, x_shape: _add_into_zeros(g, index, axis=axis, shape=x_shape),
    )


def _writing(name: str) -> Operation:
    """Return the operation that writes `value`, which broadcasts, where `index` says."""
    return primitive(
        name,
        _write,
        x=lambda g, index, axis: _fill_along(g, index, 0.0, axis=axis),
        value=lambda g, index, axis: _select_along(g, index, axis=axis),
    )


_add_into_zeros: Operation = primitive(
    "index_add", _spread, g=lambda g, index, axis: _select_along(g, index, axis=axis)
)
_select_along: Operation = _reading("index_select")
_select_masked = _reading("masked_select")
_take = _reading("take")
_copy_along = _writing("index_copy")
_fill_along = _writing("index_fill")
_scatter_masked = _writing("masked_scatter")


def _checked_index(name: str, input: Tensor, dim: int, index: Tensor) -> tuple[Tensor, int]:
    """Return the places along `dim` that `index` names, as a vector, and `dim`, not negative."""
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
    return index if array.ndim else unsqueeze(index, 0), place


def index_select(input: Tensor, dim: int, index: Tensor) -> Any:
    """Return the places of `input` along `dim` that the 1-D `index` names, in its order."""
    places, axis = _checked_index("index_select", input, dim, index)
    if not input.ndim and places._array.size != 1:
        raise RuntimeError(
            "index_select(): Index to scalar can have only 1 value, got "
            f"{places._array.size} value(s)"
        )
    return _select_along(input, places, axis=axis) if input.ndim else read_at(input, index=...)


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Any:
    """Return `input` with ``alpha * source`` added at the places along `dim` that `index` names."""
    places, axis = _checked_index("index_add", input, dim, index)
    added = source if alpha == 1 else mul(source, alpha)
    if not input.ndim:
        _check_number(input, source)
        added = expand(reshape(added, 1), *places.shape)
        return as_shape(_add_into_zeros(added, places, axis=0, shape=(1,)), shape=()) + input
    return input + _add_into_zeros(added, places, axis=axis, shape=input._array.shape)


def _check_number(input: Tensor, source: Tensor) -> None:
    if source.ndim:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. "
            f"Got self.shape = {list(input.shape)} source.shape = {list(source.shape)}"
        )


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Any:
    """Return `input` with the places along `dim` that `index` names taken from `source`."""
    places, axis = _checked_index("index_copy", input, dim, index)
    return _written(_copy_along, input, places, source, axis)


def _written(operation: Operation, input: Tensor, places: Tensor, value: Any, axis: int) -> Any:
    """Return what `operation` makes of `input`, a number being a vector of one place."""
    if input.ndim:
        return operation(input, places, value, axis=axis)
    return as_shape(operation(reshape(input, 1), places, value, axis=0), shape=())


def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Any:
    """Return `input` with the number `value` at the places along `dim` that `index` names."""
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError(
            "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.ndim} dimension(s)."
        )
    places, axis = _checked_index("index_fill", input, dim, index)
    return _written(_fill_along, input, places, value, axis)


def repeat_interleave(
    input: Any, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Any:
    """Return a copy in which each place along `dim` stands several times in a row.

    Args:
        input: the tensor.
        repeats: how many times; a number, or a tensor with one for each place.
            Left out, `input` holds these numbers, and the indices of the places are returned.
        dim: along which dimension. Default: of the flattened tensor.
        output_size: how many places there will be: RuntimeError if not so many.
    """
    if repeats is None:
        if input.ndim != 1:
            raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
        return wrap(_repeated_places(input.numel(), input._array, output_size))
    if dim is None or not input.ndim:
        input, dim = reshape(input, -1), 0
    place = wrap_dim(dim, input.ndim)
    n = input.shape[place]
    counts = np.asarray(repeats._array if isinstance(repeats, Tensor) else repeats)
    if counts.ndim > 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if counts.size not in (1, n):
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts.size} and input.size({place}) = {n}"
        )
    return read_at(input, index=along(place, _repeated_places(n, counts, output_size)))


def _repeated_places(n: int, counts: np.ndarray, output_size: int | None) -> np.ndarray:
    """Return the numbers below `n`, each as often as `counts` says."""
    if counts.dtype not in (np.int64, np.int32):
        raise NotImplementedError(
            f"\"repeat_interleave_cpu\" not implemented for '{dtype_name(counts.dtype)}'"
        )
    if counts.size and counts.min() < 0:
        raise RuntimeError("repeats can not be negative")
    places = np.repeat(np.arange(n), counts)
    if output_size is not None and output_size != places.size:
        raise RuntimeError(
            f"repeat_interleave: Invalid output_size, expected {places.size} but got {output_size}"
        )
    return places


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
    whole, places = (x if x._array.shape == shape else expand(x, *shape) for x in (input, mask))
    return _select_masked(whole, places, axis=0)


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
    shape = input._array.shape
    places = mask if mask._array.shape == shape else expand(mask, *shape)
    count = int(np.count_nonzero(places._array))
    if count > source._array.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return _scatter_masked(input, places, narrow(reshape(source, -1), 0, 0, count), axis=0)


def take(input: Tensor, index: Tensor) -> Any:
    """Return the elements that `index` names in the flattened tensor. Shape: that of `index`."""
    flat = reshape(input, -1)
    try:
        return _take(flat, index, axis=0)
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
