"""Convolution of many images side by side: in memory the images of a batch are neighbours.

Images are (H, W, C, N) here, C-contiguous. What a row of a window covers is then a matrix of
``kw * C`` rows and N columns that lies in memory as it is: nothing is copied into columns, and the
products are of the small sizes for which BLAS has kernels that rearrange nothing either. With few
channels, where the pixels of a window are short, this is several times as fast as columns.

Windows of three columns are computed in tiles (`row_tiles`).

Reference: Krizhevsky, "cuda-convnet", 2012, on the order of memory.
"""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np

from minitorch.kernels import copies, memory, parallel
from minitorch.kernels.broadcast import ones
from minitorch.kernels.convolution import row_tiles
from minitorch.kernels.convolution.columns import turn
from minitorch.kernels.convolution.geometry import TILE, Geometry, least
from minitorch.kernels.convolution.row_tiles import slices

FEWEST = 16  # images that are worth it


def laid(x: np.ndarray) -> np.ndarray:
    """Return ``(N, C, H, W)`` as ``(H, W, C, N)``, C-contiguous; a copy if need be."""
    view = x.transpose(2, 3, 1, 0)
    if view.flags.c_contiguous:
        return view
    out = memory.empty(view.shape, view.dtype)
    copies.copy_into(out, view)
    return out


def outside(x: np.ndarray) -> np.ndarray:
    """Return ``(H, W, C, N)`` under the shape ``(N, C, H, W)``."""
    return x.transpose(3, 2, 0, 1)


def is_laid(x: np.ndarray) -> bool:
    """Return whether ``(N, C, H, W)``, of many images, lies in memory as ``(H, W, C, N)``."""
    return len(x) >= FEWEST and x.transpose(2, 3, 1, 0).flags.c_contiguous


def forward(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry
) -> np.ndarray:
    """Return the convolution, ``(H, W, C, N), (kh, kw, C, O), (O,) -> (Ho, Wo, O, N)``."""
    out = memory.empty((*geometry.out, weight.shape[3], x.shape[3]), x.dtype)
    fill = row_tiles.forward if row_tiles.fits(geometry) else _windows
    fill(x, weight, bias, geometry, out)
    return out


