"""Running sums, products and extremes, differences, and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import Operation, primitive
from minitorch.dtypes import numpy_dtype
from minitorch.ops._reduced import full_precision, in_dtype, spread
from minitorch.ops.arguments import require_bool
from minitorch.ops.comparison import where
from minitorch.ops.copies import flip, roll
from minitorch.ops.indexing import narrow
from minitorch.ops.joining import cat
from minitorch.ops.ordering import ValuesIndices
from minitorch.ops.scattering import gather
from minitorch.ops.shape import reshape
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor, wrap

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "diff", "prod"]


def _whole_as_int64(input: Tensor, dtype: Any) -> Any:
    """Return `input` in the dtype asked for; integers and bools by default as int64."""
    if dtype is not None:
        return in_dtype(input, numpy_dtype(dtype))
    return input if input._array.dtype.kind == "f" else cast(input, dtype=np.dtype(np.int64))


def _refuse_bool(name: str, dtype: Any) -> None:
    if dtype is not None and numpy_dtype(dtype).kind == "b":
        raise NotImplementedError(f"\"{name}_out_cpu\" not implemented for 'Bool'")


_WIDER: dict[Any, Any] = {np.dtype(np.float16): np.float32, np.dtype(np.float32): np.float64}


def _accumulated(ufunc: Any, x: np.ndarray, axis: int) -> np.ndarray:
    """Return the running sum or product, carried on in a wider type, as in torch."""
    out = x.astype(_WIDER.get(x.dtype, x.dtype))  # twice as fast as asking for this dtype
    ufunc.accumulate(out, axis=axis, out=out, dtype=out.dtype)
    with np.errstate(over="ignore"):
        return out.astype(x.dtype, copy=False)


_cumsum: Operation = primitive(
    "cumsum",
    lambda x, *, axis: _accumulated(np.add, x, axis),
    x=lambda g, axis: _from_the_end(g, axis),
)


def _from_the_end(g: Any, axis: int) -> Any:
    """Return the running sum that starts at the end."""
    return flip(_cumsum(flip(g, axis), axis=axis), axis)


def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Any:
    """Return the running sum along `dim`; integers are summed as int64."""
    _refuse_bool("cumsum", dtype)
    input = _whole_as_int64(input, dtype)
    place = wrap_dim(dim, input.ndim)
    return _cumsum(input, axis=place) if input.ndim else input.clone()


def _running(function: Any, input: Tensor, dim: int) -> ValuesIndices:
    array = input._array
    place = wrap_dim(dim, array.ndim)
    if array.ndim == 0:
        return ValuesIndices(input.clone(), wrap(np.array(0)))
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
    parts = [x for x in (prepend, input, append) if x is not None]
    if input.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    if any(part.ndim != input.ndim for part in parts):
        raise RuntimeError("diff expects prepend or append to be the same dimension as input")
    place = wrap_dim(dim, input.ndim)
    out = input if len(parts) == 1 and n else cat(parts, place)
    for _ in range(min(n, out.shape[place])):
        length = out.shape[place] - 1
        later, earlier = narrow(out, place, 1, length), narrow(out, place, 0, length)
        out = later ^ earlier if out._array.dtype == bool else later - earlier
    return out


# ---------------------------------------------------------------------- products


def _has_zeros(x: Any) -> bool:
    return not np.all(getattr(x, "_array", x))


def _shifted(x: Any, axis: int, places: int, filling: float) -> Any:
    """Return `x` moved by `places` along `axis`, with a number where nothing moved to."""
    n = x.shape[axis]
    came_from = np.arange(n) - places
    inside = (came_from >= 0) & (came_from < n)
    shape = [n if d == axis else 1 for d in range(x.ndim)]
    return where(inside.reshape(shape), roll(x, places, axis), filling)


def _before(x: Any, axis: int) -> Any:
    """Return the product of the elements before each."""
    return _cumprod(_shifted(x, axis, 1, 1.0), axis=axis)


def _from_here(g: Any, x: Any, axis: int) -> Any:
    """Return at k the sum of ``g[j] x[k + 1] ... x[j]`` over all ``j >= k``.

    After each round these are the sums over twice as many j, in `g`, and the products of twice as
    many elements, in `x`.
    """
    x = _shifted(x, axis, -1, 0.0)
    places = 1
    while places < x.shape[axis]:
        g = g + x * _shifted(g, axis, -places, 0.0)
        x = x * _shifted(x, axis, -places, 0.0)
        places *= 2
    return g


def _cumprod_gradient(g: Any, x: Any, out: Any, axis: int) -> Any:
    """Return the sums of ``g out`` from each place on, divided by `x` unless there are zeros."""
    if _has_zeros(x):
        return _before(x, axis) * _from_here(g, x, axis)
    return _from_the_end(g * out, axis) / x


_cumprod: Operation = primitive(
    "cumprod", lambda x, *, axis: _accumulated(np.multiply, x, axis), x=_cumprod_gradient
)


def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Any:
    """Return the running product along `dim`, exact in its gradients even where elements are zero.

    Integers are multiplied as int64.
    """
    _refuse_bool("cumprod", dtype)
    input = _whole_as_int64(input, dtype)
    place = wrap_dim(dim, input.ndim)
    if input.ndim == 0:
        return input.clone()
    return in_dtype(_cumprod(full_precision(input), axis=place), input._array.dtype)


def _product(x: np.ndarray, *, axis: int, keepdim: bool) -> np.ndarray:
    return np.asarray(x.prod(axis=axis, keepdims=keepdim, dtype=x.dtype))


def _prod_gradient(g: Any, x: Any, out: Any, axis: int, keepdim: bool) -> Any:
    """Return ``g out / x``, and where there are zeros `g` times the product of the others."""
    shape = tuple(x.shape)
    g = spread(g, shape, (axis,), keepdim)
    if not _has_zeros(x):
        return g * (spread(out, shape, (axis,), keepdim) / x)
    return g * (_before(x, axis) * flip(_before(flip(x, axis), axis), axis))


_prod = primitive("prod", _product, x=_prod_gradient)


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the product over `dim`, exact in its gradients even where elements are zero.

    Integers are multiplied as int64.
    """
    require_bool("prod", keepdim)
    if dim is None and keepdim:
        raise TypeError("prod(): 'keepdim' needs a 'dim'")
    input = _whole_as_int64(input, dtype)
    place = wrap_dim(0 if dim is None else dim, input.ndim)
    if dim is None or not input.ndim:
        input, place, keepdim = reshape(input, -1), 0, False
    out = _prod(full_precision(input), axis=place, keepdim=keepdim)
    return in_dtype(out, input._array.dtype)
