"""The one device there is, the names of others, and the seam for them."""

from __future__ import annotations

import operator
import re
from typing import Any

_KINDS = (
    "cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia",
    "xla", "lazy", "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone",
)  # fmt: skip


class device:
    """Where a tensor lives: on the CPU. The others of torch can be named, but hold nothing.

    An index may be named, as in ``"cpu:0"``; the tensors made with it are on ``"cpu"``.

    Args:
        type: ``"cpu"``, with or without an index, or another device.
        index: the index, if `type` names none.

    Raises:
        RuntimeError: for what no device is called.
        NotImplementedError: when something is to be on a device that is not the CPU.

    Example:
        >>> import minitorch
        >>> minitorch.device("cpu"), minitorch.device("cpu:1").index
        (device(type='cpu'), 1)
    """

    __slots__ = ("index", "type")

    index: int | None
    type: str

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device) and index is None:
            self.type, self.index = type.type, type.index
            return
        self.type, self.index = _parsed(type)
        if index is None:
            return
        if self.index is not None:
            raise RuntimeError(
                "type (string) must not include an index because index was passed explicitly: "
                f"{type}"
            )
        self.index = _checked(index)

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, ((self.type,) if self.index is None else (self.type, self.index))


def _parsed(text: Any) -> tuple[str, int | None]:
    """Return the type and the index that a text such as ``"cpu:1"`` names."""
    if isinstance(text, int):
        raise RuntimeError("Cannot access accelerator device when none is available.")
    if not isinstance(text, str):
        kind = type(text).__name__
        raise TypeError(f"device(): argument 'type' (position 1) must be str, not {kind}")
    if not text:
        raise RuntimeError("Device string must not be empty")
    kind = text.partition(":")[0]
    if kind not in _KINDS:
        raise RuntimeError(
            f"Expected one of {', '.join(_KINDS)} device type at start of device string: {kind}"
        )
    found = re.fullmatch(r"[a-z]+(?::(0|[1-9][0-9]*))?", text)
    if found is None:
        raise RuntimeError(f"Invalid device string: {text!r}")
    return kind, None if found[1] is None else int(found[1])


def _checked(index: Any) -> int:
    if isinstance(index, bool) or not hasattr(index, "__index__"):
        kind = type(index).__name__
        raise TypeError(f"device(): argument 'index' (position 2) must be int, not {kind}")
    number = operator.index(index)
    if number < 0:
        raise RuntimeError("Device index must not be negative")
    return number


CPU = device("cpu")


def require_cpu(requested: Any, where: str) -> None:
    """Raise NotImplementedError, naming `where`, unless `requested` is None or the CPU."""
    if requested is None:
        return
    named = isinstance(requested, (device, str))
    if not named or str(requested).partition(":")[0] != "cpu":
        shown = repr(str(requested) if named else requested)
        raise NotImplementedError(f"{where}: device={shown} is not supported, only 'cpu' is")
    if isinstance(requested, str):
        _parsed(requested)