def input_gradient(g: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the input, ``(Ho, Wo, O, N), (kh, kw, C, O) -> (H, W, C, N)``.

    With a stride of s, the pixels whose number leaves the same rest divided by s see the same taps
    of the weight: each of these sets is a convolution of its own, with a stride of 1.
    """
    if geometry.stride == (1, 1):
        return forward(g, turn(weight, 1), None, geometry.turned)
    out = memory.empty((*geometry.size, weight.shape[2], g.shape[3]), g.dtype)
    (sy, sx), (py, px) = geometry.stride, geometry.padding
    for ay, ax in product(range(sy), range(sx)):
        place = out[ay::sy, ax::sx]
        ky, kx = (ay + py) % sy, (ax + px) % sx
        taps = weight[ky::sy, kx::sx]
        if not place.size:
            continue
        if not taps.size:
            place[...] = 0
            continue
        kernel = taps.shape[0], taps.shape[1]
        padding = kernel[0] - 1 - (ay + py - ky) // sy, kernel[1] - 1 - (ax + px - kx) // sx
        size = place.shape[0], place.shape[1]
        part = Geometry(geometry.out, kernel, (1, 1), padding, (1, 1), 1, size)
        _windows(g, turn(taps, 1), None, part, place)
    return out


def weight_gradient(x: np.ndarray, g: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the gradient of the weight, ``(H, W, C, N), (Ho, Wo, O, N) -> (kh, kw, C, O)``.

    Each pixel of the output gives a product that sums over the images; these are added up.
    """
    if row_tiles.fits(geometry):
        return row_tiles.weight_gradient(x, g, geometry)
    kh, kw = geometry.kernel
    channels, outputs = x.shape[2], g.shape[2]
    sy, py, ho = geometry.stride[0], geometry.padding[0], geometry.out[0]
    width = kw * channels
    product_bytes = width * outputs * x.itemsize
    many = max(1, TILE // (2 * product_bytes))  # pixels whose products stay in the cache
    (low, high), edges = _columns(geometry)
    across = max(1, min(high - low, many))
    spans = [(c, min(c + across, high), range(kw)) for c in range(low, high, across)]
    spans += [(c, c + 1, taps) for c, taps in edges if taps]
    down = max(1, min(ho, many // across))
    blocks = [(y, min(y + down, ho), span) for span in spans for y in range(0, ho, down)]
    enough = least(len(blocks), g.size, width * kh)
    sums = np.zeros((parallel.count(len(blocks), enough), kh, kw, channels, outputs), x.dtype)

    def run(start: int, stop: int, part: int) -> None:
        for top, bottom, (begin, end, taps) in blocks[start:stop]:
            for ky in range(kh):
                a, b = _range(top * sy + ky - py, sy, bottom - top, 0, len(x))
                if a == b:
                    continue
                seen = _pixels(x, (top + a, top + b), ky, (begin, end), taps, geometry)
                given = g[top + a : top + b, begin:end]
                shape = (b - a) * (end - begin), len(taps) * channels * outputs
                products = parallel.scratch("lanes products", shape, x.dtype)
                each = products.reshape(b - a, end - begin, -1, outputs)
                np.matmul(seen, given.transpose(0, 1, 3, 2), out=each)
                total = np.dot(ones(len(products), x.dtype), products)
                sums[part, ky, taps.start : taps.stop] += total.reshape(-1, channels, outputs)

    parallel.split(run, len(blocks), enough)
    return parallel.total(sums)


def _columns(
    geometry: Geometry,
) -> tuple[tuple[int, int], list[tuple[int, range]]]:
    """Return which columns of the output see no border, and for each other one, its taps."""
    kw, sx, px = geometry.kernel[1], geometry.stride[1], geometry.padding[1]
    width, count = geometry.size[1], geometry.out[1]
    low, high = _range(-px, sx, count, 0, width - kw + 1)
    edges = [
        (c, range(max(0, px - c * sx), min(kw, width + px - c * sx)))
        for c in (*range(low), *range(high, count))
    ]
    return (low, high), edges


def _pixels(
    x: np.ndarray,
    rows: tuple[int, int],
    ky: int,
    columns: tuple[int, int],
    taps: range,
    geometry: Geometry,
) -> np.ndarray:
    """Return what one row of some windows covers, as a view, ``(rows, columns, taps * C, N)``."""
    (sy, sx), (py, px) = geometry.stride, geometry.padding
    lane, channel = x.itemsize, x.shape[3] * x.itemsize  # x.strides may differ along axes of size 1
    right = x.shape[2] * channel
    down = x.shape[1] * right
    first = rows[0] * sy + ky - py, columns[0] * sx - px + taps.start
    shape = rows[1] - rows[0], columns[1] - columns[0], len(taps) * x.shape[2], x.shape[3]
    offset = first[0] * down + first[1] * right
    return np.ndarray(shape, x.dtype, x, offset, (sy * down, sx * right, channel, lane))


def _range(begin: int, step: int, count: int, first: int, last: int) -> tuple[int, int]:
    """Return for which i of ``range(count)`` ``begin + i * step`` is in ``range(first, last)``."""
    low = min(max(-(-(first - begin) // step), 0), count)
    return low, max(min(-(-(last - begin) // step), count), low)


# ---------------------------------------------------------------------- windows as they are


def _windows(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None,
    geometry: Geometry,
    out: np.ndarray,
) -> None:
    """Write the convolution to `out`: a product for each row of the windows, then their sum."""
    kh, kw, channels, outputs = weight.shape
    sy, py, ho = geometry.stride[0], geometry.padding[0], geometry.out[0]
    matrices = np.ascontiguousarray(weight.reshape(kh, -1, outputs).transpose(0, 2, 1))
    row_bytes = prod(out.shape[1:]) * x.itemsize
    band = max(1, min(ho, TILE // max(2 * row_bytes, 1)))
    bands = [(y, min(y + band, ho)) for y in range(0, ho, band)]
    order = sorted(range(kh), key=lambda ky: abs(ky - py))  # first the one that covers all rows

    def run(start: int, stop: int, _: int) -> None:
        for top, bottom in bands[start:stop]:
            rows = out[top:bottom]
            for ky in order:
                a, b = _range(top * sy + ky - py, sy, bottom - top, 0, len(x))
                if ky == order[0] and (a, b) == (0, bottom - top):
                    _multiply(x, matrices[ky], ky, (top, bottom), geometry, rows)
                    continue
                if ky == order[0]:
                    rows[...] = 0
                if a < b:
                    addend = parallel.scratch("lanes addend", (b - a, *out.shape[1:]), x.dtype)
                    _multiply(x, matrices[ky], ky, (top + a, top + b), geometry, addend)
                    rows[a:b] += addend
            if bias is not None:
                rows += bias[:, None]

    parallel.split(run, len(bands), least(len(bands), out.size, kh * kw * channels))


def _multiply(
    x: np.ndarray,
    matrix: np.ndarray,
    ky: int,
    rows: tuple[int, int],
    geometry: Geometry,
    out: np.ndarray,
) -> None:
    """Write to `out`, rows of the output, what row `ky` of their windows gives to them."""
    channels, n = x.shape[2:]
    (low, high), edges = _columns(geometry)
    spans = [(c, c + 1, taps) for c, taps in edges]
    if low < high:
        spans.append((low, high, range(geometry.kernel[1])))
    for begin, end, taps in spans:
        if not taps:
            out[:, begin:end] = 0
            continue
        seen = _pixels(x, rows, ky, (begin, end), taps, geometry)
        some = matrix[:, taps.start * channels : taps.stop * channels]
        for part in slices(n, some.size):
            np.matmul(some, seen[..., part], out=out[:, begin:end, :, part])
