"""The matrices of Winograd's algorithm in one dimension, made from points (Toom and Cook).

A sum of products of neighbours is a coefficient of a product of polynomials. That product is known
from its values at some points, and each value takes one multiplication.

References: Lavin, Gray, "Fast algorithms for convolutional neural networks", arXiv:1509.09308;
Barabasz et al., "Error analysis and improving the accuracy of Winograd convolution for deep neural
networks", arXiv:1803.10986, on the choice of the points.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import prod
from typing import NamedTuple

import numpy as np

# The points of tiles of m outputs, besides infinity. Those of 4 are near 1 on both sides, and
# exact in binary: their errors are a third of those of 0, 1, -1, 2, -2.
_POINTS = {
    2: (0, 1, -1),
    4: (0, Fraction(5, 8), Fraction(-5, 8), Fraction(3, 2), Fraction(-3, 2)),
}
_TAPS = 3


class Transforms(NamedTuple):
    """The matrices for tiles of m outputs in one dimension, of a = m + 2 inputs."""

    of_input: np.ndarray  # B^T, (a, a)
    of_weight: np.ndarray  # G, (a, 3)
    of_output: np.ndarray  # A^T, (m, a)


class Tiles(NamedTuple):
    """Tiles of m[0] rows and m[1] columns of outputs; each transform has a matrix for either."""

    m: tuple[int, int]
    of_input: tuple[np.ndarray, np.ndarray]
    of_weight: tuple[np.ndarray, np.ndarray]
    of_output: tuple[np.ndarray, np.ndarray]

    @property
    def places(self) -> int:
        """How many multiplications a tile takes."""
        return (self.m[0] + 2) * (self.m[1] + 2)

    @property
    def of_gradient(self) -> tuple[np.ndarray, np.ndarray]:
        """For the gradient of the output: the adjoint of `of_output`."""
        return self.of_output[0].T, self.of_output[1].T

    @property
    def of_filters(self) -> tuple[np.ndarray, np.ndarray]:
        """For the gradient of transformed weights: the adjoint of `of_weight`."""
        return self.of_weight[0].T, self.of_weight[1].T


@cache
def tiles(m: tuple[int, int], dtype: np.dtype) -> Tiles:
    """Return the transforms for tiles of `m` outputs, 2 or 4 in each direction."""
    return Tiles(m, *zip(transforms(m[0], dtype), transforms(m[1], dtype), strict=True))


@cache
def transforms(m: int, dtype: np.dtype) -> Transforms:
    """Return the matrices for tiles of `m` outputs, 2 or 4."""
    points = [Fraction(p) for p in _POINTS[m]]
    of_output = [[p**k for p in points] + [Fraction(k == m - 1)] for k in range(m)]
    of_weight = [[p**k / _others(p, points) for k in range(_TAPS)] for p in points]
    of_input = [[*_with_roots([q for q in points if q != p]), Fraction(0)] for p in points]
    of_weight.append([Fraction(k == _TAPS - 1) for k in range(_TAPS)])  # at infinity
    of_input.append(_with_roots(points))
    exact = (np.array(rows, np.float64) for rows in (of_input, of_weight, of_output))
    b, g, a = exact
    scale = 2.0 ** np.round(np.log2(np.abs(g).max(1, keepdims=True)))  # changes no digit
    return Transforms(*(x.astype(dtype) for x in (b * scale, g / scale, a)))


def _others(p: Fraction, points: list[Fraction]) -> Fraction:
    """Return the product of the differences between `p` and the other points."""
    return prod((p - q for q in points if q != p), start=Fraction(1))


def _with_roots(roots: list[Fraction]) -> list[Fraction]:
    """Return the coefficients of the product of all ``x - root``, the lowest power first."""
    coefficients = [Fraction(1)]
    for root in roots:
        shifted, times_root = [Fraction(0), *coefficients], [*coefficients, Fraction(0)]
        coefficients = [x - root * y for x, y in zip(shifted, times_root, strict=True)]
    return coefficients
