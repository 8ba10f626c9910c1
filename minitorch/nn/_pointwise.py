"""What activations with an ``inplace`` argument share."""

from __future__ import annotations

from minitorch.nn.module import Module


class Inplace(Module):
    """An activation that can write its result over its input.

    Args:
        inplace: whether it does.
    """

    inplace: bool

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return "inplace=True" if self.inplace else ""

    def _repr_with(self, arguments: str) -> str:
        return f"{arguments}, inplace=True" if self.inplace else arguments
