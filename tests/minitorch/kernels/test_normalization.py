"""Normalization against naive twins, in every order of memory and with any number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from minitorch import kernels
from minitorch.kernels import parallel

RNG = np.random.default_rng(0)
SHAPES = [
    (5, 3), (1, 7, 2), (4, 3, 5), (2, 3, 9, 8), (3, 64, 7, 7), (6, 130, 11, 13), (2, 5, 200, 210),
    (700, 300), (40, 4, 16, 16), (1, 9000, 9), (3, 2, 2, 3, 2),
]  # fmt: skip
ROWS = [(1, 1), (3, 5), (700, 128), (31, 513), (90, 3000), (2, 80_000), (5000, 10)]


@pytest.fixture(params=[1, 2, 3])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    before = kernels.get_num_threads()
    monkeypatch.setattr(parallel, "ALONE", 3000)
    monkeypatch.setattr(parallel, "SHARED", 5000)
    kernels.set_num_threads(request.param)
    yield request.param
    kernels.set_num_threads(before)


def first(x: np.ndarray) -> np.ndarray:
    return x


def last(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


def gapped(x: np.ndarray) -> np.ndarray:
    return np.repeat(x, 2, axis=-1)[..., ::2]


LAYOUTS = [first, last, gapped]


def naive(x: np.ndarray, axes: tuple[int, ...], eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the standardized values and the factors."""
    x = x.astype(np.float64)
    inverse = 1 / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    return (x - x.mean(axis=axes, keepdims=True)) * inverse, inverse


def naive_gradient(
    g: np.ndarray, unit: np.ndarray, inverse: np.ndarray, axes: tuple[int, ...]
) -> np.ndarray:
    """Return the gradient of `naive` by x, by the chain rule through mean and variance."""
    mean_g = g.mean(axis=axes, keepdims=True)
    return inverse * (g - mean_g - unit * (g * unit).mean(axis=axes, keepdims=True))


def sample(shape: tuple[int, ...], dtype: Any, offset: float = 0.3) -> tuple[np.ndarray, ...]:
    x, g = RNG.standard_normal((2, *shape))
    weight, bias = RNG.standard_normal((2, shape[1]))
    return tuple(a.astype(dtype) for a in (x * 2 + offset, g, weight, bias))


def tolerance(dtype: Any) -> dict[str, float]:
    return {"rtol": 1e-4, "atol": 2e-5} if dtype == np.float32 else {"rtol": 1e-9, "atol": 1e-10}


def columns(vector: np.ndarray, x: np.ndarray) -> np.ndarray:
    return vector.reshape(-1, *[1] * (x.ndim - 2))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_batch_norm(shape: tuple[int, ...], layout: Callable[..., Any], dtype: Any) -> None:
    x, g, weight, bias = sample(shape, dtype)
    axes = (0, *range(2, len(shape)))
    mean, variance = kernels.batch_moments(layout(x))
    np.testing.assert_allclose(mean, x.mean(axis=axes, dtype=np.float64), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(variance, x.var(axis=axes, dtype=np.float64), rtol=1e-5, atol=1e-10)
    unit, inverse = naive(x, axes, 1e-5)
    factors = inverse.reshape(-1)
    out = kernels.batch_norm(layout(x), mean, factors, weight, bias)
    expected = unit * columns(weight, x) + columns(bias, x)
    assert out.dtype == dtype
    np.testing.assert_allclose(out, expected, **tolerance(dtype))
    by_x, by_weight, by_bias = kernels.batch_norm_gradients(
        layout(g), layout(x), mean, factors, weight, True
    )
    expected = naive_gradient(g * columns(weight, x), unit, inverse, axes)
    np.testing.assert_allclose(by_x, expected, **tolerance(dtype) | {"atol": 1e-4})
    np.testing.assert_allclose(by_weight, (g * unit).sum(axis=axes), rtol=1e-4, atol=5e-3)
    np.testing.assert_allclose(by_bias, g.sum(axis=axes, dtype=np.float64), rtol=1e-4, atol=5e-3)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_batch_norm_with_given_statistics(shape: tuple, layout: Callable[..., Any]) -> None:
    x, g, weight, _ = sample(shape, np.float64)
    mean, inverse = RNG.uniform(0.5, 2, (2, shape[1]))
    axes = (0, *range(2, len(shape)))
    rest = (x - columns(mean, x)) * columns(inverse, x)
    out = kernels.batch_norm(layout(x), mean, inverse, None, None)
    np.testing.assert_allclose(out, rest, atol=1e-10)
    by_x, by_weight, by_bias = kernels.fixed_norm_gradients(
        layout(g), layout(x), mean, inverse, weight, True, True
    )
    np.testing.assert_allclose(by_x, g * columns(weight * inverse, x), atol=1e-12)
    np.testing.assert_allclose(by_weight, (g * rest).sum(axis=axes), atol=1e-7)
    np.testing.assert_allclose(by_bias, g.sum(axis=axes), atol=1e-8)


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(3, 6), (2, 6, 5), (40, 6, 9, 8), (2, 6, 120, 130), (3, 12, 70)])
def test_group_norm(shape: tuple[int, ...], layout: Callable[..., Any], groups: int) -> None:
    x, g, weight, bias = sample(shape, np.float64)
    table = (shape[0], groups, -1)
    unit, inverse = naive(x.reshape(table), (2,), 1e-5)
    mean, _ = kernels.group_moments(layout(x), groups)
    factors = inverse.reshape(shape[0], groups)
    out = kernels.group_norm(layout(x), mean, factors, weight, bias)
    unit = unit.reshape(shape)
    np.testing.assert_allclose(out, unit * columns(weight, x) + columns(bias, x), atol=1e-9)
    by_x, by_weight, by_bias = kernels.group_norm_gradients(
        layout(g), layout(x), mean, factors, weight, True
    )
    scaled = (g * columns(weight, x)).reshape(table)
    expected = naive_gradient(scaled, unit.reshape(table), inverse, (2,)).reshape(shape)
    np.testing.assert_allclose(by_x, expected, atol=1e-9)
    axes = (0, *range(2, len(shape)))
    np.testing.assert_allclose(by_weight, (g * unit).sum(axis=axes), atol=1e-8)
    np.testing.assert_allclose(by_bias, g.sum(axis=axes), atol=1e-8)


