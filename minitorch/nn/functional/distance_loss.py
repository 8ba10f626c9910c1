"""Losses that bring vectors together or drive them apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from minitorch import ops
from minitorch.nn.functional._reduction import reduced, reduction_name
from minitorch.nn.functional.distance import pairwise_distance
from minitorch.tensor import Tensor

_EPSILON = 1e-12  # keeps the length of a vector of zeros from dividing


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`\max(0, |a - p| - |a - n| + margin)`.

    Args:
        anchor: the a.
        positive: the p, which should be near.
        negative: the n, which should be farther away.
        margin: by how much.
        p: of the p-norm.
        eps: added to each difference, to keep the gradient finite.
        swap: whether the distance of the negative to the positive counts, if it is the smaller one.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Inputs :math:`(N, D)` or :math:`(D)`. Output: a number, or :math:`(N)` without reduction.

    Raises:
        ValueError: if the margin is not positive.
        RuntimeError: if the numbers of dimensions differ.

    Reference: Balntas et al., "Learning shallow convolutional feature descriptors with triplet
    losses", 2016.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    distance = partial(pairwise_distance, p=p, eps=eps)
    return _triplet_loss(anchor, positive, negative, distance, margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`\max(0, d(a, p) - d(a, n) + margin)`.

    Args:
        anchor: the a.
        positive: the p, which should be near.
        negative: the n, which should be farther away.
        distance_function: the d, which may be a module; `pairwise_distance` by default.
        margin: by how much.
        swap: whether the distance of the negative to the positive counts, if it is the smaller one.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Raises:
        ValueError: if the margin is not positive, or there is no such reduction.
        RuntimeError: if the numbers of dimensions differ.

    Reference: Balntas et al., "Learning shallow convolutional feature descriptors with triplet
    losses", 2016.
    """
    reduction = reduction_name(None, None, reduction)
    distance = pairwise_distance if distance_function is None else distance_function
    return _triplet_loss(anchor, positive, negative, distance, margin, swap, reduction)


def _triplet_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance: Callable[[Tensor, Tensor], Tensor],
    margin: float,
    swap: bool,
    reduction: str,
) -> Tensor:
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of "
            f"dimensions, but got: anchor {anchor.ndim}D, positive {positive.ndim}D, and negative "
            f"{negative.ndim}D inputs"
        )
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ops.minimum(far, distance(positive, negative))
    return reduced(ops.clamp(near - far + float(margin), min=0), reduction)


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`1 - \cos` where the target is 1, :math:`\max(0, \cos - margin)` where -1.

    Args:
        input1: vectors.
        input2: vectors to compare them with.
        target: 1 for pairs that belong together, -1 for pairs that do not.
        margin: how similar the latter may be.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Inputs :math:`(N, D)` and target :math:`(N)`, or :math:`(D)` and :math:`()`.
        - Output: a number, or the shape of the target without reduction.

    Raises:
        RuntimeError: if the numbers of dimensions do not fit.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    dim = target.ndim
    if dim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if input1.ndim != dim + 1:
        raise RuntimeError(
            f"{dim}D target tensor expects {dim + 1}D input tensors, but found inputs with sizes "
            f"{list(input1.shape)} and {list(input2.shape)}."
        )
    square1, square2 = (ops.sum(x * x, dim) + _EPSILON for x in (input1, input2))
    cosine = ops.sum(input1 * input2, dim) / ops.sqrt(square1 * square2)
    together = ops.where(target == 1, 1 - cosine, 0.0)
    apart = ops.where(target == -1, ops.clamp(cosine - margin, min=0), 0.0)
    return reduced(together + apart, reduction)
