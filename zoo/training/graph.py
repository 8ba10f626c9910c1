"""The model as TensorBoard's GRAPHS tab shows it: the tape of a forward pass, under modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import minitorch
from minitorch import Tensor, nn
from minitorch.autograd import sequence_nr
from zoo.training.modes import evaluation_mode


def record_graph(model: nn.Module, example: Any) -> Any:
    """Run ``model`` once on ``example`` in evaluation mode and return the tape as a ``GraphDef``.

    Each node of the tape becomes a ``NodeDef`` named after the modules that were running when it
    was recorded, ``MLP/ModuleList[hidden]/Linear[0]/Addmm``; parameters stand in the scope of the
    module that owns them.

    Args:
        model: left in the mode in which it came.
        example: what the model is called with.
    """
    with evaluation_mode(model), _ScopeRecorder(model) as scopes, minitorch.enable_grad():
        if isinstance(example, Tensor) and example.dtype.is_floating_point:
            example = example.detach().clone().requires_grad_()
        outputs = list(_tensors(model(example)))
    names = {
        id(parameter): (_split(name), "Parameter") for name, parameter in model.named_parameters()
    }
    return _GraphBuilder(scopes, names, example).build(outputs)


class _ScopeRecorder:
    """Notes which numbers of the tape each call of a module spans."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.titles = _titles(model)
        self.spans: list[tuple[int, int, str]] = []  # (first, last, scope), inner calls first
        self._open: list[int] = []
        self._handles: list[Any] = []

    def __enter__(self) -> _ScopeRecorder:
        for name, module in self.model.named_modules():
            self._handles.append(module.register_forward_pre_hook(self._enter))
            self._handles.append(module.register_forward_hook(self._leaver(name)))
        return self

    def __exit__(self, *error: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _enter(self, module: nn.Module, args: Any) -> None:
        self._open.append(sequence_nr())

    def _leaver(self, name: str) -> Any:
        def leave(*_: Any) -> None:
            self.spans.append((self._open.pop(), sequence_nr(), self.titles[name]))

        return leave

    def scope(self, number: int) -> str:
        """The innermost module that was running when the node with this number was recorded."""
        for first, last, scope in self.spans:
            if first <= number <= last:
                return scope
        return self.titles[""]


class _GraphBuilder:
    """Turns the nodes behind some outputs into a ``GraphDef`` with unique names."""

    def __init__(
        self,
        scopes: _ScopeRecorder,
        parameters: Mapping[int, tuple[tuple[str, str], str]],
        example: Any,
    ) -> None:
        from tensorboardX.proto import graph_pb2

        self.graph = graph_pb2.GraphDef()
        self.graph.versions.producer = 22
        self.scopes = scopes
        self.parameters = parameters
        self.example = example
        self.taken: dict[str, int] = {}
        self.names: dict[int, str] = {}  # of the nodes written so far, by identity

    def build(self, outputs: list[Tensor]) -> Any:
        """Write every node that ``outputs`` depend on, inputs before users."""
        for output in outputs:
            inputs = []
            if output.grad_fn is not None:
                for node in _oldest_first(output.grad_fn):
                    self._write_operation(node)
                inputs.append(self.names[id(output.grad_fn)])
            self._write(self._unique("output"), "Output", inputs, tuple(output.shape))
        return self.graph

    def _write_operation(self, node: Any) -> None:
        if id(node) in self.names:
            return
        inputs = [self._input(edge) for edge, _ in node.next_functions if edge is not None]
        operation = node.name().split("Backward")[0]
        name = self._unique(f"{self.scopes.scope(node._sequence_nr())}/{operation}")
        self.names[id(node)] = name
        self._write(name, operation, inputs, tuple(node.shape))

    def _input(self, edge: Any) -> str:
        """The name of what an edge leads to, writing it first when it is a leaf."""
        leaf = getattr(edge, "variable", None)
        if leaf is None:
            return self.names[id(edge)]
        if id(leaf) not in self.names:
            if leaf is self.example:
                name, operation = self._unique("input"), "Input"
            elif id(leaf) in self.parameters:
                (owner, label), operation = self.parameters[id(leaf)]
                name = self._unique(f"{self.scopes.titles[owner]}/{label}")
            else:
                name, operation = self._unique("constant"), "Constant"
            self.names[id(leaf)] = name
            self._write(name, operation, [], tuple(leaf.shape))
        return self.names[id(leaf)]

    def _write(self, name: str, operation: str, inputs: list[str], shape: tuple[int, ...]) -> None:
        node = self.graph.node.add(name=name, op=operation, input=inputs)
        sizes = node.attr["_output_shapes"].list.shape.add()
        for size in shape:
            sizes.dim.add(size=size)

    def _unique(self, name: str) -> str:
        count = self.taken[name] = self.taken.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count - 1}"


def _oldest_first(last: Any) -> list[Any]:
    """The nodes that ``last`` depends on, itself included, in the order of their recording."""
    found = {id(last): last}
    waiting = [last]
    while waiting:
        for edge, _ in waiting.pop().next_functions:
            if edge is not None and not hasattr(edge, "variable") and id(edge) not in found:
                found[id(edge)] = edge
                waiting.append(edge)
    return sorted(found.values(), key=lambda node: node._sequence_nr())


def _titles(model: nn.Module) -> dict[str, str]:
    """The scope of each module: ``hidden.1`` is ``MLP/ModuleList[hidden]/Linear[1]``."""
    titles = {"": type(model).__name__}
    for name, module in model.named_modules():
        if name:
            owner, label = _split(name)
            titles[name] = f"{titles[owner]}/{type(module).__name__}[{label}]"
    return titles


def _split(name: str) -> tuple[str, str]:
    """``hidden.1.weight`` as its owner ``hidden.1`` and its label ``weight``."""
    owner, _, label = name.rpartition(".")
    return owner, label


def _tensors(value: Any) -> Iterator[Tensor]:
    """The tensors inside a model's output."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item)