@pytest.mark.parametrize("offset", [0.0, 0.3, 50.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", ROWS, ids=str)
def test_layer_norm(shape: tuple[int, int], dtype: Any, offset: float) -> None:
    x, g, weight, bias = sample(shape, dtype, offset)
    limits = tolerance(dtype) | ({"atol": 1e-3} if dtype == np.float32 else {})
    unit, inverse = naive(x, (1,), 1e-3)
    out, means, inverses = kernels.layer_norm(x, weight, bias, 1e-3)
    assert out.dtype == dtype
    np.testing.assert_allclose(out, unit * weight + bias, **limits)
    np.testing.assert_allclose(inverses, inverse[:, 0], rtol=1e-4)
    by_x, by_weight, by_bias = kernels.layer_norm_gradients(g, x, means, inverses, weight)
    np.testing.assert_allclose(by_x, naive_gradient(g * weight, unit, inverse, (1,)), **limits)
    np.testing.assert_allclose(by_weight, (g * unit).sum(0), rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(by_bias, g.sum(0), rtol=1e-3, atol=1e-3)
    plain, *_ = kernels.layer_norm(x, None, None, 1e-3)
    np.testing.assert_allclose(plain, unit, **limits)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", ROWS, ids=str)
def test_rms_norm(shape: tuple[int, int], dtype: Any) -> None:
    x, g, weight, _ = sample(shape, dtype)
    inverse = 1 / np.sqrt((x.astype(float) ** 2).mean(1, keepdims=True) + 1e-3)
    unit = x * inverse
    out, inverses = kernels.rms_norm(x, weight, 1e-3)
    np.testing.assert_allclose(out, unit * weight, **tolerance(dtype))
    by_x, by_weight = kernels.rms_norm_gradients(g, x, inverses, weight)
    scaled = g * weight
    expected = inverse * (scaled - unit * (scaled * unit).mean(1, keepdims=True))
    np.testing.assert_allclose(by_x, expected, **tolerance(dtype))
    np.testing.assert_allclose(by_weight, (g * unit).sum(0), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("layout", [first, last])
@pytest.mark.parametrize("offset", [0.0, 3.0, 1000.0])
def test_variances_of_numbers_far_from_zero(offset: float, layout: Callable[..., Any]) -> None:
    x = (RNG.standard_normal((8, 4, 64, 64)) + offset).astype(np.float32)
    x[0] += 5  # the first sample is unlike the others
    mean, variance = kernels.batch_moments(layout(x))
    np.testing.assert_allclose(variance, x.var(axis=(0, 2, 3), dtype=np.float64), rtol=1e-6)
    np.testing.assert_allclose(mean, x.mean(axis=(0, 2, 3), dtype=np.float64), atol=2e-6)


def test_a_constant_has_no_variance() -> None:
    x = np.full((4, 3, 5, 5), 0.1, np.float32)
    for layout in LAYOUTS:
        assert kernels.batch_moments(layout(x))[1].max() < 1e-14
    out, *_ = kernels.layer_norm(x.reshape(12, 25), None, None, 1e-5)
    assert np.abs(out).max() < 1e-4


def test_threads_change_nothing_but_rounding(threads: int) -> None:
    x, g, weight, bias = sample((24, 64, 32, 32), np.float32)
    for layout in (first, last):
        runs = []
        for _ in range(2):
            mean, variance = kernels.batch_moments(layout(x))
            inverse = 1 / np.sqrt(variance + 1e-5)
            out = kernels.batch_norm(layout(x), mean, inverse, weight, bias)
            gradients = kernels.batch_norm_gradients(
                layout(g), layout(x), mean, inverse, weight, True
            )
            runs.append([mean, variance, out, *gradients])
        for one, other in zip(*runs, strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_allclose(runs[0][1], x.var(axis=(0, 2, 3), dtype=np.float64), rtol=1e-6)


def test_the_order_of_memory_is_kept() -> None:
    x = RNG.standard_normal((4, 8, 10, 10))
    statistics = np.zeros(8), np.ones(8)
    for layout in (first, last):
        out = kernels.batch_norm(layout(x), *statistics, None, None)
        assert out.strides == layout(x).strides
