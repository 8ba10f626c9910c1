"""Operations with a hand-written backward pass: `Function`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.autograd.grad_mode import is_grad_enabled, no_grad
from minitorch.autograd.node import Node, Output
from minitorch.autograd.saved import FREED, SavedInput, SavedOutput
from minitorch.autograd.views import check_inplace, refresh
from minitorch.tensor import Tensor, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class FunctionCtx(Node):
    """What `Function.forward` and `Function.backward` share; it is also the node on the tape.

    Attributes:
        needs_input_grad: for each argument of the forward, whether its gradient is wanted.
        saved_tensors: what `save_for_backward` was given.
    """

    def __init__(self, function: type[Function], arguments: Sequence[Any]) -> None:
        super().__init__([_edge(x) for x in arguments], np.empty(0, np.float32))
        self.function = function
        self.fresh = function.fresh_gradients
        self.needs_input_grad = tuple(edge is not None for edge in self.edges)
        self.outputs: list[np.ndarray] = []
        self._to_save: tuple[Any, ...] = ()
        self._saved: list[Any] | None = []
        self._dirty: tuple[Tensor, ...] = ()
        self._non_differentiable: tuple[Tensor, ...] = ()
        self._materialize = True

    def name(self) -> str:
        """Return the function's name, ``"MyFunctionBackward"``."""
        return f"{self.function.__name__}Backward"

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep `tensors`, inputs or outputs of the forward, for the backward pass."""
        self._to_save = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say that the forward changed these inputs in place; it must return them, too."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say that these outputs have no gradient."""
        self._non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether an output that got no gradient hands zeros (True) or None to the backward."""
        self._materialize = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The tensors kept by `save_for_backward`; RuntimeError once they are freed or changed."""
        if self._saved is None:
            raise RuntimeError(FREED)
        return tuple(s if s is None else s.unpack(self) for s in self._saved)

    def release(self) -> None:
        """Let go of the saved tensors."""
        if self._saved:
            self._saved = None

    def backward_arrays(self, g: Any) -> list[Any]:
        """Run `Function.backward`; nothing is recorded."""
        gradients = self.backward_tensors(_wrapped(g))
        return [None if x is None else x._array for x in gradients]

    def backward_tensors(self, g: Any) -> list[Any]:
        """Run `Function.backward` on Tensors."""
        incoming = [g] if not isinstance(g, dict) else [g.get(i) for i in range(len(self.outputs))]
        if self._materialize:
            incoming = [
                wrap(np.zeros_like(out)) if x is None else x
                for x, out in zip(incoming, self.outputs, strict=True)
            ]
        result = self.function.backward(self, *incoming)
        gradients = list(result) if isinstance(result, tuple) else [result]
        while len(gradients) > len(self.edges) and gradients[-1] is None:
            gradients.pop()
        if len(gradients) != len(self.edges):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected "
                f"{len(self.edges)}, got {len(gradients)})"
            )
        return [x if edge is not None else None for x, edge in zip(gradients, self.edges, strict=True)]


class Function:
    """A differentiable operation whose gradient you write.

    Subclass it, write `forward` and `backward` as static methods, and call ``apply``.

    Example:
        >>> import minitorch
        >>> class Cube(minitorch.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x**3
        ...
        ...     @staticmethod
        ...     def backward(ctx, grad):
        ...         (x,) = ctx.saved_tensors
        ...         return grad * 3 * x * x
        >>> x = minitorch.tensor(2.0, requires_grad=True)
        >>> Cube.apply(x).backward()
        >>> x.grad
        tensor(12.)

    Reference: https://docs.pytorch.org/docs/stable/autograd.html#function
    """

    setup_context: Callable[..., None] | None = None
    fresh_gradients = False  # True promises that `backward` returns no array that anybody else holds

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; the first argument is the context, unless `setup_context` is defined."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return a gradient, or None, for each argument of the forward."""
        raise NotImplementedError("You must implement the backward function for custom autograd.Function")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run the forward and record it."""
        ctx = FunctionCtx(cls, args)
        recording = is_grad_enabled() and any(ctx.needs_input_grad)
        with no_grad():
            if cls.setup_context is None:
                outputs = cls.forward(ctx, *args)
            else:
                outputs = cls.forward(*args)
                cls.setup_context(ctx, args, outputs)
        single = not isinstance(outputs, tuple)
        results = [_own_output(x, args, ctx, recording) for x in ((outputs,) if single else outputs)]
        if recording:
            _attach(ctx, results)
        return results[0] if single else tuple(results)


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a `Function.backward` whose result cannot be differentiated again.

    Differentiating its result raises RuntimeError.
    """

    def wrapper(ctx: FunctionCtx, *grad_outputs: Any) -> Any:
        recording = is_grad_enabled()
        with no_grad():
            result = backward(ctx, *grad_outputs)
        gradients = result if isinstance(result, tuple) else (result,)
        if recording:
            gradients = tuple(x if x is None else _Undifferentiable.apply(x, *grad_outputs) for x in gradients)
        return gradients

    return wrapper


class _Undifferentiable(Function):
    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, *origins: Tensor) -> Tensor:
        return wrap(x._array)

    @staticmethod
    def backward(ctx: FunctionCtx, *grad_outputs: Any) -> Any:
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )


def _edge(x: Any) -> Any:
    if not isinstance(x, Tensor):
        return None
    if x._view is not None:
        refresh(x)
    return (x._node or x) if x._requires_grad else None


def _wrapped(g: Any) -> Any:
    if isinstance(g, dict):
        return {index: wrap(np.asarray(x)) for index, x in g.items()}
    return wrap(np.asarray(g))


def _own_output(x: Any, args: Sequence[Any], ctx: FunctionCtx, recording: bool) -> Any:
    """Return an output as a tensor of its own, unless the forward changed an input and returns it."""
    if not isinstance(x, Tensor):
        return x
    if any(x is dirty for dirty in ctx._dirty):
        if recording:
            check_inplace(x)
        x._version[0] += 1
        return x
    if any(x is argument for argument in args):
        alias = wrap(x._array)
        alias._version = x._version
        return alias
    return x


def _attach(ctx: FunctionCtx, results: list[Any]) -> None:
    """Put the outputs on the tape and pack what the forward saved."""
    tensors = [x for x in results if isinstance(x, Tensor)]
    ctx.outputs = [x._array for x in tensors]
    constant = {id(x) for x in ctx._non_differentiable}
    for index, x in enumerate(tensors):
        if id(x) in constant or x._array.dtype.kind != "f":
            continue
        if len(tensors) == 1:
            ctx.shape, ctx.dtype = x._array.shape, x._array.dtype
            x._node = ctx
        else:
            x._node = Output(ctx, index, x._array)
        x._requires_grad = True
    by_id = {id(x) for x in tensors}
    ctx._saved = [
        None if x is None else (SavedOutput(x) if id(x) in by_id else SavedInput(x))
        for x in ctx._to_save
    ]
    ctx._to_save = ()
