"""Sums, means, variances, norms, extremes: one number for many, over some dimensions or all."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import cast, spread_to
from minitorch.autograd.primitive import primitive
from minitorch.dtypes import get_default_dtype
from minitorch.ops import pointwise
from minitorch.ops.arguments import require_bool, wrap_dims
from minitorch.ops.comparison import where
from minitorch.ops.shape import as_shape
from minitorch.tensor import Tensor, wrap

__all__ = [
    "all", "amax", "amin", "any", "count_nonzero", "dist", "logsumexp", "mean", "nanmean",
    "nansum", "norm", "std", "std_mean", "sum", "var", "var_mean",
]  # fmt: skip


def _spread(g: Any, shape: tuple[int, ...], axis: tuple[int, ...], keepdim: bool) -> Any:
    """Return the gradient of a reduction's output, expanded over what was reduced."""
    if not keepdim and axis:
        g = as_shape(g, shape=tuple(1 if d in axis else n for d, n in enumerate(shape)))
    return spread_to(g, shape=shape)


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
    x=lambda g, x_shape, axis, keepdim: _spread(g / _count(x_shape, axis), x_shape, axis, keepdim),
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
    require_bool("sum", keepdim)
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
    require_bool("mean", keepdim)
    return mean_axes(input, axis=wrap_dims(dim, input.ndim), keepdim=keepdim)


def _kind(x: Any) -> str:
    return (x._array if isinstance(x, Tensor) else x).dtype.kind


def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the sum over `dim`, NaN counting as zero."""
    return sum(where(pointwise.isnan(input), 0.0, input), dim, keepdim, dtype=dtype)


def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Return the mean over `dim` of the elements that are not NaN."""
    count = sum(pointwise.isnan(input).logical_not(), dim, keepdim)
    return nansum(input, dim, keepdim, dtype=dtype) / count


def _extreme_gradient(g: Any, x: Any, out: Any, axis: Any, keepdim: bool) -> Any:
    """Return the gradient of a maximum or minimum: equal winners share it."""
    shape = tuple(x.shape)
    winners = x == _spread(out, shape, axis, keepdim)
    count = sum(winners, axis, keepdim=True) if axis else 1
    return where(winners, _spread(g, shape, axis, keepdim) / count, 0.0)


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


def _variance(
    input: Tensor, dim: Any, unbiased: bool | None, keepdim: bool, correction: float | None
) -> Any:
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None:
        correction = int(unbiased)
    axis = wrap_dims(dim, input.ndim)
    deviation = input - mean(input, axis, keepdim=True) if axis else input - input
    total = sum(deviation * deviation, axis, keepdim) if axis else deviation
    freedom = _count(input._array.shape, axis) - (1 if correction is None else correction)
    return total / freedom if freedom > 0 else total * np.nan


def var(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """Return the variance over `dim`: ``sum((x - mean(x))^2) / (n - correction)``.

    Args:
        input: floating tensor.
        dim: dimension or dimensions. Default: all.
        unbiased: True for a correction of 1, False for 0.
        keepdim: keep the reduced dimensions, with size 1.
        correction: what is taken from the number of elements. Default: 1.
    """
    return _variance(input, dim, unbiased, keepdim, correction)


_deviation = primitive(
    "std",
    np.sqrt,
    x=lambda g, out: g * where(out == 0, 0.0, 0.5 / where(out == 0, 1.0, out)),
)


def std(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """Return the square root of `var`; where it is zero, so is its gradient."""
    return _deviation(_variance(input, dim, unbiased, keepdim, correction))


def var_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """Return `var` and `mean`."""
    over = None if isinstance(dim, bool) else dim
    return _variance(input, dim, unbiased, keepdim, correction), mean(input, over, keepdim)


def std_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """Return `std` and `mean`."""
    over = None if isinstance(dim, bool) else dim
    return std(input, dim, unbiased, keepdim, correction=correction), mean(input, over, keepdim)


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether every element is not zero. Bool; uint8 for uint8."""
    return _logical(np.all, input, dim, keepdim)


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether some element is not zero. Bool; uint8 for uint8."""
    return _logical(np.any, input, dim, keepdim)


def _logical(function: Any, input: Tensor, dim: Any, keepdim: bool) -> Tensor:
    require_bool(function.__name__, keepdim)
    array = input._array
    out = np.asarray(function(array, axis=wrap_dims(dim, array.ndim), keepdims=keepdim))
    return wrap(out.astype(np.uint8) if array.dtype == np.uint8 else out)


def _logsumexp(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    top = x.max(axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    with np.errstate(divide="ignore"):  # of nothing, or of -inf alone
        out = np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return out if keepdim else np.squeeze(out, axis)


_lse = primitive(
    "logsumexp",
    _logsumexp,
    x=lambda g, x, out, axis, keepdim: (
        _spread(g, tuple(x.shape), axis, keepdim)
        * pointwise.exp(x - _spread(out, tuple(x.shape), axis, keepdim))
    ),
)


def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """Return ``log(sum(exp(input)))`` over `dim`, without overflow."""
    if _kind(input) != "f":
        input = cast(input, dtype=get_default_dtype().numpy)
    require_bool("logsumexp", keepdim)
    return _lse(input, axis=wrap_dims(dim, input.ndim), keepdim=keepdim)


def _two_norm(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    return np.sqrt(np.square(x).sum(axis=axis, keepdims=keepdim))


_norm2 = primitive(
    "norm",
    _two_norm,
    x=lambda g, x, out, axis, keepdim: (
        x
        * _spread(
            where(out == 0, 0.0, g / where(out == 0, 1.0, out)),
            tuple(x.shape),
            axis,
            keepdim,
        )
    ),
)


def norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    """Return the vector norm over `dim`; its gradient at zero is zero.

    Args:
        input: floating tensor.
        p: the order: a number, ``inf``, ``-inf`` or ``"fro"``, which is 2.
        dim: dimension or dimensions. Default: all.
        keepdim: keep the reduced dimensions, with size 1.
        dtype: brought to this type first.
    """
    if _kind(input) != "f":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{input.dtype}"
        )
    require_bool("norm", keepdim)
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


def dist(input: Tensor, other: Tensor, p: float = 2) -> Any:
    """Return the `p`-norm of ``input - other``."""
    return norm(input - other, p)
