"""Losses of a choice among classes: `nll_loss` and `cross_entropy`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import ops
from minitorch.nn.functional._class_targets import (
    check_class_targets,
    check_probability_targets,
)
from minitorch.nn.functional._reduction import reduced, reduction_name
from minitorch.tensor import Tensor, wrap


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Return the cross entropy of scores against classes or probabilities.

    For a class y it is :math:`-w_y \log softmax(x)_y`, and the mean is by the sum of the weights;
    for probabilities p it is :math:`-\sum_c w_c p_c \log softmax(x)_c`, and the mean is by the
    batch.

    Args:
        input: scores, before the softmax.
        target: classes (int64 or uint8), or probabilities in the shape of `input`.
        weight: of each class.
        size_average: torch's older form of `reduction`.
        ignore_index: targets of this value count for nothing.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        label_smoothing: the share of each target that is spread evenly over all classes.

    Shape:
        - input :math:`(C)`, :math:`(N, C)` or :math:`(N, C, d_1, ..., d_K)`; weight :math:`(C)`.
        - target :math:`()`, :math:`(N)` or :math:`(N, d_1, ..., d_K)`, or the shape of the input.

    Raises:
        IndexError: if a class is out of range.
        ValueError: if the batch sizes differ.
        RuntimeError: if the shapes or types do not fit otherwise.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html

    Example:
        >>> import minitorch
        >>> scores = minitorch.tensor([[0.0, 0.0], [0.0, 0.0]])
        >>> minitorch.nn.functional.cross_entropy(scores, minitorch.tensor([0, 1]))
        tensor(0.6931)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if label_smoothing > 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if input._array.shape == target._array.shape:
        return _against_probabilities(
            input, target, weight, ignore_index, reduction, label_smoothing
        )
    rows, classes, counts, total = _prepared(input, target, weight, ignore_index, reduction)
    if label_smoothing > 0.0:
        q = _smoothed(rows, classes._array, weight, ignore_index, label_smoothing)
        losses = -ops.sum(ops.log_softmax(rows, 1) * wrap(q), 1)
        losses = ops.where(wrap(classes._array == ignore_index), 0.0, losses)
        loss = losses if total is None else ops.sum(losses) / wrap(np.asarray(total, q.dtype))
    else:
        loss = ops.softmax_cross_entropy(rows, classes, counts, total)
    return loss if reduction != "none" else ops.reshape(loss, *target.shape)


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return minus the log probability of each target class, times its weight.

    The arguments and shapes are those of `cross_entropy`, but `input` holds log probabilities, and
    the target classes.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    rows, classes, counts, total = _prepared(input, target, weight, ignore_index, reduction)
    loss = ops.nll_gather(rows, classes, counts=counts)  # (R,)
    if total is None:
        return ops.reshape(loss, *target.shape)
    return ops.sum(loss) / wrap(np.asarray(total, loss._array.dtype))


def _prepared(
    scores: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
) -> tuple[Tensor, Tensor, np.ndarray | None, Any]:
    """Check the arguments, and return them in the form that the losses are computed in.

    Returns:
        the scores as one row for each target (R, C); the targets (R,), those that count in range;
        what each counts (R,), or None if each counts 1; what the sum of the losses is to be divided
        by, or None if it is not to be taken.
    """
    check_class_targets(scores, target, weight)
    count = scores._array.shape[class_dim(scores)]
    weights = None if weight is None else weight._array
    classes = target if target.ndim == 1 else ops.reshape(target, -1)
    counts = _counts(classes._array, count, weights, ignore_index)
    if counts is not None:
        counts = counts.astype(scores._array.dtype, copy=False)
    total: Any = None
    if reduction == "sum":
        total = 1
    elif reduction == "mean":
        total = counts.sum() if counts is not None else classes._array.size
        if total == 0:  # no mean; the gradient of what is ignored is 0 nevertheless
            total = math.nan
            if counts is not None:
                counts[classes._array != ignore_index] = math.nan
    return _rows(scores, count), classes, counts, total


def _rows(scores: Tensor, count: int) -> Tensor:
    """Return the scores as one row for each target, ``(N, C, d_1, ...) -> (R, C)``."""
    if scores.ndim == 2:
        return scores
    if scores.ndim > 2:
        scores = ops.movedim(scores, 1, -1)
    return ops.reshape(scores, -1, count)


def _counts(
    labels: np.ndarray, count: int, weights: np.ndarray | None, ignore_index: int
) -> np.ndarray | None:
    """Return what each label counts, or None if each counts 1; IndexError for one out of range.

    Args:
        labels: the targets. Shape: (R,).
        count: the number of classes.
        weights: of the classes. Shape: (C,).
        ignore_index: targets of this value count 0.
    """
    if _all_below(labels, count) and not (0 <= ignore_index < count):
        return None if weights is None else weights[labels]
    ignored = labels == ignore_index
    others = labels[~ignored]
    if not _all_below(others, count):
        first = others[(others < 0) | (others >= count)][0]
        raise IndexError(f"Target {first} is out of bounds.")
    own = 1.0 if weights is None else weights[np.where(ignored, 0, labels)]
    return np.where(ignored, 0, own)


def _all_below(labels: np.ndarray, count: int) -> bool:
    """Return whether all are from 0 to `count` - 1; read as unsigned, a negative one is large."""
    unsigned = labels.view(np.uint64) if labels.dtype == np.int64 else labels
    return labels.size == 0 or bool(np.maximum.reduce(unsigned) < count)


def _smoothed(
    rows: Tensor,
    labels: np.ndarray,
    weight: Tensor | None,
    ignore_index: int,
    label_smoothing: float,
) -> np.ndarray:
    """Return the target of each row as a weight for each class, with a share spread evenly."""
    ignored = labels == ignore_index
    labels = np.where(ignored, 0, labels)
    q = np.full(rows.shape, label_smoothing / rows.shape[1], rows._array.dtype)
    if weight is not None:
        q *= weight._array
    own = 1.0 if weight is None else weight._array[labels]
    q[np.arange(len(q)), labels] += (1 - label_smoothing) * own
    q[ignored] = 0
    return q


def class_dim(scores: Tensor) -> int:
    """Return the dimension of the classes: the second, or the only one."""
    return 0 if scores.ndim <= 1 else 1


def _against_probabilities(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> Tensor:
    check_probability_targets(input, target, weight, ignore_index)
    dim = class_dim(input)
    classes = input.shape[dim] if input.ndim else 1
    if label_smoothing > 0.0:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    terms = ops.log_softmax(input, dim) * target * _along_classes(weight, input)
    if reduction == "mean":
        return -ops.sum(terms) / (input.numel() / classes)
    return reduced(-ops.sum(terms, dim), reduction)


def _along_classes(weight: Tensor | None, scores: Tensor) -> Tensor | float:
    """Return the class weights in a shape that broadcasts with the scores, or 1."""
    if weight is None:
        return 1.0
    return ops.reshape(weight, -1, *(1,) * max(scores.ndim - 2, 0))
