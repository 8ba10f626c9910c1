"""Another shape for a tensor in place: ``x.unsqueeze_(0)``, ``x.t_()``, ``x.resize_(2, 3)``.

The tensor becomes a view of what it was. Where somebody else looks at its memory, what it was lives
on as a tensor of its own, and the views of it remain views of that (`autograd.views.View`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import primitive
from minitorch.autograd.rebase import snapshot
from minitorch.autograd.views import View, check_inplace, give_history
from minitorch.memory_order import SHARED, fix, leave, share
from minitorch.modes import GRAD, state
from minitorch.ops import shape
from minitorch.ops.creation import checked_size
from minitorch.ops.memory_format import contiguous_format, preserve_format
from minitorch.tensor import Tensor


def _become(tensor: Tensor, op: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Tensor:
    """Let `tensor` stand for its view ``op(tensor, *args, **named)``, and return it."""
    counts = kernels.references(tensor._array)
    watched = kernels.shared(counts, tensor._array, 1)
    ordered = tensor._array.flags.c_contiguous
    before = snapshot(tensor)
    before._cell = tensor._counter
    result = op(before, *args, **named)
    view = tensor._view
    if result._view is None:  # in inference mode there are no views
        leave(tensor)
        tensor._array = result._array
        fix(tensor)
        return tensor
    steps = result._view.steps
    if view is not None:
        view.steps += steps
    elif watched:
        share(before, tensor)
        tensor._view = view = View(before, steps, 0, None, whole=True)
    tensor._array = result._array
    if SHARED in tensor.__dict__:
        memory, earlier = tensor.__dict__[SHARED]
        memory.add(tensor, earlier + steps)
    elif ordered and view is None:
        fix(tensor)
    tensor._counter[0] += 1
    if view is not None:
        view.version = tensor._counter[0]
    if result._requires_grad:
        give_history(tensor, result)
    return tensor


def _reshaping(op: Any, name: str) -> Any:
    """Return the form in place of `op`, which returns a view of its first argument."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_inplace(self)
        if state.mode != GRAD and self._requires_grad:
            raise NotImplementedError(
                f"{name}: of a tensor that requires grad is not supported under no_grad: its "
                "gradient would keep the shape it had. Use its .data or detach() it"
            )
        return _become(self, op, args, kwargs)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"Give the tensor the shape that ``{name[:-1]}`` would, and return it."
    return method


_front = primitive(
    "resize",
    lambda x, *, size: x.reshape(-1)[: math.prod(size)].reshape(size),
    view=True,
)


def resize_(
    self: Tensor, *sizes: Any, size: Any = None, memory_format: Any = contiguous_format
) -> Tensor:
    """Give the tensor another size in place, and return it.

    The first elements stay as they are, and those that are added are not set.

    Args:
        self: owns its memory, and is contiguous.
        *sizes: the new size.
        size: the same as one argument.
        memory_format: only row-major order.

    Raises:
        RuntimeError: the tensor requires grad.
        NotImplementedError: the tensor is a view or not contiguous, or has to grow although
            somebody else looks at its memory.

    Example:
        >>> import minitorch
        >>> minitorch.arange(6).resize_(2, 2)
        tensor([[0, 1],
                [2, 3]])
    """
    wanted = checked_size(sizes, size)
    if self._requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    if memory_format not in (contiguous_format, preserve_format):
        raise NotImplementedError(f"resize_: memory_format={memory_format} is not supported")
    if self._is_view() or not self._array.flags.c_contiguous:
        kind = "a view" if self._is_view() else "a tensor that is not contiguous"
        raise NotImplementedError(f"resize_: of {kind} is not supported; clone it before")
    check_inplace(self)
    if math.prod(wanted) <= self._array.size:
        return _become(self, _front, (), {"size": wanted})
    counts = kernels.references(self._array)
    if self._view is not None or kernels.shared(counts, self._array, 1):
        raise NotImplementedError(
            f"resize_: to {math.prod(wanted)} elements is not supported for a tensor of "
            f"{self._array.size} at whose memory somebody else looks; clone it before"
        )
    grown = np.empty(wanted, self._array.dtype)
    grown.reshape(-1)[: self._array.size] = self._array.reshape(-1)
    leave(self)
    self._array = grown
    self._counter[0] += 1
    return self


def _transpose_of_a_matrix(input: Tensor) -> Any:
    if input.ndim > 2:
        raise RuntimeError(f"t_() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return shape.t(input)


METHODS: dict[str, Any] = {
    name + "_": _reshaping(op, name + "_")
    for name, op in (
        ("squeeze", shape.squeeze),
        ("swapaxes", shape.transpose),
        ("swapdims", shape.transpose),
        ("t", _transpose_of_a_matrix),
        ("transpose", shape.transpose),
        ("unsqueeze", shape.unsqueeze),
    )
}
METHODS["resize_"] = resize_
