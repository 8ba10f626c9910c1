"""Losses that bring vectors together or drive them apart, as layers."""

from __future__ import annotations

from collections.abc import Callable

from minitorch.nn import functional as F
from minitorch.nn.distance import PairwiseDistance
from minitorch.nn.loss import _Loss
from minitorch.tensor import Tensor


class TripletMarginLoss(_Loss):
    r"""How much nearer one vector should be than another: :math:`\max(0, d_p - d_n + margin)`.

    Args:
        margin: by how much.
        p: of the p-norm that is the distance.
        eps: added to each difference, to keep the gradient finite.
        swap: whether the distance of the negative to the positive counts, if it is the smaller one.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Inputs: :math:`(N, D)` or :math:`(D)`. Output: a number, or :math:`(N)` without reduction.

    Raises:
        ValueError: if the margin is not positive.

    Reference: Balntas et al., "Learning shallow convolutional feature descriptors with triplet
    losses", 2016.

    Example:
        >>> import minitorch
        >>> a, p, n = minitorch.zeros(2), minitorch.zeros(2), minitorch.tensor([3.0, 4.0])
        >>> minitorch.nn.TripletMarginLoss(margin=6.0, eps=0.0)(a, p, n)
        tensor(1.)
    """

    margin: float
    p: float
    eps: float
    swap: bool

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        if margin <= 0:
            raise ValueError(
                f"TripletMarginLoss: expected margin to be greater than 0, got {margin} instead"
            )
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Return the loss."""
        return F.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap,
            reduction=self.reduction,
        )  # fmt: skip


class TripletMarginWithDistanceLoss(_Loss):
    r"""How much nearer one thing should be than another, by any distance.

    Args:
        distance_function: of two tensors, may be a module; `PairwiseDistance` by default.
        margin: by how much.
        swap: whether the distance of the negative to the positive counts, if it is the smaller one.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Raises:
        ValueError: if the margin is not positive.

    Reference: Balntas et al., "Learning shallow convolutional feature descriptors with triplet
    losses", 2016.

    Example:
        >>> import minitorch
        >>> loss = minitorch.nn.TripletMarginWithDistanceLoss(
        ...     distance_function=lambda x, y: (x - y).abs().sum(-1)
        ... )
        >>> loss(minitorch.zeros(1, 2), minitorch.ones(1, 2), minitorch.ones(1, 2))
        tensor(1.)
    """

    distance_function: Callable[[Tensor, Tensor], Tensor]
    margin: float
    swap: bool

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if margin <= 0:
            raise ValueError(
                "TripletMarginWithDistanceLoss: expected margin to be greater than 0, got "
                f"{margin} instead"
            )
        self.distance_function = (
            PairwiseDistance() if distance_function is None else distance_function
        )
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Return the loss."""
        return F.triplet_margin_with_distance_loss(
            anchor, positive, negative, distance_function=self.distance_function,
            margin=self.margin, swap=self.swap, reduction=self.reduction,
        )  # fmt: skip


class CosineEmbeddingLoss(_Loss):
    """One minus the cosine of pairs that belong together, and how far it exceeds that of others.

    Args:
        margin: how similar the others may be.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Inputs: :math:`(N, D)` and target :math:`(N)`, or :math:`(D)` and :math:`()`.
        - Output: a number, or the shape of the target without reduction.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([[3.0, 4.0]])
        >>> minitorch.nn.CosineEmbeddingLoss()(x, -x, minitorch.tensor([1]))
        tensor(2.)
    """

    margin: float

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.cosine_embedding_loss(
            input1, input2, target, self.margin, reduction=self.reduction
        )
