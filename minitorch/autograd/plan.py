"""What a recorded call of a primitive keeps, and its backward pass."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.autograd.node import Node
from minitorch.autograd.saved import FREED, Deferred, Residual, SavedInput, SavedOutput
from minitorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minitorch.autograd.primitive import Primitive


class Plan:
    """For one pattern of inputs that require grad: what to keep, and the formulas to run."""

    __slots__ = ("formulas", "keeps_tensors", "op", "sources")

    def __init__(self, op: Primitive, mask: int) -> None:
        self.op = op
        self.sources: list[Any] = []  # an input's position, or a name to look up
        self.formulas: list[Any] = []  # (formula or None, positions among the kept values)
        for index, formula in enumerate(op.formulas):
            if formula is None or not mask >> index & 1:
                self.formulas.append((None, ()))
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

    def keep(
        self, out: Tensor, inputs: Sequence[Any], static: dict[str, Any], residual: Any
    ) -> list[Any]:
        """Return what a node keeps of a call, in the order of the sources."""
        kept: list[Any] = []
        for source in self.sources:
            if type(source) is int:
                x = inputs[source]
                kept.append(SavedInput(x) if isinstance(x, Tensor) else x)
            elif source == "out":
                kept.append(SavedOutput(out))
            elif source == "residual":
                kept.append(Residual(residual))
            elif source in static:
                kept.append(static[source])
            else:
                kept.append(np.shape(_array_of(inputs[self.op.names.index(source[:-6])])))
        return kept

    def run(self, g: Any, kept: Sequence[Any]) -> list[Any]:
        """Return the gradients that the formulas make of `g` and what was kept."""
        gradients: list[Any] = []
        for formula, places in self.formulas:
            if places:
                gradients.append(formula(g, *map(kept.__getitem__, places)))
            else:
                gradients.append(None if formula is None else formula(g))
        return gradients


class PrimitiveNode(Node):
    """A recorded call of a `Primitive`."""

    __slots__ = ("kept", "plan")

    plan: Plan
    kept: Any  # None once released

    def name(self) -> str:
        """Return the operation's name, ``"MulBackward0"``."""
        return self.plan.op.name

    def backward_arrays(self, g: Any) -> list[Any]:
        """Run the formulas on arrays."""
        kept = self.kept
        if kept is None:
            raise RuntimeError(FREED)
        if kept:
            kept = [v.array_for(self) if type(v) in _SAVED else v for v in kept]
        return self.plan.run(g, kept)

    def backward_tensors(self, g: Tensor) -> list[Any]:
        """Run the formulas on Tensors, which records them."""
        if self.kept is None:
            raise RuntimeError(FREED)
        return self.plan.run(g, [v.unpack(self) if type(v) in _SAVED else v for v in self.kept])

    def release(self) -> None:
        """Let go of what was kept; a node that kept no tensor can run again."""
        if self.kept and (self.plan.keeps_tensors or _holds_arrays(self.kept)):
            self.kept = None

    def exchange(self, change: Callable[[Any], Any]) -> None:
        """Put in the place of each tensor or array that was kept what `change` makes of it."""
        if self.kept:
            self.kept = [
                change(v) if type(v) in _SAVED or _holds_arrays((v,)) else v for v in self.kept
            ]


_SAVED = frozenset({SavedInput, SavedOutput, Residual, Deferred})


def _holds_arrays(values: Any) -> bool:
    """Return whether there is an array among `values`, or in a tuple among them (an index)."""
    return any(
        type(v) is np.ndarray or type(v) is Deferred or (type(v) is tuple and _holds_arrays(v))
        for v in values
    )


def _array_of(x: Any) -> Any:
    return x._array if isinstance(x, Tensor) else x
