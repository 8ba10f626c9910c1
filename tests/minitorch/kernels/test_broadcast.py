"""Broadcasting undone, against sums in float64."""

from __future__ import annotations

import numpy as np
import pytest

from minitorch import kernels


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
@pytest.mark.parametrize(
    ("shape", "target"),
    [
        ((4000, 3), (3,)),
        ((4000, 3), (1, 3)),
        ((2, 2500, 3), (3,)),
        ((3, 4000), (3, 1)),
        ((3, 4000), ()),
        ((2, 3, 1), (3, 1)),
        ((2, 3), (2, 3)),
        ((0, 3), (3,)),
    ],
)
def test_sum_to(dtype: type, shape: tuple[int, ...], target: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).uniform(0.5, 3.0, shape).astype(dtype)
    out = kernels.sum_to(x, target)
    padded = (1,) * (len(shape) - len(target)) + target
    axes = tuple(d for d, n in enumerate(padded) if n == 1)
    expected = x.astype(np.float64).sum(axes, keepdims=True).reshape(target)
    assert out.dtype == dtype
    np.testing.assert_allclose(out, expected, rtol=1e-3 if dtype == np.float16 else 1e-5)


def test_sum_leading_of_halves_counts_beyond_2048() -> None:
    assert kernels.sum_leading(np.ones((50, 100, 2), np.float16)).tolist() == [5000, 5000]


def test_the_sum_of_very_many_rows_keeps_its_digits():
    rows = np.full((1_000_000, 2), 0.1, np.float32)
    np.testing.assert_allclose(kernels.sum_leading(rows), [1e5, 1e5], rtol=3e-5)
    few = np.random.default_rng(0).standard_normal((5000, 3)).astype(np.float32)
    np.testing.assert_allclose(
        kernels.sum_leading(few), few.sum(0, dtype=np.float64), rtol=1e-4, atol=1e-3
    )
