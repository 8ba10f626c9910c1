r"""3 x 3 convolution with stride 1 in fewer multiplications: Winograd's minimal filtering.

The output is cut into tiles of m x k pixels, each of which depends on (m + 2) x (k + 2) pixels of
the input. For the tile d and the window g,

.. math:: Y = A_m^T [(G_m g G_k^T) \odot (B_m^T d B_k)] A_k

and the elementwise product, summed over the channels, is one matrix product for each place of all
tiles. Tiles of 2 x 2 take 16 multiplications for 4 outputs instead of 36, and are about
as exact as the direct sum; those of 2 x 4 take 24 for 8 instead of 72 and lose a bit; those of
4 x 4 take 36 for 16 instead of 144 and lose two.

Two schedules: where the cache holds the transformed weights, each thread takes blocks of images
through all the steps; where it does not, all threads take a slab of images through one step after
the other, and in the products each reads only its share of the weights.

Reference: Lavin, Gray, "Fast algorithms for convolutional neural networks", arXiv:1509.09308.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from math import prod

import numpy as np

from minitorch.kernels import memory, parallel
from minitorch.kernels.convolution.geometry import Geometry, least
from minitorch.kernels.convolution.tiling import (
    Block,
    blocks,
    from_tiles,
    to_tiles,
    transform_weight,
)
from minitorch.kernels.convolution.transforms import Tiles, tiles

_FILTERS = 3 << 20  # bytes of transformed weights that leave room for images in the cache
_SLAB = 32 << 20  # bytes of transformed images at a time, where they do not


def forward(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None,
    geometry: Geometry,
    m: tuple[int, int],
) -> np.ndarray:
    """Return the convolution, ``(N, H, W, C), (3, 3, C, O), (O,) -> (N, Ho, Wo, O)``."""
    t = tiles(m, x.dtype)
    filters = transform_weight(weight, t.of_weight)
    out = memory.empty((len(x), *geometry.out, weight.shape[3]), x.dtype)
    work = blocks(len(x), geometry.out, m, max(weight.shape[2:]), x.itemsize)
    schedule = _forward_in_phases if filters.nbytes > _FILTERS else _forward_in_blocks
    schedule(x, filters, bias, geometry.padding, out, work, t)
    return out


def _forward_in_blocks(
    x: np.ndarray,
    filters: np.ndarray,
    bias: np.ndarray | None,
    padding: tuple[int, int],
    out: np.ndarray,
    work: list[Block],
    t: Tiles,
) -> None:
    places, inputs, outputs = filters.shape
    most = max(inputs, outputs)

    def run(start: int, stop: int, _: int) -> None:
        for block in work[start:stop]:
            # A product takes the place of the tiles before, which have been used up by then.
            buffer = parallel.scratch("winograd tiles", (places + 1, block.tiles * most), x.dtype)
            v = buffer[1:, : block.tiles * inputs].reshape(places, block.tiles, inputs)
            u = buffer[:-1, : block.tiles * outputs].reshape(places, block.tiles, outputs)
            to_tiles(x, block, padding, v, t.of_input, t.m)
            for place in range(places):
                np.matmul(v[place], filters[place], out=u[place])
            from_tiles(u, block, out, bias, t.of_output)

    parallel.split(run, len(work), least(len(work), _multiplications(work, filters.shape)))


def _forward_in_phases(
    x: np.ndarray,
    filters: np.ndarray,
    bias: np.ndarray | None,
    padding: tuple[int, int],
    out: np.ndarray,
    work: list[Block],
    t: Tiles,
) -> None:
    places, inputs, outputs = filters.shape
    for slab in _slabs(work, places * (inputs + outputs) * x.itemsize):
        _forward_slab(x, filters, bias, padding, out, slab, t)


def _forward_slab(
    x: np.ndarray,
    filters: np.ndarray,
    bias: np.ndarray | None,
    padding: tuple[int, int],
    out: np.ndarray,
    slab: list[Block],
    t: Tiles,
) -> None:
    places, inputs, outputs = filters.shape
    where, total = _where(slab)
    v = memory.empty((places, total, inputs), x.dtype)
    u = memory.empty((places, total, outputs), x.dtype)
    _each(lambda i: to_tiles(x, slab[i], padding, v[:, where[i]], t.of_input, t.m), len(slab))
    _each(lambda i: np.matmul(v[i], filters[i], out=u[i]), places)
    _each(lambda i: from_tiles(u[:, where[i]], slab[i], out, bias, t.of_output), len(slab))


def weight_gradient(
    x: np.ndarray, g: np.ndarray, geometry: Geometry, m: tuple[int, int]
) -> np.ndarray:
    """Return the gradient of the weight, ``(N, H, W, C), (N, Ho, Wo, O) -> (3, 3, C, O)``."""
    t = tiles(m, x.dtype)
    shape = (t.places, x.shape[3], g.shape[3])
    work = blocks(len(x), geometry.out, m, shape[1] + shape[2], x.itemsize)
    large = prod(shape) * x.itemsize > _FILTERS
    schedule = _weight_in_phases if large else _weight_in_blocks
    filters = schedule(x, g, geometry.padding, shape, work, t)
    return transform_weight(filters, t.of_filters).reshape(3, 3, *shape[1:])


def _weight_in_blocks(
    x: np.ndarray,
    g: np.ndarray,
    padding: tuple[int, int],
    shape: tuple[int, ...],
    work: list[Block],
    t: Tiles,
) -> np.ndarray:
    places, inputs, outputs = shape
    enough = least(len(work), _multiplications(work, shape))
    sums = np.zeros((parallel.count(len(work), enough), *shape), x.dtype)

    def run(start: int, stop: int, part: int) -> None:
        product = parallel.scratch("winograd products", shape, x.dtype)
        for block in work[start:stop]:
            v = parallel.scratch("winograd tiles", (places, block.tiles, inputs), x.dtype)
            u = parallel.scratch("winograd output", (places, block.tiles, outputs), x.dtype)
            to_tiles(x, block, padding, v, t.of_input, t.m)
            to_tiles(g, block, (0, 0), u, t.of_gradient, t.m)
            sums[part] += np.matmul(v.swapaxes(1, 2), u, out=product)

    parallel.split(run, len(work), enough)
    return parallel.total(sums)


def _weight_in_phases(
    x: np.ndarray,
    g: np.ndarray,
    padding: tuple[int, int],
    shape: tuple[int, ...],
    work: list[Block],
    t: Tiles,
) -> np.ndarray:
    sums = memory.empty(shape, x.dtype)
    for slab in _slabs(work, shape[0] * (shape[1] + shape[2]) * x.itemsize):
        _weight_slab(x, g, padding, sums, slab, t, first=slab[0] is work[0])
    return sums


def _weight_slab(
    x: np.ndarray,
    g: np.ndarray,
    padding: tuple[int, int],
    sums: np.ndarray,
    slab: list[Block],
    t: Tiles,
    first: bool,
) -> None:
    """Write the products of a slab to `sums`, or add them if it is not the first."""
    places, inputs, outputs = sums.shape
    where, total = _where(slab)
    v = memory.empty((places, total, inputs), x.dtype)
    u = memory.empty((places, total, outputs), x.dtype)

    def transform(i: int) -> None:
        to_tiles(x, slab[i], padding, v[:, where[i]], t.of_input, t.m)
        to_tiles(g, slab[i], (0, 0), u[:, where[i]], t.of_gradient, t.m)

    def multiply(i: int) -> None:
        if first:
            np.matmul(v[i].T, u[i], out=sums[i])
        else:
            sums[i] += v[i].T @ u[i]

    _each(transform, len(slab))
    _each(multiply, places)


def _slabs(work: list[Block], tile_bytes: int) -> Iterator[list[Block]]:
    """Yield consecutive blocks, as many together as a slab can hold."""
    limit = max(_SLAB // tile_bytes, 1)
    slab: list[Block] = []
    held = 0
    for block in work:
        if slab and held + block.tiles > limit:
            yield slab
            slab, held = [], 0
        slab.append(block)
        held += block.tiles
    if slab:
        yield slab


def _where(slab: list[Block]) -> tuple[list[slice], int]:
    """Return the places of each block's tiles among those of all, and the number of all."""
    ends = list(accumulate((block.tiles for block in slab), initial=0))
    return [slice(a, b) for a, b in pairwise(ends)], ends[-1]


def _each(function: Callable[[int], object], n: int) -> None:
    """Call ``function(i)`` for all i below `n`, on all threads."""

    def run(start: int, stop: int, _: int) -> None:
        for i in range(start, stop):
            function(i)

    parallel.split(run, n)


def _multiplications(work: list[Block], shape: tuple[int, ...]) -> int:
    return sum(block.tiles for block in work) * prod(shape)
