"""Layers that change the shape: `Flatten` and `Unflatten`."""

from __future__ import annotations

from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class Flatten(Module):
    r"""Merge a range of dimensions into one.

    Args:
        start_dim: the first to merge; 1 keeps the batch.
        end_dim: the last to merge.

    Shape:
        - Input: :math:`(*, S_{start}, ..., S_{end}, *)`. Output: :math:`(*, \prod S_i, *)`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Flatten()(minitorch.zeros(32, 1, 5, 5)).shape
        minitorch.Size([32, 25])
    """

    start_dim: int
    end_dim: int

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the flattened input."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Split one dimension into several.

    Args:
        dim: the dimension to split.
        unflattened_size: the sizes of the parts; one of them may be -1.

    Shape:
        - Input: :math:`(*, S_{dim}, *)`. Output: :math:`(*, U_1, ..., U_n, *)`.

    Raises:
        TypeError: if the sizes are not a tuple or a list of integers.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Unflatten(1, (2, 5, 5))(minitorch.zeros(2, 50)).shape
        minitorch.Size([2, 2, 5, 5])
    """

    dim: int
    unflattened_size: tuple[int, ...] | list[int]

    def __init__(self, dim: int, unflattened_size: tuple[int, ...] | list[int]) -> None:
        super().__init__()
        if not isinstance(unflattened_size, tuple | list):
            raise TypeError(
                "unflattened_size must be a tuple of ints, but found type "
                f"{type(unflattened_size).__name__}"
            )
        for position, size in enumerate(unflattened_size):
            if not isinstance(size, int):
                raise TypeError(
                    "unflattened_size must be tuple of ints, but found element of type "
                    f"{type(size).__name__} at pos {position}"
                )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with one dimension split."""
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
