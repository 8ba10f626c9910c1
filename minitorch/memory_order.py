"""The order of memory, which an operation may choose, and the tensors that share it.

PyTorch's results are mostly in row-major order; here a convolution's have their channels last and a
weight may be stored transposed, wherever that is faster. `Tensor.view` and `Tensor.numpy` can ask
for row-major order later. Then the memory is copied once, and every tensor that looks at it (the
views, ``detach()``, ``data``) moves to the copy, so that they go on to see each other's changes.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

import numpy as np

Steps = tuple[tuple[Any, tuple[Any, ...], dict[str, Any]], ...]
SHARED = "_shared_memory"  # a tensor's memory and steps; absent as long as nobody shares


class Memory:
    """Memory that is not in row-major order, and the tensors that look at it.

    Attributes:
        array: all of it.
        fixed: whether it has to stay where it is.
        tensors: those that look at it, by their identity; each knows the steps from all of it to
            its own array.
    """

    __slots__ = ("array", "fixed", "tensors")

    def __init__(self, array: np.ndarray, fixed: bool) -> None:
        self.array = array
        self.fixed = fixed
        # Not a set: `==` compares the elements of tensors.
        self.tensors: WeakValueDictionary[int, Any] = WeakValueDictionary()

    def add(self, tensor: Any, steps: Steps) -> None:
        """Note that `tensor` looks at the memory."""
        self.tensors[id(tensor)] = tensor
        tensor.__dict__[SHARED] = self, steps


def share(alias: Any, source: Any, steps: Steps = ()) -> None:
    """Note that the array of `alias` is that of `source` after `steps`."""
    if SHARED not in source.__dict__:
        if source._array.flags.c_contiguous:
            return
        Memory(source._array, fixed=source._view is not None).add(source, ())
    memory, before = source.__dict__[SHARED]
    memory.add(alias, before + steps)


def fix(tensor: Any) -> None:
    """Keep the memory of `tensor` where it is: somebody else looks at it."""
    if not tensor._array.flags.c_contiguous:
        Memory(tensor._array, fixed=True).add(tensor, ())


def leave(tensor: Any) -> None:
    """Forget whose memory `tensor` shares, before it gets another array."""
    memory, _ = tensor.__dict__.pop(SHARED, (None, ()))
    if memory is not None:
        memory.tensors.pop(id(tensor), None)


def lay_out(tensor: Any) -> bool:
    """Bring the memory of `tensor` into row-major order; return whether that could be done."""
    if SHARED not in tensor.__dict__:
        if tensor._view is None:
            tensor._array = np.ascontiguousarray(tensor._array)
        return tensor._view is None
    memory, _ = tensor.__dict__[SHARED]
    if memory.fixed:
        return False
    memory.array, memory.fixed = np.ascontiguousarray(memory.array), True
    for other in list(memory.tensors.values()):
        other._array = replay(other.__dict__[SHARED][1], memory.array)
    return True


def replay(steps: Steps, base: Any) -> Any:
    """Return the view of another base of the same shape, an array or a Tensor."""
    for op, arguments, static in steps:
        base = op(base, *arguments, **static)
    return base
