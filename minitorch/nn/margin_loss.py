"""Losses that ask scores for a distance, as layers."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.loss import _Loss, _WeightedLoss
from minitorch.tensor import Tensor


class SoftMarginLoss(_Loss):
    r"""How far scores fall short of their signs: :math:`\log(1 + e^{-y x})`.

    Args:
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Input and target, of 1 and -1: :math:`(*)`. Output: a number, or :math:`(*)` without
          reduction.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.SoftMarginLoss()(minitorch.zeros(2), minitorch.tensor([1.0, -1.0]))
        tensor(0.6931)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class MultiMarginLoss(_WeightedLoss):
    r"""How far the score of the right class falls short of the others plus a margin.

    Args:
        p: the power of what is lacking, 1 or 2.
        margin: by how much it should exceed the others.
        weight: of each class.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Input: :math:`(N, C)` or :math:`(C)`. Target, classes: :math:`(N)` or :math:`()`.
        - Output: a number, or the shape of the target without reduction.

    Raises:
        ValueError: if p is another number, or the weight no vector.

    Reference: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based
    vector machines", 2001.

    Example:
        >>> import minitorch
        >>> scores = minitorch.tensor([[0.0, 1.0, 0.5, -1.0]])
        >>> minitorch.nn.MultiMarginLoss()(scores, minitorch.tensor([1]))
        tensor(0.1250)
    """

    p: int
    margin: float

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError("only p == 1 and p == 2 supported")
        if weight is not None and weight.ndim != 1:
            raise ValueError(
                "MultiMarginLoss: expected weight to be None or 1D tensor, got "
                f"{weight.ndim}D instead"
            )
        self.p = p
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.multi_margin_loss(
            input, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


class MultiLabelMarginLoss(_Loss):
    r"""How far the score of each right class falls short of each other one plus 1.

    Args:
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Input: :math:`(N, C)` or :math:`(C)`. Target: the same, of each sample its classes, and
          behind them -1.
        - Output: a number, or :math:`(N)` or :math:`()` without reduction.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html

    Example:
        >>> import minitorch
        >>> scores = minitorch.tensor([0.0, 1.0, 0.5, -1.0])
        >>> minitorch.nn.MultiLabelMarginLoss()(scores, minitorch.tensor([1, -1, 0, 0]))
        tensor(0.1250)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_WeightedLoss):
    r"""The cross entropy of scores against any number of right classes, averaged over classes.

    Args:
        weight: of each class.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Input and target, of 0 and 1: :math:`(*, C)`. Output: a number, or :math:`(*)` without
          reduction.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.MultiLabelSoftMarginLoss()(minitorch.zeros(1, 2), minitorch.ones(1, 2))
        tensor(0.6931)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)
