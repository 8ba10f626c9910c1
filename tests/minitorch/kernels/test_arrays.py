"""The kernels for sums, rows and masks against their naive twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minitorch import kernels

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 3), (3,), (0, 3), (3, 0), (1, 1)])
def test_sum_leading(shape: tuple[int, ...], dtype: Any) -> None:
    x = RNG.integers(-4, 5, shape).astype(dtype)
    out = kernels.sum_leading(x)
    assert out.dtype == dtype
    np.testing.assert_array_equal(out, x.sum(axis=tuple(range(x.ndim - 1))))


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0))
def test_sum_to_undoes_broadcasting(shapes: Any) -> None:
    small = shapes.input_shapes[0]
    full = shapes.result_shape
    x = np.arange(np.prod(full, dtype=int)).reshape(full).astype(np.float64)
    naive = np.zeros(small)
    view = np.broadcast_to(np.arange(naive.size).reshape(small), full)
    np.add.at(naive.reshape(-1), view.reshape(-1), x.reshape(-1))
    np.testing.assert_array_equal(kernels.sum_to(x, small), naive)
    np.testing.assert_array_equal(kernels.spread_to(naive, full), np.broadcast_to(naive, full))


@given(st.integers(0, 300), st.integers(1, 9), st.integers(0, 5))
def test_embedding_gradient(count: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(count)
    g, indices = rng.integers(-9, 9, (count, columns)).astype(float), rng.integers(0, rows, count)
    naive = np.zeros((rows, columns))
    for row, index in zip(g, indices, strict=True):
        naive[index] += row
    np.testing.assert_array_equal(kernels.embedding_gradient(g, indices, rows), naive)


@pytest.mark.parametrize("rows", [3, 70_000])
def test_embedding_gradient_of_indices_that_occur_often(rows: int) -> None:
    rng = np.random.default_rng(0)
    indices = rng.choice([0, 1, rows - 1, rows // 2], 400, p=[0.6, 0.2, 0.1, 0.1])
    g = rng.standard_normal((400, 5))
    naive = np.zeros((rows, 5))
    np.add.at(naive, indices, g)
    np.testing.assert_allclose(kernels.embedding_gradient(g, indices, rows), naive, atol=1e-12)


@pytest.mark.parametrize(
    "index",
    [
        2,
        slice(1, 3),
        (slice(None), 1),
        (None, 0, ...),
        np.array([0, 2, 0]),
        np.array([[-1, 1], [1, 1]]),
        np.array([True, False, True, False]),
        (slice(None), np.array([1, 1, 0])),
        (np.array([0, 0]), np.array([1, 1])),
        (np.array([0, 0, 3]), slice(0, 2)),
        RNG.random((4, 3)) < 0.5,
    ],
    ids=repr,
)
def test_put_zeros(index: Any) -> None:
    shape = (4, 3)
    places = np.arange(12).reshape(shape)[index]
    g = RNG.integers(1, 9, places.shape).astype(float)
    naive = np.zeros(12)
    for place, value in zip(places.reshape(-1), g.reshape(-1), strict=True):
        naive[place] += value
    np.testing.assert_array_equal(kernels.put_zeros(g, index, shape), naive.reshape(shape))


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_dropout_mask(p: float) -> None:
    generator = np.random.Generator(np.random.SFC64(1))
    mask = kernels.dropout_mask((1000, 301), p, np.float32, generator)
    assert mask.shape == (1000, 301)
    assert mask.dtype == np.float32
    kept = mask != 0
    error = 5 * np.sqrt(p * (1 - p) / mask.size) + 1e-5
    assert abs(kept.mean() - (1 - p)) <= error
    if p < 1:
        assert len(np.unique(mask[kept])) == 1
        assert mask.max() == pytest.approx(1 / (1 - p), rel=1e-3)
    columns = kept.mean(0)  # no pattern along an axis
    assert abs(columns - (1 - p)).max() <= 6 * np.sqrt(p * (1 - p) / 1000) + 1e-9


def test_dropout_mask_of_nothing() -> None:
    generator = np.random.Generator(np.random.SFC64(1))
    assert kernels.dropout_mask((0, 3), 0.5, np.float64, generator).shape == (0, 3)
    assert kernels.dropout_mask((), 0.0, np.float64, generator) == 1
