"""Distances between vectors as layers."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class CosineSimilarity(Module):
    r"""Return :math:`x_1 \cdot x_2 / (\max(|x_1|, \epsilon) \max(|x_2|, \epsilon))`.

    Args:
        dim: the dimension of the vectors, which disappears.
        eps: the least length to divide by.

    Shape:
        - Inputs: :math:`(*, D, *)`, with D at `dim`; they broadcast. Output: :math:`(*, *)`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([[3.0, 4.0]])
        >>> minitorch.nn.CosineSimilarity()(x, -x)
        tensor([-1.])
    """

    dim: int
    eps: float

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Return the similarity of the vectors."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    r"""Return :math:`|x_1 - x_2 + \epsilon|_p` along the last dimension.

    Args:
        p: of the p-norm.
        eps: added to each difference, to keep the gradient finite.
        keepdim: whether the last dimension stays, with size 1.

    Shape:
        - Inputs: :math:`(N, D)` or :math:`(D)`. Output: :math:`(N)` or a number, or
          :math:`(N, 1)` or :math:`(1)` with `keepdim`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.PairwiseDistance(eps=0.0)(minitorch.zeros(1, 2), minitorch.ones(1, 2))
        tensor([1.4142])
    """

    norm: float
    eps: float
    keepdim: bool

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Return the distance of the vectors."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
