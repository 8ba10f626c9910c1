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
from minitorch.autograd.grad_mode import GRAD, INFERENCE_MODE, state
from minitorch.autograd.node import Node, _sequence
from minitorch.autograd.saved import FREED, Residual, SavedInput, SavedOutput
from minitorch.autograd.views import link_view, refresh
from minitorch.tensor import INFERENCE, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

Operation = Callable[..., Any]  # what `primitive` returns; written where one refers to itself

_new = object.__new__


class _Plan:
    """For one pattern of inputs that require grad: what to keep, and the formulas to run."""

    __slots__ = ("formulas", "keeps_tensors", "sources")

    def __init__(self, op: Primitive, mask: int) -> None:
        self.sources: list[Any] = []  # an input's position, or a name to look up
        self.formulas: list[Any] = []  # None, or (formula, positions among the kept values)
        for index, formula in enumerate(op.formulas):
            if formula is None or not mask >> index & 1:
                self.formulas.append(None)
                continue
            places = []
            for name in list(inspect.signature(formula).parameters)[1:]:
                source = op.names.index(name) if name in op.names else name
                if source not in self.sources:
                    self.sources.append(source)
                places.append(self.sources.index(source))
            self.formulas.append((formula, places))
        self.keeps_tensors = any(
            type(source) is int or source in ("out", "residual") for source in self.sources
        )


class Primitive:
    """An operation and its gradients, as declared with `primitive`."""

    def __init__(
        self, name: str, forward: Callable[..., Any], gradients: dict[str, Callable[..., Any]]
    ) -> None:
        self.name = "".join(part.title() for part in name.split("_")) + "Backward0"
        self.forward = forward
        self.names = list(gradients)
        if inspect.isfunction(forward):
            parameters = inspect.signature(forward).parameters.values()
            self.names = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        unknown = set(gradients) - set(self.names)
        assert not unknown, f"{name}: gradients for unknown inputs {unknown}"
        self.formulas = [gradients.get(n) for n in self.names]
        self.plans: dict[int, _Plan] = {}

    def record(
        self,
        tensor: Tensor,
        inputs: Sequence[Any],
        mask: int,
        static: dict[str, Any],
        residual: Any,
    ) -> None:
        """Put `tensor`, just computed from `inputs`, on the tape."""
        plan = self.plans.get(mask)
        if plan is None:
            plan = self.plans[mask] = _Plan(self, mask)
        node = _new(PrimitiveNode)
        node.op = self
        node.plan = plan
        node.sequence = next(_sequence)
        node.hooks = node.retained = node.trace = None
        if anomaly.enabled:
            node.trace = anomaly.describe_stack()
        array = tensor._array
        node.shape = array.shape
        node.dtype = array.dtype
        edges: list[Any] = []
        bit = 1
        for x in inputs:
            edges.append((x._node or x) if mask & bit else None)
            bit <<= 1
        node.edges = edges
        kept: Any = [] if plan.sources else ()  # one container less for the collector
        for source in plan.sources:
            if type(source) is int:
                x = inputs[source]
                kept.append(SavedInput(x) if isinstance(x, Tensor) else x)
            elif source == "out":
                kept.append(SavedOutput(tensor))
            elif source == "residual":
                kept.append(Residual(residual))
            elif source in static:
                kept.append(static[source])
            else:
                kept.append(np.shape(_array_of(inputs[self.names.index(source[:-6])])))
        node.kept = kept
        tensor._node = node
        tensor._requires_grad = True


class PrimitiveNode(Node):
    """A recorded call of a `Primitive`."""

    __slots__ = ("kept", "op", "plan")

    op: Primitive
    plan: _Plan
    kept: Any  # None once released

    def name(self) -> str:
        """Return the operation's name, ``"MulBackward0"``."""
        return self.op.name

    def backward_arrays(self, g: Any) -> list[Any]:
        """Run the formulas on arrays."""
        kept = self.kept
        if kept is None:
            raise RuntimeError(FREED)
        if kept:
            kept = [v.array_for(self) if type(v) in _SAVED else v for v in kept]
        return [
            None if entry is None else entry[0](g, *[kept[place] for place in entry[1]])
            for entry in self.plan.formulas
        ]

    def backward_tensors(self, g: Tensor) -> list[Any]:
        """Run the formulas on Tensors, which records them."""
        if self.kept is None:
            raise RuntimeError(FREED)
        kept = [v.unpack(self) if type(v) in _SAVED else v for v in self.kept]
        return [
            None if entry is None else entry[0](g, *[kept[place] for place in entry[1]])
            for entry in self.plan.formulas
        ]

    def release(self) -> None:
        """Let go of what was kept; a node that kept no tensor can run again."""
        if self.kept and (self.plan.keeps_tensors or _holds_arrays(self.kept)):
            self.kept = None


