"""How an operation is declared: a forward on arrays, and one gradient formula for each input.

    mul = primitive("mul", np.multiply, x=lambda g, y: g * y, y=lambda g, x: g * x)

A formula's parameters say what it needs, and that is all the node keeps: ``g`` is the gradient of
the output; then come inputs by name, ``out`` for the output, ``x_shape`` for the shape of input
``x``, and the keyword arguments of the forward. A formula for an input that does not require grad
keeps nothing.

Formulas are written with operators and functions that take arrays or Tensors alike. The ordinary
backward pass hands them arrays; ``create_graph=True`` hands them Tensors, and so records them.
Broadcasting and dtypes need no care: the engine gives each gradient the shape and the dtype of its
input. A formula returns ``g``, a view of it, a new array, or None for zeros; never something the
node keeps.

A forward that computes something its gradient can use again returns it beside the output, and a
formula gets it as ``residual``: arrays in the ordinary pass, None in a recorded one, which must go
back to the inputs for the sake of its own gradient.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch import dtypes
from minitorch.autograd import anomaly
from minitorch.autograd.node import _sequence
from minitorch.autograd.operands import in_order, promoted, refusal
from minitorch.autograd.plan import Plan, PrimitiveNode
from minitorch.autograd.views import link_view, refresh
from minitorch.modes import GRAD, INFERENCE_MODE, state
from minitorch.tensor import INFERENCE, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

Operation = Callable[..., Any]  # what `primitive` returns; written where one refers to itself

_new = object.__new__
_NO_STATIC: dict[str, Any] = {}


class Primitive:
    """An operation and its gradients, as declared with `primitive`."""

    def __init__(
        self, name: str, forward: Callable[..., Any], gradients: dict[str, Callable[..., Any]]
    ) -> None:
        self.name = "".join(part.title() for part in name.split("_")) + "Backward0"
        self.names = list(gradients)
        if inspect.isfunction(forward):
            parameters = inspect.signature(forward).parameters.values()
            self.names = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        unknown = set(gradients) - set(self.names)
        assert not unknown, f"{name}: gradients for unknown inputs {unknown}"
        self.formulas = [gradients.get(n) for n in self.names]
        self.plans: dict[int, Plan] = {}

    def finish(
        self,
        array: np.ndarray,
        inputs: Sequence[Any],
        mask: int,
        static: dict[str, Any],
        residual: Any,
    ) -> Tensor:
        """Return the output as a Tensor, recorded if it must be.

        Args:
            array: the output.
            inputs: what it was computed from.
            mask: which of them require grad, a bit each.
            static: the keyword arguments.
            residual: what the forward computed for the gradient.
        """
        tensor = _new(Tensor)
        tensor._array = array
        tensor._cell = tensor._grad = tensor._node = tensor._view = tensor._hooks = None
        tensor._requires_grad = False
        mode = state.mode
        if mode != GRAD or not mask or array.dtype.kind != "f":
            if mode == INFERENCE_MODE:
                tensor._cell = INFERENCE
            return tensor
        plan = self.plans.get(mask)
        if plan is None:
            plan = self.plans[mask] = Plan(self, mask)
        node = _new(PrimitiveNode)
        node.plan = plan
        node.sequence = next(_sequence)
        node.hooks = node.retained = node.trace = None
        if anomaly.enabled:
            node.trace = anomaly.describe_stack()
        node.shape = array.shape
        node.dtype = array.dtype
        # The collector counts containers: a tuple is one, and () is none.
        if len(inputs) == 2:
            x, y = inputs
            node.edges = (
                (x._node or x) if mask & 1 else None,
                (y._node or y) if mask & 2 else None,
            )
        else:
            bits = enumerate(inputs)
            node.edges = tuple([(x._node or x) if mask >> i & 1 else None for i, x in bits])
        node.kept = plan.keep(tensor, inputs, static, residual) if plan.sources else ()
        tensor._node = node
        tensor._requires_grad = True
        return tensor


def primitive(
    name: str,
    forward: Callable[..., Any],
    *,
    promotes: bool = False,
    floats: bool = False,
    view: bool = False,
    residual: bool = False,
    doc: str | None = None,
    **gradients: Callable[..., Any],
) -> Operation:
    """Return the operation `forward` made differentiable.

    Args:
        name: snake case; ``"log_softmax"`` shows as ``LogSoftmaxBackward0``.
        forward: arrays in, array out. Its positional parameters are the inputs, its keyword-only
            the static arguments. For a NumPy ufunc, the inputs are named by the gradients.
        promotes: inputs of different dtypes are brought to torch's result type first.
        floats: integer inputs are brought to the default floating dtype first.
        view: the result may share the input's memory.
        residual: the forward returns the output and what its gradient can use again.
        doc: the docstring of an operation that is public.
        **gradients: a formula for each differentiable input, under its name.

    Returns:
        A function of Tensors, arrays and scalars. With a Tensor among its inputs it returns a
        Tensor, otherwise what `forward` returned.
    """
    finish = Primitive(name, forward, gradients).finish
    if promotes:
        op = _of_two(name, forward, finish, floats)
    else:
        op = _of_any(name, forward, finish, floats, view, residual)
    op.__name__ = op.__qualname__ = name
    op.__doc__ = doc
    return op


def _of_two(  # noqa: C901 - what every operation runs is one flat function
    name: str, forward: Any, finish: Any, floats: bool
) -> Operation:
    """Return the operation on two operands that are brought to one dtype."""
    # A ufunc must be asked for 0-d arrays (`out=...`): left alone it returns scalars. What every
    # scalar addition runs is spelled out, as packing keywords and calling `promoted` take half of
    # the time of the addition itself each.
    ufunc = isinstance(forward, np.ufunc)
    ndarray = np.ndarray

    def op(*inputs: Any, **named: Any) -> Any:
        if named:
            inputs = in_order(name, inputs, named)
        try:
            x, y = inputs
        except ValueError:
            raise TypeError(f"{name}() takes 2 operands, but {len(inputs)} were given") from None
        if type(x) is type(y) is ndarray and x.dtype is y.dtype and x.dtype.kind == "f":
            return forward(x, y)  # in a backward pass
        a, b = x, y
        mask = 0
        if isinstance(x, Tensor):
            if x._view is not None:
                refresh(x)
            a = x._array
            if x._requires_grad:
                mask = 1
        if isinstance(y, Tensor):
            if y._view is not None:
                refresh(y)
            b = y._array
            if y._requires_grad:
                mask += 2
        alone = a is x and b is y  # arrays and numbers: in a backward pass
        if not (type(a) is type(b) is ndarray and a.dtype is b.dtype and a.dtype.kind == "f"):
            a, b = promoted(a, b, floats, alone)
        try:
            out = forward(a, b, out=...) if ufunc and not alone else forward(a, b)
        except (ValueError, TypeError) as error:
            raise refusal(name, [a, b], error) from None
        return out if alone else finish(np.asarray(out), inputs, mask, _NO_STATIC, None)

    return op


def _of_any(
    name: str, forward: Any, finish: Any, floats: bool, view: bool, residual: bool
) -> Operation:
    """Return the operation on any number of operands."""
    named = not _keyword_only(forward)

    def op(*inputs: Any, **static: Any) -> Any:
        if static and named:
            inputs, static = in_order(name, inputs, static), {}
        arrays: Any = []
        mask = 0
        bit = 1
        found = False
        for x in inputs:
            if isinstance(x, Tensor):
                found = True
                if x._view is not None:
                    refresh(x)
                if x._requires_grad:
                    mask |= bit
                arrays.append(x._array)
            else:
                arrays.append(x)
            bit <<= 1
        if floats and arrays[0].dtype.kind != "f":
            arrays[0] = arrays[0].astype(dtypes.get_default_dtype().numpy)
        try:
            out = forward(*arrays, **static)
        except (ValueError, TypeError) as error:
            raise refusal(name, arrays, error) from None
        extra = None
        if residual:
            out, extra = out
        if not found:
            return out
        array = out if type(out) is np.ndarray else np.asarray(out)
        tensor = finish(array, inputs, mask, static, extra)
        if view:
            link_view(tensor, inputs[0], op, inputs[1:], static)
        return tensor

    return op


def _keyword_only(forward: Callable[..., Any]) -> bool:
    """Return whether `forward` has static arguments."""
    if not inspect.isfunction(forward):
        return False
    return any(p.kind is p.KEYWORD_ONLY for p in inspect.signature(forward).parameters.values())
