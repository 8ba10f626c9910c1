"""The backward pass: walk the tape from the outputs to the leaves.

Nodes run in the order of falling sequence numbers, taken from a heap: iterative, so a graph may be as
deep as it likes, and deterministic. A gradient is an ndarray, or, with ``create_graph=True``, a Tensor.
"""

from __future__ import annotations

import weakref
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.autograd import anomaly
from minitorch.autograd.coerce import cast, sum_to
from minitorch.autograd.grad_mode import enable_grad, no_grad
from minitorch.autograd.hooks import run_gradient_hooks
from minitorch.autograd.node import Node, Output
from minitorch.autograd.views import refresh
from minitorch.tensor import Tensor, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

Edge = Node | Tensor  # where a gradient goes: a node, or a leaf


class _Pass:
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

    def run(self, roots: Sequence[tuple[Edge, Any]]) -> dict[Tensor, Any]:
        """Propagate from `roots`; return the gradients that reached leaves."""
        if self.wanted is not None:
            self.useful = _leading_to(self.wanted, [edge for edge, _ in roots])
        pending: dict[Edge, Any] = {}
        heap: list[tuple[int, Node]] = []
        leaves: dict[Tensor, Any] = {}
        for edge, g in roots:
            self._send(edge, g, pending, heap, leaves)
        while heap:
            node = heappop(heap)[1]
            g = pending.pop(node)
            if node.hooks is not None or node.retained is not None:
                g = self._observe(node, g)
            wanted = self.wanted
            if wanted is not None and node in wanted:
                self.captured[node] = g
                if not any(edge in self.useful for edge in node.edges):  # type: ignore[operator]
                    continue
            if type(node) is Output:
                self._collect(node, g, pending, heap)
                continue
            gradients = node.backward_tensors(g) if self.create_graph else node.backward_arrays(g)
            if anomaly.enabled:
                anomaly.raise_if_nan(node, gradients)
            if not self.keep_graph:
                node.release()
            if not node.fresh and not self.create_graph:
                for gradient in gradients:
                    self.hand_out(gradient)
            for edge, gradient in zip(node.edges, gradients, strict=True):
                if edge is not None and gradient is not None:
                    self._send(edge, gradient, pending, heap, leaves)
        return leaves

    def _send(
        self,
        edge: Edge,
        g: Any,
        pending: dict[Edge, Any],
        heap: list[tuple[int, Node]],
        leaves: dict[Tensor, Any],
    ) -> None:
        """Add `g` to what waits at `edge`, in that edge's shape and dtype."""
        if self.useful is not None and edge not in self.useful:
            return
        array = g._array if self.create_graph else g
        if isinstance(edge, Node):
            if array.shape != edge.shape:
                g = sum_to(g, shape=edge.shape)
            if array.dtype is not edge.dtype and array.dtype != edge.dtype:
                g = cast(g, dtype=edge.dtype)
            waiting = pending.get(edge)
            if waiting is None:
                pending[edge] = g
                heappush(heap, (-edge.sequence, edge))
            else:
                pending[edge] = waiting + g
            return
        leaf = edge._array
        if array.shape != leaf.shape:
            g = sum_to(g, shape=leaf.shape)
        if array.dtype is not leaf.dtype and array.dtype != leaf.dtype:
            g = cast(g, dtype=leaf.dtype)
        waiting = leaves.get(edge)
        leaves[edge] = g if waiting is None else waiting + g

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
        if node.hooks:
            tensor = run_gradient_hooks(node.hooks.values(), as_tensor(g))
            g = tensor if self.create_graph else tensor._array
        for reference in node.retained or ():
            tensor = reference()
            if tensor is not None:
                gradient = as_tensor(g)
                tensor.grad = gradient if tensor.grad is None else tensor.grad + gradient
        if not self.create_graph:
            self.hand_out(g)
        return g

    def hand_out(self, array: Any) -> None:
        """Note that somebody else may hold `array`."""
        if type(array) is np.ndarray:
            self.handed_out.add(id(array if array.base is None else array.base))

    def own(self, g: Any) -> np.ndarray:
        """Return `g` as an array that no other gradient shares memory with."""
        if type(g) is not np.ndarray:
            return np.array(g)
        owner = g if g.base is None else g.base
        if (
            id(owner) in self.handed_out
            or not g.flags.writeable
            or not isinstance(owner, np.ndarray)
            or owner.size != g.size
        ):
            return np.array(g, order="K" if g.flags.writeable else "C")
        self.handed_out.add(id(owner))
        return g

    def accumulate(self, leaf: Tensor, g: Any) -> None:
        """Add the gradient of a leaf to its .grad."""
        if leaf._hooks:
            tensor = run_gradient_hooks(leaf._hooks.values(), as_tensor(g))
            g = tensor if self.create_graph else tensor._array
            if not self.create_graph:
                self.hand_out(g)
        if self.create_graph:
            leaf.grad = g if leaf.grad is None else leaf.grad + g
        elif leaf.grad is None:
            leaf.grad = wrap(self.own(g))
        elif leaf.grad._requires_grad:
            leaf.grad = wrap(leaf.grad._array + g)
        else:
            leaf.grad._array += g
            leaf.grad._version[0] += 1
        for hook in leaf.__dict__.get("_post_accumulate_grad_hooks", {}).values():
            hook(leaf)


def as_tensor(g: Any) -> Tensor:
    """Return a gradient as a Tensor, without copying."""
    return g if isinstance(g, Tensor) else wrap(np.asarray(g))


