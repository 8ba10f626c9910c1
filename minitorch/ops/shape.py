"""Rearranging: the same numbers under another shape. Most results are views."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.coerce import expand_to
from minitorch.autograd.primitive import Operation, primitive
from minitorch.dtypes import dtype as dtype_type
from minitorch.dtypes import numpy_dtype
from minitorch.memory_order import lay_out
from minitorch.ops.arguments import named_sizes
from minitorch.size import Size, wrap_dim
from minitorch.tensor import Tensor, wrap

__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_shapes", "broadcast_tensors",
    "broadcast_to", "expand", "expand_as", "flatten", "mT", "meshgrid", "moveaxis", "movedim",
    "permute", "ravel", "reshape", "reshape_as", "squeeze", "swapaxes", "swapdims", "t",
    "transpose", "unflatten", "unsqueeze", "view", "view_as",
]  # fmt: skip


def _reshape(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    return x.reshape(shape)


def _permute(x: np.ndarray, *, dims: tuple[int, ...]) -> np.ndarray:
    return x.transpose(dims)


def _inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort(dims))


# Views of an array or a Tensor, for arguments that have been checked.
as_shape: Operation = primitive(
    "view", _reshape, x=lambda g, x_shape: as_shape(g, shape=x_shape), view=True
)
permute_dims: Operation = primitive(
    "permute", _permute, x=lambda g, dims: permute_dims(g, dims=_inverse(dims)), view=True
)
mT: Operation = primitive(  # noqa: N816
    "t",
    lambda x: x.swapaxes(-1, -2),
    view=True,
    doc="Return a view with the last two dimensions swapped.",
    x=lambda g: mT(g),
)


def reshape(input: Any, *sizes: Any, shape: Any = None) -> Any:
    """Return the elements of `input` under `shape`, in which one size may be -1.

    A view if possible.
    """
    size = named_sizes("shape", sizes, shape)
    try:
        return as_shape(input, shape=size)
    except (ValueError, RuntimeError):
        raise RuntimeError(
            f"shape '{list(size)}' is invalid for input of size {_count(input.shape)}"
        ) from None


def _count(shape: tuple[int, ...]) -> int:
    return Size(shape).numel()


def view(input: Tensor, *sizes: Any, size: Any = None, dtype: Any = None) -> Any:
    """Return a view of `input` under another shape, or under another dtype of the same size.

    Operations are free to order the memory of their results as they like (a convolution's has its
    channels last). Where that forbids the view, the memory of `input` is brought into row-major
    order first, together with every view of it, ``detach()`` and ``data`` (`memory_order`).

    Raises:
        RuntimeError: `input` is a view whose strides do not allow another one; use ``reshape``,
            which copies then.
    """
    if sizes and isinstance(sizes[0], dtype_type):
        (dtype,) = sizes
    if dtype is not None:
        return wrap(input._array.view(numpy_dtype(dtype)))
    size = named_sizes("size", sizes, size)
    if not (_fits(input._array, size) or (lay_out(input) and _fits(input._array, size))):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return reshape(input, size)


def _fits(array: np.ndarray, size: tuple[int, ...]) -> bool:
    """Return whether `array` has a view of that size, or `reshape` will say what is wrong."""
    if array.flags.c_contiguous or not array.size:
        return True
    try:
        return np.may_share_memory(array.reshape(size), array)
    except ValueError:
        return True


def permute(input: Any, *order: Any, dims: Any = None) -> Any:
    """Return a view with the dimensions in the order `dims`."""
    order = named_sizes("dims", order, dims)
    if sorted(wrap_dim(d, input.ndim) for d in order) != list(range(input.ndim)):
        raise RuntimeError(
            f"permute: dims {list(order)} is no ordering of the {input.ndim} dimensions of the "
            f"input"
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


swapaxes = swapdims = transpose


def movedim(input: Any, source: Any, destination: Any) -> Any:
    """Return a view with dimensions moved from `source` to `destination`, the others in order."""
    sources = [wrap_dim(d, input.ndim) for d in ([source] if isinstance(source, int) else source)]
    targets = [
        wrap_dim(d, input.ndim)
        for d in ([destination] if isinstance(destination, int) else destination)
    ]
    order = [d for d in range(input.ndim) if d not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return permute_dims(input, dims=tuple(order))


moveaxis = movedim


def expand(input: Any, *sizes: Any, size: Any = None) -> Any:
    """Return a view that repeats dimensions of size 1, read-only if it does; -1 keeps a size."""
    size = list(named_sizes("size", sizes, size))
    extra = len(size) - input.ndim
    if extra < 0:
        raise RuntimeError(
            f"expand: the number of sizes provided ({len(size)}) must be greater or equal to the "
            f"number of dimensions in the tensor ({input.ndim})"
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
    if tuple(size[extra:]) == tuple(input.shape) and set(size[:extra]) <= {1}:
        return as_shape(input, shape=tuple(size))
    return expand_to(input, shape=tuple(size))


def _strided(x: np.ndarray, *, axis: int, size: int, step: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis, writeable=x.flags.writeable)
    return windows[(slice(None),) * axis + (slice(None, None, step),)]


def _strided_sum(g: np.ndarray, *, shape: Any, axis: int, size: int, step: int) -> np.ndarray:
    out = np.zeros(shape, g.dtype)
    count = g.shape[axis]
    for place in range(size):  # of a window; the windows overlap, their same places do not
        where = slice(place, place + step * (count - 1) + 1, step)
        out[(slice(None),) * axis + (where,)] += g[..., place]
    return out


_unfold = primitive(
    "unfold",
    _strided,
    x=lambda g, x_shape, axis, size, step: _fold(g, shape=x_shape, axis=axis, size=size, step=step),
)
_fold: Operation = primitive(
    "unfold_backward",
    _strided_sum,
    g=lambda g, axis, size, step: _unfold(g, axis=axis, size=size, step=step),
)


def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """Return windows of `size` places along `dimension`, `step` apart, as the last dimension."""
    place = wrap_dim(dimension, input.ndim)
    if size > input.shape[place]:
        raise RuntimeError(
            f"maximum size for tensor at dimension {place} is {input.shape[place]} but size is "
            f"{size}"
        )
    return _unfold(input, axis=place, size=size, step=step)


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


def broadcast_shapes(*shapes: Any) -> Size:
    """Return the shape that tensors of the given shapes have together.

    Raises:
        RuntimeError: they do not fit together.
    """
    given = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    try:
        return Size(np.broadcast_shapes(*given))
    except ValueError:
        raise RuntimeError(
            "Shape mismatch: objects cannot be broadcast to a single shape: "
            f"{', '.join(str(list(s)) for s in given)}"
        ) from None


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """Return views of all tensors, expanded to their common shape."""
    shape = broadcast_shapes(*[x.shape for x in tensors])
    return tuple(expand(x, *shape) for x in tensors)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """Return the coordinates of a grid: each vector repeated along the dimensions of the others.

    Args:
        *tensors: vectors or numbers, or one list of them.
        indexing: ``"ij"`` for the vectors' order of dimensions, ``"xy"`` with the first two
            exchanged.
    """
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    if indexing not in ("ij", "xy"):
        raise RuntimeError(
            f'meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    lengths = [Size(v.shape).numel() for v in given]
    grids = [
        expand(reshape(v, *[-1 if d == place else 1 for d in range(len(lengths))]), *lengths)
        for place, v in enumerate(given)
    ]
    if indexing == "xy" and len(grids) > 1:
        return tuple(transpose(grid, 0, 1) for grid in grids)
    return tuple(grids)


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
    if start == end:
        return input
    joined = _count(shape[start : end + 1])
    return as_shape(input, shape=(*shape[:start], joined, *shape[end + 1 :]))


def ravel(input: Any) -> Any:
    """Return `input` as one dimension, a view if possible."""
    return reshape(input, -1)


def unflatten(input: Any, dim: int, sizes: Any) -> Any:
    """Return a view with dimension `dim` split into `sizes`, of which one may be -1."""
    place = wrap_dim(dim, input.ndim)
    return reshape(input, *input.shape[:place], *sizes, *input.shape[place + 1 :])


# ---------------------------------------------------------------------- at least so many dimensions


def atleast_1d(input: Any) -> Any:
    """Return `input`, a number as a vector of one element."""
    return input if input.ndim else unsqueeze(input, 0)


def atleast_2d(input: Any) -> Any:
    """Return `input`, a vector as a row and a number as a 1 x 1 matrix."""
    return input if input.ndim >= 2 else unsqueeze(atleast_1d(input), 0)


def atleast_3d(input: Any) -> Any:
    """Return `input` with dimensions of size 1 around a vector, or after a matrix."""
    return input if input.ndim >= 3 else unsqueeze(atleast_2d(input), 2)
