"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch.autograd.primitive import Operation, primitive
from minitorch.dtypes import dtype_name, numpy_dtype
from minitorch.ops.creation import finish
from minitorch.ops.pointwise import clone
from minitorch.ops.reduction import sum
from minitorch.ops.shape import flatten
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor

__all__ = [
    "diag", "diag_embed", "diagflat", "diagonal", "trace", "tril", "tril_indices", "triu",
    "triu_indices",
]  # fmt: skip

_tril: Operation = primitive("tril", lambda x, *, k: np.tril(x, k), x=lambda g, k: _tril(g, k=k))
_triu: Operation = primitive("triu", lambda x, *, k: np.triu(x, k), x=lambda g, k: _triu(g, k=k))


def tril(input: Any, diagonal: int = 0) -> Any:
    """Return the lower triangle of the last two dimensions, zeros elsewhere.

    Args:
        input: matrix, or a batch of matrices.
        diagonal: the last diagonal that is kept, counted upwards from the main one.
    """
    _at_least_2d("tril", input)
    return _tril(input, k=diagonal)


def triu(input: Any, diagonal: int = 0) -> Any:
    """Return the upper triangle of the last two dimensions, zeros elsewhere.

    Args:
        input: matrix, or a batch of matrices.
        diagonal: the first diagonal that is kept, counted upwards from the main one.
    """
    _at_least_2d("triu", input)
    return _triu(input, k=diagonal)


def _at_least_2d(name: str, input: Any) -> None:
    if input.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


def _diagonal_view(x: np.ndarray, *, offset: int, axis1: int, axis2: int) -> np.ndarray:
    view = np.diagonal(x, offset, axis1, axis2)
    view.flags.writeable = x.flags.writeable
    return view


def _diagonal_put(g: np.ndarray, *, shape: Any, offset: int, axis1: int, axis2: int) -> np.ndarray:
    out = np.zeros(shape, g.dtype)
    _diagonal_view(out, offset=offset, axis1=axis1, axis2=axis2)[...] = g
    return out


_diagonal = primitive(
    "diagonal",
    _diagonal_view,
    view=True,
    x=lambda g, x_shape, offset, axis1, axis2: _diagonal_backward(
        g, shape=x_shape, offset=offset, axis1=axis1, axis2=axis2
    ),
)
_diagonal_backward: Operation = primitive(
    "diagonal_backward",
    _diagonal_put,
    g=lambda g, offset, axis1, axis2: _diagonal(g, offset=offset, axis1=axis1, axis2=axis2),
)


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """Return a view of the diagonal of two dimensions, which is the last dimension of the result.

    Args:
        input: at least a matrix.
        offset: which diagonal, counted upwards from the main one.
        dim1: the dimension of the rows.
        dim2: the dimension of the columns.
    """
    a, b = wrap_dim(dim1, input.ndim), wrap_dim(dim2, input.ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return _diagonal(input, offset=offset, axis1=a, axis2=b)


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Return matrices over `dim1` and `dim2` whose diagonal is the last dimension of `input`."""
    ndim = input.ndim + 1
    a, b = wrap_dim(dim1, ndim), wrap_dim(dim2, ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    size = input.shape[-1] + abs(offset)
    shape = list(input.shape[:-1])
    for place in sorted((a, b)):
        shape.insert(place, size)
    return _diagonal_backward(input, shape=tuple(shape), offset=offset, axis1=a, axis2=b)


def diag(input: Tensor, diagonal: int = 0) -> Any:
    """Return a copy of the diagonal of a matrix, or the matrix with a vector as its diagonal."""
    if input.ndim == 1:
        return diag_embed(input, diagonal)
    if input.ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")
    return clone(_diagonal(input, offset=diagonal, axis1=0, axis2=1))


def diagflat(input: Tensor, offset: int = 0) -> Any:
    """Return the matrix with the elements of `input`, in order, as its diagonal."""
    return diag_embed(flatten(input), offset)


def trace(input: Tensor) -> Any:
    """Return the sum of the diagonal of a matrix."""
    if input.ndim != 2:
        raise RuntimeError("trace: expected a matrix")
    return sum(_diagonal(input, offset=0, axis1=0, axis2=1))


def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = dtypes.int64, device: Any = None
) -> Tensor:
    """Return the row and column indices of a lower triangle. Shape: (2, count)."""
    return _indices("tril_indices", np.tri(*_sides(row, col), offset, bool), dtype, device)


def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = dtypes.int64, device: Any = None
) -> Tensor:
    """Return the row and column indices of an upper triangle. Shape: (2, count)."""
    return _indices("triu_indices", ~np.tri(*_sides(row, col), offset - 1, bool), dtype, device)


def _sides(row: int, col: int) -> tuple[int, int]:
    for name, size in (("row", row), ("col", col)):
        if size < 0:
            raise RuntimeError(f"{name} must be non-negative, got{size}")
    return row, col


def _indices(name: str, mask: np.ndarray, dtype: Any, device: Any) -> Tensor:
    kind = np.dtype(numpy_dtype(dtype))
    if kind not in (np.int64, np.int32):
        raise NotImplementedError(f"\"{name}\" not implemented for '{dtype_name(kind)}'")
    return finish(np.stack(np.nonzero(mask)).astype(kind, copy=False), device=device)
