"""Rearranging: the same numbers under another shape. Most results are views."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.coerce import expand_to
from minitorch.autograd.function import Function
from minitorch.autograd.primitive import primitive
from minitorch.ops.arguments import sizes, wrap_dim
from minitorch.ops.indexing import narrow
from minitorch.tensor import Size, Tensor, wrap


def _reshape(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    return x.reshape(shape)


def _permute(x: np.ndarray, *, dims: tuple[int, ...]) -> np.ndarray:
    return x.transpose(dims)


def _inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort(dims))


as_shape = primitive(
    "view", _reshape, x=lambda g, x_shape: as_shape(g, shape=x_shape), view=True
)
permute_dims = primitive(
    "permute", _permute, x=lambda g, dims: permute_dims(g, dims=_inverse(dims)), view=True
)
mT = primitive("t", lambda x: x.swapaxes(-1, -2), x=lambda g: mT(g), view=True)  # noqa: N816
_flip = primitive(
    "flip", lambda x, *, axis: np.flip(x, axis).copy(), x=lambda g, axis: _flip(g, axis=axis)
)
_roll = primitive(
    "roll",
    lambda x, *, shift, axis: np.roll(x, shift, axis),
    x=lambda g, shift, axis: _roll(g, shift=tuple(-s for s in shift), axis=axis),
)
_tril = primitive("tril", lambda x, *, k: np.tril(x, k), x=lambda g, k: _tril(g, k=k))
_triu = primitive("triu", lambda x, *, k: np.triu(x, k), x=lambda g, k: _triu(g, k=k))


def reshape(input: Any, *shape: Any) -> Any:
    """Return the elements of `input` under `shape`, in which one size may be -1; a view if possible."""
    size = sizes(shape)
    try:
        return as_shape(input, shape=size)
    except (ValueError, RuntimeError):
        raise RuntimeError(
            f"shape '{list(size)}' is invalid for input of size {_count(input.shape)}"
        ) from None


def _count(shape: tuple[int, ...]) -> int:
    return Size(shape).numel()


def view(input: Tensor, *shape: Any) -> Any:
    """Return a view of `input` under another shape, or under another dtype of the same size.

    Raises:
        RuntimeError: the strides do not allow it; use ``reshape``, which copies then.
    """
    if len(shape) == 1 and hasattr(shape[0], "is_floating_point"):
        return wrap(input._array.view(shape[0].numpy))
    out = reshape(input, *shape)
    if out._array.size and not np.may_share_memory(out._array, input._array):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension "
            "spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return out


def permute(input: Any, *dims: Any) -> Any:
    """Return a view with the dimensions in the order `dims`."""
    order = sizes(dims)
    if sorted(wrap_dim(d, input.ndim) for d in order) != list(range(input.ndim)):
        raise RuntimeError(
            f"permute: dims {list(order)} is no ordering of the {input.ndim} dimensions of the input"
        )
    return permute_dims(input, dims=tuple(wrap_dim(d, input.ndim) for d in order))


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """Return a view with two dimensions swapped."""
    order = list(range(input.ndim))
    a, b = wrap_dim(dim0, input.ndim), wrap_dim(dim1, input.ndim)
    if order:
        order[a], order[b] = b, a
    return permute_dims(input, dims=tuple(order))


def t(input: Any) -> Any:
    """Return the transpose of a matrix; a vector or a scalar as it is."""
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return mT(input) if input.ndim == 2 else permute_dims(input, dims=tuple(range(input.ndim)))


def movedim(input: Any, source: Any, destination: Any) -> Any:
    """Return a view with dimensions moved from `source` to `destination`, the others in order."""
    sources = [wrap_dim(d, input.ndim) for d in ([source] if isinstance(source, int) else source)]
    targets = [
        wrap_dim(d, input.ndim) for d in ([destination] if isinstance(destination, int) else destination)
    ]
    order = [d for d in range(input.ndim) if d not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return permute_dims(input, dims=tuple(order))


def expand(input: Any, *shape: Any) -> Any:
    """Return a read-only view that repeats dimensions of size 1; -1 keeps a size."""
    size = list(sizes(shape))
    extra = len(size) - input.ndim
    if extra < 0:
        raise RuntimeError(
            f"expand: the number of sizes provided ({len(size)}) must be greater or equal to the number "
            f"of dimensions in the tensor ({input.ndim})"
        )
    for axis, n in enumerate(size):
        old = input.shape[axis - extra] if axis >= extra else 1
        if n == -1 and axis >= extra:
            size[axis] = old
        elif old not in (1, n):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({old}) at "
                f"non-singleton dimension {axis}.  Target sizes: {size}.  Tensor sizes: "
                f"{list(input.shape)}"
            )
    return expand_to(input, shape=tuple(size))


def broadcast_to(input: Any, size: Any) -> Any:
    """Return `input` expanded to `size`."""
    return expand(input, *size)


def expand_as(input: Any, other: Any) -> Any:
    """Return `input` expanded to the shape of `other`."""
    return expand(input, *other.shape)


def view_as(input: Any, other: Any) -> Any:
    """Return `input` viewed under the shape of `other`."""
    return view(input, *other.shape)


def reshape_as(input: Any, other: Any) -> Any:
    """Return `input` reshaped to the shape of `other`."""
    return reshape(input, *other.shape)


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """Return all tensors expanded to their common shape."""
    shape = np.broadcast_shapes(*[x.shape for x in tensors])
    return tuple(expand(x, *shape) for x in tensors)


def squeeze(input: Any, dim: Any = None) -> Any:
    """Return a view without the dimensions of size 1, or without those among `dim`."""
    if dim is None:
        drop = {d for d, n in enumerate(input.shape) if n == 1}
    else:
        asked = [dim] if isinstance(dim, int) else dim
        drop = {d for d in (wrap_dim(d, input.ndim) for d in asked) if d < input.ndim}
        drop = {d for d in drop if input.shape[d] == 1}
    return as_shape(input, shape=tuple(n for d, n in enumerate(input.shape) if d not in drop))


def unsqueeze(input: Any, dim: int) -> Any:
    """Return a view with a dimension of size 1 at `dim`."""
    place = wrap_dim(dim, input.ndim + 1)
    return as_shape(input, shape=(*input.shape[:place], 1, *input.shape[place:]))


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Return `input` with the dimensions from `start_dim` to `end_dim` joined into one."""
    start, end = wrap_dim(start_dim, input.ndim), wrap_dim(end_dim, input.ndim)
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    shape = tuple(input.shape)
    if not shape:
        return as_shape(input, shape=(1,))
    joined = _count(shape[start : end + 1])
    return as_shape(input, shape=(*shape[:start], joined, *shape[end + 1 :]))


