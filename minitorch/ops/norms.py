"""Norms, distances, and the logarithm of a sum of exponentials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.dtypes import dtype_name, get_default_dtype, numpy_dtype
from minitorch.ops import pointwise
from minitorch.ops._reduced import spread
from minitorch.ops.arguments import require_bool, wrap_dims
from minitorch.ops.comparison import where
from minitorch.tensor import Tensor

__all__ = ["dist", "logsumexp", "norm"]


def _norm_of(x: np.ndarray, *, p: float, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    wide = kernels.full_precision(x)
    if p == 2:
        out = np.sqrt(np.square(wide).sum(axis=axis, keepdims=keepdim))
    elif p == math.inf:
        out = np.abs(wide).max(axis=axis, keepdims=keepdim)
    elif p == -math.inf:
        out = np.abs(wide).min(axis=axis, keepdims=keepdim)
    elif p == 0:
        out = np.count_nonzero(wide, axis=axis, keepdims=keepdim)
    elif p == 1:
        out = np.abs(wide).sum(axis=axis, keepdims=keepdim)
    else:
        with np.errstate(divide="ignore"):  # zeros to a negative power
            out = kernels.power(np.abs(wide), p).sum(axis=axis, keepdims=keepdim) ** (1.0 / p)
    return np.asarray(out).astype(x.dtype, copy=False)


def _norm_gradient(g: Any, x: Any, out: Any, p: float, axis: Any, keepdim: bool) -> Any:
    """Return ``g sign(x) (|x| / out)^(p - 1)``, zero where the element or the norm is."""
    shape = tuple(x.shape)
    if p == 0:
        return None
    if p == 1:
        return spread(g, shape, axis, keepdim) * pointwise.sign(x)
    if p == 2:
        return x * spread(where(out == 0, 0.0, g / where(out == 0, 1.0, out)), shape, axis, keepdim)
    if abs(p) == math.inf:
        return pointwise.sign(x) * _shared(g, pointwise.abs(x), out, axis, keepdim)
    part = x / spread(where(out == 0, 1.0, out), shape, axis, keepdim)
    g = spread(where(out == 0, 0.0, g), shape, axis, keepdim)
    if p > 2:
        return g * part * pointwise.abs(part) ** (p - 2)
    # The slope of |x|^p, or the slope of the slope, is infinite at zero.
    size = where(part == 0, 1.0, pointwise.abs(part))
    return g * pointwise.sign(x) * size ** (p - 1)


def _shared(g: Any, size: Any, out: Any, axis: Any, keepdim: bool) -> Any:
    """Return `g` for the elements whose size is the norm, which share it."""
    shape = tuple(size.shape)
    winners = (size == spread(out, shape, axis, keepdim)) | pointwise.isnan(size)
    many = np.sum(getattr(winners, "_array", winners), axis=axis, keepdims=True)
    return where(winners, spread(g, shape, axis, keepdim) / many, 0.0)


_norm = primitive("linalg_vector_norm", _norm_of, x=_norm_gradient)


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
    array: Any = getattr(input, "_array", input)
    if array.dtype.kind != "f":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{input.dtype}"
        )
    require_bool("norm", keepdim)
    if isinstance(p, str) and p != "fro":
        raise NotImplementedError(f"norm: p={p!r} is not supported, only numbers and 'fro' are")
    if dtype is not None:
        _check_dtype(array.dtype, numpy_dtype(dtype))
        input = cast(input, dtype=numpy_dtype(dtype))
    axis = wrap_dims(dim, input.ndim)
    order = 2.0 if p in ("fro", None) else float(p)
    if order < 0 or order == math.inf:
        _check_not_empty(order, input.shape, axis)
    return _norm(input, p=order, axis=axis, keepdim=keepdim)


def _check_dtype(given: np.dtype[Any], wanted: np.dtype[Any]) -> None:
    """Raise unless a norm of the one dtype can be computed in the other."""
    if wanted.kind != "f":
        raise RuntimeError(
            "linalg.vector_norm: dtype should be floating point or complex, but got "
            f"{dtype_name(wanted)}"
        )
    if wanted.itemsize < given.itemsize:
        raise RuntimeError(
            f"linalg.vector_norm: the dtype of the input ({dtype_name(given)}) should be "
            f"convertible without narrowing to the specified dtype ({dtype_name(wanted)})"
        )


def _check_not_empty(p: float, shape: tuple[int, ...], axis: tuple[int, ...]) -> None:
    """Raise if there is no element of which to take a norm that no elements do not have."""
    empty = [d for d in axis if shape[d] == 0]
    if empty:
        place = (
            "an empty tensor because"
            if len(axis) == len(shape)
            else (f"the dimension {empty[0]} because this dimension is empty and")
        )
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {p:g} norm on {place} the operation does not "
            "have an identity"
        )


def dist(input: Tensor, other: Tensor, p: float = 2) -> Any:
    """Return the `p`-norm of ``input - other``."""
    return norm(input - other, p)


# ---------------------------------------------------------------------- of exponentials


def _logsumexp(x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool) -> np.ndarray:
    wide = kernels.full_precision(x)
    top = wide.max(axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(wide.dtype)
    with np.errstate(divide="ignore"):  # of nothing, or of -inf alone
        out = np.log(np.exp(wide - top).sum(axis=axis, keepdims=True)) + top
    out = out.astype(x.dtype, copy=False)
    return out if keepdim else np.squeeze(out, axis)


_lse = primitive(
    "logsumexp",
    _logsumexp,
    x=lambda g, x, out, axis, keepdim: (
        spread(g, tuple(x.shape), axis, keepdim)
        * pointwise.exp(x - spread(out, tuple(x.shape), axis, keepdim))
    ),
)


def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """Return ``log(sum(exp(input)))`` over `dim`, without overflow."""
    if getattr(input, "_array", input).dtype.kind != "f":
        input = cast(input, dtype=get_default_dtype().numpy)
    require_bool("logsumexp", keepdim)
    return _lse(input, axis=wrap_dims(dim, input.ndim), keepdim=keepdim)