def edge_of(tensor: Tensor) -> Edge:
    """Return where the gradient of `tensor` goes."""
    if tensor._view is not None:
        refresh(tensor)
    return tensor._node or tensor


def _leading_to(wanted: set[Edge], roots: Sequence[Edge]) -> set[Edge]:
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


def _first_gradients(
    tensors: Sequence[Tensor], gradients: Sequence[Tensor | None], create_graph: bool
) -> list[tuple[Edge, Any]]:
    """Return the roots of a pass: an edge and a gradient for each output."""
    roots: list[tuple[Edge, Any]] = []
    for index, (tensor, g) in enumerate(zip(tensors, gradients, strict=True)):
        edge = edge_of(tensor)
        if not tensor._requires_grad:
            raise RuntimeError(
                f"element {index} of tensors does not require grad and does not have a grad_fn"
            )
        if g is None:
            if tensor._array.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            ones = np.ones_like(tensor._array)
            roots.append((edge, wrap(ones) if create_graph else ones))
            continue
        if g._array.shape != tensor._array.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{index}] has a shape of {g.shape} and "
                f"output[{index}] has a shape of {tensor.shape}."
            )
        roots.append((edge, g if create_graph else g._array))
    return roots


def _as_tuple(value: Any, length: int | None = None) -> tuple[Any, ...]:
    if value is None and length is not None:
        return (None,) * length
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add to ``.grad`` of every leaf the gradient of the sum of `tensors` with respect to it.

    Args:
        tensors: a tensor or a sequence of them.
        grad_tensors: the vector of the vector-Jacobian product, one for each tensor; may be None
            for a tensor of one element.
        retain_graph: keep what the graph saved, for another pass. Default: `create_graph`.
        create_graph: record the pass, so that the gradients can be differentiated.
        inputs: the only tensors whose ``.grad`` is to change. Default: all leaves.
    """
    outputs = _as_tuple(tensors)
    gradients = _as_tuple(grad_tensors, len(outputs))
    targets = None if inputs is None else _as_tuple(inputs)
    if targets is not None and not targets:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    wanted = None if targets is None else {edge_of(t) for t in targets}
    run = _Pass(create_graph, keep, wanted)
    roots = _first_gradients(outputs, gradients, create_graph)
    if grad_tensors is not None:
        for g in gradients:
            if g is not None:
                run.hand_out(g._array)
    with enable_grad() if create_graph else no_grad():
        leaves = run.run(roots)
        for leaf, g in leaves.items():
            run.accumulate(leaf, g)
        for target in targets or ():
            if target._node is not None and target._node in run.captured:
                run.accumulate(target, run.captured[target._node])


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:
    """Return the gradients of the sum of `outputs` with respect to `inputs`, leaving ``.grad`` alone.

    Args:
        outputs: a tensor or a sequence of them.
        inputs: the tensors to differentiate by.
        grad_outputs: the vector of the vector-Jacobian product, one for each output.
        retain_graph: keep what the graph saved, for another pass. Default: `create_graph`.
        create_graph: record the pass, so that the gradients can be differentiated.
        allow_unused: give None for an input that the outputs do not depend on, instead of an error.
        is_grads_batched: not supported.
        materialize_grads: give zeros instead of None.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor(3.0, requires_grad=True)
        >>> (g,) = minitorch.autograd.grad(x**3, x, create_graph=True)
        >>> g, minitorch.autograd.grad(g, x)
        (tensor(27., grad_fn=<MulBackward0>), (tensor(18.),))
    """
    if is_grads_batched:
        raise NotImplementedError("autograd.grad: is_grads_batched=True is not supported")
    sources, targets = _as_tuple(outputs), _as_tuple(inputs)
    for target in targets:
        if not target.requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    keep = create_graph if retain_graph is None else retain_graph
    run = _Pass(create_graph, keep, {edge_of(t) for t in targets})
    roots = _first_gradients(sources, _as_tuple(grad_outputs, len(sources)), create_graph)
    with enable_grad() if create_graph else no_grad():
        found = {**run.run(roots), **run.captured}
        results = [_leaf_hooked(t, found.get(edge_of(t))) for t in targets]
    for index, (target, g) in enumerate(zip(targets, results, strict=True)):
        if g is None and materialize_grads:
            results[index] = wrap(np.zeros_like(target._array))
        elif g is None and not allow_unused:
            raise RuntimeError(
                "One of the differentiated Tensors appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior."
            )
        elif g is not None and not isinstance(g, Tensor):
            results[index] = wrap(np.array(g))
    return tuple(results)


def _leaf_hooked(leaf: Tensor, g: Any) -> Any:
    if g is None or not leaf._hooks or leaf._node is not None:
        return g
    return run_gradient_hooks(leaf._hooks.values(), as_tensor(g))


def retain_grad(tensor: Tensor) -> None:
    """Keep the gradient of `tensor`, which is no leaf, in ``.grad`` at the backward pass."""
    if not tensor.requires_grad:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    node = tensor._node
    if node is None or retains_grad(tensor):
        return
    node.retained = [*(node.retained or ()), weakref.ref(tensor)]


def retains_grad(tensor: Tensor) -> bool:
    """Return whether a backward pass will leave the gradient of this non-leaf in ``.grad``."""
    node = tensor._node
    return node is not None and any(r() is tensor for r in node.retained or ())
