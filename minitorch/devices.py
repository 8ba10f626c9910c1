"""The one device there is, and the seam for others."""

from __future__ import annotations

from typing import Any


class device:
    """Where a tensor lives. Only ``"cpu"`` exists.

    Example:
        >>> import minitorch
        >>> minitorch.device("cpu")
        device(type='cpu')
    """

    __slots__ = ("index", "type")

    index: int | None
    type: str

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        name = type.type if isinstance(type, device) else type
        if name.partition(":")[0] != "cpu":
            raise NotImplementedError(f"device: {name!r} is not supported, only 'cpu' is")
        self.type = "cpu"
        self.index = index

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __str__(self) -> str:
        return "cpu"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, device)

    def __hash__(self) -> int:
        return hash(self.type)


CPU = device()


def require_cpu(requested: Any, where: str) -> None:
    """Raise NotImplementedError, naming `where`, unless `requested` is None or the CPU."""
    if requested is None or isinstance(requested, device):
        return
    if not isinstance(requested, str) or requested.partition(":")[0] != "cpu":
        raise NotImplementedError(f"{where}: device={requested!r} is not supported, only 'cpu' is")
