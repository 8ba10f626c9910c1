"""Sums, means, extremes and what follows from them, over all dimensions or some."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import cast, expand_to
from minitorch.autograd.primitive import primitive
from minitorch.ops import arithmetic, pointwise
from minitorch.ops.arguments import wrap_dim, wrap_dims
from minitorch.ops.indexing import gather
from minitorch.ops.shape import as_shape, cat, flip, movedim, reshape
from minitorch.tensor import Tensor, wrap


def _spread(g: Any, shape: tuple[int, ...], axis: tuple[int, ...], keepdim: bool) -> Any:
    """Return the gradient of a reduction's output, expanded over what was reduced."""
    if not keepdim and axis:
        g = as_shape(g, shape=tuple(1 if d in axis else n for d, n in enumerate(shape)))
    return expand_to(g, shape=shape)


def _sum_axes(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    if x.dtype.kind != "f":
        return x.sum(axis=axis, keepdims=keepdim, dtype=np.int64)
    if not keepdim and x.ndim > 1 and axis == tuple(range(x.ndim - 1)):
        return kernels.sum_leading(x)
    return x.sum(axis=axis, keepdims=keepdim)


def _mean_axes(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    return x.mean(axis=axis, keepdims=keepdim)


def _count(shape: tuple[int, ...], axis: tuple[int, ...]) -> int:
    count = 1
    for d in axis:
        count *= shape[d]
    return count


sum_axes = primitive(
    "sum", _sum_axes, x=lambda g, x_shape, axis, keepdim: _spread(g, x_shape, axis, keepdim)
)
mean_axes = primitive(
    "mean",
    _mean_axes,
    x=lambda g, x_shape, axis, keepdim: _spread(
        g / _count(x_shape, axis), x_shape, axis, keepdim
    ),
)


def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the sum over `dim`.

    Args:
        input: the tensor; integers are summed as int64.
        dim: dimension or dimensions to sum over. Default: all.
        keepdim: keep the summed dimensions, with size 1.
        dtype: brought to this type before summing.
    """
    if dtype is not None:
        input = cast(input, dtype=dtype.numpy)
    return sum_axes(input, axis=wrap_dims(dim, input.ndim), keepdim=keepdim)


def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the mean over `dim`; RuntimeError for integer tensors, as in torch."""
    if dtype is not None:
        input = cast(input, dtype=dtype.numpy)
    if _kind(input) != "f":
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or "
            f"complex dtype. Got: {input.dtype}"
        )
    return mean_axes(input, axis=wrap_dims(dim, input.ndim), keepdim=keepdim)


def _kind(x: Any) -> str:
    return (x._array if isinstance(x, Tensor) else x).dtype.kind


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the product over `dim`, exact in its gradients even where elements are zero."""
    if dtype is not None:
        input = cast(input, dtype=dtype.numpy)
    elif input._array.dtype.kind != "f":
        input = cast(input, dtype=np.dtype(np.int64))
    if dim is None:
        return prod(reshape(input, -1), 0)
    place = wrap_dim(dim, input.ndim)
    rest = movedim(input, place, 0) if input.ndim else reshape(input, 1)
    if rest.shape[0] == 0:
        rest = wrap(np.ones((1, *rest.shape[1:]), input._array.dtype))
    while rest.shape[0] > 1:  # multiply the halves: log2(n) products
        half = rest.shape[0] // 2
        pairs = rest[:half] * rest[half : 2 * half]
        rest = cat([pairs, rest[2 * half :]]) if rest.shape[0] % 2 else pairs
    out = rest[0]
    return out.unsqueeze(place) if keepdim else out


def _extreme_gradient(g: Any, x: Any, out: Any, axis: Any, keepdim: bool) -> Any:
    """Return the gradient of a maximum or minimum: equal winners share it."""
    shape = tuple(x.shape)
    winners = x == _spread(out, shape, axis, keepdim)
    count = sum(winners, axis, keepdim=True) if axis else 1
    return arithmetic.where(winners, _spread(g, shape, axis, keepdim) / count, 0.0)


_amax = primitive(
    "amax",
    lambda x, *, axis, keepdim: x.max(axis=axis, keepdims=keepdim),
    x=lambda g, x, out, axis, keepdim: _extreme_gradient(g, x, out, axis, keepdim),
)
_amin = primitive(
    "amin",
    lambda x, *, axis, keepdim: x.min(axis=axis, keepdims=keepdim),
    x=lambda g, x, out, axis, keepdim: _extreme_gradient(g, x, out, axis, keepdim),
)


def _not_empty(name: str, input: Any, axis: tuple[int, ...]) -> None:
    if 0 in [input.shape[d] for d in axis]:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument."
        )


def amax(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """Return the maximum over `dim`; equal maxima share the gradient."""
    axis = wrap_dims(dim, input.ndim)
    _not_empty("amax", input, axis)
    return _amax(input, axis=axis, keepdim=keepdim)


def amin(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """Return the minimum over `dim`; equal minima share the gradient."""
    axis = wrap_dims(dim, input.ndim)
    _not_empty("amin", input, axis)
    return _amin(input, axis=axis, keepdim=keepdim)


class ValuesIndices(NamedTuple):
    """What `max`, `min`, `sort` and `topk` return along a dimension."""

    values: Any
    indices: Any


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the maximum over `dim`, or in the flattened tensor. int64."""
    return _arg(np.argmax, "argmax", input, dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the minimum over `dim`, or in the flattened tensor. int64."""
    return _arg(np.argmin, "argmin", input, dim, keepdim)


def _arg(function: Any, name: str, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    axis = wrap_dims(dim, input.ndim)
    _not_empty(name, input, axis)
    place = None if dim is None or input.ndim == 0 else wrap_dim(dim, input.ndim)
    return wrap(np.asarray(function(input._array, axis=place, keepdims=keepdim)))


def _along(input: Tensor, indices: Tensor, dim: int, keepdim: bool) -> ValuesIndices:
    values = gather(input, dim, indices)
    if keepdim:
        return ValuesIndices(values, indices)
    return ValuesIndices(values.squeeze(dim), indices.squeeze(dim))


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the maximum; along `dim` with the indices; with a tensor for `dim`, the larger elements."""
    if dim is None:
        return amax(input)
    if isinstance(dim, Tensor):
        return arithmetic.maximum(input, dim)
    if input.ndim == 0:
        return ValuesIndices(amax(input), wrap(np.array(0)))
    return _along(input, argmax(input, dim, keepdim=True), dim, keepdim)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the minimum; along `dim` with the indices; with a tensor for `dim`, the smaller elements."""
    if dim is None:
        return amin(input)
    if isinstance(dim, Tensor):
        return arithmetic.minimum(input, dim)
    if input.ndim == 0:
        return ValuesIndices(amin(input), wrap(np.array(0)))
    return _along(input, argmin(input, dim, keepdim=True), dim, keepdim)


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """Return the indices that sort `input` along `dim`; equal elements keep their order."""
    array = input._array
    if not descending:
        return wrap(np.argsort(array, axis=dim, kind="stable"))
    backwards = np.argsort(np.flip(array, dim), axis=dim, kind="stable")
    return wrap(np.ascontiguousarray(array.shape[dim] - 1 - np.flip(backwards, dim)))


def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> ValuesIndices:
    """Return the elements sorted along `dim`, and their indices."""
    return _along(input, argsort(input, dim, descending), dim, keepdim=True)


def topk(
    input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> ValuesIndices:
    """Return the `k` largest elements along `dim` in falling order, or the smallest in rising order."""
    place = wrap_dim(dim, input.ndim)
    if not 0 <= k <= input.shape[place]:
        raise RuntimeError("selected index k out of range")
    indices = argsort(input, place, descending=largest).narrow(place, 0, k)
    return _along(input, indices.contiguous(), place, keepdim=True)


def var(
    input: Tensor, dim: Any = None, *, correction: int = 1, unbiased: bool | None = None, keepdim: bool = False
) -> Any:
    """Return the variance over `dim`, with the sum of squares divided by ``n - correction``."""
    if unbiased is not None:
        correction = int(unbiased)
    axis = wrap_dims(dim, input.ndim)
    deviation = input - mean(input, axis, keepdim=True) if axis else input - input
    n = _count(input._array.shape, axis)
    total = sum(deviation * deviation, axis, keepdim) if axis else deviation
    return total / (n - correction) if n > correction else total * float("nan")


def std(
    input: Tensor, dim: Any = None, *, correction: int = 1, unbiased: bool | None = None, keepdim: bool = False
) -> Any:
    """Return the square root of `var`."""
    return pointwise.sqrt(var(input, dim, correction=correction, unbiased=unbiased, keepdim=keepdim))


def var_mean(
    input: Tensor, dim: Any = None, *, correction: int = 1, keepdim: bool = False
) -> tuple[Any, Any]:
    """Return `var` and `mean`."""
    return var(input, dim, correction=correction, keepdim=keepdim), mean(input, dim, keepdim)


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether every element is not zero. bool."""
    axis = wrap_dims(dim, input.ndim)
    return wrap(np.asarray(input._array.all(axis=axis, keepdims=keepdim)))


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether some element is not zero. bool."""
    axis = wrap_dims(dim, input.ndim)
    return wrap(np.asarray(input._array.any(axis=axis, keepdims=keepdim)))


def _cumulate(x: np.ndarray, *, axis: int) -> np.ndarray:
    return np.cumsum(x, axis=axis, dtype=None if x.dtype.kind == "f" else np.int64)


_cumsum = primitive(
    "cumsum", _cumulate, x=lambda g, axis: flip(_cumsum(flip(g, axis), axis=axis), axis)
)


def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Any:
    """Return the running sum along `dim`."""
    if dtype is not None:
        input = cast(input, dtype=dtype.numpy)
    return _cumsum(input, axis=wrap_dim(dim, input.ndim))


def _logsumexp(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    top = x.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    out = np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return out if keepdim else np.squeeze(out, axis)


_lse = primitive(
    "logsumexp",
    _logsumexp,
    x=lambda g, x, out, axis, keepdim: _spread(g, tuple(x.shape), axis, keepdim)
    * pointwise.exp(x - _spread(out, tuple(x.shape), axis, keepdim)),
)


def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """Return ``log(sum(exp(input)))`` over `dim`, without overflow."""
    return _lse(input, axis=wrap_dims(dim, input.ndim), keepdim=keepdim)


def _two_norm(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    return np.sqrt(np.square(x).sum(axis=axis, keepdims=keepdim))


_norm2 = primitive(
    "norm",
    _two_norm,
    x=lambda g, x, out, axis, keepdim: x
    * _spread(
        arithmetic.where(out == 0, 0.0, g / arithmetic.where(out == 0, 1.0, out)),
        tuple(x.shape),
        axis,
        keepdim,
    ),
)


def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """Return the vector norm over `dim`; its gradient at zero is zero.

    Args:
        input: floating tensor.
        p: the order: a number, ``inf``, ``-inf`` or ``"fro"``, which is 2.
        dim: dimension or dimensions. Default: all.
        keepdim: keep the reduced dimensions, with size 1.
        dtype: brought to this type first.
    """
    if dtype is not None:
        input = cast(input, dtype=dtype.numpy)
    axis = wrap_dims(dim, input.ndim)
    if p in ("fro", 2, None):
        return _norm2(input, axis=axis, keepdim=keepdim)
    if isinstance(p, str):
        raise NotImplementedError(f"norm: p={p!r} is not supported, only numbers and 'fro' are")
    size = pointwise.abs(input)
    if p == float("inf"):
        return amax(size, axis, keepdim)
    if p == float("-inf"):
        return amin(size, axis, keepdim)
    if p == 0:
        return cast(sum(input != 0, axis, keepdim), dtype=input._array.dtype)
    if p == 1:
        return sum(size, axis, keepdim)
    return sum(size**p, axis, keepdim) ** (1.0 / p)


def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """Return the number of elements that are not zero. int64."""
    return wrap(np.asarray(np.count_nonzero(input._array, axis=wrap_dims(dim, input.ndim))))


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """Return how often each number occurs in a 1-D tensor of non-negative integers."""
    given = None if weights is None else weights._array
    return wrap(np.bincount(input._array, given, minlength))


def unique(input: Tensor, return_inverse: bool = False, return_counts: bool = False) -> Any:
    """Return the sorted distinct elements, with their inverse and counts if asked."""
    found = np.unique(input._array, return_inverse=return_inverse, return_counts=return_counts)
    return tuple(wrap(x) for x in found) if isinstance(found, tuple) else wrap(found)


