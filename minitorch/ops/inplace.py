"""Operations that change a tensor: ``x += y``, ``x[i] = y``, ``x.mul_(2)``, on and off the tape.

Recorded, ``x.op_(...)`` is ``op`` of what x was, with x then standing for the result
(`autograd.views`). Not recorded, it is a plain change of memory that counts the version up.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from minitorch import dtypes, kernels
from minitorch.autograd.operands import shape_error
from minitorch.autograd.primitive import Operation, primitive
from minitorch.autograd.rebase import rebase, snapshot
from minitorch.autograd.views import check_inplace, check_refusal
from minitorch.dtypes import dtype_name
from minitorch.kernels.copies import copy_into
from minitorch.modes import GRAD, state
from minitorch.ops import shape
from minitorch.ops.arguments import fitting
from minitorch.ops.indexing import integers_first, out_of_range, plain_index, read_at, write_at
from minitorch.tensor import Tensor


def _is_recorded(tensor: Tensor, others: tuple[Any, ...]) -> bool:
    if state.mode != GRAD:
        return False
    if not (
        tensor._requires_grad or any(isinstance(x, Tensor) and x._requires_grad for x in others)
    ):
        return False
    check_refusal(tensor)
    return True


def _take_over(tensor: Tensor, result: Tensor, before: Tensor | None) -> None:
    """Give `tensor` the values of `result`; what the tape kept of the old ones stays as it is.

    Memory that nobody else looks at is not written over, but left for that of the result.

    Args:
        tensor: changes in place.
        result: of a recorded operation; nobody else holds it.
        before: what the operation saw instead of `tensor`, if its node keeps it.
    """
    new, counts = result._array, kernels.references(tensor._array)
    old = tensor._array
    alike = new.dtype == old.dtype and new.strides == old.strides and new.base is not old
    holders = 1 if before is None else 2  # the tensor and what the operation saw instead
    if alike and tensor._view is None and not kernels.shared(counts, old, holders):
        tensor._array = new
        return
    if before is not None:
        before._array = before._array.copy(order="K")
    np.copyto(tensor._array, new, casting="unsafe")


def _check_fit(array: np.ndarray, result: np.ndarray) -> None:
    """Raise RuntimeError if the shape or the dtype of `result` does not fit into `array`."""
    if result.shape != array.shape:
        raise RuntimeError(
            f"output with shape {list(array.shape)} doesn't match the broadcast shape "
            f"{list(result.shape)}"
        )
    if dtypes.category(result.dtype) > dtypes.category(array.dtype):
        raise RuntimeError(
            f"result type {dtype_name(result.dtype)} can't be cast to the desired output type "
            f"{dtype_name(array.dtype)}"
        )


def inplace(op: Any, name: str, ufunc: Any = None) -> Any:
    """Return the in-place form of `op`.

    Args:
        op: the operation; its first argument is what changes.
        name: of the method, ``"add_"``.
        ufunc: computes the same on arrays with ``out=``: no temporary when nothing is recorded.
    """

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_inplace(self)
        if _is_recorded(self, (*args, *kwargs.values())):
            before = snapshot(self)
            result = op(before, *args, **kwargs)
            _check_fit(self._array, result._array)
            saved = weakref.ref(before)
            del before
            _take_over(self, result, saved())
            rebase(self, result)
            return self
        array = self._array
        if ufunc is not None and not kwargs and len(args) < 2 and array.dtype.kind == "f":
            plain = [x._array if isinstance(x, Tensor) else x for x in args]
            if all(_fits(x, array) for x in plain):
                ufunc(array, *plain, out=array)
                self._counter[0] += 1
                return self
        result = op(snapshot(self), *args, **kwargs)
        _check_fit(array, result._array)
        np.copyto(array, result._array, casting="unsafe")
        self._counter[0] += 1
        return self

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"Change the tensor to what ``{name[:-1]}`` would return, and return it."
    return method


def _fits(x: Any, array: np.ndarray) -> bool:
    if isinstance(x, np.ndarray):
        return x.dtype == array.dtype and (x.shape == array.shape or x.ndim == 0)
    return type(x) is float or type(x) is int


def setitem(self: Tensor, index: Any, value: Any) -> None:
    """Write `value`, a tensor or a number, to the places that `index` names."""
    check_inplace(self)
    plain = plain_index(index)
    try:
        two = integers_first(plain)
        if two is not None:
            setitem(read_at(self, index=two[0]), two[1], value)
            return
        target = self._array[plain].shape
    except IndexError as error:
        raise out_of_range(error, self) from None
    if not isinstance(value, Tensor):
        value = np.asarray(value) if np.ndim(value) else fitting(value, self._array.dtype)
    source = _fit_to_places(value, target)
    if _is_recorded(self, (source,)):
        rebase(self, write_at(snapshot(self), source, index=plain))
        return
    self._array[plain] = source._array if isinstance(source, Tensor) else source
    self._counter[0] += 1


def _fit_to_places(value: Any, target: tuple[int, ...]) -> Any:
    """Return `value` without leading dimensions of size 1 that `target` lacks, if it fits."""
    shape_now = tuple(value.shape)
    while len(shape_now) > len(target) and shape_now[0] == 1:
        shape_now = shape_now[1:]
    try:
        np.broadcast_to(np.empty(shape_now, bool), target)
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to "
            f"indexing result of shape {list(target)}"
        ) from None
    return value if shape_now == tuple(value.shape) else shape.reshape(value, *shape_now)


_overwrite = primitive(
    "copy",
    lambda x, src: np.broadcast_to(src, x.shape).astype(x.dtype),
    x=lambda g: None,
    src=lambda g: g,
)
_zero = primitive("zero", np.zeros_like, x=lambda g: None)
_fill = primitive(
    "fill",
    lambda x, value: np.full_like(x, value if np.ndim(value) else fitting(value, x.dtype)),
    x=lambda g: None,
    value=lambda g: g,
)


def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:  # noqa: ARG001
    """Write the elements of `src`, broadcast and cast, into the tensor, and return it."""
    if not isinstance(src, Tensor):
        raise TypeError(f"copy_(): argument 'other' must be Tensor, not {type(src).__name__}")
    try:
        np.broadcast_to(src._array, self._array.shape)
    except ValueError as error:
        raise shape_error("copy_", [self._array, src._array], error) from None
    check_inplace(self)
    if _is_recorded(self, (src,)):
        return _copy_inplace(self, src)
    copy_into(self._array, src._array)
    self._counter[0] += 1
    return self


_copy_inplace = inplace(_overwrite, "copy_")
zero_ = inplace(_zero, "zero_")
fill_ = inplace(_fill, "fill_")


def _with_diagonal(x: np.ndarray, *, value: Any, wrap: bool) -> np.ndarray:
    out = x.copy(order="K")
    np.fill_diagonal(out, fitting(value, x.dtype), wrap)
    return out


_diagonal_filled: Operation = primitive(
    "fill_diagonal",
    _with_diagonal,
    x=lambda g, wrap: _diagonal_filled(g, value=0.0, wrap=wrap),
)
_fill_diagonal = inplace(_diagonal_filled, "fill_diagonal_")


def fill_diagonal_(self: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """Write a number to the places whose indices are all equal, and return the tensor.

    Args:
        self: a matrix, or of more dimensions of equal size.
        fill_value: the number.
        wrap: begin again below the square at the top of a tall matrix, one row left free.
    """
    if self.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self.ndim > 2 and len(set(self.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    return _fill_diagonal(self, value=fill_value, wrap=wrap)
