"""What a node keeps for its backward pass, and the check that nobody changed it meanwhile."""

from __future__ import annotations

from typing import Any

from minitorch.tensor import INFERENCE, Tensor, wrap

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they "
    "have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)


def modified(tensor: Tensor, maker: str, found: int, expected: int) -> RuntimeError:
    """Return torch's error for a tensor changed in place after it was kept."""
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: [{tensor.dtype} {list(tensor.shape)}], {maker}, is at version {found}; expected "
        f"version {expected} instead. Hint: enable anomaly detection to find the operation that failed "
        "to compute its gradient, with minitorch.autograd.set_detect_anomaly(True)."
    )


class SavedInput:
    """An input of the node, with the version it had."""

    __slots__ = ("tensor", "version")

    def __init__(self, tensor: Tensor) -> None:
        if tensor._version is INFERENCE:
            raise RuntimeError(
                "Inference tensors cannot be saved for backward. To work around you can make a clone "
                "to get a normal tensor and use it in autograd."
            )
        self.tensor = tensor
        self.version = tensor._version[0]

    def unpack(self, node: Any) -> Tensor:
        """Return the tensor; RuntimeError if it was changed in place."""
        tensor = self.tensor
        if tensor._version[0] != self.version:
            made = tensor._node
            maker = f"which is output 0 of {made.name()}" if made is not None else "a leaf"
            raise modified(tensor, maker, tensor._version[0], self.version)
        return tensor


class SavedOutput:
    """An output of the node. It is kept as an array: a tensor would point back at the node."""

    __slots__ = ("array", "cell", "version")

    def __init__(self, tensor: Tensor) -> None:
        self.array = tensor._array
        self.cell = tensor._version
        self.version = tensor._version[0]

    def unpack(self, node: Any) -> Tensor:
        """Return a tensor that `node` made; RuntimeError if it was changed in place."""
        tensor = wrap(self.array)
        if self.cell[0] != self.version:
            maker = f"which is output 0 of {node.name()}"
            raise modified(tensor, maker, self.cell[0], self.version)
        tensor._node = node
        tensor._requires_grad = True
        return tensor
