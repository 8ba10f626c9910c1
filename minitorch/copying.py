"""Copies of tensors: pickling, and deep copies in which what was linked is linked again."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.memory_order import SHARED, Memory, fix


class Copyable:
    """The part of `Tensor` that `copy` and `pickle` call."""

    __slots__ = ()

    _array: np.ndarray
    _requires_grad: bool
    _grad: Any
    _node: Any
    _view: Any

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if self._node is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                "protocol and pickling at the moment. Use .detach() first."
            )
        return _rebuild, (type(self), self._array, self._requires_grad, self._grad, self._state())

    def _state(self) -> dict[str, Any]:
        """Return the attributes that a copy shall have, too: all but the hooks and the views."""
        own = ("_post_accumulate_grad_hooks", SHARED)
        return {k: v for k, v in self.__dict__.items() if k not in own}

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) in memo:
            return memo[id(self)]
        _, (cls, array, requires_grad, grad, state) = self.__reduce_ex__(4)
        linked = self._view is not None or SHARED in self.__dict__
        copied = _rebuild(cls, _copied(array, memo, linked), requires_grad, None, {})
        memo[id(self)] = copied
        if SHARED in self.__dict__:
            memory, steps = self.__dict__[SHARED]
            if id(memory) not in memo:
                memo[id(memory)] = Memory(_copied(memory.array, memo, True), memory.fixed)
            memo[id(memory)].add(copied, steps)
        elif self._view is not None:
            fix(copied)
        copied._grad = copy.deepcopy(grad, memo)
        copied.__dict__.update(copy.deepcopy(state, memo))
        return copied


def _rebuild(
    cls: Any,
    array: np.ndarray,
    requires_grad: bool,
    grad: Any,
    state: dict[str, Any],
) -> Any:
    tensor = cls.__new__(cls)
    tensor._array = array
    tensor._requires_grad = requires_grad
    tensor._grad = grad
    tensor.__dict__.update(state)
    return tensor


def _copied(array: np.ndarray, memo: dict[int, Any], linked: bool) -> np.ndarray:
    """Return `array` in a copy of all the memory it looks at, of which `memo` holds one copy.

    A part of an array of somebody else's, a row of a file say, is copied alone unless it is
    `linked` to other tensors.
    """
    owner: Any = array
    holder: Any = array
    while (holder := getattr(holder, "base", None)) is not None:
        owner = holder if isinstance(holder, np.ndarray) else owner
    if not linked and array.nbytes < owner.nbytes and not kernels.is_whole(array):
        return array.copy(order="K")
    new = copy.deepcopy(owner, memo)
    steps = zip(owner.shape, owner.strides, new.strides, strict=True)
    if any(before != after for n, before, after in steps if n > 1):  # of gaps there is no copy
        return array.copy(order="K")
    if array is owner:
        return new
    start = array.ctypes.data - owner.ctypes.data
    out = np.ndarray(array.shape, array.dtype, new.ravel(order="K"), start, array.strides)
    repeats = any(step == 0 and n > 1 for step, n in zip(out.strides, out.shape, strict=True))
    out.flags.writeable = not repeats
    return out
