"""Reading and writing where an index tensor says, element for element: gather and scatter."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.primitive import Operation, primitive
from minitorch.kernels import indexing
from minitorch.ops.indexing import add_at, narrow
from minitorch.ops.pointwise import clone
from minitorch.ops.shape import as_shape, broadcast_shapes, expand, reshape
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor

__all__ = ["gather", "scatter", "scatter_add", "take_along_dim"]


def _gather(x: np.ndarray, index: np.ndarray, *, axis: int) -> np.ndarray:
    return np.take_along_axis(_cut(x, index, axis), index, axis)


def _cut(x: np.ndarray, index: np.ndarray, axis: int) -> np.ndarray:
    """Return the part of `x` that an index smaller than it in other dimensions can reach."""
    return x[tuple(slice(None) if d == axis else slice(n) for d, n in enumerate(index.shape))]


def _scatter_add(x: np.ndarray, index: np.ndarray, src: np.ndarray, *, axis: int) -> np.ndarray:
    out = x.copy()
    places: list[Any] = list(np.indices(index.shape, sparse=True))
    places[axis] = index
    indexing.add_at(out, tuple(places), _cut_all(src, index.shape))
    return out


def _cut_all(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return x[tuple(slice(n) for n in shape)]


def _scatter(x: np.ndarray, index: np.ndarray, src: Any, *, axis: int) -> np.ndarray:
    out = x.copy()
    np.put_along_axis(
        _cut(out, index, axis),
        index,
        src if np.ndim(src) == 0 else _cut_all(src, index.shape),
        axis,
    )
    return out


def _scatter_zeros(g: np.ndarray, index: np.ndarray, *, axis: int, shape: Any) -> np.ndarray:
    return _scatter_add(np.zeros(shape, g.dtype), index, g, axis=axis)


_pick = primitive(
    "gather",
    _gather,
    x=lambda g, index, axis, x_shape: _spread(g, index, axis=axis, shape=x_shape),
)
_spread: Operation = primitive(
    "gather_backward", _scatter_zeros, g=lambda g, index, axis: _pick(g, index, axis=axis)
)


def _padded_gather(g: Any, index: Any, axis: int, src_shape: tuple[int, ...]) -> Any:
    """Return the gradient of `src`, zero where the index did not reach."""
    out = _pick(g, index, axis=axis)
    if tuple(out.shape) == src_shape:
        return out
    return add_at(out, index=tuple(slice(n) for n in out.shape), shape=src_shape)


_scatter_add_op = primitive(
    "scatter_add",
    _scatter_add,
    x=lambda g: g,
    src=lambda g, index, axis, src_shape: _padded_gather(g, index, axis, src_shape),
)
_scatter_op: Operation = primitive(
    "scatter",
    _scatter,
    x=lambda g, index, axis: _scatter_op(g, index, 0.0, axis=axis),
    src=lambda g, index, axis, src_shape: _padded_gather(g, index, axis, src_shape),
)


def _checked_index(name: str, input: Tensor, dim: int, index: Tensor) -> int:
    """Return `dim` counted from the front; here and below a number is a vector of one place."""
    place = wrap_dim(dim, input.ndim)
    if index._array.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): Expected dtype int64 for index, got {index.dtype.name}")
    if not index._array.size:
        return place
    if (index.ndim or 1) != (input.ndim or 1):
        raise RuntimeError(
            f"{name}(): Index tensor must have the same number of dimensions as self tensor"
        )
    size = input.shape[place] if input.ndim else 1
    if index._array.min() < 0 or index._array.max() >= size:
        bad = int(index._array.max() if index._array.max() >= size else index._array.min())
        raise RuntimeError(f"index {bad} is out of bounds for dimension {place} with size {size}")
    return place


def gather(input: Tensor, dim: int, index: Tensor) -> Any:
    """Return the elements that `index` names: for dim 0 ``out[i, j] = input[index[i, j], j]``.

    Args:
        input: the tensor.
        dim: the dimension along which `index` names places.
        index: integers, not negative.

    Shape:
        `index` has as many dimensions as `input`; the result has its shape.

    Raises:
        RuntimeError: an index is out of bounds.
    """
    place = _checked_index("gather", input, dim, index)
    if index._array.ndim and input._array.ndim == index._array.ndim:
        return _pick(input, index, axis=place)
    if not index._array.size:
        return as_shape(narrow(reshape(input, -1), 0, 0, 0), shape=index._array.shape)
    return as_shape(_pick(_vector(input), _vector(index), axis=0), shape=index._array.shape)


def _vector(x: Any) -> Any:
    """Return `x`, a vector instead of a number."""
    return x if x.ndim else reshape(x, 1)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Any:
    """Return `input` with ``src[i, j]`` added at ``[index[i, j], j]`` (for dim 0).

    Shape:
        `index` is nowhere larger than `src`; what it does not reach is not added.
    """
    place = _checked_index("scatter_add", input, dim, index)
    _same_dtype("scatter_add", input, src)
    return _scattered(_scatter_add_op, input, index, src, place)


def scatter(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Any = None,
    *,
    value: Any = None,
    reduce: str | None = None,
) -> Any:
    """Return `input` with ``src[i, j]``, or a number, written at ``[index[i, j], j]`` (for dim 0).

    Args:
        input: the tensor.
        dim: the dimension along which `index` names places.
        index: integers, not negative.
        src: tensor, nowhere smaller than `index`, or a number.
        value: a number, instead of `src`.
        reduce: None to write; ``"add"`` to add.
    """
    if (src is None) == (value is None):
        raise TypeError("scatter(): expected one of 'src' and 'value'")
    source = value if src is None else src
    if reduce == "add":
        added = source if isinstance(source, Tensor) else input.new_full(index.shape, source)
        return scatter_add(input, dim, index, added)
    if reduce is not None:
        raise NotImplementedError(
            f"scatter: reduce={reduce!r} is not supported, only None and 'add' are"
        )
    place = _checked_index("scatter", input, dim, index)
    if isinstance(source, Tensor):
        _same_dtype("scatter", input, source)
    return _scattered(_scatter_op, input, index, source, place)


def _scattered(operation: Operation, input: Tensor, index: Tensor, source: Any, axis: int) -> Any:
    """Return what `operation` makes of numbers, too, and a copy for an index of no elements."""
    if not index._array.size:
        return clone(input)
    if input._array.ndim and index._array.ndim:
        return operation(input, index, source, axis=axis)
    source = _vector(source) if isinstance(source, Tensor) else source
    out = operation(_vector(input), _vector(index), source, axis=0)
    return as_shape(out, shape=input._array.shape)


def _same_dtype(name: str, input: Tensor, src: Tensor) -> None:
    if input._array.dtype != src._array.dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Any:
    """Return the elements at indices such as argsort returns.

    Without `dim`, of the flattened tensor.

    Shape:
        `input` and `indices` broadcast, except along `dim`.
    """
    if dim is None:
        return gather(reshape(input, -1), 0, reshape(indices, -1))
    place = wrap_dim(dim, input.ndim)
    ours, theirs = list(input.shape), list(indices.shape)
    ours[place] = theirs[place] = 1
    common = list(broadcast_shapes(ours, theirs))
    ours, theirs = common.copy(), common.copy()
    ours[place], theirs[place] = input.shape[place], indices.shape[place]
    return gather(expand(input, *ours), place, expand(indices, *theirs))
