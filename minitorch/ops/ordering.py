"""The largest, the smallest, the order: extremes, sorting, ranks."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitorch.autograd.primitive import primitive
from minitorch.dtypes import dtype_name
from minitorch.ops.arguments import require_bool, wrap_dims
from minitorch.ops.comparison import logical_and, logical_or, where
from minitorch.ops.indexing import narrow
from minitorch.ops.pairwise import maximum, minimum
from minitorch.ops.pointwise import clone, isnan
from minitorch.ops.reduction import amax, amin, not_empty, sum
from minitorch.ops.scattering import gather
from minitorch.ops.shape import squeeze
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor, wrap

__all__ = [
    "aminmax", "argmax", "argmin", "argsort", "kthvalue", "max", "median", "min", "msort", "sort",
    "topk",
]  # fmt: skip


class ValuesIndices(NamedTuple):
    """What `max`, `min`, `sort` and `topk` return along a dimension."""

    values: Any
    indices: Any


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the maximum over `dim`, or in the flattened tensor. int64."""
    _refuse_bool("argmax", input)
    return _arg(np.argmax, "argmax", input, dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the minimum over `dim`, or in the flattened tensor. int64."""
    _refuse_bool("argmin", input)
    return _arg(np.argmin, "argmin", input, dim, keepdim)


def _refuse_bool(name: str, input: Tensor) -> None:
    if input._array.dtype == bool:
        raise RuntimeError(f"{name}(): does not support bool input")


def _arg(function: Any, name: str, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    require_bool(name, keepdim)
    axis = wrap_dims(dim, input.ndim)
    not_empty(name, input, dim, axis)
    place = None if dim is None or input.ndim == 0 else wrap_dim(dim, input.ndim)
    return wrap(np.asarray(function(input._array, axis=place, keepdims=keepdim)))


def _along(input: Tensor, indices: Tensor, dim: int, keepdim: bool) -> ValuesIndices:
    dim = wrap_dim(dim, input.ndim)
    values = gather(input, dim, indices) if input.ndim else clone(input)
    if keepdim:
        return ValuesIndices(values, indices)
    return ValuesIndices(squeeze(values, dim), squeeze(indices, dim))


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the maximum.

    Along `dim` with the indices; with a tensor for `dim`, the larger elements.
    """
    if dim is None:
        not_empty("max", input, None, wrap_dims(None, input.ndim))
        return _max_of_all(input)
    if isinstance(dim, Tensor):
        return maximum(input, dim)
    require_bool("max", keepdim)
    return _along(input, _arg(np.argmax, "max", input, dim, True), dim, keepdim)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the minimum.

    Along `dim` with the indices; with a tensor for `dim`, the smaller elements.
    """
    if dim is None:
        not_empty("min", input, None, wrap_dims(None, input.ndim))
        return _min_of_all(input)
    if isinstance(dim, Tensor):
        return minimum(input, dim)
    require_bool("min", keepdim)
    return _along(input, _arg(np.argmin, "min", input, dim, True), dim, keepdim)


def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> tuple[Any, Any]:
    """Return the minimum and the maximum, over all dimensions or `dim`."""
    if dim is None and not input.numel():
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no "
            "identity."
        )
    over = () if dim is None else dim
    return amin(input, over, keepdim), amax(input, over, keepdim)


def _equal_gradient(g: Any, x: Any, out: Any) -> Any:
    """Return the gradient of one element of all, which those that are equal to it share."""
    chosen = logical_or(x == out, logical_and(isnan(x), isnan(out)))
    return where(chosen, g / sum(chosen), 0.0)


_max_of_all = primitive("max", lambda x: np.asarray(x.max()), x=_equal_gradient)
_min_of_all = primitive("min", lambda x: np.asarray(x.min()), x=_equal_gradient)


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
    if input._array.dtype == bool:
        raise RuntimeError("topk does not support bool dtypes on CPU")
    if not 0 <= k <= (input.shape[place] if input.ndim else 1):
        raise RuntimeError("selected index k out of range")
    indices = argsort(input, place, descending=largest)
    chosen = narrow(indices, place, 0, k).contiguous() if input.ndim else indices
    return _along(input, chosen, place, keepdim=True)


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> ValuesIndices:
    """Return the `k`-th smallest element along `dim`, counted from 1, and its index."""
    place = wrap_dim(dim, input.ndim)
    not_empty("kthvalue", input, dim, (place,) if input.ndim else ())
    _numbers_for("kthvalue_cpu", input)
    if not 1 <= k <= (input.shape[place] if input.ndim else 1):
        raise RuntimeError("kthvalue(): selected number k out of range for dimension " + str(place))
    order = argsort(input, place)
    chosen = narrow(order, place, k - 1, 1).contiguous() if input.ndim else order
    return _along(input, chosen, place, keepdim)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the median, the lower one of two, NaN if there is one; along `dim` also its index."""
    if dim is None:
        _numbers_for("median_cpu", input)
        return _middle(input) if input.numel() else _middle_of_none(input)
    place = wrap_dim(dim, input.ndim)
    not_empty("median", input, dim, (place,) if input.ndim else ())
    _numbers_for("median_out", input)
    if input.ndim == 0:
        return kthvalue(input, 1)
    order = argsort(input, place)._array
    middle = np.take(order, [(order.shape[place] - 1) // 2], place)
    missing = np.isnan(input._array)
    first = np.argmax(missing, axis=place, keepdims=True)
    has_nan = np.take_along_axis(missing, first, place)
    return _along(input, wrap(np.where(has_nan, first, middle)), place, keepdim)


def _numbers_for(kernel: str, input: Tensor) -> None:
    """Refuse bools, for which torch's `kernel` is not made."""
    if input._array.dtype == bool:
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{dtype_name(input._array.dtype)}'"
        )


def _middle_of_none(input: Tensor) -> Tensor:
    kind = input._array.dtype
    return input.new_full((), float("nan") if kind.kind == "f" else np.iinfo(kind).min)


def _middle_of_all(x: np.ndarray) -> np.ndarray:
    flat = np.sort(x, axis=None)
    return np.asarray(flat[-1] if np.isnan(flat[-1]) else flat[(flat.size - 1) // 2])


_middle = primitive("median", _middle_of_all, x=_equal_gradient)
