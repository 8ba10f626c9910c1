"""Convolution of a few images: each is cut into strips, which are convolved side by side.

A strip is some rows of an image, with the rows around them that its windows see. Strips of all
images together are many enough for `lanes`. What cutting and joining cost is won back by the
convolution, and with it the input's gradient, but not by the gradient of the weight.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.convolution import lanes
from minitorch.kernels.convolution.geometry import Geometry

_LANES = 32  # strips that are enough
_SHORTEST = 4  # rows of a strip
_PIXELS = 2048  # of all images, below which cutting costs more than it saves
_ROWS = 4  # of all strips that are worth a thread


def count(geometry: Geometry, n: int) -> int:
    """Return into how many strips each of `n` images is cut, 0 if it does not pay."""
    rows, columns = geometry.size
    if geometry.out[0] != rows or geometry.kernel[0] < 2 or n * rows * columns < _PIXELS:
        return 0
    most = min(rows // _SHORTEST, -(-_LANES // n))
    strips = next((s for s in range(most, 1, -1) if rows % s == 0), 0)
    return strips if strips * n >= lanes.FEWEST else 0


def forward(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry
) -> np.ndarray:
    """Return the convolution, ``(N, H, W, C), (kh, kw, C, O), (O,) -> (N, H, Wo, O)``."""
    strips = count(geometry, len(x))
    cut, part = _cut(x, strips, geometry), _part(geometry, strips)
    return _joined(lanes.forward(cut, weight, bias, part), strips)


def _part(geometry: Geometry, strips: int) -> Geometry:
    """Return the geometry of a strip, which has the rows around it already."""
    rows = geometry.size[0] // strips
    size = rows + geometry.kernel[0] - 1, geometry.size[1]
    out = rows, geometry.out[1]
    return replace(geometry, size=size, padding=(0, geometry.padding[1]), out=out)


def _cut(x: np.ndarray, strips: int, geometry: Geometry) -> np.ndarray:
    """Return the strips and what is around them, ``(N, H, W, C) -> (rows, W, C, N * strips)``."""
    n, height, width, channels = x.shape
    rows, above = height // strips, geometry.padding[0]
    source = x.reshape(n * strips, rows, width, channels).transpose(1, 2, 3, 0)
    shape = rows + geometry.kernel[0] - 1, width, channels, n * strips
    out = memory.empty(shape, x.dtype)

    def run(start: int, stop: int, _: int) -> None:
        for row in range(start, stop):
            move, inside = divmod(row - above, rows)  # so many strips further
            target, pixels = out[row], source[inside]
            if move == 0:
                np.copyto(target, pixels)
                continue
            by_image = target.reshape(width, channels, n, strips)
            if move < 0:
                np.copyto(target[..., -move:], pixels[..., :move])
                by_image[..., :-move] = 0  # above each image
            else:
                np.copyto(target[..., :-move], pixels[..., move:])
                by_image[..., -move:] = 0  # below it

    parallel.split(run, len(out), _ROWS)
    return out


def _joined(y: np.ndarray, strips: int) -> np.ndarray:
    """Return the images whose strips are given, ``(rows, W, O, N * strips) -> (N, H, W, O)``."""
    rows, width, outputs, pieces = y.shape
    out = memory.empty((pieces, rows, width, outputs), y.dtype)

    def run(start: int, stop: int, _: int) -> None:
        for row in range(start, stop):
            out[:, row] = y[row].transpose(2, 0, 1)

    parallel.split(run, rows, _ROWS)
    return out.reshape(pieces // strips, rows * strips, width, outputs)
