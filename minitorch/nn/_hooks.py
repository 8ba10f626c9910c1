"""Hooks of modules: functions called before and after a forward, and when gradients arrive."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from minitorch.autograd.hooks import RemovableHandle, add_hook
from minitorch.nn._backward_hooks import GradientWatch
from minitorch.notices import warn

Hook = Callable[..., Any]


class ForwardHook(NamedTuple):
    """A forward hook or pre-hook, and how it wants to be called."""

    function: Hook
    with_kwargs: bool
    always_call: bool = False


def add_first_or_last(
    hooks: OrderedDict[int, Any], hook: Any, prepend: bool = False
) -> RemovableHandle:
    """Put `hook` last in `hooks`, or first, and return the handle that removes it."""
    handle = add_hook(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


class Hooks:
    """The part of `Module` that registers hooks and calls them."""

    # True from the first registration on: without hooks a call costs one look at this attribute.
    _hooked: bool = False

    forward: Callable[..., Any]
    _forward_hooks: OrderedDict[int, ForwardHook]
    _forward_pre_hooks: OrderedDict[int, ForwardHook]
    _backward_hooks: OrderedDict[int, Hook]
    _backward_pre_hooks: OrderedDict[int, Hook]

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before every forward; what it returns replaces the arguments.

        Args:
            hook: returns None, new positional arguments, or with `with_kwargs` a pair
                ``(args, kwargs)``.
            prepend: whether it goes before the hooks that are there already.
            with_kwargs: whether it is called as ``hook(module, args, kwargs)``.
        """
        self._hooked = True
        return add_first_or_last(self._forward_pre_hooks, ForwardHook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Hook,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after every forward; a result replaces the output.

        Args:
            hook: returns None or the new output.
            prepend: whether it goes before the hooks that are there already.
            with_kwargs: whether it is called as ``hook(module, args, kwargs, output)``.
            always_call: whether it is called even if the forward raised.

        Example:
            >>> import minitorch
            >>> from minitorch import nn
            >>> layer, shapes = nn.Linear(3, 2), []
            >>> handle = layer.register_forward_hook(lambda m, args, out: shapes.append(out.shape))
            >>> _ = layer(minitorch.ones(4, 3))
            >>> shapes
            [minitorch.Size([4, 2])]
        """
        self._hooked = True
        return add_first_or_last(
            self._forward_hooks, ForwardHook(hook, with_kwargs, always_call), prepend
        )

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when gradients arrive at the module's outputs.

        The hook may return a tuple that takes the place of `grad_output`.
        """
        self._hooked = True
        return add_first_or_last(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the inputs' gradients are known.

        The hook may return a tuple that takes the place of `grad_input`. If no positional input
        requires a gradient it is called when the gradients of the outputs are known.
        """
        self._hooked = True
        return add_first_or_last(self._backward_hooks, hook, prepend)

    def _any_hooks(self) -> bool:
        return bool(
            self._forward_hooks
            or self._forward_pre_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
        )

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not self._any_hooks():
            self._hooked = False
            return self.forward(*args, **kwargs)
        promised = [hook for hook in self._forward_hooks.values() if hook.always_call]
        result = None
        try:
            for hook in list(self._forward_pre_hooks.values()):
                args, kwargs = self._run_forward_pre_hook(hook, args, kwargs)
            watch = None
            if self._backward_hooks or self._backward_pre_hooks:
                watch = GradientWatch(self)
                args = watch.inputs(args)
            result = self.forward(*args, **kwargs)
            for hook in list(self._forward_hooks.values()):
                promised = [other for other in promised if other is not hook]
                result = self._run_forward_hook(hook, args, kwargs, result)
            return result if watch is None else watch.outputs(result)
        except Exception:
            for hook in promised:
                self._run_promised_hook(hook, args, kwargs, result)
            raise

    def _run_forward_pre_hook(
        self, hook: ForwardHook, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if not hook.with_kwargs:
            new = hook.function(self, args)
            if new is None:
                return args, kwargs
            return (new if isinstance(new, tuple) else (new,)), kwargs
        both = hook.function(self, args, kwargs)
        if both is None:
            return args, kwargs
        if not (isinstance(both, tuple) and len(both) == 2):
            raise RuntimeError(
                "forward pre-hook must return None or a tuple of (new_args, new_kwargs), "
                f"but got {both}."
            )
        return both

    def _run_forward_hook(
        self, hook: ForwardHook, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
    ) -> Any:
        keywords = (kwargs,) if hook.with_kwargs else ()
        new = hook.function(self, args, *keywords, result)
        return result if new is None else new

    def _run_promised_hook(
        self, hook: ForwardHook, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
    ) -> None:
        """Run a hook registered with `always_call` after an error; its own error only warns."""
        try:
            self._run_forward_hook(hook, args, kwargs, result)
        except Exception as error:  # noqa: BLE001 - a hook may raise anything
            warn(
                "module forward hook with ``always_call=True`` raised an exception that was "
                f"silenced as another error was raised in forward: {error}",
            )
