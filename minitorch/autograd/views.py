"""Views: which memory a tensor borrows, and its history after that memory was changed.

A view remembers its base and the steps from base to view. When a recorded operation changes a view
in place, the base gets a new history (`autograd.rebase`), and every other view finds its own stale,
by its version, and makes it again from the base when it is next used.

Reference: https://docs.pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.grad_mode import enable_grad
from minitorch.memory_order import fix, replay, share
from minitorch.modes import GRAD, INFERENCE_MODE, state
from minitorch.tensor import INFERENCE, Tensor

_AMBIGUOUS = (
    "A view was created in {mode} mode and {{what}} modified inplace {then}. Given that this use "
    "case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both "
    "the view and the inplace either both inside the {mode} block (if you don't want the inplace "
    "to be tracked) or both outside (if you want the inplace to be tracked)."
)
_NO_GRAD_VIEW = _AMBIGUOUS.format(mode="no_grad", then="with grad mode enabled")
_INFERENCE_VIEW = _AMBIGUOUS.format(mode="inference", then="in normal mode")
_FUNCTION_VIEW = (
    "Output {index} of {name} is a view and {{what}} modified inplace. This view was created "
    "inside a custom Function (or because an input was returned as-is) and the autograd logic to "
    "handle view+inplace would override the custom backward associated with the custom Function, "
    "leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the "
    "output of the custom Function."
)


class View:
    """How to make a view again: apply `steps` to `base`.

    Attributes:
        steps: ((op, arguments, keyword arguments), ...).
        version: of the memory, when the view's history was last made.
        refusal: why a recorded in-place change is refused, or None.
        whole: whether the view is all of its base, which nobody else has seen: it owned its memory
            until it was given another shape in place.
    """

    __slots__ = ("_base", "refusal", "steps", "version", "whole")

    def __init__(
        self,
        base: Tensor,
        steps: tuple[Any, ...],
        version: int,
        refusal: str | None,
        whole: bool = False,
    ) -> None:
        self._base = base
        self.steps = steps
        self.version = version
        self.refusal = refusal
        self.whole = whole

    @property
    def base(self) -> Tensor:
        """The tensor whose memory it is, itself no view."""
        above = self._base._view
        if above is not None:  # it got another shape in place: what it was is below it
            self._base = above.base
        return self._base

    def renew(self, tensor: Tensor) -> None:
        """Make the history of `tensor`, which is this view, again if its memory has changed."""
        version = tensor._counter[0]
        if self.version == version or self.refusal is not None:
            return
        self.version = version
        if tensor._node is None and not self.base._requires_grad:
            return  # not on the tape, or a leaf of its own
        with enable_grad():
            fresh = replay(self.steps, self.base)
        give_history(tensor, fresh)


def give_history(tensor: Tensor, result: Tensor) -> None:
    """Let `tensor` stand where `result` stands on the tape; a retained gradient moves along."""
    old, new = tensor._node, result._node
    tensor._node = new
    tensor._requires_grad = result._requires_grad
    if old is not None and old.retained and new is not None and new is not old:
        mine = [reference for reference in old.retained if reference() is tensor]
        old.retained = [r for r in old.retained if r not in mine] or None
        new.retained = [*(new.retained or ()), *mine] or None


def shares_memory(array: np.ndarray, other: np.ndarray) -> bool:
    """Return whether `array`, just computed from `other`, is a view of its memory."""
    owner = array.base
    return array is other or (owner is not None and (owner is other or owner is other.base))


def link_view(
    view: Tensor, source: Any, op: Any, arguments: tuple[Any, ...], static: dict[str, Any]
) -> None:
    """Tie `view`, just made by ``op(source, *arguments, **static)``, to its base, if it is one."""
    if not shares_memory(view._array, source._array):
        return
    step = (op, arguments, static)
    above = source._view
    row_major = (source if above is None else above.base)._array.flags.c_contiguous
    if not row_major:
        share(view, source, (step,))
    version = view._cell = source._counter
    if version is INFERENCE:
        if row_major:
            fix(view)
        return
    refusal = None
    if state.mode != GRAD:
        refusal = _INFERENCE_VIEW if state.mode == INFERENCE_MODE else _NO_GRAD_VIEW
    if above is None:
        view._view = View(source, (step,), version[0], refusal)
    else:
        view._view = View(above.base, (*above.steps, step), version[0], above.refusal or refusal)


def refuse_function_view(output: Tensor, base: Tensor, index: int, name: str) -> None:
    """Forbid to change `output`, a view of `base` that a `Function` returned, in place."""
    refusal = _FUNCTION_VIEW.format(index=index, name=name)
    output._view = View(base, (), output._counter[0], refusal)


def refresh(tensor: Tensor) -> None:
    """Bring the history of a view up to date; RuntimeError if that cannot be done."""
    view = tensor._view
    if view.version == tensor._counter[0]:
        return
    if view.refusal is not None and view.base._requires_grad and state.mode == GRAD:
        raise RuntimeError(
            view.refusal.format(what="its base or another view of its base has been")
        )
    view.renew(tensor)


def check_inplace(tensor: Tensor) -> None:
    """Raise RuntimeError if changing `tensor` in place now would make a gradient wrong."""
    if tensor._cell is INFERENCE and state.mode != INFERENCE_MODE:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make "
            "a clone to get a normal tensor before doing inplace update."
        )
    if not tensor._array.flags.writeable:
        raise RuntimeError(_not_writeable(tensor._array))
    if state.mode != GRAD:
        return
    view = tensor._view
    if view is None:
        if tensor._requires_grad and tensor._node is None:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation."
            )
        return
    refresh(tensor)
    base = view.base
    if base._requires_grad or tensor._requires_grad:
        check_refusal(tensor)
    if (base._requires_grad and base._node is None) or (
        tensor._requires_grad and tensor._node is None
    ):
        kind = "a leaf" if view.whole else "a view of a leaf"
        raise RuntimeError(
            f"{kind} Variable that requires grad is being used in an in-place operation."
        )


def check_refusal(tensor: Tensor) -> None:
    """Raise RuntimeError if `tensor` is a view that a recorded operation must not change."""
    view = tensor._view
    if view is not None and view.refusal is not None:
        raise RuntimeError(view.refusal.format(what="is being"))


def _not_writeable(array: np.ndarray) -> str:
    if any(step == 0 and n > 1 for step, n in zip(array.strides, array.shape, strict=True)):
        return (
            "unsupported operation: more than one element of the written-to tensor refers to a "
            "single memory location. Please clone() the tensor before performing the operation."
        )
    return (
        "unsupported operation: the memory of the written-to tensor is read-only. Please clone() "
        "the tensor before performing the operation."
    )
