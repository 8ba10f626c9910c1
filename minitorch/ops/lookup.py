"""Rows of a table, and entries of rows: embeddings, and what a negative log-likelihood picks."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.tensor import Tensor

__all__ = ["embedding", "nll_gather", "sum_rows"]


def _rows(weight: np.ndarray, indices: np.ndarray) -> np.ndarray:
    return np.take(weight, indices, axis=0, mode="clip")  # in range: already checked


def _row_gradient(g: np.ndarray, indices: np.ndarray, *, rows: int) -> np.ndarray:
    return kernels.embedding_gradient(
        g.reshape(indices.size, g.shape[-1]), indices.reshape(-1), rows
    )


_embedding = primitive(
    "embedding",
    _rows,
    weight=lambda g, indices, weight_shape: _embedding_gradient(g, indices, rows=weight_shape[0]),
)
_embedding_gradient: Operation = primitive(
    "embedding_backward", _row_gradient, g=lambda g, indices: _embedding(g, indices)
)


def embedding(weight: Tensor, indices: Tensor) -> Any:
    """Return the rows of `weight` that `indices` name, ``(V, C), (*) -> (*, C)``.

    Raises:
        IndexError: an index is negative or not below V.
    """
    values = indices._array
    if values.dtype.kind not in "iu":
        raise RuntimeError(
            f"Expected tensor for argument #1 'indices' to have scalar type Long or Int, got "
            f"{indices.dtype}"
        )
    rows = weight._array.shape[0]
    if values.size and (values.min() < 0 or values.max() >= rows):
        bad = int(values.max() if values.max() >= rows else values.min())
        raise IndexError(f"index out of range in self: {bad} is not in [0, {rows - 1}]")
    return _embedding(weight, indices)


def sum_rows(input: Any, places: np.ndarray, count: int) -> Any:
    """Return for each of `count` places the sum of its rows, ``(R, C) -> (count, C)``.

    Args:
        input: rows.
        places: integers, one for each row.
        count: how many places there are; those to which no row goes hold zeros.
    """
    return _embedding_gradient(input, places, rows=count)


def _nll(x: np.ndarray, target: np.ndarray) -> np.ndarray:
    return -x[np.arange(x.shape[0]), target]


def _nll_gradient(g: np.ndarray, target: np.ndarray, *, shape: Any) -> np.ndarray:
    out = np.zeros(shape, g.dtype)
    out[np.arange(shape[0]), target] = -g
    return out


nll_gather = primitive(
    "nll_loss",
    _nll,
    doc="Return ``-x[i, target[i]]`` for each row, ``(N, C), (N,) -> (N,)``.",
    x=lambda g, target, x_shape: _nll_backward(g, target, shape=x_shape),
)
_nll_backward: Operation = primitive(
    "nll_loss_backward", _nll_gradient, g=lambda g, target: nll_gather(g, target)
)
