"""In-place changes that the tape must see.

A tensor changed in place by a recorded operation takes the history of the operation's result. If it
is a view, its base takes a new history too: its old gradient outside the view, the result's inside.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.autograd.saved import SavedOutput
from minitorch.autograd.views import give_history
from minitorch.memory_order import replay
from minitorch.tensor import Tensor, wrap


def _clear_inside(g: np.ndarray, *, steps: Any, order: tuple[int, ...]) -> np.ndarray:
    """Return a copy of `g` with zeros in the view.

    Args:
        g: gradient of the base.
        steps: from base to view.
        order: the base's dimensions, outermost in memory first. A copy laid out like the base can
            be viewed as the base was.
    """
    out = np.empty([g.shape[axis] for axis in order], g.dtype).transpose(np.argsort(order))
    out[...] = g
    replay(steps, out)[...] = 0
    return out


_outside: Operation = primitive(
    "copy_slices_backward",
    _clear_inside,
    g=lambda g, steps, order: _outside(g, steps=steps, order=order),
)
_copy_slices = primitive(
    "copy_slices",
    lambda base, inside, *, steps, order: base,
    base=lambda g, steps, order: _outside(g, steps=steps, order=order),
    inside=lambda g, steps: replay(steps, g),
)


def snapshot(tensor: Tensor) -> Tensor:
    """Return a tensor of the same memory with the history that `tensor` has now."""
    before = wrap(tensor._array)
    before._node = tensor._node
    before._requires_grad = tensor._requires_grad
    return before


def rebase(tensor: Tensor, result: Tensor) -> None:
    """Give `tensor`, whose memory now holds the values of `result`, the history of `result`."""
    tensor._counter[0] += 1
    for saved in getattr(result._node, "kept", None) or ():
        if type(saved) is SavedOutput and saved.array is result._array:
            saved.move_to(tensor)
    view = tensor._view
    if view is None:
        give_history(tensor, result)
        return
    base = view.base
    order = kernels.outermost_first(base._array)
    merged = _copy_slices(snapshot(base), result, steps=view.steps, order=order)
    give_history(base, merged)
    view.renew(tensor)
