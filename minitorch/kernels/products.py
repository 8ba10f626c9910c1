"""Products with a matrix that are worth all threads, where BLAS has none of its own.

A thread takes some of the rows, or of the columns where rows are few, so that a bias can be added
to them while they are in the cache, and the threads meet once, at the end, instead of in every
block of a product.
"""

from __future__ import annotations

import numpy as np

from minitorch.kernels import parallel, threads
from minitorch.kernels.memory import empty

_WORTH_A_THREAD = 12_000_000  # floating-point operations that take some 0.1 ms
_PIECE = 256 * 1024  # elements of the result to which a bias is added at once: 1 MB of float32
_ROWS = 256  # fewer make a product slow: it arranges the matrix anew for each piece
_LONG = 1024  # rows above which a sum of partial products costs nothing in comparison


def is_large(x: np.ndarray, rows: int, columns: int) -> bool:
    """Return whether threads of ours should share ``x @ y``, y of shape ``(rows, columns)``."""
    large = 2 * x.size * columns >= 2 * _WORTH_A_THREAD and x.shape[-1] == rows
    return large and threads.work_is_shared()


def product(x: np.ndarray, y: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """Return ``x @ y + bias``, ``(..., K), (K, M), (M,) -> (..., M)``."""
    flat = x.reshape(-1, x.shape[-1])
    rows, columns = len(flat), y.shape[1]
    out = empty((rows, columns), np.result_type(x, y))
    step = rows if bias is None else max(_ROWS, _PIECE // columns)

    def by_rows(start: int, stop: int, _part: int) -> None:
        for first in range(start, stop, step):
            piece = slice(first, min(first + step, stop))
            result = np.matmul(flat[piece], y, out=out[piece])
            if bias is not None:
                result += bias

    def by_columns(start: int, stop: int, _part: int) -> None:
        result = np.matmul(flat, y[:, start:stop], out=out[:, start:stop])
        if bias is not None:
            result += bias[start:stop]

    if rows < _ROWS:
        parallel.split(by_columns, columns, _least(columns, x.size * columns))
    else:
        parallel.split(by_rows, rows, _least(rows, x.size * columns))
    return out.reshape(*x.shape[:-1], columns)


def sum_of_outer_products(x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return ``x.T @ g``, ``(R, K), (R, M) -> (K, M)``.

    Of many rows each thread takes some, and the partial sums are added; of few it takes all, and
    some of the columns of `x`.
    """
    rows, columns = len(x), x.shape[1]
    if rows >= _LONG:
        return _sum_over_parts(x, g)
    out = empty((columns, g.shape[1]), np.result_type(x, g))

    def fill(start: int, stop: int, _part: int) -> None:
        np.matmul(x[:, start:stop].T, g, out=out[start:stop])

    parallel.split(fill, columns, _least(columns, x.size * g.shape[1]))
    return out


def _sum_over_parts(x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return ``x.T @ g`` as a sum over the rows of each thread."""
    least = _least(len(x), x.size * g.shape[1])
    parts: list[np.ndarray] = [x[:0]] * parallel.count(len(x), least)

    def work(start: int, stop: int, part: int) -> None:
        parts[part] = np.matmul(x[start:stop].T, g[start:stop])

    return parallel.total(parts[: parallel.split(work, len(x), least)])


def _least(n: int, multiplications: int) -> int:
    """Return how many of `n` items, of so many multiplications in all, are worth a thread."""
    return max(1, n * _WORTH_A_THREAD // (2 * multiplications))
