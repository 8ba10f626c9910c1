"""Sums, means, extremes, truth: one number for many, over some dimensions or all."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.dtypes import dtype_name, numpy_dtype
from minitorch.ops import pointwise
from minitorch.ops._reduced import count, full_precision, in_dtype, spread
from minitorch.ops.arguments import require_bool, wrap_dims
from minitorch.ops.comparison import where
from minitorch.tensor import Tensor, wrap

__all__ = [
    "all", "amax", "amin", "any", "count_nonzero", "mean", "nanmean", "nansum", "sum",
]  # fmt: skip


def _sum_axes(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    if x.dtype.kind != "f":
        return x.sum(axis=axis, keepdims=keepdim, dtype=np.int64)
    if not keepdim and x.ndim > 1 and axis == tuple(range(x.ndim - 1)):
        return kernels.sum_leading(x)
    if x.dtype.itemsize > 2:
        return x.sum(axis=axis, keepdims=keepdim)
    return np.asarray(x.sum(axis=axis, keepdims=keepdim, dtype=np.float32)).astype(x.dtype)


def _mean_axes(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    if not count(x.shape, axis):  # NumPy would warn
        return np.full_like(x.sum(axis=axis, keepdims=keepdim), np.nan)
    return x.mean(axis=axis, keepdims=keepdim)


def _mean_gradient(g: Any, x_shape: tuple[int, ...], axis: tuple[int, ...], keepdim: bool) -> Any:
    return spread(full_precision(g) / count(x_shape, axis), x_shape, axis, keepdim)


sum_axes = primitive(
    "sum", _sum_axes, x=lambda g, x_shape, axis, keepdim: spread(g, x_shape, axis, keepdim)
)
mean_axes = primitive("mean", _mean_axes, x=_mean_gradient)


def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the sum over `dim`.

    Args:
        input: the tensor; integers are summed as int64.
        dim: dimension or dimensions to sum over. Default: all.
        keepdim: keep the summed dimensions, with size 1.
        dtype: brought to this type before summing, and the type of the sum, in which integers wrap.
    """
    if dtype is not None:
        input = cast(input, dtype=numpy_dtype(dtype))
    require_bool("sum", keepdim)
    out = sum_axes(input, axis=wrap_dims(dim, input.ndim), keepdim=keepdim)
    return out if dtype is None else in_dtype(out, numpy_dtype(dtype))


def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the mean over `dim`; RuntimeError for integer tensors, as in torch."""
    if dtype is not None:
        if numpy_dtype(dtype).kind != "f":
            raise RuntimeError(
                "mean(): could not infer output dtype. Optional dtype must be either a floating "
                f"point or complex dtype. Got: {dtype_name(numpy_dtype(dtype))}"
            )
        input = cast(input, dtype=numpy_dtype(dtype))
    if _kind(input) != "f":
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or "
            f"complex dtype. Got: {input.dtype}"
        )
    require_bool("mean", keepdim)
    return mean_axes(input, axis=wrap_dims(dim, input.ndim), keepdim=keepdim)


def _kind(x: Any) -> str:
    return (x._array if isinstance(x, Tensor) else x).dtype.kind


def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the sum over `dim`, as `sum` does, NaN counting as zero."""
    known = where(pointwise.isnan(input), 0.0, input) if _kind(input) == "f" else input
    return sum(known, dim, keepdim, dtype=dtype)


def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the mean over `dim` of the elements that are not NaN."""
    if _kind(input) != "f":
        raise RuntimeError(
            "nanmean(): expected input to have floating point or complex dtype but got "
            f"{dtype_name(getattr(input, '_array', input).dtype)}"
        )
    known = sum(pointwise.isnan(input).logical_not(), dim, keepdim)
    return nansum(input, dim, keepdim, dtype=dtype) / known


def _extreme_gradient(g: Any, x: Any, out: Any, axis: Any, keepdim: bool) -> Any:
    """Return the gradient of a maximum or minimum: equal winners share it, NaN if out is NaN."""
    shape = tuple(x.shape)
    winners = x == spread(out, shape, axis, keepdim)
    many = sum(winners, axis, keepdim=True) if axis else winners
    return spread(g, shape, axis, keepdim) / many * winners


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


def not_empty(name: str, input: Any, dim: Any, axis: tuple[int, ...]) -> None:
    """Raise if there is nothing to choose from, along `dim`, which is `axis`, or in all."""
    empty = [d for d in axis if input.shape[d] == 0]
    if not empty:
        return
    if dim is not None and dim != ():
        raise IndexError(f"{name}(): Expected reduction dim {empty[0]} to have non-zero size.")
    text = f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
    if name in ("argmax", "argmin"):
        raise IndexError(text)
    raise RuntimeError(f"{text} Specify the reduction dim with the 'dim' argument.")


def amax(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """Return the maximum over `dim`; equal maxima share the gradient."""
    axis = wrap_dims(dim, input.ndim)
    require_bool("amax", keepdim)
    not_empty("amax", input, dim, axis)
    return _amax(input, axis=axis, keepdim=keepdim)


def amin(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """Return the minimum over `dim`; equal minima share the gradient."""
    axis = wrap_dims(dim, input.ndim)
    require_bool("amin", keepdim)
    not_empty("amin", input, dim, axis)
    return _amin(input, axis=axis, keepdim=keepdim)


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether every element is not zero. Bool; uint8 for uint8."""
    return _logical(np.all, input, dim, keepdim)


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether some element is not zero. Bool; uint8 for uint8."""
    return _logical(np.any, input, dim, keepdim)


def _logical(function: Any, input: Tensor, dim: Any, keepdim: bool) -> Tensor:
    require_bool(function.__name__, keepdim)
    array = input._array
    none = isinstance(dim, (tuple, list)) and not dim  # which here, as in torch, is not all
    axis = () if none else wrap_dims(dim, array.ndim)
    out = np.asarray(function(array, axis=axis, keepdims=keepdim))
    return wrap(out.astype(np.uint8) if array.dtype == np.uint8 else out)


def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """Return the number of elements that are not zero. int64."""
    return wrap(np.asarray(np.count_nonzero(input._array, axis=wrap_dims(dim, input.ndim))))
