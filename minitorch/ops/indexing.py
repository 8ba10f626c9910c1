"""Choosing elements by position, mask or index, and writing to the chosen places."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import primitive
from minitorch.ops.arguments import wrap_dim
from minitorch.tensor import Tensor, wrap

# ---------------------------------------------------------------------- x[index]


def _take(x: np.ndarray, *, index: Any) -> np.ndarray:
    return x[index]


def _put(g: np.ndarray, *, index: Any, shape: tuple[int, ...]) -> np.ndarray:
    return kernels.put_zeros(g, index, shape)


def _erase(x: np.ndarray, *, index: Any) -> np.ndarray:
    out = x.copy()
    out[index] = 0
    return out


take = primitive(
    "index", _take, x=lambda g, x_shape, index: put(g, index=index, shape=x_shape), view=True
)
put = primitive("put", _put, g=lambda g, index: take(g, index=index))
erase = primitive("erase", _erase, x=lambda g, index: erase(g, index=index))


def _assign(x: np.ndarray, value: Any, *, index: Any) -> np.ndarray:
    x[index] = value
    return x


# Its forward writes to x itself: only `ops.inplace` may call it.
assign = primitive(
    "index_put",
    _assign,
    x=lambda g, index: erase(g, index=index),
    value=lambda g, index: take(g, index=index),
)


def plain_index(index: Any) -> Any:
    """Return an index in which tensors and lists have become arrays; IndexError if it has a bad part."""
    if isinstance(index, tuple):
        return tuple(_plain_part(part) for part in index)
    return _plain_part(index)


def _plain_part(part: Any) -> Any:
    if isinstance(part, Tensor):
        part = part._array
        if part.ndim == 0 and part.dtype.kind in "iu":
            return int(part)
    elif isinstance(part, list):
        part = np.asarray(part) if part else np.empty(0, np.int64)
    if isinstance(part, np.ndarray):
        if part.dtype.kind not in "iub":
            raise IndexError(
                f"tensors used as indices must be long, int, byte or bool tensors, got {part.dtype}"
            )
        return part.astype(bool) if part.dtype == np.uint8 else part
    if isinstance(part, slice) and part.step is not None and part.step <= 0:
        raise ValueError("step must be greater than zero")
    if isinstance(part, slice):
        bounds = (part.start, part.stop, part.step)
        return slice(*[b if b is None else int(b) for b in bounds])
    return part


def getitem(input: Tensor, index: Any) -> Any:
    """Return ``input[index]``: a view for integers, slices, None and ``...``, otherwise a copy."""
    plain = plain_index(index)
    try:
        return take(input, index=plain)
    except IndexError as error:
        raise IndexError(f"{error} (tensor of shape {list(input.shape)})") from None


def narrow(input: Any, dim: int, start: int, length: int) -> Any:
    """Return a view of `length` places along `dim`, from `start` on."""
    place = wrap_dim(dim, input.ndim)
    if start < 0:
        start += input.shape[place]
    if start < 0 or length < 0 or start + length > input.shape[place]:
        raise RuntimeError(
            f"start ({start}) + length ({length}) exceeds dimension size ({input.shape[place]})."
        )
    return take(input, index=(*[slice(None)] * place, slice(start, start + length)))


def select(input: Any, dim: int, index: int) -> Any:
    """Return a view at `index` along `dim`, without that dimension."""
    place = wrap_dim(dim, input.ndim)
    if not -input.shape[place] <= index < input.shape[place]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at "
            f"dimension {place}"
        )
    return take(input, index=(*[slice(None)] * place, index))


# ---------------------------------------------------------------------- several views at once


def split(input: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """Return views of `split_size_or_sections` places each (or of the sizes given) along `dim`."""
    place = wrap_dim(dim, input.ndim)
    total = input.shape[place]
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size <= 0:
            raise RuntimeError(f"split expects split_size be positive, but got split_size={size}")
        lengths = [min(size, total - start) for start in range(0, total, size)] or [0]
    else:
        lengths = [int(n) for n in split_size_or_sections]
        if sum(lengths) != total:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size "
                f"at dimension {place}), but got split_sizes={lengths}"
            )
    pieces, start = [], 0
    for length in lengths:
        pieces.append(narrow(input, place, start, length))
        start += length
    return tuple(pieces)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """Return at most `chunks` views of equal size along `dim`, the last perhaps smaller."""
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    total = input.shape[wrap_dim(dim, input.ndim)]
    return split(input, max(1, -(-total // chunks)), dim)


# ---------------------------------------------------------------------- by an index tensor


def _gather(x: np.ndarray, index: np.ndarray, *, axis: int) -> np.ndarray:
    return np.take_along_axis(_cut(x, index, axis), index, axis)


def _cut(x: np.ndarray, index: np.ndarray, axis: int) -> np.ndarray:
    """Return the part of `x` that an index smaller than it in other dimensions can reach."""
    return x[tuple(slice(None) if d == axis else slice(n) for d, n in enumerate(index.shape))]


def _scatter_add(x: np.ndarray, index: np.ndarray, src: np.ndarray, *, axis: int) -> np.ndarray:
    out = x.copy()
    places = list(np.indices(index.shape, sparse=True))
    places[axis] = index
    np.add.at(out, tuple(places), _cut_all(src, index.shape))
    return out


def _cut_all(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return x[tuple(slice(n) for n in shape)]


def _scatter(x: np.ndarray, index: np.ndarray, src: Any, *, axis: int) -> np.ndarray:
    out = x.copy()
    np.put_along_axis(
        _cut(out, index, axis), index, src if np.ndim(src) == 0 else _cut_all(src, index.shape), axis
    )
    return out


def _scatter_zeros(g: np.ndarray, index: np.ndarray, *, axis: int, shape: Any) -> np.ndarray:
    return _scatter_add(np.zeros(shape, g.dtype), index, g, axis=axis)


_pick = primitive(
    "gather",
    _gather,
    x=lambda g, index, axis, x_shape: _spread(g, index, axis=axis, shape=x_shape),
)
_spread = primitive(
    "gather_backward", _scatter_zeros, g=lambda g, index, axis: _pick(g, index, axis=axis)
)


def _padded_gather(g: Any, index: Any, axis: int, src_shape: tuple[int, ...]) -> Any:
    """Return the gradient of `src`, zero where the index did not reach."""
    out = _pick(g, index, axis=axis)
    if tuple(out.shape) == src_shape:
        return out
    return put(out, index=tuple(slice(n) for n in out.shape), shape=src_shape)


_scatter_add_op = primitive(
    "scatter_add",
    _scatter_add,
    x=lambda g: g,
    src=lambda g, index, axis, src_shape: _padded_gather(g, index, axis, src_shape),
)
_scatter_op = primitive(
    "scatter",
    _scatter,
    x=lambda g, index, axis: _scatter_op(g, index, 0.0, axis=axis),
    src=lambda g, index, axis, src_shape: _padded_gather(g, index, axis, src_shape),
)


def _checked_index(name: str, input: Tensor, dim: int, index: Tensor) -> int:
    place = wrap_dim(dim, input.ndim)
    if index._array.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): Expected dtype int64 for index, got {index.dtype}")
    if index.ndim != input.ndim:
        raise RuntimeError(f"{name}(): Index tensor must have the same number of dimensions as self tensor")
    size = input.shape[place]
    if index._array.size and (index._array.min() < 0 or index._array.max() >= size):
        bad = int(index._array.max() if index._array.max() >= size else index._array.min())
        raise RuntimeError(f"index {bad} is out of bounds for dimension {place} with size {size}")
    return place


def gather(input: Tensor, dim: int, index: Tensor) -> Any:
    """Return ``out[i][j] = input[index[i][j]][j]`` (for dim 0), the elements that `index` names.

    Shape:
        `index` has as many dimensions as `input`; the result has its shape.
    """
    place = _checked_index("gather", input, dim, index)
    return _pick(input, index, axis=place)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Any:
    """Return `input` with ``src[i][j]`` added at ``[index[i][j]][j]`` (for dim 0)."""
    place = _checked_index("scatter_add", input, dim, index)
    return _scatter_add_op(input, index, src, axis=place)


def scatter(input: Tensor, dim: int, index: Tensor, src: Any) -> Any:
    """Return `input` with ``src[i][j]``, or the number `src`, written at ``[index[i][j]][j]``."""
    place = _checked_index("scatter", input, dim, index)
    return _scatter_op(input, index, src, axis=place)


def index_select(input: Tensor, dim: int, index: Tensor) -> Any:
    """Return the places of `input` along `dim` that the 1-D `index` names, in its order."""
    place = wrap_dim(dim, input.ndim)
    return getitem(input, (*[slice(None)] * place, index))


def take_along_dim(input: Tensor, indices: Tensor, dim: int) -> Any:
    """Return `gather`, for indices such as argsort returns."""
    return gather(input, dim, indices)


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Any:
    """Return `input` with ``alpha * source`` added at the places along `dim` that `index` names."""
    place = wrap_dim(dim, input.ndim)
    plain = (*[slice(None)] * place, plain_index(index))
    return input + alpha * put(source, index=plain, shape=input._array.shape)


def masked_select(input: Tensor, mask: Tensor) -> Any:
    """Return the elements where `mask` holds. Shape: 1-D."""
    shape = np.broadcast_shapes(input._array.shape, mask._array.shape)
    whole = take(input, index=...) if input._array.shape == shape else _expanded(input, shape)
    return take(whole, index=np.broadcast_to(mask._array, shape))


def _expanded(input: Tensor, shape: tuple[int, ...]) -> Any:
    from_scratch = np.zeros(shape, input._array.dtype)
    return input + from_scratch


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """Return the indices of the elements that are not zero. Shape: (count, input.ndim), int64."""
    indices = np.nonzero(input._array)
    if as_tuple:
        return tuple(wrap(index) for index in indices)
    return wrap(np.stack(indices, axis=1) if input.ndim else np.empty((1, 0), np.int64))


# ---------------------------------------------------------------------- rows of a table


def _rows(weight: np.ndarray, indices: np.ndarray) -> np.ndarray:
    return weight[indices]


def _row_gradient(g: np.ndarray, indices: np.ndarray, *, rows: int) -> np.ndarray:
    return kernels.embedding_gradient(g.reshape(-1, g.shape[-1]), indices.reshape(-1), rows)


_embedding = primitive(
    "embedding",
    _rows,
    weight=lambda g, indices, weight_shape: _embedding_gradient(g, indices, rows=weight_shape[0]),
)
_embedding_gradient = primitive(
    "embedding_backward", _row_gradient, g=lambda g, indices: _embedding(g, indices)
)


def embedding(weight: Tensor, indices: Tensor) -> Any:
    """Return the rows of `weight` that `indices` name, ``(V, C), (*) -> (*, C)``.

    Raises:
        IndexError: an index is negative or not below V.
    """
    values = indices._array
    if values.dtype.kind not in "iu":
        raise RuntimeError(
            f"Expected tensor for argument #1 'indices' to have scalar type Long or Int, got {indices.dtype}"
        )
    rows = weight._array.shape[0]
    if values.size and (values.min() < 0 or values.max() >= rows):
        bad = int(values.max() if values.max() >= rows else values.min())
        raise IndexError(f"index out of range in self: {bad} is not in [0, {rows - 1}]")
    return _embedding(weight, indices)


def _nll(x: np.ndarray, target: np.ndarray) -> np.ndarray:
    return -x[np.arange(x.shape[0]), target]


def _nll_gradient(g: np.ndarray, target: np.ndarray, *, shape: Any) -> np.ndarray:
    out = np.zeros(shape, g.dtype)
    out[np.arange(shape[0]), target] = -g
    return out


nll_gather = primitive(
    "nll_loss", _nll, x=lambda g, target, x_shape: _nll_backward(g, target, shape=x_shape)
)
_nll_backward = primitive("nll_loss_backward", _nll_gradient, g=lambda g, target: nll_gather(g, target))


def unbind(input: Tensor, dim: int = 0) -> tuple[Any, ...]:
    """Return a view for each place along `dim`, without that dimension."""
    place = wrap_dim(dim, input.ndim)
    return tuple(select(input, place, i) for i in range(input.shape[place]))


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """Return the diagonal of two dimensions, as the last dimension of the result."""
    a, b = wrap_dim(dim1, input.ndim), wrap_dim(dim2, input.ndim)
    return _diagonal(input, offset=offset, axis1=a, axis2=b)


def _diagonal_put(g: np.ndarray, *, shape: Any, offset: int, axis1: int, axis2: int) -> np.ndarray:
    out = np.zeros(shape, g.dtype)
    where = np.diagonal(out, offset, axis1, axis2)
    where.flags.writeable = True
    where[...] = g
    return out


_diagonal = primitive(
    "diagonal",
    lambda x, *, offset, axis1, axis2: np.diagonal(x, offset, axis1, axis2),
    x=lambda g, x_shape, offset, axis1, axis2: _diagonal_backward(
        g, shape=x_shape, offset=offset, axis1=axis1, axis2=axis2
    ),
)
_diagonal_backward = primitive(
    "diagonal_backward",
    _diagonal_put,
    g=lambda g, offset, axis1, axis2: _diagonal(g, offset=offset, axis1=axis1, axis2=axis2),
)
