"""Matrix products, and the memory order of the matrices that take part in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.kernels import products
from minitorch.kernels.memory import empty


def empty_transposed(shape: tuple[int, int], dtype: Any) -> np.ndarray:
    """Return an uninitialised matrix of `shape` whose transpose is C-contiguous.

    A layer computes ``x @ W.T``. With W.T contiguous that is a plain GEMM, a third faster for the
    sizes of an MLP than one that reads W transposed.
    """
    return np.empty(shape[::-1], dtype).T


def matmul(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the product of the last two axes, broadcast over the others."""
    if x.shape[-1] != y.shape[-2]:
        raise ValueError(f"inner dimensions {x.shape[-1]} and {y.shape[-2]} differ")
    if y.ndim == 2 and products.is_large(x, *y.shape):
        return products.product(x, y)
    if y.ndim == 2 and x.ndim > 2:  # one large product instead of many small ones
        return _product(x.reshape(-1, x.shape[-1]), y).reshape(*x.shape[:-1], y.shape[-1])
    return np.matmul(x, y)


def linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """Return ``x @ weight.T + bias``, ``(..., K), (M, K), (M,) -> (..., M)``."""
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        rows = x.size // max(x.shape[-1], 1) if x.ndim else 1
        raise RuntimeError(
            "linear: mat1 and mat2 shapes cannot be multiplied "
            f"({rows}x{x.shape[-1] if x.ndim else 1} and {weight.shape[1]}x{weight.shape[0]}): "
            f"input of shape {list(x.shape)}, weight of shape {list(weight.shape)}"
        )
    if products.is_large(x, *weight.T.shape):
        return products.product(x, weight.T, bias)
    out = _product(x, weight.T) if x.ndim == 2 else matmul(x, weight.T)
    if bias is not None:
        out += bias
    return out


def _product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return ``x @ y`` of two matrices."""
    if x.dtype != y.dtype:
        return np.matmul(x, y)
    return np.matmul(x, y, out=empty((len(x), y.shape[1]), x.dtype))


def linear_weight_gradient(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return ``g.T @ x``, ``(..., M), (..., K) -> (M, K)``, stored as `empty_transposed`."""
    if x.ndim != 2:
        x, g = x.reshape(-1, x.shape[-1]), g.reshape(-1, g.shape[-1])
    if products.is_large(x, x.shape[1], g.shape[1]):
        return products.sum_of_outer_products(x, g).T
    out = empty((x.shape[1], g.shape[1]), g.dtype) if x.dtype == g.dtype else None
    return np.matmul(x.T, g, out=out).T
