"""Joining tensors as rows, columns, layers and blocks."""

from __future__ import annotations

from typing import Any

from minitorch.ops.joining import cat
from minitorch.ops.shape import atleast_1d, atleast_2d, atleast_3d
from minitorch.tensor import Tensor

__all__ = ["block_diag", "column_stack", "dstack", "hstack", "vstack"]


def hstack(tensors: Any) -> Tensor:
    """Return the tensors joined side by side: along dimension 1, or 0 for vectors."""
    raised = [atleast_1d(x) for x in tensors]
    return cat(raised, 0 if raised[0].ndim == 1 else 1)


def vstack(tensors: Any) -> Tensor:
    """Return the tensors, vectors being rows, joined one below the other, along dimension 0."""
    return cat([atleast_2d(x) for x in tensors], 0)


def dstack(tensors: Any) -> Tensor:
    """Return the tensors joined in depth, along dimension 2."""
    return cat([atleast_3d(x) for x in tensors], 2)


def column_stack(tensors: Any) -> Tensor:
    """Return the tensors joined along dimension 1, vectors and numbers being columns."""
    return hstack([x.reshape(-1, 1) if x.ndim <= 1 else x for x in tensors])


def block_diag(*tensors: Tensor) -> Tensor:
    """Return a matrix with the given matrices along its diagonal and zeros elsewhere.

    Args:
        *tensors: of at most two dimensions; a vector is a row, a number a 1 x 1 matrix.
    """
    blocks = [atleast_2d(x) for x in tensors]
    width = sum(int(x.shape[1]) for x in blocks)
    rows, start = [], 0
    for x in blocks:
        height, own = x.shape
        left = x.new_zeros(height, start)
        rows.append(cat([left, x, x.new_zeros(height, width - start - own)], 1))
        start += own
    return cat(rows, 0)
