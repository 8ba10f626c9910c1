"""Losses that ask scores for a distance: between classes, or from zero."""

from __future__ import annotations

import numpy as np

from minitorch import ops
from minitorch.nn.functional._reduction import reduced, reduction_name, require_float_input
from minitorch.nn.functional.activation import logsigmoid
from minitorch.ops.arguments import require_dtype, require_floating
from minitorch.tensor import Tensor, wrap


def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`\log(1 + e^{-y x})`.

    Args:
        input: scores.
        target: 1 where they should be positive, -1 where negative.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Both :math:`(*)`; they are broadcast.

    Raises:
        RuntimeError: if the target requires a gradient.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    _require_constant("soft_margin_loss", "target", target)
    loss = ops.log1p(ops.exp(-input * target))
    require_float_input(input, loss)
    return reduced(loss.to(input.dtype), reduction)


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`\sum_{i \ne y} w_y \max(0, margin - x_y + x_i)^p / C`.

    Args:
        input: scores of C classes.
        target: classes, int64.
        p: 1 or 2.
        margin: by how much the score of the right class should exceed the others.
        weight: of each class.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - input :math:`(N, C)` or :math:`(C)`; target :math:`(N)` or :math:`()`.
        - weight :math:`(C)`.

    Raises:
        ValueError: if p is another number, or the weight no vector.
        RuntimeError: if the shapes do not fit, a class is out of range, or the weight requires a
            gradient.

    Reference: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based
    vector machines", 2001.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    rows = _rows(input)
    samples, classes = rows.shape
    if target.ndim > 1 or target.numel() != samples:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input "
            f"samples (batch size). Expected target size [{samples}], but got "
            f"{list(target.shape)}. Input has shape {list(input.shape)}."
        )
    if weight is not None and len(weight) != classes:
        raise RuntimeError(
            f"inconsistent weight size, expected {classes} but got {list(weight.shape)}"
        )
    require_floating("multi_margin_loss_cpu_kernel", input._array.dtype)
    if weight is not None:
        _require_constant("multi_margin_loss", "weight", weight)
        require_dtype(input._array.dtype, weight._array.dtype)
    labels = _labels(target).reshape(-1)
    if not ((labels >= 0) & (labels < classes)).all():
        raise RuntimeError("target out of range")
    others = np.ones(rows.shape, bool)
    others[np.arange(samples), labels] = False
    counts = 1.0 if weight is None else wrap(weight._array[labels][:, None])
    lacking = margin - ops.gather(rows, 1, wrap(labels[:, None])) + rows  # (N, C)
    lacking = ops.where((lacking > 0) & wrap(others), lacking, 0.0)
    loss = ops.sum((lacking if p == 1 else lacking * lacking) * counts, 1) / classes
    return reduced(ops.reshape(loss, *target.shape), reduction)


def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`\sum_{j \in y} \sum_{i \notin y} \max(0, 1 - (x_j - x_i)) / C`.

    Args:
        input: scores of C classes.
        target: of each sample the classes y, int64, those behind the first -1 not counted.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Both :math:`(N, C)` or :math:`(C)`. Output: a number, or :math:`(N)` without reduction.

    Raises:
        RuntimeError: if the shapes differ, or a class is out of range.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    rows = _rows(input)
    if target.shape != input.shape:
        raise RuntimeError(
            f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}"
        )
    require_floating("multilabel_margin_loss_forward_out_frame", input._array.dtype)
    labels = _labels(target).reshape(rows.shape)
    classes = labels.shape[1]
    if not ((labels >= -1) & (labels < classes)).all():
        raise RuntimeError("argument #2 'target' is out of range")
    listed = np.logical_and.accumulate(labels >= 0, axis=1)  # (N, C)
    longest = int(listed.sum(1).max(initial=0))  # L
    listed = listed[:, :longest]
    labels = np.where(listed, labels[:, :longest], 0)
    right = np.zeros(rows.shape, bool)
    right[np.nonzero(listed)[0], labels[listed]] = True
    counted = wrap(listed[:, :, None] & ~right[:, None, :])
    own = ops.gather(rows, 1, wrap(labels))
    lacking = 1 - ops.unsqueeze(own, 2) + ops.unsqueeze(rows, 1)  # (N, L, C)
    loss = ops.sum(ops.where((lacking > 0) & counted, lacking, 0.0), (1, 2)) / classes
    return reduced(loss if input.ndim == 2 else ops.reshape(loss), reduction)


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`-\sum_i w_i (y_i \log \sigma(x_i) + (1 - y_i) \log \sigma(-x_i)) / C`.

    Args:
        input: scores of C classes.
        target: 1 for each that is right, 0 for the others.
        weight: of each class.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Shape:
        - Both :math:`(*, C)`. Output: a number, or :math:`(*)` without reduction.

    Raises:
        ValueError: if there is no such reduction.
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_name(size_average, reduce, reduction)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not valid")
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return reduced(ops.sum(loss, -1) / input.shape[-1], reduction)


def _require_constant(function: str, name: str, tensor: Tensor) -> None:
    """Raise torch's RuntimeError for a tensor that requires a gradient, where there is none."""
    if tensor.requires_grad:
        raise RuntimeError(
            f"The function '{function}' is not differentiable with respect to argument '{name}'. "
            "This input cannot have requires_grad True."
        )


def _rows(input: Tensor) -> Tensor:
    """Return scores (N, C) or (C) as (N, C); RuntimeError for others."""
    if input.ndim > 2 or (input.ndim and input.shape[-1] == 0):
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
            f"{list(input.shape)}"
        )
    return input if input.ndim == 2 else ops.reshape(input, 1, -1)


def _labels(target: Tensor) -> np.ndarray:
    """Return classes as an array; RuntimeError unless they are int64."""
    require_dtype(np.dtype(np.int64), target._array.dtype)
    return target._array
