"""What a user calls to differentiate: `backward`, `grad`, and `retain_grad`."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.autograd.engine import Edge, Pass, edge_of
from minitorch.autograd.grad_mode import recording, selecting
from minitorch.notices import warn
from minitorch.tensor import Tensor, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence


def _first_gradients(
    tensors: Sequence[Tensor], gradients: Sequence[Tensor | None], create_graph: bool
) -> list[tuple[Edge, Any]]:
    """Return the roots of a pass: an edge and a gradient for each output."""
    if len(tensors) != len(gradients):
        raise RuntimeError(f"got {len(tensors)} tensors and {len(gradients)} gradients")
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
            roots.append((edge, wrap(ones) if create_graph else ones[()]))
            continue
        if not isinstance(g, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
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
    targets = None if inputs is None else tuple(dict.fromkeys(_as_tuple(inputs)))
    if targets is not None and not targets:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    wanted = None if targets is None else {edge_of(t) for t in targets}
    run = Pass(create_graph, keep, wanted)
    roots = _first_gradients(outputs, gradients, create_graph)
    run.hand_out_all(gradients)
    with recording(create_graph), selecting(targets is not None):
        for leaf, g in run.run(roots).items():
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
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:
    """Return the gradients of the sum of `outputs` by `inputs`, leaving ``.grad`` alone.

    Args:
        outputs: a tensor or a sequence of them.
        inputs: the tensors to differentiate by.
        grad_outputs: the vector of the vector-Jacobian product, one for each output.
        retain_graph: keep what the graph saved, for another pass. Default: `create_graph`.
        create_graph: record the pass, so that the gradients can be differentiated.
        only_inputs: deprecated in torch; False does nothing but warn.
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
    if not only_inputs:
        warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To "
            "accumulate gradient for other parts of the graph, please use "
            "minitorch.autograd.backward.",
            FutureWarning,
        )
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    sources, targets = _as_tuple(outputs), _as_tuple(inputs)
    if not targets:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    gradients = _as_tuple(grad_outputs, len(sources))
    roots = _first_gradients(sources, gradients, create_graph)
    for target in targets:
        if not target.requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    keep = create_graph if retain_graph is None else retain_graph
    edges = [edge_of(t) for t in targets]
    run = Pass(create_graph, keep, set(edges))
    run.hand_out_all(gradients)
    with recording(create_graph), selecting(True):
        found: dict[Edge, Any] = {**run.run(roots), **run.captured}
        for leaf, g in found.items():
            if isinstance(leaf, Tensor) and leaf._hooks:
                found[leaf] = run.show(leaf._hooks, g)
    return tuple(
        run.result(index, target, found.get(edge), bool(allow_unused), materialize_grads)
        for index, (target, edge) in enumerate(zip(targets, edges, strict=True))
    )


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
