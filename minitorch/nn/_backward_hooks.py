"""Backward hooks of modules: what stands between a module's tensors and the tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitorch.autograd import Function, is_grad_enabled
from minitorch.notices import warn
from minitorch.tensor import Tensor


class _Watched(Function):
    """The identity, whose backward shows the gradients to a function that may replace them."""

    @staticmethod
    def forward(
        ctx: Any, seen: Callable[..., Any], zeros: bool, *tensors: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.seen = seen
        ctx.set_materialize_grads(zeros)
        aliases = tuple(t.detach() for t in tensors)
        constants = [a for a, t in zip(aliases, tensors, strict=True) if not t.requires_grad]
        ctx.mark_non_differentiable(*constants)
        return aliases

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Any, ...]:
        return None, None, *ctx.seen(grads)


class GradientWatch:
    """One call of a module with backward hooks, from its outputs' gradients to its inputs'."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.hooks = list(module._backward_hooks.values())
        self.pre_hooks = list(module._backward_pre_hooks.values())
        self.grad_outputs: tuple[Any, ...] | None = None
        self.input_count = 0
        self.input_places: list[int] = []
        self.output_count = 0
        self.output_places: list[int] = []

    def inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the arguments, with the tensors watched."""
        self.input_count = len(args)
        args, self.input_places = _watch(args, self._input_gradients, zeros=True)
        return args

    def outputs(self, result: Any) -> Any:
        """Return what the module returned, with the tensors watched."""
        if not isinstance(result, Tensor | tuple):
            warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of "
                f"Tensors but received {type(result)}",
            )
        results = result if isinstance(result, tuple) else (result,)
        self.output_count = len(results)
        watched, self.output_places = _watch(results, self._output_gradients, zeros=False)
        if not isinstance(result, tuple):
            return watched[0]
        return type(result)(*watched) if hasattr(result, "_fields") else watched

    def _output_gradients(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        grad_outputs = _spread(grads, self.output_places, self.output_count)
        for hook in self.pre_hooks:
            new = hook(self.module, grad_outputs)
            if new is not None:
                grad_outputs = _same_length("pre hook", "output", new, grad_outputs)
        self.grad_outputs = grad_outputs
        if not self.input_places:
            self._call_without_input_gradients(grad_outputs)
        return tuple(grad_outputs[i] for i in self.output_places)

    def _call_without_input_gradients(self, grad_outputs: tuple[Any, ...]) -> None:
        warn(
            "Full backward hook is firing when gradients are computed with respect to module "
            "outputs since no inputs require gradients.",
        )
        self.grad_outputs = None
        grad_inputs = (None,) * self.input_count
        for hook in self.hooks:
            new = hook(self.module, grad_inputs, grad_outputs)
            if new is not None and not (isinstance(new, tuple) and set(new) <= {None}):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always "
                    "return None or None for all gradients."
                )

    def _input_gradients(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.grad_outputs is None:  # the gradient came around the outputs (double backward)
            return grads
        grad_inputs = _spread(grads, self.input_places, self.input_count)
        for hook in self.hooks:
            new = hook(self.module, grad_inputs, self.grad_outputs)
            if new is not None:
                grad_inputs = _same_length("hook", "input", new, grad_inputs)
        self.grad_outputs = None
        return tuple(grad_inputs[i] for i in self.input_places)


def _watch(
    values: tuple[Any, ...], seen: Callable[..., Any], zeros: bool
) -> tuple[tuple[Any, ...], list[int]]:
    """Watch the tensors among `values` if one needs a gradient, and say where they are.

    Args:
        values: arguments or results of a module.
        seen: called with the gradients of the tensors, returns them or others.
        zeros: whether a missing gradient is shown as zeros, not as None.
    """
    places = [i for i, value in enumerate(values) if isinstance(value, Tensor)]
    if not (is_grad_enabled() and any(values[i].requires_grad for i in places)):
        return values, []
    watched = list(values)
    tensors: Any = _Watched.apply(seen, zeros, *(values[i] for i in places))
    for i, tensor in zip(places, tensors, strict=True):
        watched[i] = tensor
    return tuple(watched), places


def _spread(grads: tuple[Any, ...], places: list[int], count: int) -> tuple[Any, ...]:
    spread: list[Any] = [None] * count
    for i, grad in zip(places, grads, strict=True):
        spread[i] = grad
    return tuple(spread)


def _same_length(kind: str, side: str, new: Any, old: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(new) != len(old):
        raise RuntimeError(
            f"Backward {kind} returned an invalid number of grad_{side}, got {len(new)}, "
            f"but expected {len(old)}"
        )
    return tuple(new)
