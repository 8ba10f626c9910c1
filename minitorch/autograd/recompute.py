"""Parts of a program that keep nothing for the backward pass, and run again when it needs it.

The first run is recorded as usual. Then everything that its nodes keep is let go, and a `Deferred`
stands in its place. The backward pass goes through the graph of the first run; where it meets one,
the part runs again, and what its new nodes keep is given to the old ones, in the order in which
they were made. Second derivatives come by themselves, since the old graph is the only one that is
ever differentiated.

Reference: Chen et al., "Training deep nets with sublinear memory cost", 2016.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from minitorch.autograd.engine import edge_of
from minitorch.autograd.grad_mode import recording
from minitorch.autograd.node import Node, sequence_nr
from minitorch.autograd.saved import Deferred, likeness
from minitorch.devices import CPU
from minitorch.dtypes import from_numpy_dtype
from minitorch.size import Size
from minitorch.tensor import Tensor, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class CheckpointError(RuntimeError):
    """A checkpointed part of a program did something else when it ran again."""


class Frame:
    """One run of a checkpointed part of a program.

    Args:
        again: runs the part as it ran at first, and returns what it returns.
        more: whether the second run may keep more than the first did; the excess is dropped.
        check: whether the second run must keep tensors of the same shapes and dtypes.
    """

    def __init__(self, again: Callable[[], Any], more: bool, check: bool) -> None:
        self._again = again
        self._more = more
        self._check = check
        # Nodes hold what is deferred, which holds this frame: the way back is weak.
        self._deferred: list[weakref.ref[Deferred]] = []
        self._nodes: list[weakref.ref[Node]] = []
        self._first: dict[Node, weakref.ref[Node]] = {}  # for each node of the second run

    def let_go(self, outputs: Any, start: int) -> None:
        """Let go of what was kept on the way to `outputs` since the sequence number `start`."""
        for node in nodes_since(outputs, start):
            self._nodes.append(weakref.ref(node))
            node.exchange(self._defer)

    def _defer(self, value: Any) -> Deferred:
        deferred = Deferred(self, value)
        self._deferred.append(weakref.ref(deferred))
        return deferred

    def run_again(self) -> None:
        """Compute again what was let go, and leave it where it is wanted."""
        start = sequence_nr()
        with recording(True):
            outputs = self._again()
        nodes = nodes_since(outputs, start)
        found: list[Any] = []
        for node in nodes:
            node.exchange(found.append)
            node.release()
        self._compare(found)
        self._first = dict(zip(nodes, self._nodes, strict=False))
        for reference, value in zip(self._deferred, found, strict=False):
            deferred = reference()
            if deferred is not None:
                deferred.value = value

    def in_first_graph(self, tensor: Tensor) -> Tensor:
        """Return `tensor`, which the second run made, as what the first run made in its place."""
        reference = None if tensor._node is None else self._first.get(tensor._node)
        if reference is None:
            return tensor  # from outside
        moved = wrap(tensor._array)
        moved._counter = tensor._counter
        moved._node = reference()
        moved._requires_grad = moved._node is not None
        return moved

    def _compare(self, found: list[Any]) -> None:
        """Raise CheckpointError if the second run kept something else than the first."""
        wanted = len(self._deferred)
        if len(found) > wanted and not self._more:
            raise CheckpointError(
                "minitorch.utils.checkpoint: trying to save more tensors during recomputation than "
                "during the original forward pass."
            )
        if len(found) < wanted:
            raise CheckpointError(
                "minitorch.utils.checkpoint: A different number of tensors was saved during the "
                f"original forward and recomputation.\nNumber of tensors saved during forward: "
                f"{wanted}\nNumber of tensors saved during recomputation: {len(found)}."
            )
        if not self._check:
            return
        pairs = enumerate(zip((r() for r in self._deferred), found, strict=False))
        different = [
            f"tensor at position {place}:\nsaved metadata: {_described(first.like)}\n"
            f"recomputed metadata: {_described(likeness(second))}\n"
            for place, (first, second) in pairs
            if first is not None and first.like != likeness(second)
        ]
        if different:
            raise CheckpointError(
                "minitorch.utils.checkpoint: Recomputed values for the following tensors have "
                "different metadata than during the forward pass.\n" + "".join(different)
            )


def _described(like: tuple[Any, Any]) -> dict[str, Any]:
    shape, dtype = like
    return {
        "shape": None if shape is None else Size(shape),
        "dtype": None if dtype is None else from_numpy_dtype(dtype),
        "device": CPU,
    }


def nodes_since(outputs: Any, start: int) -> list[Node]:
    """Return the nodes on the way to `outputs` made since `start`, the first made first."""
    seen: set[Node] = set()
    stack: list[Any] = [edge_of(t) for t in tensors_in(outputs) if t._requires_grad]
    while stack:
        node = stack.pop()
        if isinstance(node, Node) and node.sequence >= start and node not in seen:
            seen.add(node)
            stack.extend(node.edges)
    return sorted(seen, key=lambda node: node.sequence)


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in nested tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))
