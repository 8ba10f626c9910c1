"""Variances and standard deviations."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import primitive
from minitorch.notices import warn
from minitorch.ops._reduced import count, full_precision, spread
from minitorch.ops.arguments import require_bool, wrap_dims
from minitorch.ops.comparison import where
from minitorch.ops.reduction import mean_axes, sum_axes
from minitorch.tensor import Tensor

__all__ = ["std", "std_mean", "var", "var_mean"]


def _wide_variance(
    x: np.ndarray, axis: tuple[int, ...], keepdim: bool, correction: float
) -> np.ndarray:
    """Return the variance, at least in float32."""
    wide = kernels.full_precision(x)
    freedom = max(0, count(x.shape, axis) - correction)
    with np.errstate(divide="ignore", invalid="ignore"):  # `_options` warns
        mean = wide.sum(axis=axis, keepdims=True) / count(x.shape, axis)
        deviation = wide - mean
        total = sum_axes(deviation * deviation, axis=axis, keepdim=keepdim)
        return np.asarray(total / freedom)


def _variance(
    x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool, correction: float
) -> np.ndarray:
    return _wide_variance(x, axis, keepdim, correction).astype(x.dtype, copy=False)


def _deviation(
    x: np.ndarray, *, axis: tuple[int, ...], keepdim: bool, correction: float
) -> np.ndarray:
    return np.sqrt(_wide_variance(x, axis, keepdim, correction)).astype(x.dtype, copy=False)


def _variance_gradient(g: Any, x: Any, axis: Any, keepdim: bool, correction: float) -> Any:
    """Return ``2 g (x - mean(x)) / (n - correction)``."""
    shape = tuple(x.shape)
    g, x = full_precision(g), full_precision(x)
    deviation = x - mean_axes(x, axis=axis, keepdim=True)
    freedom = count(shape, axis) - correction
    if freedom <= 0:
        return spread(g, shape, axis, keepdim) * where(deviation == 0, np.nan, np.inf)
    return spread(g * (2 / freedom), shape, axis, keepdim) * deviation


def _deviation_gradient(
    g: Any, x: Any, out: Any, axis: Any, keepdim: bool, correction: float
) -> Any:
    half = where(out == 0, 0.0, 0.5 / where(out == 0, 1.0, out))
    return _variance_gradient(g * half, x, axis, keepdim, correction)


_var = primitive("var", _variance, x=_variance_gradient)
_std = primitive("std", _deviation, x=_deviation_gradient)


def _options(
    name: str, input: Any, dim: Any, unbiased: Any, keepdim: bool, correction: float | None
) -> dict[str, Any]:
    """Return what `_var` and `_std` need to know, checked."""
    if getattr(input, "_array", input).dtype.kind != "f":
        what = "std and var" if name in ("std", "var") else name
        raise RuntimeError(f"{what} only support floating point and complex dtypes")
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None:
        if not isinstance(unbiased, bool) or correction is not None:
            raise TypeError(f"{name}() takes either 'unbiased', a bool, or 'correction'")
        correction = int(unbiased)
    require_bool(name, keepdim)
    correction = 1 if correction is None else correction
    axis = wrap_dims(dim, input.ndim)
    if count(input.shape, axis) <= correction:
        warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the "
            "reduction factor (input numel divided by output numel).",
        )
    return {"axis": axis, "keepdim": keepdim, "correction": correction}


def var(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """Return the variance over `dim`: ``sum((x - mean(x))^2) / (n - correction)``.

    With as large a correction as there are elements, or a larger one, it is infinite, or NaN where
    all elements are equal, and a UserWarning says so.

    Args:
        input: floating tensor.
        dim: dimension or dimensions. Default: all.
        unbiased: True for a correction of 1, False for 0.
        keepdim: keep the reduced dimensions, with size 1.
        correction: what is taken from the number of elements. Default: 1.
    """
    return _var(input, **_options("var", input, dim, unbiased, keepdim, correction))


def std(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """Return the square root of `var`; where it is zero, so is its gradient."""
    return _std(input, **_options("std", input, dim, unbiased, keepdim, correction))


def var_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """Return `var` and `mean`."""
    options = _options("var_mean", input, dim, unbiased, keepdim, correction)
    return _var(input, **options), mean_axes(input, axis=options["axis"], keepdim=keepdim)


def std_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """Return `std` and `mean`."""
    options = _options("std_mean", input, dim, unbiased, keepdim, correction)
    return _std(input, **options), mean_axes(input, axis=options["axis"], keepdim=keepdim)
