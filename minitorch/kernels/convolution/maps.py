"""The three maps of a convolution, and which algorithm computes them.

Outside, images are (N, C, H, W) and weights (O, C/g, kh, kw) in any memory order. What is returned
has these shapes too, and in memory the order that is fastest to work with: channels last, or, for
many images of few channels, batch last.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from minitorch.kernels import memory
from minitorch.kernels.convolution import (
    columns,
    depthwise,
    lanes,
    pointwise,
    precision,
    strips,
    winograd,
)
from minitorch.kernels.convolution.geometry import Geometry

_FEW = 128  # channels below which the transforms of tiles cost more than they save
_EXACT = "fd"  # dtypes that BLAS multiplies, and whose digits bear the sums of tiles
_NARROW = 64  # channels up to which the images of a batch are convolved side by side
_TAPS = 9  # pixels of a window up to which they are
_LANES = 64 * 1024  # channels of all images up to which they are: scratch memory grows with them
_WIDE = 32  # channels from which cutting a few images into strips pays
_PIXELS = 128  # of all images, below which rearranging the weight costs more than it saves


def tile_size(
    geometry: Geometry, n: int, inputs: int, outputs: int, dtype: Any = np.float32
) -> tuple[int, int] | None:
    """Return the size of Winograd's tiles for `n` images, or None where they do not pay."""
    if np.dtype(dtype).char not in _EXACT:
        return None
    plain = geometry.stride == geometry.dilation == (1, 1) and geometry.groups == 1
    height, width = geometry.out
    if geometry.kernel != (3, 3) or not plain or min(height, width) < 4:
        return None
    if n * height * width < _PIXELS or min(inputs, outputs) < _FEW:
        return None
    if min(height, width) == 4:
        return 2, 2
    return (4, 4) if precision.is_reduced() else (2, 4)


def side_by_side(
    geometry: Geometry, n: int, inputs: int, outputs: int, dtype: Any = np.float32
) -> bool:
    """Return whether `n` images are convolved side by side (`lanes`)."""
    many = lanes.FEWEST <= n <= _LANES // max(inputs, outputs, 1)
    return many and _narrow(geometry, inputs, outputs, dtype)


def in_strips(
    geometry: Geometry, n: int, inputs: int, outputs: int, dtype: Any = np.float32
) -> bool:
    """Return whether `n` images are cut into strips (`strips`)."""
    few = n < lanes.FEWEST and geometry.stride == (1, 1) and min(inputs, outputs) >= _WIDE
    return few and _narrow(geometry, inputs, outputs, dtype) and strips.count(geometry, n) > 0


def _narrow(geometry: Geometry, inputs: int, outputs: int, dtype: Any) -> bool:
    """Return whether there are few channels and the windows are small and simple."""
    plain = geometry.dilation == (1, 1) and geometry.groups == 1 and min(geometry.out) > 0
    few = min(inputs, outputs) > 0 and max(inputs, outputs) <= _NARROW
    return plain and few and geometry.taps <= _TAPS and np.dtype(dtype).char in _EXACT


def convolve(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry
) -> np.ndarray:
    """Return the convolution, ``(N, C, H, W), (O, C/g, kh, kw), (O,) -> (N, O, Ho, Wo)``."""
    if side_by_side(geometry, len(x), weight.shape[1], weight.shape[0], x.dtype):
        return lanes.outside(lanes.forward(lanes.laid(x), _taps(weight), bias, geometry))
    x, geometry = _thinned(x, geometry)
    return _outside(_convolve(_images(x), _taps(weight), bias, geometry))


def _convolve(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry
) -> np.ndarray:
    m = tile_size(geometry, len(x), weight.shape[2], weight.shape[3], x.dtype)
    if m:
        return winograd.forward(x, weight, bias, geometry, m)
    if in_strips(geometry, len(x), weight.shape[2], weight.shape[3], x.dtype):
        return strips.forward(x, weight, bias, geometry)
    if _is_depthwise(geometry, weight):
        return depthwise.forward(x, weight, bias, geometry)
    return columns.forward(x, weight, bias, geometry)


