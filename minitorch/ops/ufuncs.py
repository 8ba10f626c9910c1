"""NumPy's functions and operators, of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.ops import arithmetic, comparison, creation
from minitorch.tensor import Tensor

# What NumPy makes of ``array + tensor`` is the operation on tensors, recorded if need be.
_UFUNCS: dict[Any, Any] = {
    np.add: arithmetic.add,
    np.subtract: arithmetic.sub,
    np.multiply: arithmetic.mul,
    np.true_divide: arithmetic.div,
    np.floor_divide: arithmetic.floor_divide,
    np.remainder: arithmetic.remainder,
    np.power: arithmetic.power,
    np.equal: comparison.eq,
    np.not_equal: comparison.ne,
    np.less: comparison.lt,
    np.less_equal: comparison.le,
    np.greater: comparison.gt,
    np.greater_equal: comparison.ge,
}


def array_ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
    """Compute one of NumPy's functions of tensors; ``array += tensor`` changes the array."""
    op = _UFUNCS.get(ufunc)
    if op is not None and method == "__call__" and not named and not isinstance(inputs[0], Tensor):
        return op(*inputs)
    out = named.get("out")
    if out is not None:
        named["out"] = tuple(_as_array(x) for x in out)
    result = getattr(ufunc, method)(*map(_as_array, inputs), **named)
    if out is not None:
        for x in out:
            if isinstance(x, Tensor):
                x._counter[0] += 1
        return out[0] if len(out) == 1 else out
    if isinstance(result, tuple):
        return tuple(wrap_array(self, np.asarray(x)) for x in result)
    return None if result is None else wrap_array(self, np.asarray(result))


def _as_array(x: Any) -> Any:
    return x.numpy() if isinstance(x, Tensor) else x


def wrap_array(
    self: Tensor,  # noqa: ARG001
    array: np.ndarray,
    context: Any = None,  # noqa: ARG001
    return_scalar: bool = False,  # noqa: ARG001
) -> Tensor:
    """Return a result of NumPy's functions of tensors as a tensor; truth values as uint8."""
    return creation.from_numpy(array.astype(np.uint8) if array.dtype == bool else array)
