"""The nodes of the tape.

A node stands for one recorded operation. Its edges say where the gradients of its inputs go: to the
node that made the input, to the input itself when that is a leaf, or nowhere (None). Every edge
leads to something made earlier, so descending sequence numbers are a topological order.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from minitorch.autograd import anomaly
from minitorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

UNDEFINED: Any = object()  # in a list of gradients: none reaches this input, not even zeros
_sequence = itertools.count()


def sequence_nr() -> int:
    """Return a number larger than those of all nodes so far, and smaller than those to come."""
    return next(_sequence)


class Node:
    """One recorded operation: what `Tensor.grad_fn` returns."""

    __slots__ = (
        "__weakref__",
        "dtype",  # of the output, the NumPy dtype
        "edges",  # where the inputs' gradients go
        "hooks",  # {id: hook}, called with the output's gradient, or None
        "retained",  # weak references to the tensors that want .grad, or None
        "sequence",  # counts up over all nodes
        "shape",  # of the output
        "trace",  # in anomaly mode: the stack of the forward call
    )

    fresh = True  # its gradients share no memory with anything but the gradient it was given

    edges: Sequence[Node | Tensor | None]
    hooks: dict[int, Any] | None
    retained: list[Any] | None
    shape: tuple[int, ...]
    dtype: Any

    def __init__(
        self, edges: Sequence[Node | Tensor | None], shape: tuple[int, ...] = (), dtype: Any = None
    ) -> None:
        self.edges = edges
        self.shape = shape
        self.dtype = dtype
        self.sequence = next(_sequence)
        self.hooks = self.retained = self.trace = None
        if anomaly.enabled:
            self.trace = anomaly.describe_stack()

    def name(self) -> str:
        """Return the operation's name, ``"MulBackward0"``."""
        raise NotImplementedError

    def backward_arrays(self, g: Any) -> Sequence[Any]:
        """Return a gradient for each edge; arrays in, arrays out, nothing recorded."""
        raise NotImplementedError

    def backward_tensors(self, g: Tensor) -> Sequence[Any]:
        """Return a gradient for each edge; Tensors in, Tensors out, recorded in their turn."""
        raise NotImplementedError

    def release(self) -> None:
        """Let go of what was kept for the backward pass."""

    def exchange(self, change: Callable[[Any], Any]) -> None:
        """Put in the place of each tensor or array that was kept what `change` makes of it."""

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes that the inputs' gradients go to, as torch shows them."""
        return tuple(_as_next_function(edge) for edge in self.edges)

    def _sequence_nr(self) -> int:
        return self.sequence

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


class AccumulateGrad:
    """The end of a path: adds a gradient to ``variable.grad``. Made on demand, for inspection."""

    __slots__ = ("variable",)
    next_functions: tuple[()] = ()

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    def name(self) -> str:
        """Return torch's name for it."""
        return "AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self.variable):#x}>"


def _as_next_function(edge: Node | Tensor | None) -> tuple[Any, int]:
    if isinstance(edge, Tensor):
        return AccumulateGrad(edge), 0
    if isinstance(edge, Output):
        return edge.edges[0], edge.index
    return edge, 0


class Output(Node):
    """One of several outputs of a node: collects its gradient under its index."""

    __slots__ = ("index",)

    def __init__(self, parent: Node, index: int, shape: tuple[int, ...], dtype: np.dtype) -> None:
        super().__init__((parent,), shape, dtype)
        self.index = index

    def name(self) -> str:
        """Return the name of the operation it is an output of."""
        parent = self.edges[0]
        assert isinstance(parent, Node)
        return parent.name()
