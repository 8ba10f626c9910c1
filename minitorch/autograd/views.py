"""Views, and in-place changes that the tape must see.

A view remembers its base and the steps from base to view. When a recorded operation changes a view in
place, the base gets a new history (its old gradient outside the view, the view's inside), and every other
view finds its own stale, by its version, and makes it again from the base when it is next used.

Reference: https://docs.pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.grad_mode import GRAD, enable_grad, state
from minitorch.tensor import INFERENCE, Tensor, wrap


class View:
    """How to make a view again: apply `steps` to `base`. None for `steps`: it cannot be changed in place.

    Attributes:
        base: the tensor whose memory it is, itself no view.
        steps: ((op, arguments, keyword arguments), ...).
        version: of the memory, when the view's history was last made.
        refusal: why a recorded in-place change is refused, or None.
    """

    __slots__ = ("base", "refusal", "steps", "version")

    def __init__(self, base: Tensor, steps: tuple[Any, ...], version: int, refusal: str | None) -> None:
        self.base = base
        self.steps = steps
        self.version = version
        self.refusal = refusal

    def replay(self, base: Any) -> Any:
        """Return the view of another base of the same shape, an array or a Tensor."""
        for op, arguments, static in self.steps:
            base = op(base, *arguments, **static)
        return base


def shares_memory(array: np.ndarray, other: np.ndarray) -> bool:
    """Return whether `array`, just computed from `other`, is a view of its memory."""
    owner = array.base
    return array is other or (owner is not None and (owner is other or owner is other.base))


def link_view(
    view: Tensor,
    source: Any,
    op: Any,
    arguments: tuple[Any, ...],
    static: dict[str, Any],
    refusal: str | None = None,
) -> None:
    """Tie `view`, just made by ``op(source, *arguments, **static)``, to its base if memory is shared."""
    if not shares_memory(view._array, source._array):
        return
    version = view._version = source._version
    if version is INFERENCE:
        return
    if state.mode != GRAD:
        refusal = (
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. "
            "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify "
            "your code by moving both the view and the inplace either both inside the no_grad block "
            "(if you don't want the inplace to be tracked) or both outside (if you want the inplace to "
            "be tracked)."
        )
    step = (op, arguments, static)
    above = source._view
    if above is None:
        view._view = View(source, (step,), version[0], refusal)
    else:
        view._view = View(above.base, (*above.steps, step), version[0], above.refusal or refusal)


def refresh(tensor: Tensor) -> None:
    """Make the history of a view again if its memory has changed since."""
    view = tensor._view
    if view.version == tensor._version[0]:
        return
    view.version = tensor._version[0]
    if view.refusal is None and (view.base._requires_grad or tensor._requires_grad):
        with enable_grad():
            fresh = view.replay(view.base)
        tensor._node = fresh._node
        tensor._requires_grad = fresh._requires_grad


def check_inplace(tensor: Tensor) -> None:
    """Raise RuntimeError if changing `tensor` in place now would make a gradient wrong."""
    if state.mode != GRAD:
        return
    view = tensor._view
    if view is not None:
        refresh(tensor)
        if view.base._requires_grad and view.base._node is None:
            raise RuntimeError(
                "a view of a leaf Variable that requires grad is being used in an in-place operation."
            )
    elif tensor._requires_grad and tensor._node is None:
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation."
        )
    if tensor._version is INFERENCE:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. You can make a "
            "clone to get a normal tensor before doing inplace update."
        )


def snapshot(tensor: Tensor, copy: bool) -> Tensor:
    """Return a tensor with the history that `tensor` has now, and a copy of its values if asked."""
    before = wrap(tensor._array.copy(order="K") if copy else tensor._array)
    before._node = tensor._node
    before._requires_grad = tensor._requires_grad
    return before


def rebase(tensor: Tensor, result: Tensor, merge: Any) -> None:
    """Give `tensor`, whose memory now holds the values of `result`, the history of `result`.

    Args:
        tensor: what was changed in place; its version is counted up here.
        result: the recorded result of the operation.
        merge: ``merge(base, inside, mask, view)``, the op that records a base changed in one view.
    """
    view = tensor._view
    tensor._version[0] += 1
    if view is None:
        tensor._node = result._node
        tensor._requires_grad = result._requires_grad
        return
    base = view.base
    outside = np.ones(base._array.shape, base._array.dtype)
    view.replay(outside)[...] = 0
    merged = merge(snapshot(base, copy=False), result, outside=outside, replay=view.replay)
    base._node = merged._node
    base._requires_grad = merged._requires_grad
    refresh(tensor)
