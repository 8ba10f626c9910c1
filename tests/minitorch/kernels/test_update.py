"""`blend` and `blend_square` against naive twins, with BLAS and without; memory to compute in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from minitorch import kernels
from minitorch.kernels import blas, update

SIZES = [(), (7,), (300, 100), (3, 5, 2000)]
SMALL, LARGE = (100,), (40_000,)


@pytest.fixture(params=["OpenBLAS", "NumPy"])
def _library(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    update._axpby.cache_clear()
    if request.param == "NumPy":
        monkeypatch.setattr(blas, "library", lambda: None)
    yield
    update._axpby.cache_clear()


def pair(shape: tuple[int, ...], dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.standard_normal(shape).astype(dtype), random.standard_normal(shape).astype(dtype)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize(("keep", "share"), [(0.9, 0.1), (1, -0.01), (0.5, 1), (0, 2), (2, 0)])
def test_blend(shape: tuple[int, ...], dtype: Any, keep: float, share: float) -> None:
    y, x = pair(shape, dtype)
    expected = keep * y.astype(np.float64) + share * x.astype(np.float64)
    before = x.copy()
    assert kernels.blend(y, keep, x, share) is None
    np.testing.assert_allclose(y, expected, atol=4 * np.finfo(dtype).eps, rtol=2e-3)
    np.testing.assert_array_equal(x, before)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_blend_square(shape: tuple[int, ...], dtype: Any) -> None:
    y, x = pair(shape, dtype)
    x *= dtype(100)  # squares beyond 65,504, the largest number of float16
    expected = 0.9 * y.astype(np.float64) + 0.001 * x.astype(np.float64) ** 2
    before = x.copy()
    memory = kernels.blend_square(y, 0.9, x, 0.001)
    np.testing.assert_allclose(y, expected, atol=4 * np.finfo(dtype).eps, rtol=2e-3)
    np.testing.assert_array_equal(x, before)
    assert memory.shape == shape
    assert memory.dtype == dtype
    assert not np.shares_memory(memory, x)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("change", ["transposed", "mixed", "gaps", "backwards", "read-only"])
def test_blend_in_any_memory_order(change: str) -> None:
    y, x = pair((200, 300), np.float32)
    if change == "transposed":
        y, x = y.T, x.T
    elif change == "mixed":
        x = np.asfortranarray(x)
    elif change == "gaps":
        y, x = y[:, ::2], x[:, ::2]
    elif change == "backwards":
        y, x = y[::-1], x[::-1]
    else:
        x.flags.writeable = False
    expected = 0.9 * y + 0.1 * x
    kernels.blend(y, 0.9, x, 0.1)
    np.testing.assert_allclose(y, expected, atol=1e-6)


def test_the_bytes_do_not_depend_on_where_the_memory_starts() -> None:
    y, x = pair((50_003,), np.float32)
    expected = y.copy()
    kernels.blend(expected, 0.9, x, 0.1)
    for offset in range(17):
        moved = np.empty(50_100, np.float32)[offset : offset + len(y)]
        moved[:] = y
        kernels.blend(moved, 0.9, x, 0.1)
        np.testing.assert_array_equal(moved, expected)


def test_what_is_not_finite_spreads_as_in_arithmetic() -> None:
    for shape in (SMALL, LARGE):
        y, x = np.full(shape, np.nan, np.float32), np.ones(shape, np.float32)
        kernels.blend(y, 0, x, 1)
        assert np.isnan(y).all()
        y[:] = 1
        x[:] = np.inf
        kernels.blend(y, 0.5, x, -1)
        assert np.isneginf(y).all()


def test_temporary_memory_is_an_argument_out() -> None:
    for shape in ((), SMALL, LARGE, (200, 200)):
        x = np.full(shape, 3.0, np.float32)
        square = np.square(x, out=kernels.temporary(x))
        assert isinstance(square, np.ndarray)
        assert square.dtype == np.float32
        np.testing.assert_array_equal(square, x * x)
    column = np.ones((200, 200), np.float32, order="F")
    assert kernels.temporary(column).strides == column.strides
    assert kernels.temporary(column[::2]) is ...
    large = np.ones(LARGE, np.float32)
    assert np.shares_memory(kernels.temporary(large), kernels.temporary(large))
