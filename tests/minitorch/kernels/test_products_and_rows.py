"""Matrix products, row reductions and the cross entropy against naive twins."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minitorch import kernels
from minitorch.kernels import products
from minitorch.kernels.rows import row_max, row_sum


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def naive_product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    out = np.zeros((x.shape[0], y.shape[1]))
    for i, j in np.ndindex(out.shape):
        out[i, j] = sum(x[i, k] * y[k, j] for k in range(x.shape[1]))
    return out


@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 3), (3,)])
def test_linear(shape: tuple[int, ...]):
    x, bias = rng().standard_normal(shape), rng().standard_normal(4)
    weight = kernels.empty_transposed((4, 3), np.float64)
    weight[...] = rng().standard_normal((4, 3))
    expected = naive_product(x.reshape(-1, 3), weight.T) + bias
    found = kernels.linear(x, weight, bias)
    assert found.shape == (*shape[:-1], 4)
    np.testing.assert_allclose(found.reshape(-1, 4), expected, rtol=1e-12)


@pytest.mark.parametrize("lead", [(6,), (2, 3)])
def test_the_gradient_of_the_weight_comes_in_the_weight_s_memory_order(lead: tuple[int, ...]):
    g, x = rng().standard_normal((*lead, 4)), rng().standard_normal((*lead, 3))
    found = kernels.linear_weight_gradient(g, x)
    np.testing.assert_allclose(found, naive_product(g.reshape(-1, 4).T, x.reshape(-1, 3)))
    assert found.strides == kernels.empty_transposed((4, 3), np.float64).strides


def test_a_batch_meets_one_matrix_as_one_product():
    x, y = rng().standard_normal((2, 5, 3)), rng().standard_normal((3, 4))
    found = kernels.matmul(x, y)
    np.testing.assert_allclose(found, [naive_product(part, y) for part in x])


@pytest.mark.parametrize("pieces", [4, 10_000])
@pytest.mark.parametrize("shape", [(7, 3), (2, 5, 3)])
def test_large_products(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], pieces: int):
    for name, value in {"_WORTH_A_THREAD": 8, "_PIECE": pieces, "_ROWS": 2, "_LONG": 3}.items():
        monkeypatch.setattr(products, name, value)
    x, y, bias = (rng().standard_normal(s) for s in (shape, (3, 4), (4,)))
    flat = x.reshape(-1, 3)
    expected = naive_product(flat, y)
    np.testing.assert_allclose(products.product(x, y).reshape(-1, 4), expected, rtol=1e-12)
    found = products.product(x, y, bias)
    np.testing.assert_allclose(found.reshape(-1, 4), expected + bias, rtol=1e-12)
    g = rng().standard_normal((len(flat), 2))
    np.testing.assert_allclose(
        products.sum_of_outer_products(flat, g), naive_product(flat.T, g), rtol=1e-12
    )


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (40, 10), (5, 33), (3, 100)])
def test_rows(shape: tuple[int, int]):
    x = rng().standard_normal(shape).astype(np.float32)
    np.testing.assert_array_equal(row_max(x), [max(row) for row in x.tolist()])
    np.testing.assert_allclose(row_sum(x), [math.fsum(row) for row in x.tolist()], atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (5, 4), (300, 700)])  # the last: in several pieces
@pytest.mark.parametrize("counted", [False, True])
def test_cross_entropy_and_its_gradient(shape: tuple[int, int], counted: bool):
    x = 3 * rng().standard_normal(shape)
    labels = rng().integers(0, shape[1], shape[0])
    counts = rng().integers(0, 3, shape[0]).astype(float) if counted else None
    weights = np.ones(shape[0]) if counts is None else counts
    softmax = np.array([np.exp(row - max(row)) / sum(np.exp(row - max(row))) for row in x])
    losses = [-c * math.log(p[y]) for c, p, y in zip(weights, softmax, labels, strict=True)]
    found, p = kernels.softmax_cross_entropy(x, labels, counts, None)
    np.testing.assert_allclose(found, losses, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(p, softmax, rtol=1e-9)
    total, _ = kernels.softmax_cross_entropy(x, labels, counts, 7.0)
    np.testing.assert_allclose(total, sum(losses) / 7.0, rtol=1e-9, atol=1e-12)
    target = np.eye(shape[1])[labels]
    gradient = kernels.softmax_cross_entropy_gradient(2.0, p, labels, counts, 7.0)
    np.testing.assert_allclose(
        gradient, 2.0 / 7.0 * weights[:, None] * (softmax - target), rtol=1e-8, atol=1e-12
    )


def test_spread_to_is_broadcast_to_whether_written_out_or_not():
    for shape in ((3, 4), (300, 400)):
        x = rng().standard_normal((1, shape[1]))
        np.testing.assert_array_equal(kernels.spread_to(x, shape), np.broadcast_to(x, shape))
