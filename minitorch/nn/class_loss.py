"""Losses of a choice among classes, as layers."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.loss import _Loss, _WeightedLoss
from minitorch.tensor import Tensor


class NLLLoss(_WeightedLoss):
    """Minus the log probability of the target class.

    Args:
        weight: of each class.
        size_average: torch's older form of `reduction`.
        ignore_index: targets of this value count for nothing.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Input: :math:`(C)`, :math:`(N, C)` or :math:`(N, C, d_1, ..., d_K)`, log probabilities.
        - Target: :math:`()`, :math:`(N)` or :math:`(N, d_1, ..., d_K)`, classes.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
    """

    ignore_index: int

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class CrossEntropyLoss(_WeightedLoss):
    r"""Minus the log softmax of the scores at the target class, or against probabilities.

    Args:
        weight: of each class.
        size_average: torch's older form of `reduction`.
        ignore_index: targets of this value count for nothing.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"`` (by the weights of the targets), ``"sum"`` or ``"none"``.
        label_smoothing: the share of each target that is spread evenly over all classes.

    Shape:
        - Input: :math:`(C)`, :math:`(N, C)` or :math:`(N, C, d_1, ..., d_K)`, scores.
        - Target: :math:`()`, :math:`(N)` or :math:`(N, d_1, ..., d_K)` for classes, or the shape of
          the input for probabilities.

    Raises:
        IndexError: if a class is out of range.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html

    Example:
        >>> import minitorch
        >>> loss = minitorch.nn.CrossEntropyLoss()
        >>> loss(minitorch.zeros(1, 2), minitorch.tensor([1]))
        tensor(0.6931)
    """

    ignore_index: int
    label_smoothing: float

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class KLDivLoss(_Loss):
    r"""The Kullback-Leibler divergence, element by element: :math:`y (\log y - x)`.

    Args:
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"batchmean"`` (the divergence, averaged over the batch), ``"mean"``, ``"sum"``
            or ``"none"``.
        log_target: whether the target is in logarithms, as the input is.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
    """

    log_target: bool

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)
