"""Transposed matrices, and sums that undo an expansion."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.coerce import sum_to
from minitorch.ops.arguments import sizes
from minitorch.ops.shape import mT
from minitorch.tensor import Tensor

__all__ = ["adjoint"]


def adjoint(input: Tensor) -> Any:
    """Return the view with the last two dimensions swapped: real numbers are their conjugates."""
    return _swapped("adjoint()", input)


def hermitian(input: Tensor) -> Any:
    """The view with the last two dimensions swapped: real numbers are their conjugates."""
    return _swapped("mH", input)


def matrix_transpose(input: Tensor) -> Any:
    """The view with the last two dimensions swapped."""
    return _swapped("mT", input)


def _swapped(name: str, input: Tensor) -> Any:
    if input.ndim < 2:
        raise RuntimeError(
            f"tensor.{name} is only supported on matrices or batches of matrices. Got "
            f"{input.ndim}-D tensor."
        )
    return mT(input)


def hermitian_matrix(input: Tensor) -> Any:
    """The transpose of a matrix: real numbers are their conjugates."""
    if input.ndim != 2:
        raise RuntimeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {input.ndim}-D tensor. For "
            "batches of matrices, consider using tensor.mH"
        )
    return mT(input)


def sum_to_size(input: Tensor, *size: Any) -> Any:
    """Return the sum over what expanding a tensor of that size to the shape of `input` repeats."""
    target = sizes(size)
    try:
        fits = np.broadcast_shapes(target, input.shape) == input.shape
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"size {{{list(target)}}} is not expandable to size {{{list(input.shape)}}}."
        )
    return sum_to(input, shape=target)
