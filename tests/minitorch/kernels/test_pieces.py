"""What is computed in pieces: activations and softmax with their gradients, aligned memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minitorch import kernels
from minitorch.kernels import memory, pieces, rows

RNG = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape) * 2


def naive_normal(x: np.ndarray) -> np.ndarray:
    return np.array([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x.flat]).reshape(x.shape)


def naive_gelu_slope(x: np.ndarray) -> np.ndarray:
    return naive_normal(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def difference(function: Any) -> Any:
    return lambda x: (function(x + 1e-6) - function(x - 1e-6)) / 2e-6


GRADIENTS = {
    "silu": (kernels.silu, kernels.silu_gradient, difference(lambda x: x / (1 + np.exp(-x)))),
    "gelu_erf": (kernels.gelu_erf, kernels.gelu_erf_gradient, naive_gelu_slope),
    "gelu_tanh": (
        kernels.gelu_tanh,
        kernels.gelu_tanh_gradient,
        difference(lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
    ),
}


@pytest.mark.parametrize(("dtype", "atol"), [(np.float32, 2e-6), (np.float64, 1e-8)])
@pytest.mark.parametrize("name", GRADIENTS)
def test_slopes(name: str, dtype: Any, atol: float) -> None:
    x = np.concatenate([np.linspace(-8, 8, 1001), RNG.standard_normal(40_000)]).astype(dtype)
    g = RNG.standard_normal(x.shape).astype(dtype)
    slope = GRADIENTS[name][2](x.astype(np.float64))
    out = GRADIENTS[name][1](g, x)
    assert out.dtype == dtype
    np.testing.assert_allclose(out, g * slope, rtol=1e-5, atol=atol)


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_far_out_and_not_a_number(name: str) -> None:
    forward, gradient, _ = GRADIENTS[name]
    x = np.array([-1e6, -50.0, -6.0, 0.0, 6.0, 50.0, 1e6, np.nan], np.float32)
    np.testing.assert_allclose(forward(x), np.where(x > 0, x, 0 * x), rtol=3e-3, atol=2e-2)
    slopes = gradient(np.ones_like(x), x)
    np.testing.assert_allclose(slopes, [0, 0, 0, 0.5, 1, 1, 1, np.nan], atol=2e-2)


def test_half_precision_gelu() -> None:
    x = numbers(100).astype(np.float16)
    exact = x.astype(float) * naive_normal(x.astype(float))
    np.testing.assert_allclose(kernels.gelu_erf(x), exact, rtol=2e-3, atol=1e-3)
    assert kernels.gelu_erf(x).dtype == np.float16


@pytest.mark.parametrize("size", [10, 100_000])
def test_relu_and_its_gradient(size: int) -> None:
    x = numbers(size).astype(np.float32)
    x[:5] = [0.0, -0.0, np.nan, np.inf, -np.inf]
    g = numbers(size).astype(np.float32)
    out = kernels.relu(x)
    np.testing.assert_array_equal(out, [max(v, 0.0) if v == v else v for v in x.tolist()])
    expected = [0.0 if v <= 0 else a for a, v in zip(g.tolist(), x.tolist(), strict=True)]
    np.testing.assert_array_equal(kernels.relu_gradient(g, out), np.array(expected, np.float32))


@pytest.mark.parametrize("shape", [(64, 700), (40_000,), (30, 40, 50), (2, 16, 40, 50)])
def test_any_order_of_memory(shape: tuple[int, ...]) -> None:
    x, g = numbers(*shape), numbers(*shape)
    plain = kernels.silu_gradient(g, x)
    for axes in (tuple(range(len(shape)))[::-1], np.roll(range(len(shape)), 1)):
        back = np.argsort(axes)
        turned = np.ascontiguousarray(x.transpose(axes)).transpose(back)
        out = kernels.silu_gradient(g, turned)
        np.testing.assert_array_equal(out, plain)
        assert out.strides == turned.strides
    wide = np.repeat(x, 2, axis=-1)[..., ::2]
    np.testing.assert_array_equal(kernels.silu_gradient(g, wide), plain)
    np.testing.assert_array_equal(kernels.relu(x[::-1]), np.maximum(x, 0)[::-1])
    spread = np.broadcast_to(x[:1], x.shape)
    np.testing.assert_array_equal(kernels.silu(spread), np.broadcast_to(kernels.silu(x[:1]), shape))


@pytest.mark.parametrize("shape", [(300, 64), (7, 5000), (2, 3, 400, 5), (3000, 2), (1, 70_000)])
def test_softmax_by_rows(shape: tuple[int, ...]) -> None:
    x, g = numbers(*shape), numbers(*shape)
    turned = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 0)), 0, -1)  # takes another path
    for forward, gradient in (
        (kernels.softmax, kernels.softmax_gradient),
        (kernels.log_softmax, kernels.log_softmax_gradient),
    ):
        out = forward(x, -1)
        np.testing.assert_allclose(out, forward(turned, x.ndim - 1), rtol=1e-10, atol=1e-13)
        other = gradient(np.asfortranarray(g), np.asfortranarray(out), x.ndim - 1)
        np.testing.assert_allclose(gradient(g, out, -1), other, rtol=1e-9, atol=1e-12)


def test_softmax_of_rows_that_are_far_apart() -> None:
    x = numbers(60, 100).astype(np.float32)
    x[7] += 200
    x[8] -= 200
    x[9] = -np.inf
    x[10, 1:] = -np.inf
    out, log = kernels.softmax(x, 1), kernels.log_softmax(x, 1)
    wide = x.astype(np.float64)
    with np.errstate(invalid="ignore"):
        exact = wide - wide.max(1, keepdims=True)
    exact -= np.log(np.exp(exact).sum(1, keepdims=True))
    np.testing.assert_allclose(log, exact, rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(out, np.exp(exact), rtol=2e-5, atol=1e-30)
    assert np.isnan(out[9]).all()
    assert out[10].tolist() == [1] + [0] * 99


def test_softmax_of_infinity() -> None:
    x = np.zeros((40, 50))
    x[3, 4] = np.inf
    out = kernels.softmax(x, 1)
    assert np.isnan(out[3, 4])
    np.testing.assert_allclose(out[5], 1 / 50)


def test_spread() -> None:
    column, weight = numbers(6), numbers(2, 9)
    out = rows.spread(column, np.empty((6, 9)))
    np.testing.assert_array_equal(out, np.repeat(column[:, None], 9, axis=1))
    out = rows.spread(column, np.empty((6, 9)), weight)
    np.testing.assert_allclose(out, column[:, None] * weight[0] + weight[1])


@pytest.mark.parametrize("shape", [(), (3,), (100, 200), (0, 5), (3, 20, 30, 40)])
def test_aligned_memory(shape: tuple[int, ...]) -> None:
    for dtype in (np.float16, np.float32, np.float64, bool):
        out = memory.empty(shape, dtype)
        assert out.shape == shape
        assert out.dtype == dtype
        assert out.flags.c_contiguous
        assert out.size < 4096 or out.ctypes.data % 64 == 0
        like = memory.empty_like(out.T)
        assert like.shape == out.T.shape
        assert like.size < 4096 or like.strides == out.T.strides


def test_pieces_cover_everything_once() -> None:
    seen = np.zeros(3 * pieces.SMALL + 7)
    out = pieces.apply(lambda x, out: np.add(x, 1, out=out), seen)
    np.testing.assert_array_equal(out, np.ones_like(seen))


@pytest.mark.parametrize("rows", [1, 300, 1100])  # below, at and above what is one piece
@pytest.mark.parametrize("name", ["relu", "sigmoid", "silu"])
def test_functions_of_matrices_of_any_size(rows, name):
    x = np.random.default_rng(0).standard_normal((rows, 128)).astype(np.float32)
    whole = getattr(kernels, name)(x)
    parts = np.stack([getattr(kernels, name)(row) for row in x])
    np.testing.assert_allclose(whole, parts, rtol=1e-6)


@pytest.mark.parametrize("size", [8, 40_000, 300_000])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_gradient_of_relu_is_exact_at_the_edges(size, dtype):
    out, g = np.tile(np.array([0, 1, 0, np.nan], dtype), size // 4), np.ones(size, dtype)
    g[:4] = np.inf, np.inf, np.nan, 2
    gradient = kernels.relu_gradient(g, out)
    assert gradient[:4].tolist() == [0, np.inf, 0, 2]
    assert gradient.dtype == dtype
    np.testing.assert_array_equal(gradient[4:8], [0, 1, 0, 1])
