"""Convolution and pooling of volumes: derivatives, and the loops that they stand for."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn import functional as F

RNG = np.random.default_rng(0)


def distinct(*shape: int) -> Any:
    """Numbers that differ by at least 1/4: a small step does not change which is the largest."""
    x = RNG.permutation(int(np.prod(shape))).reshape(shape) * 0.25
    return minitorch.tensor(x, requires_grad=True)


VOLUME = distinct(2, 2, 4, 3, 4)
FUNCTIONS = {
    "max_pool3d": lambda x: F.max_pool3d(x, (3, 2, 2), 2, 1),
    "avg_pool3d": lambda x: F.avg_pool3d(x, 2, 1, 1, count_include_pad=False),
    "adaptive_max_pool3d": lambda x: F.adaptive_max_pool3d(x, (3, 2, 3)),
    "adaptive_avg_pool3d": lambda x: F.adaptive_avg_pool3d(x, (3, 2, 3)),
    "interpolate": lambda x: F.interpolate(x, (3, 2, 5), mode="area"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives(name: str) -> None:
    assert gradcheck(FUNCTIONS[name], (VOLUME,), fast_mode=True)
    assert gradgradcheck(FUNCTIONS[name], (VOLUME,), fast_mode=True)


def test_derivatives_of_a_convolution() -> None:
    shapes = (2, 4, 4, 3, 4), (4, 2, 2, 3, 2), (4,)
    arguments = [minitorch.tensor(RNG.standard_normal(s), requires_grad=True) for s in shapes]

    def convolve(x: Any, weight: Any, bias: Any) -> Any:
        return F.conv3d(x, weight, bias, (2, 1, 1), (1, 1, 0), (1, 1, 2), groups=2)

    assert gradcheck(convolve, arguments, fast_mode=True)
    assert gradgradcheck(convolve, arguments, fast_mode=True)


def windows(x: np.ndarray, size: int, step: int) -> Any:
    """Give each place of the output and the window under it, ``(N, C, k, k, k)``."""
    counts = [(n - size) // step + 1 for n in x.shape[2:]]
    for place in product(*map(range, counts)):
        cut = tuple(slice(i * step, i * step + size) for i in place)
        yield place, x[(slice(None), slice(None), *cut)]


def test_what_is_done_to_each_window() -> None:
    x = RNG.standard_normal((2, 3, 6, 5, 7))
    weight = RNG.standard_normal((4, 3, 3, 3, 3))
    volume = minitorch.tensor(x)
    sums = F.conv3d(volume, minitorch.tensor(weight), stride=2).numpy()
    means, largest = (f(volume, 3, 2).numpy() for f in (F.avg_pool3d, F.max_pool3d))
    for place, window in windows(x, 3, 2):
        at = (slice(None), slice(None), *place)
        np.testing.assert_allclose(sums[at], np.einsum("ncijk,ocijk->no", window, weight))
        np.testing.assert_allclose(means[at], window.mean((2, 3, 4)))
        np.testing.assert_array_equal(largest[at], window.max((2, 3, 4)))


def test_the_indices_lead_to_the_maxima() -> None:
    for pool in (lambda x: F.max_pool3d(x, 3, 2, 1, return_indices=True),
                 lambda x: F.adaptive_max_pool3d(x, (3, 2, 3), return_indices=True)):  # fmt: skip
        values, indices = pool(VOLUME)
        there = VOLUME.flatten(2).gather(2, indices.flatten(2))
        assert there.equal(values.flatten(2))
