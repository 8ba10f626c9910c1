"""Products, cumulative sums, products and extremes, and differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import Operation, primitive
from minitorch.ops.arguments import require_bool, wrap_dim
from minitorch.ops.copies import flip
from minitorch.ops.indexing import narrow
from minitorch.ops.joining import cat
from minitorch.ops.ordering import ValuesIndices
from minitorch.ops.scattering import gather
from minitorch.ops.shape import as_shape, movedim, reshape
from minitorch.tensor import Tensor, wrap

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "diff", "prod"]


def _whole_as_int64(input: Tensor, dtype: Any) -> Any:
    """Return `input` in the dtype asked for; integers and bools by default as int64."""
    if dtype is not None:
        return cast(input, dtype=dtype.numpy)
    return input if input._array.dtype.kind == "f" else cast(input, dtype=np.dtype(np.int64))


_cumsum: Operation = primitive(
    "cumsum",
    lambda x, *, axis: np.cumsum(x, axis=axis, dtype=x.dtype),
    x=lambda g, axis: flip(_cumsum(flip(g, axis), axis=axis), axis),
)


def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Any:
    """Return the running sum along `dim`; integers are summed as int64."""
    input = _whole_as_int64(input, dtype)
    place = wrap_dim(dim, input.ndim)
    return _cumsum(input, axis=place) if input.ndim else input.clone()


def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Any:
    """Return the running product along `dim`, exact in its gradients even where elements are zero.

    It is made of log2(n) products of the tensor with itself, shifted by 1, 2, 4, ... places.
    """
    out = _whole_as_int64(input, dtype)
    place = wrap_dim(dim, input.ndim)
    if input.ndim == 0:
        return out.clone()
    n, shift = out.shape[place], 1
    out = out.clone() if n < 2 else out
    while shift < n:
        products = narrow(out, place, shift, n - shift) * narrow(out, place, 0, n - shift)
        out = cat([narrow(out, place, 0, shift), products], place)
        shift *= 2
    return out


def _running(function: Any, input: Tensor, dim: int) -> ValuesIndices:
    array = input._array
    if array.ndim == 0:
        return ValuesIndices(input.clone(), wrap(np.array(0)))
    place = wrap_dim(dim, array.ndim)
    so_far = function.accumulate(array, axis=place)
    ascending = np.arange(array.shape[place]).reshape(
        [-1 if d == place else 1 for d in range(array.ndim)]
    )
    news = (array == so_far) | (array != array)
    indices = wrap(np.maximum.accumulate(np.where(news, ascending, 0), axis=place))
    return ValuesIndices(gather(input, place, indices), indices)


def cummax(input: Tensor, dim: int) -> ValuesIndices:
    """Return the running maximum along `dim`, and the last index where it stands."""
    return _running(np.maximum, input, dim)


def cummin(input: Tensor, dim: int) -> ValuesIndices:
    """Return the running minimum along `dim`, and the last index where it stands."""
    return _running(np.minimum, input, dim)


def diff(
    input: Tensor,
    n: int = 1,
    dim: int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Any:
    """Return the differences of neighbours along `dim`, `n` times over.

    Args:
        input: the tensor.
        n: how many times.
        dim: along which dimension.
        prepend: joined to the front first.
        append: joined to the end first.
    """
    place = wrap_dim(dim, input.ndim)
    parts = [x for x in (prepend, input, append) if x is not None]
    out = input if len(parts) == 1 and n else cat(parts, place)
    for _ in range(min(n, out.shape[place])):
        length = out.shape[place] - 1
        later, earlier = narrow(out, place, 1, length), narrow(out, place, 0, length)
        out = later ^ earlier if out._array.dtype == bool else later - earlier
    return out


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the product over `dim`; its gradients are exact where elements are zero, too.

    It is made by multiplying halves: log2(n) products. Integers are multiplied as int64.
    """
    require_bool("prod", keepdim)
    input = _whole_as_int64(input, dtype)
    if dim is None:
        return prod(reshape(input, -1), 0)
    place = wrap_dim(dim, input.ndim)
    rest = movedim(input, place, 0) if input.ndim else reshape(input, 1)
    n = rest.shape[0]
    if n == 0:
        rest = cat([rest, input.new_ones(1, *rest.shape[1:])])
    elif n == 1:
        rest = rest.clone()
    while n > 1:
        half = n // 2
        pairs = narrow(rest, 0, 0, half) * narrow(rest, 0, half, half)
        rest = cat([pairs, narrow(rest, 0, 2 * half, 1)]) if n % 2 else pairs
        n = half + n % 2
    shape = tuple(rest.shape[1:])
    return as_shape(
        rest, shape=(*shape[:place], 1, *shape[place:]) if keepdim and input.ndim else shape
    )
