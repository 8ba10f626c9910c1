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
from minitorch.autograd.primitive import primitive
from minitorch.autograd.rebase import rebase, snapshot
from minitorch.autograd.saved import type_name
from minitorch.autograd.views import check_inplace, check_refusal
from minitorch.kernels.copies import copy_into
from minitorch.modes import GRAD, state
from minitorch.ops import (
    activation,
    arithmetic,
    comparison,
    pairwise,
    pointwise,
    scattering,
    selection,
    shape,
    triangles,
)
from minitorch.ops.arguments import fitting
from minitorch.ops.indexing import integers_first, out_of_range, plain_index, read_at, write_at
from minitorch.ops.sampling import standard
from minitorch.random import Generator, numpy_generator
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
            f"result type {type_name(result)} can't be cast to the desired output type "
            f"{type_name(array)}"
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
        if ufunc is not None and not kwargs and array.dtype.kind == "f":
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


def _random_fill(self: Tensor, values: np.ndarray) -> Tensor:
    check_inplace(self)
    np.copyto(self._array, values, casting="unsafe")
    self._counter[0] += 1
    return self


def uniform_(
    self: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers uniform in ``[a, b)``, and return the tensor."""
    if a > b:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}"
        )
    values = standard("random", self._array.shape, self._array.dtype, generator)
    return _random_fill(self, values * (b - a) + a)


def normal_(
    self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers from a normal distribution, and return the tensor."""
    if std < 0:
        raise RuntimeError(f"normal_ expects std >= 0.0, but found std={std}")
    values = standard("standard_normal", self._array.shape, self._array.dtype, generator)
    return _random_fill(self, values * std + mean)


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill with ones, with probability `p` (number or tensor), and zeros; return the tensor."""
    chance = p._array if isinstance(p, Tensor) else p
    return _random_fill(self, numpy_generator(generator).random(self._array.shape) < chance)


def random_(
    self: Tensor, from_: int = 0, to: int | None = None, *, generator: Generator | None = None
) -> Tensor:
    """Fill with integers from `from_` up to `to`, exclusive, and return the tensor."""
    low, high = (from_, to) if to is not None else (0, from_ or 2**24)
    return _random_fill(self, numpy_generator(generator).integers(low, high, self._array.shape))


METHODS: dict[str, Any] = {
    name + "_": inplace(op, name + "_", ufunc)
    for name, op, ufunc in (
        ("add", arithmetic.addition, np.add),
        ("sub", arithmetic.subtraction, np.subtract),
        ("mul", arithmetic.mul, np.multiply),
        ("div", arithmetic.divide, np.true_divide),
        ("pow", arithmetic.power, None),
        ("remainder", arithmetic.remainder, None),
        ("floor_divide", arithmetic.floor_divide, None),
        ("addcmul", arithmetic.addcmul, None),
        ("addcdiv", arithmetic.addcdiv, None),
        ("lerp", arithmetic.lerp, None),
        ("fmod", arithmetic.fmod, None),
        ("float_power", arithmetic.float_power, None),
        ("clamp", pairwise.clamp, None),
        ("clip", pairwise.clamp, None),
        ("clamp_min", pairwise.clamp_min, None),
        ("clamp_max", pairwise.clamp_max, None),
        ("atan2", pairwise.atan2, None),
        ("hypot", pairwise.hypot, None),
        ("xlogy", pairwise.xlogy, None),
        ("heaviside", pairwise.heaviside, None),
        ("masked_fill", comparison.masked_fill, None),
        ("logical_and", comparison.logical_and, None),
        ("logical_or", comparison.logical_or, None),
        ("logical_xor", comparison.logical_xor, None),
        ("logical_not", comparison.logical_not, None),
        ("bitwise_and", comparison.bitwise_and, None),
        ("bitwise_or", comparison.bitwise_or, None),
        ("bitwise_xor", comparison.bitwise_xor, None),
        ("bitwise_left_shift", comparison.bitwise_left_shift, None),
        ("bitwise_right_shift", comparison.bitwise_right_shift, None),
        ("bitwise_not", comparison.bitwise_not, None),
        ("index_add", selection.index_add, None),
        ("index_copy", selection.index_copy, None),
        ("index_fill", selection.index_fill, None),
        ("index_put", selection.index_put, None),
        ("masked_scatter", selection.masked_scatter, None),
        ("scatter", scattering.scatter, None),
        ("scatter_add", scattering.scatter_add, None),
        ("neg", pointwise.neg, np.negative),
        ("abs", pointwise.abs, np.abs),
        ("exp", pointwise.exp, np.exp),
        ("log", pointwise.log, np.log),
        ("sqrt", pointwise.sqrt, np.sqrt),
        ("rsqrt", pointwise.rsqrt, None),
        ("reciprocal", pointwise.reciprocal, np.reciprocal),
        ("square", pointwise.square, np.square),
        ("exp2", pointwise.exp2, np.exp2),
        ("expm1", pointwise.expm1, np.expm1),
        ("log2", pointwise.log2, np.log2),
        ("log10", pointwise.log10, np.log10),
        ("log1p", pointwise.log1p, np.log1p),
        ("sin", pointwise.sin, np.sin),
        ("cos", pointwise.cos, np.cos),
        ("tan", pointwise.tan, np.tan),
        ("asin", pointwise.asin, np.arcsin),
        ("acos", pointwise.acos, np.arccos),
        ("atan", pointwise.atan, np.arctan),
        ("sinh", pointwise.sinh, np.sinh),
        ("cosh", pointwise.cosh, np.cosh),
        ("tanh", pointwise.tanh, np.tanh),
        ("erf", pointwise.erf, None),
        ("sign", pointwise.sign, np.sign),
        ("frac", pointwise.frac, None),
        ("logit", pointwise.logit, None),
        ("sigmoid", pointwise.sigmoid, None),
        ("floor", pointwise.floor, np.floor),
        ("ceil", pointwise.ceil, np.ceil),
        ("round", pointwise.round, np.rint),
        ("trunc", pointwise.trunc, np.trunc),
        ("nan_to_num", pointwise.nan_to_num, None),
        ("relu", activation.relu, None),
        ("tril", triangles.tril, None),
        ("triu", triangles.triu, None),
    )
} | {
    "copy_": copy_,
    "zero_": zero_,
    "fill_": fill_,
    "uniform_": uniform_,
    "normal_": normal_,
    "bernoulli_": bernoulli_,
    "random_": random_,
}
