"""The largest, the smallest, the order: extremes, sorting, ranks, distinct elements."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitorch.autograd.primitive import primitive
from minitorch.ops.arguments import require_bool, wrap_dim, wrap_dims
from minitorch.ops.arithmetic import lerp
from minitorch.ops.comparison import logical_and, logical_or, where
from minitorch.ops.indexing import narrow, select
from minitorch.ops.pairwise import maximum, minimum
from minitorch.ops.pointwise import clone, isnan
from minitorch.ops.reduction import amax, amin, not_empty, sum
from minitorch.ops.scattering import gather
from minitorch.ops.selection import index_select
from minitorch.ops.shape import reshape, squeeze
from minitorch.tensor import Tensor, wrap

__all__ = [
    "aminmax", "argmax", "argmin", "argsort", "bincount", "bucketize", "kthvalue", "max",
    "median", "min", "msort", "quantile", "searchsorted", "sort", "topk", "unique",
]  # fmt: skip


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
    require_bool(name, keepdim)
    axis = wrap_dims(dim, input.ndim)
    not_empty(name, input, dim, axis)
    place = None if dim is None or input.ndim == 0 else wrap_dim(dim, input.ndim)
    return wrap(np.asarray(function(input._array, axis=place, keepdims=keepdim)))


def _along(input: Tensor, indices: Tensor, dim: int, keepdim: bool) -> ValuesIndices:
    values = gather(input, dim, indices) if input.ndim else clone(input)
    if keepdim:
        return ValuesIndices(values, indices)
    return ValuesIndices(squeeze(values, dim), squeeze(indices, dim))


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the maximum.

    Along `dim` with the indices; with a tensor for `dim`, the larger elements.
    """
    if dim is None:
        return amax(input)
    if isinstance(dim, Tensor):
        return maximum(input, dim)
    if input.ndim == 0:
        return ValuesIndices(amax(input), wrap(np.array(0)))
    return _along(input, argmax(input, dim, keepdim=True), dim, keepdim)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the minimum.

    Along `dim` with the indices; with a tensor for `dim`, the smaller elements.
    """
    if dim is None:
        return amin(input)
    if isinstance(dim, Tensor):
        return minimum(input, dim)
    if input.ndim == 0:
        return ValuesIndices(amin(input), wrap(np.array(0)))
    return _along(input, argmin(input, dim, keepdim=True), dim, keepdim)


def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> tuple[Any, Any]:
    """Return the minimum and the maximum, over all dimensions or `dim`."""
    over = () if dim is None else dim
    return amin(input, over, keepdim), amax(input, over, keepdim)


# ---------------------------------------------------------------------- sorting


def argsort(
    input: Tensor,
    dim: int = -1,
    descending: bool = False,
    stable: bool = False,  # noqa: ARG001 - always
) -> Tensor:
    """Return the indices that sort `input` along `dim`.

    Equal elements always keep their order. int64.
    """
    array = input._array
    place = wrap_dim(dim, array.ndim)
    if array.ndim == 0:
        return wrap(np.array(0))
    if not descending:
        return wrap(np.argsort(array, axis=place, kind="stable"))
    backwards = np.argsort(np.flip(array, place), axis=place, kind="stable")
    return wrap(np.ascontiguousarray(array.shape[place] - 1 - np.flip(backwards, place)))


def sort(
    input: Tensor,
    dim: int = -1,
    descending: bool = False,
    stable: bool = False,  # noqa: ARG001 - always
) -> ValuesIndices:
    """Return the elements sorted along `dim`, NaN as the largest, and their indices.

    Equal elements keep their order, whether `stable` asks for it or not.
    """
    return _along(input, argsort(input, dim, descending), dim, keepdim=True)


def msort(input: Tensor) -> Any:
    """Return the elements sorted along the first dimension."""
    return sort(input, 0).values


def topk(
    input: Tensor,
    k: int,
    dim: int = -1,
    largest: bool = True,
    sorted: bool = True,  # noqa: ARG001 - always
) -> ValuesIndices:
    """Return the `k` largest elements along `dim`, falling, or the smallest, rising.

    Args:
        input: the tensor.
        k: how many.
        dim: along which dimension.
        largest: whether the largest or the smallest.
        sorted: they are always sorted; False only allows another order.

    Raises:
        RuntimeError: the dimension has fewer than `k` places.
    """
    place = wrap_dim(dim, input.ndim)
    if not 0 <= k <= (input.shape[place] if input.ndim else 1):
        raise RuntimeError("selected index k out of range")
    indices = argsort(input, place, descending=largest)
    chosen = narrow(indices, place, 0, k).contiguous() if input.ndim else indices
    return _along(input, chosen, place, keepdim=True)


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> ValuesIndices:
    """Return the `k`-th smallest element along `dim`, counted from 1, and its index."""
    place = wrap_dim(dim, input.ndim)
    if not 1 <= k <= (input.shape[place] if input.ndim else 1):
        raise RuntimeError("kthvalue(): selected number k out of range for dimension " + str(place))
    order = argsort(input, place)
    chosen = narrow(order, place, k - 1, 1).contiguous() if input.ndim else order
    return _along(input, chosen, place, keepdim)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the median, the lower one of two, NaN if there is one; along `dim` also its index."""
    if dim is None:
        return _middle(input) if input.numel() else input.new_full((), float("nan"))
    place = wrap_dim(dim, input.ndim)
    not_empty("median", input, dim, (place,) if input.ndim else ())
    if input.ndim == 0:
        return kthvalue(input, 1)
    order = argsort(input, place)._array
    n = order.shape[place]
    middle = np.take(order, [(n - 1) // 2], place)
    last = np.take(order, [n - 1], place)  # where a NaN would be
    is_nan = np.isnan(np.take_along_axis(input._array, last, place))
    return _along(input, wrap(np.where(is_nan, last, middle)), place, keepdim)


def _middle_of_all(x: np.ndarray) -> np.ndarray:
    flat = np.sort(x, axis=None)
    return np.asarray(flat[-1] if np.isnan(flat[-1]) else flat[(flat.size - 1) // 2])


def _middle_gradient(g: Any, x: Any, out: Any) -> Any:
    """Return the gradient of the median of all elements, which equal ones share."""
    chosen = logical_or(x == out, logical_and(isnan(x), isnan(out)))
    return where(chosen, g / sum(chosen), 0.0)


_middle = primitive("median", _middle_of_all, x=_middle_gradient)

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
        q: number or 1-D tensor, between 0 and 1.
        dim: along which dimension. Default: of the flattened tensor.
        keepdim: keep the dimension, with size 1.
        interpolation: between two elements: ``"linear"``, ``"lower"``, ``"higher"``, ``"nearest"``
            or ``"midpoint"``.

    Shape:
        That of the input without `dim`; with a tensor `q` its size comes first.
    """
    parts = np.asarray(q._array if isinstance(q, Tensor) else q, np.float64)
    if not ((parts >= 0) & (parts <= 1)).all():
        raise RuntimeError("quantile() q values must be in the range [0, 1]")
    if interpolation not in (*_ROUNDED, "linear", "midpoint"):
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            "but got " + interpolation
        )
    ndim = input.ndim
    flat = reshape(input, -1) if dim is None else input
    place = wrap_dim(0 if dim is None else dim, flat.ndim)
    ordered = sort(flat, place).values
    positions = parts.reshape(-1) * (ordered.shape[place] - 1)
    out = _between(ordered, place, positions, interpolation)
    out = where(isnan(narrow(ordered, place, ordered.shape[place] - 1, 1)), float("nan"), out)
    pieces = out.movedim(place, 0)  # (Q, the other dimensions)
    if keepdim:
        pieces = pieces.unsqueeze(place + 1) if dim is not None else pieces.reshape(-1, *[1] * ndim)
    return pieces if parts.ndim else select(pieces, 0, 0)


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
    where_equal: Any = side or ("right" if right else "left")
    sequence = sorted_sequence._array
    values = np.asarray(getattr(input, "_array", input))
    if sequence.ndim == 1:
        found = np.asarray(np.searchsorted(sequence, values, where_equal))
    else:
        if sequence.shape[:-1] != values.shape[:-1]:
            raise RuntimeError(
                "searchsorted(): boundaries tensor should be 1 dimension or the first N-1 "
                f"dimensions of boundaries tensor and input value tensor must match, but we got "
                f"boundaries tensor {list(sequence.shape)} and input value tensor "
                f"{list(values.shape)}"
            )
        rows = sequence.reshape(-1, sequence.shape[-1])
        wanted = values.reshape(rows.shape[0], -1)
        pairs = zip(rows, wanted, strict=True)
        found = np.stack([np.searchsorted(row, v, where_equal) for row, v in pairs])
    return wrap(found.reshape(values.shape).astype(np.int32 if out_int32 else np.int64))


def bucketize(
    input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """Return the number of the bucket, between sorted boundaries, in which each element lies."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """Return how often each number occurs in a vector, or the sums of their weights."""
    numbers = input._array
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or (numbers.size and numbers.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is None:
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
    """Return the distinct elements.

    Args:
        input: the tensor.
        sorted: they are always sorted; False only allows another order.
        return_inverse: return also the index among them of each element.
        return_counts: return also how often each occurs.
        dim: the distinct slices along this dimension, instead of elements.
    """
    place = None if dim is None else wrap_dim(dim, input.ndim)
    unique_of: Any = np.unique  # its overloads need literal flags
    found = unique_of(
        input._array, return_inverse=return_inverse, return_counts=return_counts, axis=place
    )
    return tuple(wrap(x) for x in found) if isinstance(found, tuple) else wrap(found)
