"""What a node keeps for its backward pass, and the check that nobody changed it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minitorch.dtypes import dtype_name
from minitorch.tensor import INFERENCE, Tensor, wrap

if TYPE_CHECKING:
    import numpy as np

    from minitorch.autograd.recompute import Frame

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after "
    "they have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)


def modified(tensor: Tensor, maker: str, found: int, expected: int) -> RuntimeError:
    """Return torch's error for a tensor changed in place after it was kept."""
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: [minitorch.{dtype_name(tensor.dtype)}Tensor {list(tensor.shape)}]{maker} is "
        f"at version {found}; expected version {expected} instead. Hint: enable anomaly detection "
        "to find the operation that failed to compute its gradient, with "
        "minitorch.autograd.set_detect_anomaly(True)."
    )


def _made_by(node: Any) -> str:
    return "" if node is None else f", which is output 0 of {operation_name(node)},"


def operation_name(node: Any) -> str:
    """Return what torch's errors call the operation of `node`: ``"Mul"`` for ``"MulBackward0"``."""
    name: str = node.name()
    return name.removesuffix("0").removesuffix("Backward")


class SavedInput:
    """An input of the node, with the version it had."""

    __slots__ = ("tensor", "version")

    def __init__(self, tensor: Tensor) -> None:
        cell = tensor._cell
        if cell is INFERENCE:
            raise RuntimeError(
                "Inference tensors cannot be saved for backward. Please do not use Tensors created "
                "in inference mode in computation tracked by autograd. To work around this, you "
                "can make a clone to get a normal tensor and use it in autograd, or use "
                "`minitorch.no_grad()` instead of `minitorch.inference_mode()`."
            )
        self.tensor = tensor
        self.version = 0 if cell is None else cell[0]

    def array_for(self, node: Any) -> np.ndarray:
        """Return the tensor's array; RuntimeError if it was changed in place."""
        tensor = self.tensor
        cell = tensor._cell
        if cell is not None and cell[0] != self.version:
            self.unpack(node)
        return tensor._array

    def unpack(self, node: Any) -> Tensor:
        """Return the tensor; RuntimeError if it was changed in place."""
        tensor = self.tensor
        if tensor._counter[0] != self.version:
            raise modified(tensor, _made_by(tensor._node), tensor._counter[0], self.version)
        return tensor


class SavedOutput:
    """An output of the node. It is kept as an array: a tensor would point back at the node."""

    __slots__ = ("array", "cell", "version")

    def __init__(self, tensor: Tensor) -> None:
        self.array = tensor._array
        self.cell = tensor._counter
        self.version = tensor._counter[0]

    def move_to(self, tensor: Tensor) -> None:
        """Say that `tensor` now holds the output: it was written in place."""
        if tensor._array.dtype == self.array.dtype:
            self.array = tensor._array
            self.cell = tensor._counter
            self.version = tensor._counter[0]

    def array_for(self, node: Any) -> np.ndarray:
        """Return the output's array; RuntimeError if it was changed in place."""
        if self.cell[0] != self.version:
            self.unpack(node)
        return self.array

    def unpack(self, node: Any) -> Tensor:
        """Return a tensor that `node` made; RuntimeError if it was changed in place."""
        tensor = wrap(self.array)
        if self.cell[0] != self.version:
            raise modified(tensor, _made_by(node), self.cell[0], self.version)
        tensor._node = node
        tensor._requires_grad = True
        return tensor


class Deferred:
    """What a node kept, let go: it is computed again when a backward pass asks for it.

    Attributes:
        frame: the checkpointed part of a program that it belongs to.
        like: the shape and the dtype that it had.
        value: what was kept, once it is computed again and as long as nobody has taken it.
    """

    __slots__ = ("__weakref__", "frame", "like", "value")

    def __init__(self, frame: Frame, value: Any) -> None:
        self.frame = frame
        self.like = likeness(value)
        self.value: Any = None

    def _taken(self) -> Any:
        """Return the value and let go of it: another pass computes it again."""
        if self.value is None:
            self.frame.run_again()
        value, self.value = self.value, None
        return value

    def array_for(self, node: Any) -> Any:
        """Return the array that was kept."""
        value = self._taken()
        return value.array_for(node) if hasattr(value, "array_for") else value

    def unpack(self, node: Any) -> Any:
        """Return the tensor that was kept, where it stands in the graph of the first forward."""
        value = self._taken()
        if not hasattr(value, "unpack"):
            return value
        found = value.unpack(node)
        return self.frame.in_first_graph(found) if isinstance(found, Tensor) else found


def likeness(value: Any) -> tuple[Any, Any]:
    """Return the shape and the dtype of what a node keeps, None where it has none."""
    if isinstance(value, Deferred):
        return value.like
    array = value.tensor._array if isinstance(value, SavedInput) else getattr(value, "array", value)
    return getattr(array, "shape", None), getattr(array, "dtype", None)


class Residual:
    """What the forward computed that only an ordinary backward pass may use."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def array_for(self, node: Any) -> Any:
        """Return it."""
        return self.value

    def unpack(self, node: Any) -> None:
        """Return None: in a recorded pass it would hide how it depends on the inputs."""
        return
