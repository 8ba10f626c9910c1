"""What the forward and the backward of a `Function` share: its context, which is also its node."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.autograd.node import UNDEFINED, Node, Output
from minitorch.autograd.saved import FREED
from minitorch.autograd.views import refresh
from minitorch.tensor import Tensor, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minitorch.autograd.function import Function


class FunctionCtx(Node):
    """What `Function.forward` and `Function.backward` share; it is also the node on the tape.

    Attributes:
        needs_input_grad: for each argument of the forward, whether its gradient is wanted.
        saved_tensors: what `save_for_backward` was given.
    """

    def __init__(self, function: type[Function], arguments: Sequence[Any]) -> None:
        super().__init__([_edge(x) for x in arguments])
        self.function = function
        self.fresh = function.fresh_gradients
        self.needs_input_grad = tuple(edge is not None for edge in self.edges)
        self._is_tensor = [isinstance(x, Tensor) for x in arguments]
        self._like: list[tuple[Any, Any] | None] = []  # of each output, the shape and the dtype
        self._outputs: list[Any] = []  # weak references to the nodes of several outputs
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
        for index, x in enumerate(tensors):
            if x is not None and not isinstance(x, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {index} is of type "
                    f"{type(x).__name__}"
                )
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
        return tuple(
            s if s is None else s.unpack(self if index is None else self._output(index))
            for s, index in self._saved
        )

    def _output(self, index: int) -> Node:
        """Return the node of one of several outputs."""
        node = self._outputs[index]()
        if node is None:
            shape, dtype = self._like[index]  # type: ignore[misc]
            node = Output(self, index, shape, dtype)
            self._outputs[index] = weakref.ref(node)
        return node

    def release(self) -> None:
        """Let go of the saved tensors."""
        if self._saved:
            self._saved = None

    def exchange(self, change: Callable[[Any], Any]) -> None:
        """Put in the place of each saved tensor what `change` makes of it."""
        self._saved = [(s if s is None else change(s), i) for s, i in self._saved or ()]

    def backward_arrays(self, g: Any) -> list[Any]:
        """Run `Function.backward`; nothing is recorded."""
        gradients = self.backward_tensors(_wrapped(g))
        return [x if x is UNDEFINED else x._array for x in gradients]

    def backward_tensors(self, g: Any) -> list[Any]:
        """Run `Function.backward` on Tensors."""
        incoming = [g] if not isinstance(g, dict) else [g.get(i) for i in range(len(self._like))]
        if self._materialize:
            incoming = [
                wrap(np.zeros(*like)) if x is None and like is not None else x
                for x, like in zip(incoming, self._like, strict=True)
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
        return [self._checked(index, x) for index, x in enumerate(gradients)]

    def _checked(self, index: int, gradient: Any) -> Any:
        """Return what the backward gave for an argument, UNDEFINED if that is nothing."""
        if gradient is None:
            return UNDEFINED
        if not self._is_tensor[index]:
            raise RuntimeError(
                f"function {self.name()} returned a gradient different than None at position "
                f"{index + 1}, but the corresponding forward input was not a Variable"
            )
        if not isinstance(gradient, Tensor):
            raise RuntimeError(f"expected Variable or None (got {type(gradient).__name__})")
        edge = self.edges[index]
        if edge is None:
            return UNDEFINED
        shape = edge.shape if isinstance(edge, Node) else edge._array.shape
        if gradient._array.shape != shape and not _expands_to(shape, gradient._array.shape):
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {index} - got "
                f"{list(gradient.shape)} but expected shape compatible with {list(shape)}"
            )
        return gradient


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


def _expands_to(shape: tuple[int, ...], larger: tuple[int, ...]) -> bool:
    """Return whether broadcasting makes `larger` out of `shape`."""
    if len(shape) > len(larger):
        return False
    pairs = zip(reversed(shape), reversed(larger), strict=False)
    return all(n in (1, m) for n, m in pairs)
