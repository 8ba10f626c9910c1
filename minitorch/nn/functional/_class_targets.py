"""Whether targets fit the scores of a classifier, and torch's words if they do not."""

from __future__ import annotations

import numpy as np

from minitorch.dtypes import dtype_name
from minitorch.ops.arguments import require_dtype
from minitorch.tensor import Tensor


def check_class_targets(scores: Tensor, target: Tensor, weight: Tensor | None) -> None:
    """Raise ValueError or RuntimeError unless `target` can hold the classes of `scores`."""
    if weight is None and _fit_plainly(scores._array, target._array):
        return
    if scores.ndim < 1:
        raise ValueError(f"Expected 1 or more dimensions (got {scores.ndim})")
    if scores.ndim > 1 and (target.ndim == 0 or len(scores) != len(target)):
        given = len(target) if target.ndim else 1
        raise ValueError(
            f"Expected input batch_size ({len(scores)}) to match target batch_size ({given})."
        )
    _check_target_shape(scores, target)
    if target.dtype.name not in ("int64", "uint8"):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {dtype_name(target.dtype)}"
        )
    if weight is None:
        return
    classes = scores.shape[0 if scores.ndim == 1 else 1]
    if weight.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but "
            f"got weight tensor of shape: {list(weight.shape)}"
        )
    require_dtype(scores._array.dtype, weight._array.dtype)


def _fit_plainly(scores: np.ndarray, target: np.ndarray) -> bool:
    """Return whether rows of scores meet as many int64 classes, the common case."""
    return (
        scores.ndim == 2
        and target.ndim == 1
        and target.dtype == np.int64
        and len(scores) == len(target)
    )


def _check_target_shape(scores: Tensor, target: Tensor) -> None:
    if scores.ndim <= 2:
        if target.ndim > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if scores.ndim == 1 and target.numel() != 1:
            raise ValueError(
                f"For 1D input, 1D target must have size 1, but got target size: {target.numel()}"
            )
        return
    expected = [scores.shape[0], *scores.shape[2:]]
    if list(target.shape) == expected:
        return
    if scores.ndim != 4:
        raise RuntimeError(f"Expected target size {expected}, got {list(target.shape)}")
    if target.ndim != 3:
        raise RuntimeError(
            "only batches of spatial targets supported (3D tensors) but got targets of dimension: "
            f"{target.ndim}"
        )
    raise RuntimeError(
        f"size mismatch (got input: {list(scores.shape)} , target: {list(target.shape)}"
    )


def check_probability_targets(
    scores: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int
) -> None:
    """Raise RuntimeError unless `target`, in the shape of `scores`, can hold probabilities."""
    if not target.is_floating_point():
        raise RuntimeError(
            "Expected floating point type for target with class probabilities, got "
            f"{dtype_name(target.dtype)}"
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    classes = scores.shape[0 if scores.ndim <= 1 else 1] if scores.ndim else 1
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or "
            f"no classes but got weight tensor of shape: {list(weight.shape)}"
        )
