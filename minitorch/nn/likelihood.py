"""Losses that are minus the logarithm of a likelihood of numbers, as layers."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.loss import _Loss
from minitorch.tensor import Tensor


class PoissonNLLLoss(_Loss):
    """Minus the log likelihood of counts that are distributed as Poisson says.

    Args:
        log_input: whether the input is the logarithm of the expected count.
        full: whether Stirling's approximation of the logarithm of the factorial is added.
        size_average: torch's older form of `reduction`.
        eps: keeps the logarithm finite, if `log_input` is False.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Input and target: :math:`(*)`. Output: a number, or :math:`(*)` without reduction.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.PoissonNLLLoss()(minitorch.zeros(1), minitorch.tensor([3.0]))
        tensor(1.)
    """

    log_input: bool
    full: bool
    eps: float

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """Return the loss."""
        return F.poisson_nll_loss(
            log_input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    """Minus the log likelihood of numbers with a normal distribution of given variance.

    Args:
        full: whether the constant term is added.
        eps: the least variance.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Input and target: :math:`(N, *)`; var the same, or with the last dimension 1 or missing,
          or a number. Output: a number, or the shape of the input without reduction.

    Reference: Nix and Weigend, "Estimating the mean and variance of the target probability
    distribution", 1994.

    Example:
        >>> import minitorch
        >>> one = minitorch.ones(1)
        >>> minitorch.nn.GaussianNLLLoss()(one, 3 * one, one)
        tensor(2.)
    """

    full: bool
    eps: float

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        """Return the loss."""
        return F.gaussian_nll_loss(
            input, target, var, full=self.full, eps=self.eps, reduction=self.reduction
        )
