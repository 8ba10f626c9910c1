"""The windows of an image as columns, and back."""

from __future__ import annotations

import numpy as np

from minitorch.kernels.windows import Windows


def unfold(x: np.ndarray, rows: Windows, columns: Windows) -> np.ndarray:
    """Return each window as a column, ``(N, C, H, W) -> (N, C kh kw, Ho Wo)``."""
    taps = (*x.shape[:2], rows.kernel, columns.kernel, rows.out, columns.out)
    out = np.zeros(taps, x.dtype)
    across = list(columns.taps(0, columns.out))
    for i, at_row, row in rows.taps(0, rows.out):
        for j, at_column, column in across:
            out[:, :, i, j, at_row, at_column] = x[:, :, row, column]
    count = x.shape[1] * rows.kernel * columns.kernel
    return out.reshape(len(x), count, rows.out * columns.out)


def fold(x: np.ndarray, rows: Windows, columns: Windows) -> np.ndarray:
    """Return the sum of windows put where they lie, ``(N, C kh kw, Ho Wo) -> (N, C, H, W)``."""
    count = rows.kernel * columns.kernel
    channels = x.shape[1] // count
    taps = x.reshape(len(x), channels, rows.kernel, columns.kernel, rows.out, columns.out)
    out = np.zeros((len(x), channels, rows.size, columns.size), x.dtype)
    across = list(columns.taps(0, columns.out))
    for i, at_row, row in rows.taps(0, rows.out):
        for j, at_column, column in across:
            out[:, :, row, column] += taps[:, :, i, j, at_row, at_column]
    return out
