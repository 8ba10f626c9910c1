"""Convolution with windows of one pixel: a product of matrices, nothing copied."""

from __future__ import annotations

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.convolution.geometry import Geometry, least


def input_gradient(g: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the input, ``(N, Ho, Wo, O), (1, 1, C, O) -> (N, H, W, C)``.

    With a stride, the pixels that no window saw get 0.
    """
    matrix = weight[0, 0].T  # (O, C)
    inputs = matrix.shape[1]
    dense = geometry.stride == (1, 1) and geometry.out == geometry.size
    make = memory.empty if dense else np.zeros
    out = make((len(g), *geometry.size, inputs), g.dtype)
    (sy, sx), (ho, wo) = geometry.stride, geometry.out
    seen = out[:, : sy * (ho - 1) + 1 : sy, : sx * (wo - 1) + 1 : sx]

    def run(start: int, stop: int, _: int) -> None:
        rows = g[start:stop].reshape(-1, g.shape[3])
        if dense:
            np.matmul(rows, matrix, out=out[start:stop].reshape(-1, inputs))
        else:
            seen[start:stop] = np.matmul(rows, matrix).reshape(seen[start:stop].shape)

    parallel.split(run, len(g), least(len(g), g.size, inputs))
    return out
