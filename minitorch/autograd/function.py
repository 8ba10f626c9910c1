"""Operations with a hand-written backward pass: `Function`."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any

from minitorch.autograd.context import FunctionCtx
from minitorch.autograd.grad_mode import no_grad
from minitorch.autograd.node import Output
from minitorch.autograd.rebase import rebase
from minitorch.autograd.saved import SavedInput, SavedOutput, operation_name
from minitorch.autograd.views import check_inplace, refuse_function_view
from minitorch.modes import GRAD, INFERENCE_MODE, state
from minitorch.tensor import INFERENCE, Tensor, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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
    fresh_gradients = (
        False  # True promises that `backward` returns no array that anybody else holds
    )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; the context comes first, unless `setup_context` is defined."""
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return a gradient, or None, for each argument of the forward."""
        raise NotImplementedError(
            "You must implement the backward function for custom autograd.Function."
        )

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run the forward and record it."""
        ctx = FunctionCtx(cls, args)
        with no_grad():
            if cls.setup_context is None:
                outputs = cls.forward(ctx, *args)
            else:
                outputs = cls.forward(*args)
                cls.setup_context(ctx, args, outputs)
        results = list(outputs) if isinstance(outputs, tuple) else [outputs]
        for dirty in ctx._dirty:
            if not any(dirty is x for x in results):
                raise RuntimeError(
                    "Some elements marked as dirty during the forward method were not returned as "
                    "output. The inputs that are modified inplace must all be outputs of the "
                    "Function."
                )
        recording = state.mode == GRAD and any(ctx.needs_input_grad)
        results = [_own_output(x, i, args, ctx) for i, x in enumerate(results)]
        _attach(ctx, results) if recording else _count_changes(ctx)
        return tuple(results) if isinstance(outputs, tuple) else results[0]


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a `Function.backward` whose result cannot be differentiated again.

    Differentiating its result raises RuntimeError.
    """

    @functools.wraps(backward)
    def wrapper(ctx: FunctionCtx, *grad_outputs: Any) -> Any:
        recording = state.mode == GRAD
        with no_grad():
            result = backward(ctx, *grad_outputs)
        gradients = result if isinstance(result, tuple) else (result,)
        if recording:
            gradients = tuple(
                x if x is None else _Undifferentiable.apply(x, *grad_outputs) for x in gradients
            )
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


def _own_output(x: Any, index: int, args: Sequence[Any], ctx: FunctionCtx) -> Any:
    """Return an output as a tensor of its own, unless it is an input that the forward changed."""
    if not isinstance(x, Tensor) or any(x is dirty for dirty in ctx._dirty):
        return x
    base = None
    if any(x is argument for argument in args):
        base = x._view.base if x._view is not None else x
        version = x._counter
        x = wrap(x._array)
        x._counter = version
    elif x._view is not None:
        base = x._view.base
    if base is not None:
        if x._counter is not INFERENCE:
            refuse_function_view(x, base, index, operation_name(ctx))
    elif state.mode == INFERENCE_MODE:
        x._counter = INFERENCE
    return x


def _count_changes(ctx: FunctionCtx) -> None:
    """Count up the versions of the inputs that the forward changed, nothing being recorded."""
    for x in ctx._dirty:
        x._counter[0] += 1


def _attach(ctx: FunctionCtx, results: list[Any]) -> None:
    """Put the outputs on the tape and pack what the forward saved."""
    ctx._like = [
        (x._array.shape, x._array.dtype) if isinstance(x, Tensor) else None for x in results
    ]
    constant = {id(x) for x in ctx._non_differentiable}
    single = len(results) == 1
    places: dict[int, int | None] = {}  # of the differentiable outputs, None for the only one
    for index, x in enumerate(results):
        if not isinstance(x, Tensor) or x._array.dtype.kind != "f" or id(x) in constant:
            ctx._outputs.append(None)
            continue
        dirty = any(x is y for y in ctx._dirty)
        if dirty:
            _check_dirty(x)
        shape, dtype = ctx._like[index]  # type: ignore[misc]
        if single:
            ctx.shape, ctx.dtype = shape, dtype
        node = ctx if single else Output(ctx, index, shape, dtype)
        ctx._outputs.append(weakref.ref(node))
        made = wrap(x._array) if dirty else x
        made._node, made._requires_grad = node, True
        if dirty:
            rebase(x, made)
        places[id(x)] = None if single else index
    ctx._saved = [_packed(x, places) for x in ctx._to_save]
    ctx._to_save = ()


def _check_dirty(x: Tensor) -> None:
    if x._view is None and x._requires_grad and x._node is None:
        raise RuntimeError(
            "a leaf Variable that requires grad has been used in an in-place operation."
        )
    check_inplace(x)


def _packed(x: Tensor | None, places: dict[int, int | None]) -> tuple[Any, int | None]:
    """Return what to keep of a saved tensor, and which of several outputs it is."""
    if x is None:
        return None, None
    if id(x) in places:
        return SavedOutput(x), places[id(x)]
    return SavedInput(x), None
