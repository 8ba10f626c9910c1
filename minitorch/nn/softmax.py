"""Layers that turn scores into probabilities along a dimension."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class Softmax(Module):
    r"""Return :math:`e^{x_i} / \sum_j e^{x_j}` along a dimension.

    Args:
        dim: the dimension along which the result sums to 1. Leaving it out warns when called.

    Shape:
        - Input: :math:`(*)`. Output: the same.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Softmax(dim=1)(minitorch.zeros(1, 4))
        tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """

    dim: int | None

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the probabilities."""
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"dim={self.dim}"


class Softmin(Softmax):
    """Return the softmax of the negated input along a dimension.

    Args:
        dim: the dimension along which the result sums to 1. Leaving it out warns when called.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the probabilities."""
        return F.softmin(input, self.dim)


class LogSoftmax(Softmax):
    """Return the logarithm of the softmax along a dimension.

    Args:
        dim: the dimension along which the probabilities sum to 1. Leaving it out warns when called.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the logarithms of the probabilities."""
        return F.log_softmax(input, self.dim)


class Softmax2d(Module):
    """Return the softmax over the channels of images.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`. Output: the same.

    Raises:
        ValueError: for any other number of dimensions.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Softmax2d()(minitorch.zeros(2, 1, 1)).flatten()
        tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the probabilities."""
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)
