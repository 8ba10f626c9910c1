"""Losses that are minus the logarithm of a likelihood of numbers."""

from __future__ import annotations

import math

from minitorch import ops
from minitorch.autograd import no_grad
from minitorch.nn.functional._reduction import reduced, reduction_name
from minitorch.tensor import Tensor


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`e^x - y x`, or :math:`x - y \log(x + \epsilon)` without `log_input`.

    Args:
        input: the x: expected counts, or their logarithms with `log_input`.
        target: the y, counts.
        log_input: whether the input is in logarithms.
        full: whether Stirling's approximation of :math:`\log y!` is added where y > 1.
        size_average: torch's older form of `reduction`.
        eps: keeps the logarithm finite.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Example:
        >>> import minitorch
        >>> F = minitorch.nn.functional
        >>> F.poisson_nll_loss(minitorch.zeros(1), minitorch.tensor([3.0]))
        tensor(1.)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if log_input:
        loss = ops.exp(input) - target * input
    else:
        loss = input - target * ops.log(input + eps)
    if full:
        y = ops.where(target > 1, target, 1.0)
        stirling = y * ops.log(y) - y + 0.5 * ops.log(2 * math.pi * y)
        loss = loss + ops.where(target > 1, stirling, 0.0)
    return reduced(loss, reduction)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`(\log v + (x - y)^2 / v) / 2`, with variances v not below `eps`.

    Args:
        input: the x, expected numbers.
        target: the y.
        var: the v: one for each element, one for each row of the last dimension, or a number.
        full: whether :math:`\log(2 \pi) / 2` is added.
        eps: the least variance; the gradient passes through this limit.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - input and target :math:`(N, *)`; var the same, or with the last dimension 1 or missing,
          or with one other dimension 1.

    Raises:
        ValueError: if a variance is negative, or there are not as many as there should be.

    Reference: Nix and Weigend, "Estimating the mean and variance of the target probability
    distribution", 1994.
    """
    variance = input.new_full(input.shape, var) if isinstance(var, (int, float)) else var
    if (variance._array < 0).any():
        raise ValueError("var has negative entry/entries")
    variance = _fitting(variance, input)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not valid")
    variance = ops.clone(variance)
    with no_grad():
        variance.clamp_(min=eps)
    difference = input - target
    loss = 0.5 * (ops.log(variance) + difference * difference / variance)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


def _fitting(variance: Tensor, input: Tensor) -> Tensor:
    """Return variances in a shape that broadcasts with the input; ValueError if there is none."""
    given, wanted = tuple(variance.shape), tuple(input.shape)
    if given == wanted:
        return variance
    if given == wanted[:-1]:
        return ops.unsqueeze(variance, -1)
    same_rank = len(given) == len(wanted)
    if same_rank and sum(n for m, n in zip(wanted, given, strict=True) if m != n) == 1:
        return variance
    raise ValueError("var is of incorrect size")
