"""The kernels of pointwise functions against their naive twins."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minitorch import kernels

RNG = np.random.default_rng(0)
SPREAD = np.concatenate(
    [np.linspace(-7, 7, 4001), RNG.standard_normal(20_000) * 3, [0.0, -0.0, 1e-30, 30.0, -30.0]]
)


def ulps(x: np.ndarray, expected: list[float]) -> float:
    """Return the largest distance in units in the last place of x's dtype."""
    true = np.array(expected)
    return float(
        (np.abs(x.astype(np.float64) - true) / np.spacing(np.abs(true).astype(x.dtype))).max()
    )


def test_erf_in_double_precision() -> None:
    assert ulps(kernels.erf(SPREAD), [math.erf(v) for v in SPREAD]) <= 5


def test_erf_in_single_precision() -> None:
    x = SPREAD[np.abs(SPREAD) > 1e-30].astype(np.float32)
    assert ulps(kernels.erf(x), [math.erf(float(v)) for v in x]) <= 6


def test_erfc_keeps_its_precision_far_out() -> None:
    x = np.linspace(-6, 26, 3001)
    assert ulps(kernels.erfc(x), [math.erfc(v) for v in x]) <= 60
    assert kernels.erfc(np.float32([-np.inf, np.inf])).tolist() == [2, 0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_erf_at_the_edges(dtype: Any) -> None:
    out = kernels.erf(np.array([np.inf, -np.inf, np.nan, 0], dtype))
    assert out.dtype == dtype
    np.testing.assert_array_equal(out, [1, -1, np.nan, 0])
    assert kernels.erf(np.zeros((0, 2), dtype)).shape == (0, 2)


def naive_erfinv(y: float) -> float:
    """Return where the error function is `y`, by halving; near 1 its complement is more exact."""
    size, low, high = abs(y), 0.0, 6.0
    below = (lambda v: math.erf(v) < size) if size < 0.5 else (lambda v: math.erfc(v) > 1 - size)
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return math.copysign((low + high) / 2, y)


WITHIN = np.concatenate(
    [np.linspace(-0.999, 0.999, 801), 1 - 2.0 ** -np.arange(1, 53), 2.0 ** -np.arange(1, 40)]
)


@pytest.mark.parametrize(("dtype", "limit"), [(np.float32, 1), (np.float64, 6)])
def test_erfinv(dtype: Any, limit: float) -> None:
    y = WITHIN.astype(dtype)
    y = y[np.abs(y) < 1]
    assert ulps(kernels.erfinv(y), [naive_erfinv(float(v)) for v in y]) <= limit


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_erfinv_at_the_edges(dtype: Any) -> None:
    with np.errstate(all="raise"):
        out = kernels.erfinv(np.array([1, -1, 1.5, -np.inf, np.nan, 0], dtype))
    assert out.dtype == dtype
    np.testing.assert_array_equal(out, [np.inf, -np.inf, np.nan, np.nan, np.nan, 0])
    assert kernels.erfinv(np.zeros((0, 2), dtype)).shape == (0, 2)


NAIVE = {
    "sigmoid": (kernels.sigmoid, lambda v: 1 / (1 + math.exp(-v))),
    "softplus": (kernels.softplus, lambda v: v if v > 20 else math.log1p(math.exp(v))),
    "gelu_erf": (kernels.gelu_erf, lambda v: v / 2 * (1 + math.erf(v / math.sqrt(2)))),
    "gelu_tanh": (
        kernels.gelu_tanh,
        lambda v: v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))),
    ),
}


@pytest.mark.parametrize("name", NAIVE)
@pytest.mark.parametrize(("dtype", "atol"), [(np.float32, 2e-6), (np.float64, 1e-14)])
def test_functions_of_one_number(name: str, dtype: Any, atol: float) -> None:
    kernel, naive = NAIVE[name]
    x = SPREAD.astype(dtype).reshape(2, -1) if SPREAD.size % 2 == 0 else SPREAD.astype(dtype)
    out = kernel(x)
    assert out.dtype == dtype
    assert out.shape == x.shape
    np.testing.assert_allclose(
        out.reshape(-1), [naive(float(v)) for v in x.reshape(-1)], rtol=atol, atol=atol
    )


@pytest.mark.parametrize("kernel", [kernels.gelu_erf, kernels.gelu_tanh, kernels.erf])
def test_pieces_join_and_strides_do_not_matter(kernel: Any) -> None:
    x = RNG.standard_normal((300, 200))  # several pieces
    np.testing.assert_array_equal(kernel(x), np.stack([kernel(row) for row in x]))
    np.testing.assert_array_equal(kernel(x.T[::2]), kernel(x).T[::2])


def test_softmax_and_log_softmax() -> None:
    x = RNG.standard_normal((3, 5, 2)) * 100
    for axis in range(3):
        for sample, out, log in zip(
            np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis]),
            np.moveaxis(kernels.softmax(x, axis), axis, -1).reshape(-1, x.shape[axis]),
            np.moveaxis(kernels.log_softmax(x, axis), axis, -1).reshape(-1, x.shape[axis]),
            strict=True,
        ):
            total = math.fsum(math.exp(v - sample.max()) for v in sample)
            expected = [v - sample.max() - math.log(total) for v in sample]
            np.testing.assert_allclose(log, expected, rtol=1e-13, atol=1e-13)
            np.testing.assert_allclose(out, np.exp(expected), rtol=1e-12, atol=1e-300)


def test_softmax_where_everything_is_masked() -> None:
    x = np.array([[-np.inf, -np.inf], [-np.inf, 0.0]])
    np.testing.assert_array_equal(kernels.softmax(x, 1), [[np.nan, np.nan], [0, 1]])
    assert kernels.softmax(np.zeros((2, 0)), 1).shape == (2, 0)


def test_powers() -> None:
    x = np.array([-2.0, 0.5, 3.0], np.float32)
    for exponent in (0, 1, 2, 3, 3.0, -1, 0.5 + 1.5):
        np.testing.assert_allclose(kernels.power(x, exponent), [float(v) ** exponent for v in x])
    with pytest.raises(RuntimeError, match="negative integer powers"):
        kernels.power(np.array([2]), -1)


def test_xlogy_and_sign() -> None:
    x, y = np.array([0.0, 0.0, 2.0, np.nan]), np.array([0.0, np.nan, 1.0, 2.0])
    np.testing.assert_array_equal(kernels.xlogy(x, y), [0, np.nan, 0, np.nan])
    np.testing.assert_array_equal(kernels.sign(np.array([-3.0, 0.0, np.nan, 2.0])), [-1, 0, 0, 1])
    assert kernels.sign(np.array([0, 5], np.uint8)).tolist() == [0, 1]


@pytest.mark.parametrize("size", [5, 100_000])  # at once, and in pieces on all threads
def test_exponentials_that_overflow_are_nothing_to_warn_of(size):
    x = np.full(size, -200, np.float32)
    assert not kernels.sigmoid(x).any()
    assert (kernels.sigmoid(-x) == 1).all()
    assert not kernels.gelu_tanh(x).any()
    assert not kernels.gelu_tanh_gradient(np.ones_like(x), x).any()
    np.testing.assert_array_equal(kernels.gelu_tanh(-x), -x)


def test_gelu_keeps_its_digits_where_it_is_small():
    """Formed as 1 + tanh, the last digits would be gone."""
    x = np.linspace(-5, -1, 101)
    u = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    expected = x / (1 + np.exp(-2 * u))
    np.testing.assert_allclose(kernels.gelu_tanh(x.astype(np.float32)), expected, rtol=2e-5)
