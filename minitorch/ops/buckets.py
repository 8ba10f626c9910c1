"""Where numbers lie among others: quantiles, buckets, counts, distinct elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.dtypes import dtype_name
from minitorch.ops.arithmetic import lerp
from minitorch.ops.comparison import where
from minitorch.ops.indexing import narrow, select
from minitorch.ops.ordering import sort
from minitorch.ops.pointwise import isnan
from minitorch.ops.selection import index_select
from minitorch.ops.shape import reshape
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor, wrap

__all__ = ["bincount", "bucketize", "quantile", "searchsorted", "unique"]

_ROUNDED = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}


def quantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Any:
    """Return the elements below which the parts `q` of those along `dim` lie, NaN if there is one.

    Args:
        input: floating tensor.
        q: number or 1-D tensor of the same dtype, between 0 and 1.
        dim: along which dimension. Default: of the flattened tensor.
        keepdim: keep the dimension, with size 1.
        interpolation: between two elements: ``"linear"``, ``"lower"``, ``"higher"``, ``"nearest"``
            or ``"midpoint"``.

    Shape:
        That of the input without `dim`; with a tensor `q` its size comes first.
    """
    parts = _parts(input, q)
    if interpolation not in (*_ROUNDED, "linear", "midpoint"):
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            "but got " + interpolation
        )
    ndim = input.ndim
    place = wrap_dim(dim or 0, ndim)
    dim = dim if ndim else None
    flat = reshape(input, -1) if dim is None else input
    ordered = sort(flat, place).values
    positions = parts.reshape(-1) * (ordered.shape[place] - 1)
    out = _between(ordered, place, positions, interpolation)
    largest = narrow(ordered, place, ordered.shape[place] - 1, 1)
    out = where(isnan(largest), largest, out)
    pieces = out.movedim(place, 0)  # (Q, the other dimensions)
    if keepdim:
        pieces = pieces.unsqueeze(place + 1) if dim is not None else pieces.reshape(-1, *[1] * ndim)
    return pieces if parts.ndim else select(pieces, 0, 0)


def _parts(input: Tensor, q: Any) -> np.ndarray:
    """Return the `q` of `quantile` in float64, checked."""
    if input._array.dtype not in (np.float32, np.float64):
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if not input.numel():
        raise RuntimeError("quantile() input tensor must be non-empty")
    if not isinstance(q, Tensor):
        if not isinstance(q, (int, float)):
            raise TypeError(f"quantile(): q must be a number or a tensor, not {type(q).__name__}")
        if not 0 <= q <= 1:
            raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q}")
        return np.asarray(q, np.float64)
    if q.ndim > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    if q.dtype != input.dtype:
        raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
    parts = q._array.astype(np.float64)
    if not ((parts >= 0) & (parts <= 1)).all():
        raise RuntimeError("quantile() q values must be in the range [0, 1]")
    return parts


def _between(ordered: Any, place: int, positions: np.ndarray, interpolation: str) -> Any:
    """Return the elements at fractional positions along `place`."""
    if interpolation in _ROUNDED:
        return index_select(
            ordered, place, wrap(_ROUNDED[interpolation](positions).astype(np.int64))
        )
    low = np.floor(positions)
    weight = positions - low if interpolation == "linear" else np.full_like(positions, 0.5)
    below = index_select(ordered, place, wrap(low.astype(np.int64)))
    above = index_select(ordered, place, wrap(np.ceil(positions).astype(np.int64)))
    shape = [-1 if d == place else 1 for d in range(ordered.ndim)]
    return lerp(below, above, wrap(weight.astype(ordered._array.dtype).reshape(shape)))


# ---------------------------------------------------------------------- among sorted numbers


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
) -> Tensor:
    """Return where each element of `input` would have to be inserted to keep the sequence sorted.

    Args:
        sorted_sequence: vector, or rows of numbers, in rising order.
        input: tensor or number; for rows, as many rows.
        out_int32: give int32 instead of int64.
        right: after the elements that are equal, instead of before.
        side: ``"left"`` or ``"right"``, the same as `right`.
    """
    if side not in (None, "left", "right"):
        raise RuntimeError(f"searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError(
            "searchsorted(): side and right can't be set to opposites, got side of left while "
            "right was True"
        )
    where_equal: Any = side or ("right" if right else "left")
    sequence = sorted_sequence._array
    values = np.asarray(getattr(input, "_array", input))
    found = np.empty(values.shape, np.int32 if out_int32 else np.int64)
    if sequence.ndim == 1:
        found[...] = np.searchsorted(sequence, values, where_equal)
        return wrap(found)
    _check_rows(sequence, values)
    for row in np.ndindex(sequence.shape[:-1]):
        found[row] = np.searchsorted(sequence[row], values[row], where_equal)
    return wrap(found)


def _check_rows(sequence: np.ndarray, values: np.ndarray) -> None:
    """Raise unless there is a row of values for each row of boundaries."""
    if values.ndim == 0:
        raise RuntimeError(
            "searchsorted(): input value can be a scalar only when boundaries tensor dimension is "
            f"1, but we got boundaries tensor dim({sequence.ndim}) and input value's dim(0) "
            "numel(1)"
        )
    if not sequence.ndim:
        raise RuntimeError(
            "searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension"
        )
    if sequence.ndim != values.ndim or sequence.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions "
            "of boundaries tensor and input value tensor must match, but we got boundaries tensor "
            f"{list(sequence.shape)} and input value tensor {list(values.shape)}"
        )


def bucketize(
    input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """Return the number of the bucket, between sorted boundaries, in which each element lies."""
    if boundaries.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """Return how often each number occurs in a vector, or the sums of their weights."""
    numbers = input._array
    if numbers.dtype.kind not in "iu":
        raise NotImplementedError(
            f"\"bincount_cpu\" not implemented for '{dtype_name(numbers.dtype)}'"
        )
    if numbers.ndim != 1 or (numbers.size and numbers.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if weights is not None and weights.shape != input.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    if weights is None or not numbers.size:
        return wrap(np.bincount(numbers, None, minlength))
    sums = np.bincount(numbers, weights._array, minlength)
    return wrap(sums.astype(np.float32) if weights._array.dtype == np.float32 else sums)


def unique(
    input: Tensor,
    sorted: bool = True,  # noqa: ARG001 - always
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """Return the distinct elements; each NaN is one of its own.

    Args:
        input: the tensor.
        sorted: they are always sorted; False only allows another order.
        return_inverse: return also the index among them of each element.
        return_counts: return also how often each occurs.
        dim: the distinct slices along this dimension, instead of elements.
    """
    place = None if dim is None else _checked_place(input, dim)
    unique_of: Any = np.unique  # its overloads need literal flags
    found = unique_of(
        input._array,
        return_inverse=return_inverse,
        return_counts=return_counts,
        axis=place,
        equal_nan=False,
    )
    return tuple(wrap(x) for x in found) if isinstance(found, tuple) else wrap(found)


def _checked_place(input: Tensor, dim: int) -> int:
    """Return the dimension whose slices `unique` compares, counted from the front."""
    if input.ndim == 0:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    place = wrap_dim(dim, input.ndim)
    if not input.numel() and input.shape[place]:
        raise RuntimeError(
            "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied"
        )
    return place
