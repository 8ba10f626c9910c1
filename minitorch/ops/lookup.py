"""Rows of a table, and entries of rows: embeddings, and what a negative log-likelihood picks."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.ops._linked import linked, origin_of
from minitorch.ops.arguments import require_floating
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


def counted_classes(target: np.ndarray, counts: np.ndarray | None) -> np.ndarray:
    """Return the classes, those that count 0, and may be out of range, as 0."""
    return target if counts is None else np.where(counts == 0, 0, target)


def _counted(losses: np.ndarray, counts: np.ndarray | None) -> np.ndarray:
    """Return the losses times what they count, 0 for what does not count, be it infinite."""
    return losses if counts is None else np.where(counts == 0, 0, losses) * counts


def _nll(x: np.ndarray, target: np.ndarray, counts: np.ndarray | None) -> np.ndarray:
    require_floating("nll_loss_out_frame", x.dtype)
    return _counted(-x[np.arange(len(x)), counted_classes(target, counts)], counts)


def _nll_gradient(g: np.ndarray, target: np.ndarray, *, counts: Any, shape: Any) -> np.ndarray:
    out = np.zeros(shape, g.dtype)
    out[np.arange(shape[0]), counted_classes(target, counts)] = -_counted(g, counts)
    return out


_nll_loss: Operation = primitive(
    "nll_loss",
    lambda x, target, *, counts, origin: _nll(x, target, counts),
    x=lambda g, target, counts, origin, x_shape: linked(
        _nll_backward(g, target, counts=counts, shape=x_shape), origin
    ),
)
_nll_backward: Operation = primitive(
    "nll_loss_backward",
    _nll_gradient,
    g=lambda g, target, counts: _nll_loss(g, target, counts=counts, origin=None),
)


def nll_gather(x: Any, target: Any, counts: np.ndarray | None = None) -> Any:
    """Return ``-counts[i] * x[i, target[i]]`` for each row, ``(N, C), (N,) -> (N,)``.

    Args:
        x: rows.
        target: the classes, in range where they count.
        counts: what each row counts; None if each counts 1.
    """
    return _nll_loss(x, target, counts=counts, origin=origin_of(x))
