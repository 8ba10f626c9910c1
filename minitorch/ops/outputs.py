"""``out=``: results written to a tensor that is there, ``minitorch.add(x, y, out=z)``.

Nothing is gained by it here but that programs which say it run: the result is computed and copied.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from minitorch.dtypes import category, dtype_name
from minitorch.modes import GRAD, state
from minitorch.notices import warn
from minitorch.ops.inplace import copy_
from minitorch.ops.reshaping import resize_
from minitorch.tensor import Tensor

_PRODUCTS = frozenset({
    "addmm", "addmv", "addr", "baddbmm", "bmm", "dot", "ger", "inner", "matmul", "mm", "mv",
    "outer",
})  # fmt: skip
_OTHERS = """
abs acos acosh add addcdiv addcmul all amax amin any arange asin asinh atan atan2 atanh
bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bucketize cat
ceil clamp clip column_stack concat concatenate cos cosh cross cumprod cumsum diag div divide
dstack eq erf erfc erfinv exp exp2 expm1 eye float_power floor floor_divide fmax fmin fmod frac full
gather ge greater greater_equal gt heaviside hstack hypot index_select isneginf isposinf kron le
lerp less less_equal linspace log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not
logical_or logical_xor logit logspace logsumexp lt masked_select max maximum mean median min minimum
msort mul multinomial multiply nan_to_num nanmean ne neg negative nonzero normal not_equal ones pow
quantile rand randint randn randperm reciprocal remainder round rsqrt searchsorted sigmoid sign
signbit sin sinh sqrt square stack std sub subtract sum take_along_dim tan tanh tril triu trunc var
vstack where xlogy zeros
"""
NAMES = _PRODUCTS | frozenset(_OTHERS.split())
"""The functions that take it."""


def with_outputs(functions: dict[str, Any]) -> dict[str, Any]:
    """Return those of the functions that take ``out=``, so that they do."""
    return {name: _writing(name, functions[name]) for name in NAMES}


def _writing(name: str, function: Any) -> Any:
    @functools.wraps(function)
    def call(*args: Any, out: Any = None, **given: Any) -> Any:
        if out is None:
            return function(*args, **given)
        _check(name, out, (*args, *given.values()))
        return _written(name, function(*args, **given), out)

    call.__module__ = "minitorch"
    return call


def _check(name: str, out: Any, arguments: tuple[Any, ...]) -> None:
    """Refuse what is no tensor, and what would have to be recorded."""
    if not isinstance(out, Tensor):
        kind = type(out).__name__
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {kind}")
    inside = [x for y in arguments for x in (y if isinstance(y, list | tuple) else (y,))]
    if state.mode == GRAD and any(
        isinstance(x, Tensor) and x._requires_grad for x in (out, *inside)
    ):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, "
            "but one of the arguments requires grad."
        )


def _written(name: str, result: Any, out: Tensor) -> Tensor:
    """Copy the result to `out`, in its size, and return that."""
    if not isinstance(result, Tensor):
        raise NotImplementedError(f"{name}: out= for several results is not supported")
    made, wanted = result._array.dtype, out._array.dtype
    if name in _PRODUCTS and made != wanted:
        raise RuntimeError(
            f"Expected out tensor to have dtype {dtype_name(made).lower()}, but got "
            f"{dtype_name(wanted).lower()} instead"
        )
    if category(made) > category(wanted):
        raise RuntimeError(
            f"result type {dtype_name(made)} can't be cast to the desired output type "
            f"{dtype_name(wanted)}"
        )
    if out._array.shape != result._array.shape:
        if out._array.size:
            warn(
                "An output with one or more elements was resized since it had shape "
                f"{list(out._array.shape)}, which does not match the required output shape "
                f"{list(result._array.shape)}."
            )
        resize_(out, *result._array.shape)
    if np.may_share_memory(result._array, out._array):
        result = result.clone()
    return copy_(out, result)