def convolution_input_gradient(g: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the input, ``(N, O, Ho, Wo), (O, C/g, kh, kw) -> (N, C, H, W)``."""
    if side_by_side(geometry, len(g), weight.shape[1], weight.shape[0], g.dtype):
        return lanes.outside(lanes.input_gradient(lanes.laid(g), _taps(weight), geometry))
    return _outside(_input_gradient(_images(g), _taps(weight), geometry))


def _input_gradient(g: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    if geometry.kernel == (1, 1) and geometry.inside and geometry.groups == 1:
        return pointwise.input_gradient(g, weight, geometry)
    if _is_depthwise(geometry, weight):
        return depthwise.input_gradient(g, weight, geometry)
    if geometry.stride == (1, 1) and len(g) * prod(geometry.size) >= _PIXELS:
        turned = columns.turn(weight, geometry.groups)
        return _convolve(g, turned, None, geometry.turned)
    return columns.input_gradient(g, weight, geometry)


def convolution_weight_gradient(x: np.ndarray, g: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the weight, ``(N, C, H, W), (N, O, Ho, Wo) -> (O, C/g, kh, kw)``."""
    if side_by_side(geometry, len(x), x.shape[1], g.shape[1], x.dtype):
        taps = lanes.weight_gradient(lanes.laid(x), lanes.laid(g), geometry)
        return taps.transpose(3, 2, 0, 1)
    x, geometry = _thinned(x, geometry)
    return _weight_gradient(_images(x), _images(g), geometry).transpose(3, 2, 0, 1)


def _weight_gradient(x: np.ndarray, g: np.ndarray, geometry: Geometry) -> np.ndarray:
    m = tile_size(geometry, len(x), x.shape[3], g.shape[3], x.dtype)
    if m:
        return winograd.weight_gradient(x, g, geometry, m)
    if geometry.groups == x.shape[3] == g.shape[3] > 1:
        return depthwise.weight_gradient(x, g, geometry)
    return columns.weight_gradient(x, g, geometry)


def convolution_gradients(
    x: np.ndarray, weight: np.ndarray, g: np.ndarray, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of the input and of the weight; where it helps, they share work."""
    if side_by_side(geometry, len(x), weight.shape[1], weight.shape[0], x.dtype):
        outputs = lanes.laid(g)
        dx = lanes.input_gradient(outputs, _taps(weight), geometry)
        dw = lanes.weight_gradient(lanes.laid(x), outputs, geometry)
        return lanes.outside(dx), dw.transpose(3, 2, 0, 1)
    pixels, thin = _thinned(x, geometry)
    images, taps, outputs = _images(pixels), _taps(weight), _images(g)
    shared = geometry.stride == (1, 1) and geometry.groups == 1 and geometry.kernel != (1, 1)
    many = len(x) * prod(geometry.size) >= _PIXELS and weight.size > 0
    sizes = geometry, len(x), taps.shape[2], taps.shape[3], x.dtype
    others = tile_size(*sizes) or in_strips(*sizes)
    if shared and many and not others:
        dx, dw = columns.gradients(images, taps, outputs, geometry)
    else:
        dx = _input_gradient(outputs, taps, geometry)
        dw = _weight_gradient(images, outputs, thin)
    dx = _outside(dx)
    if lanes.is_laid(x):
        dx = lanes.outside(lanes.laid(dx))  # in the order of what it is the gradient of
    return dx, dw.transpose(3, 2, 0, 1)


def _is_depthwise(geometry: Geometry, weight: np.ndarray) -> bool:
    """Return whether each channel is convolved on its own."""
    return weight.shape[2] == 1 and geometry.groups == weight.shape[3] > 1


def _thinned(x: np.ndarray, geometry: Geometry) -> tuple[np.ndarray, Geometry]:
    """Return the pixels that windows of one pixel see, without the others, and their geometry."""
    if geometry.kernel != (1, 1) or geometry.stride == (1, 1) or not geometry.inside:
        return x, geometry
    (sy, sx), (ho, wo) = geometry.stride, geometry.out
    seen = x[:, :, : sy * (ho - 1) + 1 : sy, : sx * (wo - 1) + 1 : sx]
    thin = replace(geometry, size=geometry.out, stride=(1, 1))
    return seen, thin


def _images(x: np.ndarray) -> np.ndarray:
    """Return ``(N, C, H, W)`` as ``(N, H, W, C)``, C-contiguous."""
    images = x.transpose(0, 2, 3, 1)
    if not lanes.is_laid(x):
        return np.ascontiguousarray(images)
    out = memory.empty(images.shape, x.dtype)
    for row in range(out.shape[1]):  # as they lie in memory: four times as fast as image by image
        out[:, row] = images[:, row]
    return out


def _taps(weight: np.ndarray) -> np.ndarray:
    """Return ``(O, C/g, kh, kw)`` as ``(kh, kw, C/g, O)``, C-contiguous."""
    return np.ascontiguousarray(weight.transpose(2, 3, 1, 0))


def _outside(x: np.ndarray) -> np.ndarray:
    """Return ``(N, H, W, C)`` under the shape ``(N, C, H, W)``."""
    return x.transpose(0, 3, 1, 2)


def empty_taps(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an uninitialised weight ``(O, C, *kernel)`` that lies as ``(*kernel, C, O)``.

    The taps of a window one after the other, each a matrix: what the products read.
    """
    rows, columns, *kernel = shape
    axes = (len(kernel) + 1, len(kernel), *range(len(kernel)))
    return np.empty((*kernel, columns, rows), dtype).transpose(axes)
