"""Choosing elements by position, mask or list of indices, and writing to the chosen places.

The rules are NumPy's but for one: as in torch, an integer beside index tensors is taken first, as a
view.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.ops.arguments import wrap_dim
from minitorch.ops.arithmetic import mul
from minitorch.ops.shape import expand, reshape
from minitorch.tensor import Tensor, wrap

__all__ = [
    "argwhere", "getitem", "index_add", "index_copy", "index_fill", "index_put", "index_select",
    "masked_scatter", "masked_select", "narrow", "nonzero", "repeat_interleave", "select", "take",
]  # fmt: skip

# ---------------------------------------------------------------------- x[index]


def _read(x: np.ndarray, *, index: Any) -> np.ndarray:
    out = x[index]
    if isinstance(out, np.ndarray):
        return out
    return x[(*index, ...)] if isinstance(index, tuple) else x[index, ...]  # a view, not a scalar


def _erase(x: np.ndarray, *, index: Any) -> np.ndarray:
    out = np.array(x, order="K")
    out[index] = 0
    return out


def _write(x: np.ndarray, value: Any, *, index: Any) -> np.ndarray:
    x[index] = value
    return x


# For indices that `plain_index` has prepared.
read_at = primitive(
    "index", _read, x=lambda g, x_shape, index: add_at(g, index=index, shape=x_shape), view=True
)
add_at: Operation = primitive(
    "index_put",
    lambda g, *, index, shape: kernels.put_zeros(g, index, shape),
    g=lambda g, index: read_at(g, index=index),
)
erase_at: Operation = primitive("index_fill", _erase, x=lambda g, index: erase_at(g, index=index))
# Its forward writes to x itself: only on behalf of operations that change x, or that made it.
write_at = primitive(
    "index_put",
    _write,
    x=lambda g, index: erase_at(g, index=index),
    value=lambda g, index: read_at(g, index=index),
)


def plain_index(index: Any) -> Any:
    """Return an index in which tensors and lists have become arrays.

    IndexError if it has a bad part.
    """
    if isinstance(index, tuple):
        return tuple(_plain_part(part) for part in index)
    return _plain_part(index)


def _plain_part(part: Any) -> Any:
    if isinstance(part, slice):
        return _plain_slice(part)
    if isinstance(part, Tensor):
        part = part._array
        if part.ndim == 0 and part.dtype.kind in "iu":
            return int(part)
    elif isinstance(part, (list, range)):
        part = np.asarray(part) if len(part) else np.empty(0, np.int64)
    elif isinstance(part, bool):
        part = np.asarray(part)
    if isinstance(part, np.ndarray):
        if part.dtype.kind not in "iub":
            raise IndexError(
                f"tensors used as indices must be long, int, byte or bool tensors, got {part.dtype}"
            )
        # A copy: the tape may keep it, and its owner may change it meanwhile.
        return part.astype(bool if part.dtype == np.uint8 else part.dtype)
    return part


def _plain_slice(part: slice) -> slice:
    if part.step is not None and part.step <= 0:
        raise ValueError("step must be greater than zero")
    bounds = (part.start, part.stop, part.step)
    return slice(*[b if b is None else int(b) for b in bounds])


def integers_first(index: Any) -> tuple[Any, Any] | None:
    """Return an index with integers beside arrays as two, basic parts first; else None."""
    if not isinstance(index, tuple):
        return None
    kinds = {type(part) for part in index}
    if int not in kinds or np.ndarray not in kinds:
        return None
    first: list[Any] = []
    then: list[Any] = []
    for part in index:
        if isinstance(part, np.ndarray):
            first.extend([slice(None)] * (part.ndim if part.dtype == bool else 1))
            then.append(part)
        else:
            first.append(part)
            if part is Ellipsis:
                then.append(part)
            elif not isinstance(part, int):
                then.append(slice(None))
    return tuple(first), tuple(then)


def out_of_range(error: IndexError, x: Tensor) -> IndexError:
    """Return NumPy's complaint in torch's words."""
    text = str(error).replace("for axis", "for dimension").replace("array", "tensor")
    if text.startswith("too many indices"):
        return IndexError(
            f"too many indices for tensor of dimension {x.ndim} (shape {list(x.shape)})"
        )
    return IndexError(f"{text} (tensor of shape {list(x.shape)})")


def getitem(input: Tensor, index: Any) -> Any:
    """Return ``input[index]``: a view for integers, slices, None and ``...``, otherwise a copy.

    Args:
        input: the tensor.
        index: one or a tuple of: int, slice with a positive step, None, ``...``, and tensors or
            lists of integers or bools.

    Raises:
        IndexError: out of range, or too many indices.
    """
    plain = plain_index(index)
    two = integers_first(plain)
    try:
        if two is None:
            return read_at(input, index=plain)
        return read_at(read_at(input, index=two[0]), index=two[1])
    except IndexError as error:
        raise out_of_range(error, input) from None


# ---------------------------------------------------------------------- along one dimension


def along(dim: int, index: Any) -> tuple[Any, ...]:
    """Return the index that applies `index` to dimension `dim`, which is not negative."""
    return (*[slice(None)] * dim, index)


def slice_along(dim: int, start: int, stop: int) -> tuple[Any, ...]:
    """Return the index of the places from `start` to `stop` of dimension `dim`."""
    return along(dim, slice(start, stop))


def narrow(input: Any, dim: int, start: int, length: int) -> Any:
    """Return a view of `length` places along `dim`, from `start` on."""
    if input.ndim == 0:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    place = wrap_dim(dim, input.ndim)
    if start < 0:
        start += input.shape[place]
    if start < 0 or length < 0 or start + length > input.shape[place]:
        raise RuntimeError(
            f"start ({start}) + length ({length}) exceeds dimension size ({input.shape[place]})."
        )
    return read_at(input, index=slice_along(place, start, start + length))


def select(input: Any, dim: int, index: int) -> Any:
    """Return a view at `index` along `dim`, without that dimension."""
    if input.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    place = wrap_dim(dim, input.ndim)
    if not -input.shape[place] <= index < input.shape[place]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at "
            f"dimension {place}"
        )
    return read_at(input, index=along(place, index))


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
    return _replaced(input, _indices_along("index_copy", input, dim, index), source)


def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Any:
    """Return `input` with the number `value` at the places along `dim` that `index` names."""
    return _replaced(input, _indices_along("index_fill", input, dim, index), value)


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None) -> Any:
    """Return a copy in which each place along `dim` stands several times in a row.

    Args:
        input: the tensor.
        repeats: how many times; a number, or a tensor with one for each place.
        dim: along which dimension. Default: of the flattened tensor.
    """
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


def _replaced(input: Tensor, index: Any, value: Any) -> Any:
    """Return `input` with `value`, which broadcasts, at a plain index."""
    return _write_copy(input, value, index=index)


_write_copy = primitive(
    "index_put",
    lambda x, value, *, index: _write(x.copy(), value, index=index),
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
        return _replaced(input, index, values)
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
    return _replaced(input, places, narrow(reshape(source, -1), 0, 0, count))


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
