"""Losses that measure a difference between numbers."""

from __future__ import annotations

from minitorch import ops
from minitorch.nn.functional._reduction import (
    reduced,
    reduction_name,
    require_float_input,
    warn_unless_same_size,
)
from minitorch.ops.arguments import require_floating
from minitorch.tensor import Tensor


def _weighted(loss: Tensor, weight: Tensor | None, input: Tensor) -> Tensor:
    if weight is None:
        return loss
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")
    return loss * weight


def _reduced_by_weight(loss: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    """Reduce a weighted loss; the mean is by the sum of the weights."""
    if weight is not None and reduction == "mean":
        return ops.sum(loss) / ops.sum(weight)
    return reduced(loss, reduction)


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Return the squared difference.

    Args:
        input: predictions.
        target: what they should have been, of the same shape.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        weight: of each element, in the shape of `input`; the mean is by their sum.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.mse_loss(minitorch.ones(2), minitorch.zeros(2))
        tensor(1.)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    warn_unless_same_size(input, target)
    difference = input - target
    require_floating("mse_cpu", difference._array.dtype)
    loss = _weighted(difference * difference, weight, input)
    return _reduced_by_weight(loss, weight, reduction)


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Return the absolute difference; the arguments are those of `mse_loss`."""
    reduction = reduction_name(size_average, reduce, reduction)
    warn_unless_same_size(input, target)
    loss = _weighted(ops.abs(input - target), weight, input)
    return _reduced_by_weight(loss, weight, reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    r"""Return :math:`d^2 / (2 \beta)` where :math:`|d| < \beta`, else :math:`|d| - \beta / 2`.

    Args:
        input: predictions.
        target: what they should have been, of the same shape.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        beta: where the parabola meets the line; 0 is `l1_loss`.

    Reference: Girshick, "Fast R-CNN", 2015.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    warn_unless_same_size(input, target)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    difference = input - target
    if beta == 0:
        return reduced(ops.abs(difference), reduction)
    require_floating("smooth_l1_cpu", difference._array.dtype)
    return reduced(ops.huber(difference, beta, 1 / beta), reduction)


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    r"""Return :math:`d^2 / 2` where :math:`|d| \le \delta`, else :math:`\delta (|d| - \delta / 2)`.

    Args:
        input: predictions.
        target: what they should have been, of the same shape.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        delta: where the parabola meets the line.
        weight: of each element, in the shape of `input`; the mean is by the number of elements.

    Reference: Huber, "Robust estimation of a location parameter", 1964.
    """
    reduction = reduction_name(None, None, reduction)
    warn_unless_same_size(input, target)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    difference = input - target
    require_floating("huber_cpu", difference._array.dtype)
    require_float_input(input, difference)
    return reduced(_weighted(ops.huber(difference, delta), weight, input), reduction)


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`\max(0, -y (x_1 - x_2) + margin)`.

    Args:
        input1: scores.
        input2: scores to compare them with.
        target: 1 where the first should rank higher, -1 where the second should.
        margin: by how much.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return reduced(ops.clamp(-target * (input1 - input2) + float(margin), min=0), reduction)


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return x where the target is 1, and :math:`\max(0, margin - x)` where it is -1.

    Args:
        input: distances.
        target: 1 for pairs that belong together, -1 for pairs that do not.
        margin: how far apart the latter should be.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    apart = ops.where(target == 1, 0.0, ops.clamp(margin - input, min=0))
    together = ops.where(target == -1, 0.0, input)
    return reduced(apart + together, reduction)
