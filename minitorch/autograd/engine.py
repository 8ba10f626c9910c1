"""The backward pass: walk the tape from the outputs to the leaves.

Nodes run in the order of falling sequence numbers, taken from a heap: iterative, so a graph may be
as deep as it likes, and deterministic. A gradient is an ndarray, or, with ``create_graph=True``, a
Tensor.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch import kernels
from minitorch.autograd import anomaly
from minitorch.autograd.coerce import cast, copy, sum_to
from minitorch.autograd.hooks import run_gradient_hooks
from minitorch.autograd.node import UNDEFINED, Node, Output
from minitorch.autograd.views import refresh
from minitorch.tensor import Tensor, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

Edge = Node | Tensor  # where a gradient goes: a node, or a leaf


class Pass:
    """One backward pass.

    Attributes:
        create_graph: gradients are Tensors, and what computes them is recorded.
        keep_graph: nodes keep what they need to run again.
        wanted: the edges whose gradients are captured instead of accumulated, or None.
        useful: with `wanted`, the nodes from which a wanted edge can be reached.
        handed_out: ids of the arrays that somebody else may hold; a leaf must not adopt them.
    """

    def __init__(self, create_graph: bool, keep_graph: bool, wanted: set[Edge] | None) -> None:
        self.create_graph = create_graph
        self.keep_graph = keep_graph
        self.wanted = wanted
        self.useful: set[Edge] | None = None
        self.captured: dict[Edge, Any] = {}
        self.handed_out: set[int] = set()

    def run(self, roots: Sequence[tuple[Edge, Any]]) -> dict[Any, Any]:
        """Propagate from `roots`; return the gradients that reached leaves."""
        if self.wanted is not None:
            self.useful = leading_to(self.wanted, [edge for edge, _ in roots])
        recorded, wanted, keep_graph = self.create_graph, self.wanted, self.keep_graph
        pending: dict[Any, Any] = {}
        heap: list[tuple[int, Node]] = []
        for edge, g in roots:
            self._send((edge,), (g,), pending, heap)
        while heap:
            node = heappop(heap)[1]
            g = pending.pop(node)
            if node.hooks is not None or node.retained is not None:
                g = self._observe(node, g)
            if wanted is not None and node in wanted:
                self.captured[node] = g
                if not any(edge in self.useful for edge in node.edges):  # type: ignore[operator]
                    continue
            if type(node) is Output:
                self._collect(node, g, pending, heap)
                continue
            if anomaly.enabled:
                gradients = anomaly.watch(node, g, recorded)
            else:
                gradients = node.backward_tensors(g) if recorded else node.backward_arrays(g)
            if not keep_graph:
                node.release()
            if not node.fresh and not recorded:
                for gradient in gradients:
                    self.hand_out(gradient)
            self._send(node.edges, gradients, pending, heap)
        return pending

    def _send(
        self, edges: Any, gradients: Any, pending: dict[Any, Any], heap: list[tuple[int, Node]]
    ) -> None:
        """Add each gradient to what waits at its edge, in that edge's shape and dtype."""
        useful, recorded = self.useful, self.create_graph
        for edge, g in zip(edges, gradients):  # noqa: B905 - strict takes 0.2 us
            if edge is None or g is UNDEFINED or (useful is not None and edge not in useful):
                continue
            if g is None:
                g = self._zeros(edge)
            array = g._array if recorded else g
            is_node = isinstance(edge, Node)
            target = edge if is_node else edge._array
            if array.shape != target.shape:
                shape = target.shape
                g = sum_to(g, shape=shape) if recorded else kernels.sum_to(g, shape)
            if array.dtype is not target.dtype and array.dtype != target.dtype:
                g = cast(g, dtype=target.dtype)
            waiting = pending.get(edge)
            if waiting is not None:
                pending[edge] = waiting + g if recorded else kernels.added(waiting, g)
                continue
            pending[edge] = g
            if is_node:
                heappush(heap, (-edge.sequence, edge))

    def _zeros(self, edge: Edge) -> Any:
        """Return what a formula means by None."""
        like = edge if isinstance(edge, Node) else edge._array
        zeros = np.zeros(like.shape, like.dtype)
        return wrap(zeros) if self.create_graph else zeros

    def _collect(
        self, node: Output, g: Any, pending: dict[Edge, Any], heap: list[tuple[int, Node]]
    ) -> None:
        """Put the gradient of one of several outputs in its place in the parent's list."""
        parent = node.edges[0]
        assert isinstance(parent, Node)
        if self.useful is not None and parent not in self.useful:
            return
        waiting = pending.get(parent)
        if waiting is None:
            waiting = pending[parent] = {}
            heappush(heap, (-parent.sequence, parent))
        waiting[node.index] = g

    def _observe(self, node: Node, g: Any) -> Any:
        """Run the hooks on a tensor's gradient, and leave it in .grad where that is retained."""
        self.hand_out(g)  # it travels on: nobody may adopt it
        if node.hooks:
            tensor = run_gradient_hooks(node.hooks.values(), as_tensor(g))
            g = tensor if self.create_graph else tensor._array
            self.hand_out(g)
        for reference in node.retained or ():
            tensor = reference()
            if tensor is not None:
                self.add_to_grad(tensor, g)
        return g

    def hand_out(self, array: Any) -> None:
        """Note that somebody else may hold `array`; recorded gradients are copied anyway."""
        if type(array) is np.ndarray:
            self.handed_out.add(id(array if array.base is None else array.base))

    def hand_out_all(self, tensors: Sequence[Tensor | None]) -> None:
        """Note that the user holds the first gradients."""
        for tensor in tensors:
            if tensor is not None:
                self.hand_out(tensor._array)

    def own(self, g: Any) -> np.ndarray:
        """Return `g` as an array that no other gradient shares memory with."""
        if type(g) is not np.ndarray:
            return np.array(g)
        owner = g if g.base is None else g.base
        if (
            id(owner) in self.handed_out
            or not g.flags.writeable
            or not isinstance(owner, np.ndarray)
            or not kernels.is_whole(g)
        ):
            return np.array(g, order="K" if g.flags.writeable else "C")
        self.handed_out.add(id(owner))
        return g

    def accumulate(self, leaf: Tensor, g: Any) -> None:
        """Add the gradient of a leaf to its .grad."""
        if not leaf._requires_grad:
            return  # switched off since the forward pass
        if leaf._hooks:
            g = self.show(leaf._hooks, g)
        self.add_to_grad(leaf, g)
        after = leaf.__dict__.get("_post_accumulate_grad_hooks")
        if after:
            for hook in list(after.values()):
                hook(leaf)

    def show(self, hooks: dict[int, Any], g: Any) -> Any:
        """Return the gradient of a leaf after its hooks have seen it."""
        if self.create_graph:
            return run_gradient_hooks(hooks.values(), g)
        array = run_gradient_hooks(hooks.values(), wrap(self.own(g)))._array
        self.hand_out(array)
        return array

    def result(
        self, index: int, target: Tensor, g: Any, allow_unused: bool, materialize: bool
    ) -> Any:
        """Return the gradient that was asked for as a Tensor, zeros, or None."""
        if g is not None:
            return g if self.create_graph else wrap(self.own(g))
        if materialize:
            return wrap(np.zeros_like(target._array))
        if allow_unused:
            return None
        raise RuntimeError(
            f"The differentiated Tensor at index {index} appears to not have been used in the "
            "graph. Set allow_unused=True if this is the desired behavior."
        )

    def add_to_grad(self, tensor: Tensor, g: Any) -> None:
        """Add a gradient to the ``.grad`` of a tensor, which shares its memory with nobody."""
        grad = tensor._grad
        if self.create_graph:
            tensor._grad = copy(g) if grad is None else grad + g
        elif grad is None:
            tensor._grad = wrap(self.own(g))
        else:
            grad._array += g
            grad._counter[0] += 1


def as_tensor(g: Any) -> Tensor:
    """Return a gradient as a Tensor, without copying."""
    return g if isinstance(g, Tensor) else wrap(np.asarray(g))


def edge_of(tensor: Tensor) -> Edge:
    """Return where the gradient of `tensor` goes."""
    if tensor._view is not None:
        refresh(tensor)
    return tensor._node or tensor


def leading_to(wanted: set[Edge], roots: Sequence[Edge]) -> set[Edge]:
    """Return the edges, reachable from `roots`, from which one of `wanted` can be reached."""
    seen: set[Edge] = set()
    stack = list(roots)
    while stack:
        edge = stack.pop()
        if edge not in seen:
            seen.add(edge)
            if isinstance(edge, Node):
                stack.extend(e for e in edge.edges if e is not None)
    useful = {edge for edge in wanted if edge in seen}
    nodes = [edge for edge in seen if isinstance(edge, Node)]
    for node in sorted(nodes, key=lambda n: n.sequence):
        if any(edge in useful for edge in node.edges):
            useful.add(node)
    return useful