_SAVED = frozenset({SavedInput, SavedOutput, Residual})


def _holds_arrays(values: Any) -> bool:
    """Return whether there is an array among `values`, or in a tuple among them (an index)."""
    return any(type(v) is np.ndarray or (type(v) is tuple and _holds_arrays(v)) for v in values)


def _array_of(x: Any) -> Any:
    return x._array if isinstance(x, Tensor) else x


def primitive(  # noqa: C901 - what every operation runs is one flat function
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
    record = Primitive(name, forward, gradients).record
    named = not _keyword_only(forward)

    def op(*inputs: Any, **static: Any) -> Any:  # noqa: C901
        if static and named:
            inputs, static = _by_name(name, inputs, static), {}
        arrays = []
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
        if promotes:
            arrays = _promoted(arrays, floats)
        elif floats and arrays[0].dtype.kind != "f":
            arrays[0] = arrays[0].astype(dtypes.get_default_dtype().numpy)
        try:
            out = forward(*arrays, **static)
        except ValueError as error:
            raise shape_error(name, arrays, error) from None
        extra = None
        if residual:
            out, extra = out
        if not found:
            return out
        tensor = _new(Tensor)
        tensor._array = out if type(out) is np.ndarray else np.asarray(out)
        tensor._version = [0]
        tensor._grad = tensor._node = tensor._view = tensor._hooks = None
        tensor._requires_grad = False
        mode = state.mode
        if mode == INFERENCE_MODE:
            tensor._version = INFERENCE
        elif mask and mode == GRAD and tensor._array.dtype.kind == "f":
            record(tensor, inputs, mask, static, extra)
        if view:
            link_view(tensor, inputs[0], op, inputs[1:], static)
        return tensor

    op.__name__ = op.__qualname__ = name
    op.__doc__ = doc
    return op


# What torch calls the operands, by their position.
_OPERANDS = {"input": 0, "other": 1, "exponent": 1}


def _keyword_only(forward: Callable[..., Any]) -> bool:
    """Return whether `forward` has static arguments."""
    if not inspect.isfunction(forward):
        return False
    return any(p.kind is p.KEYWORD_ONLY for p in inspect.signature(forward).parameters.values())


def _by_name(name: str, inputs: tuple[Any, ...], given: dict[str, Any]) -> tuple[Any, ...]:
    """Return the operands of ``mul(x, other=y)`` in order; TypeError for a name that is none."""
    for key in sorted(given, key=lambda k: _OPERANDS.get(k, -1)):
        if _OPERANDS.get(key) != len(inputs):
            raise TypeError(f"{name}() got an unexpected keyword argument '{key}'")
        inputs = (*inputs, given[key])
    return inputs


def shape_error(name: str, arrays: list[Any], error: ValueError) -> RuntimeError:
    """Return torch's error for operands that do not fit together."""
    shapes = [list(x.shape) for x in arrays if isinstance(x, np.ndarray)]
    if len(shapes) != 2:
        return RuntimeError(f"{name}: {error} (shapes: {', '.join(map(str, shapes))})")
    a, b = shapes
    for back in range(1, min(len(a), len(b)) + 1):
        if a[-back] != b[-back] and 1 not in (a[-back], b[-back]):
            return RuntimeError(
                f"The size of tensor a ({a[-back]}) must match the size of tensor b ({b[-back]}) "
                f"at non-singleton dimension {max(len(a), len(b)) - back} ({name} of shapes {a} "
                f"and {b})"
            )
    return RuntimeError(f"{name}: {error} (shapes: {a}, {b})")


def _promoted(arrays: list[Any], floats: bool) -> list[Any]:
    """Return the inputs in the result type; Python scalars stay scalars where NumPy agrees."""
    x, y = arrays
    if type(x) is np.ndarray:
        if type(y) is np.ndarray:
            if x.dtype is y.dtype and (not floats or x.dtype.kind == "f"):
                return arrays
        elif x.dtype.kind == "f" and (type(y) is float or type(y) is int):
            return arrays
    elif type(y) is np.ndarray and y.dtype.kind == "f" and (type(x) is float or type(x) is int):
        return arrays
    for operand in arrays:
        if not isinstance(operand, (np.ndarray, np.generic, float, int)):
            raise TypeError(
                f"unsupported operand: expected a Tensor or a number, got {type(operand).__name__}"
            )
    result = dtypes.result_type(tuple(arrays))
    if floats and result.kind != "f":
        result = dtypes.get_default_dtype().numpy
    return [np.asarray(operand).astype(result, copy=False) for operand in arrays]