def ravel(input: Any) -> Any:
    """Return `input` as one dimension, a view if possible."""
    return reshape(input, -1)


def unflatten(input: Any, dim: int, sizes: Any) -> Any:
    """Return a view with dimension `dim` split into `sizes`, of which one may be -1."""
    place = wrap_dim(dim, input.ndim)
    return reshape(input, *input.shape[:place], *sizes, *input.shape[place + 1 :])


def flip(input: Any, *dims: Any) -> Any:
    """Return a copy with the order along `dims` reversed."""
    return _flip(input, axis=tuple(wrap_dim(d, input.ndim) for d in sizes(dims)))


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
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    shape = (1,) * (len(counts) - input.ndim) + tuple(input.shape)
    spread = as_shape(input, shape=tuple(v for n in shape for v in (1, n)))
    full = expand_to(spread, shape=tuple(v for r, n in zip(counts, shape, strict=True) for v in (r, n)))
    return reshape(full, *(r * n for r, n in zip(counts, shape, strict=True)))


def tile(input: Any, *dims: Any) -> Any:
    """Return `repeat`, with missing leading counts taken as 1."""
    counts = sizes(dims)
    return repeat(input, *((1,) * (input.ndim - len(counts)) + counts))


def repeat_interleave(input: Any, repeats: int, dim: int | None = None) -> Any:
    """Return a copy in which each element along `dim` stands `repeats` times in a row."""
    if not isinstance(repeats, int):
        raise NotImplementedError("repeat_interleave: repeats must be an int, tensors are not supported")
    if dim is None:
        input, dim = reshape(input, -1), 0
    place = wrap_dim(dim, input.ndim)
    shape = tuple(input.shape)
    spread = as_shape(input, shape=(*shape[: place + 1], 1, *shape[place + 1 :]))
    full = expand_to(spread, shape=(*shape[: place + 1], repeats, *shape[place + 1 :]))
    return reshape(full, *shape[:place], shape[place] * repeats, *shape[place + 1 :])


def tril(input: Any, diagonal: int = 0) -> Any:
    """Return the lower triangle of the last two dimensions, zeros elsewhere."""
    return _tril(input, k=diagonal)


def triu(input: Any, diagonal: int = 0) -> Any:
    """Return the upper triangle of the last two dimensions, zeros elsewhere."""
    return _triu(input, k=diagonal)


class Cat(Function):
    """Joining along an existing dimension; the gradient is cut at the same places."""

    fresh_gradients = True

    @staticmethod
    def forward(ctx: Any, dim: int, *tensors: Tensor) -> Tensor:
        """Join."""
        ctx.dim, ctx.lengths = dim, [x._array.shape[dim] for x in tensors]
        return wrap(np.concatenate([x._array for x in tensors], axis=dim))

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        """Cut."""
        pieces, start = [], 0
        for length in ctx.lengths:
            pieces.append(narrow(g, ctx.dim, start, length))
            start += length
        return (None, *pieces)


def cat(tensors: Any, dim: int = 0) -> Any:
    """Return the tensors joined along dimension `dim`.

    Shape:
        All the same but for dimension `dim`; empty 1-d tensors are skipped.
    """
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("cat(): expected a non-empty list of Tensors")
    kept = [x for x in tensors if x._array.shape != (0,)] or tensors[:1]
    shapes = [list(x.shape) for x in kept]
    place = wrap_dim(dim, kept[0].ndim)
    for shape in shapes[1:]:
        others = [n for d, n in enumerate(shape) if d != place]
        if len(shape) != len(shapes[0]) or others != [n for d, n in enumerate(shapes[0]) if d != place]:
            raise RuntimeError(
                f"cat: Sizes of tensors must match except in dimension {place}. Got shapes "
                f"{shapes[0]} and {shape}"
            )
    return Cat.apply(place, *kept)


def stack(tensors: Any, dim: int = 0) -> Any:
    """Return the tensors joined along a new dimension `dim`."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    for x in tensors[1:]:
        if x.shape != tensors[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry "
                f"0 and {list(x.shape)} at another"
            )
    return cat([unsqueeze(x, dim) for x in tensors], wrap_dim(dim, tensors[0].ndim + 1))

