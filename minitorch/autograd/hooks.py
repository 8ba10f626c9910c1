"""Hooks: functions called with a gradient on its way, and the handles that remove them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from minitorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ids = itertools.count()


class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes the hook out again.

    Args:
        hooks: the dictionary that holds the hook.
    """

    def __init__(self, hooks: dict[int, Any]) -> None:
        self.hooks = hooks
        self.id = next(_ids)

    def remove(self) -> None:
        """Remove the hook; a second call does nothing."""
        self.hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.remove()


def add_hook(hooks: dict[int, Any], hook: Any) -> RemovableHandle:
    """Put `hook` last in `hooks`, and return the handle that removes it."""
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def register_hook(tensor: Tensor, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
    """Call ``hook(grad)`` with the complete gradient of `tensor`; what it returns replaces it."""
    if not tensor.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if tensor._node is None:
        if tensor._hooks is None:
            tensor._hooks = {}
        hooks = tensor._hooks
    else:
        if tensor._node.hooks is None:
            tensor._node.hooks = {}
        hooks = tensor._node.hooks
    return add_hook(hooks, hook)


def register_post_accumulate_grad_hook(
    tensor: Tensor, hook: Callable[[Tensor], None]
) -> RemovableHandle:
    """Call ``hook(tensor)`` after a backward pass has added to the ``.grad`` of this leaf."""
    if not tensor.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if tensor._node is not None:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    hooks = tensor.__dict__.setdefault("_post_accumulate_grad_hooks", {})
    return add_hook(hooks, hook)


def run_gradient_hooks(hooks: Iterable[Any], gradient: Tensor) -> Tensor:
    """Return `gradient` after every hook has seen it, and perhaps replaced it."""
    for hook in list(hooks):
        replacement = hook(gradient)
        if replacement is None:
            continue
        if not isinstance(replacement, Tensor):
            raise TypeError(f"expected Variable, but hook returned '{type(replacement).__name__}'")
        if replacement._array.shape != gradient._array.shape:
            raise RuntimeError(
                f"hook '{getattr(hook, '__name__', hook)}' has changed the size of value. It was "
                f"{list(gradient.shape)} and became {list(replacement.shape)}"
            )
        gradient = replacement
    return gradient
