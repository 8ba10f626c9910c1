"""The kernels for windows, borders and interpolation against naive twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minitorch import kernels
from minitorch.kernels import Bins, Table, Windows, parallel

RNG = np.random.default_rng(0)
LAYOUTS = {
    "as torch shows it": (0, 1, 2, 3),
    "channels last": (0, 2, 3, 1),
    "batch last": (1, 2, 3, 0),
}


def laid(x: np.ndarray, layout: str) -> np.ndarray:
    """Return the array with its dimensions in another order of memory."""
    order = LAYOUTS[layout]
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))


def places(line: Windows, i: int) -> list[tuple[int, int]]:
    """The taps of window i that lie in the input: their numbers and their places."""
    at = [i * line.stride - line.padding + k * line.dilation for k in range(line.kernel)]
    return [(k, place) for k, place in enumerate(at) if 0 <= place < line.size]


def naive_max_pool(x: np.ndarray, rows: Windows, columns: Windows) -> tuple[Any, Any]:
    """Look at every window."""
    out = np.full((*x.shape[:2], rows.out, columns.out), -np.inf)
    taps = np.zeros(out.shape, int)
    for n, c, i, j in np.ndindex(out.shape):
        best = None
        for a, y in places(rows, i):
            for b, z in places(columns, j):
                value = x[n, c, y, z]
                if best is None or value > best or np.isnan(value):
                    best = value
                    out[n, c, i, j], taps[n, c, i, j] = value, a * columns.kernel + b
    return out, taps


def naive_spread(g: np.ndarray, taps: np.ndarray, rows: Windows, columns: Windows) -> np.ndarray:
    """Add the elements one by one."""
    out = np.zeros((*g.shape[:2], rows.size, columns.size))
    for n, c, i, j in np.ndindex(g.shape):
        a, b = divmod(int(taps[n, c, i, j]), columns.kernel)
        y = i * rows.stride - rows.padding + a * rows.dilation
        z = j * columns.stride - columns.padding + b * columns.dilation
        out[n, c, y, z] += g[n, c, i, j]
    return out


@st.composite
def lines(draw: Any) -> Windows:
    """Windows with a tap of each in the input."""
    size, kernel, stride = (draw(st.integers(1, n)) for n in (9, 4, 4))
    dilation = draw(st.integers(1, 3)) if size > 3 else 1
    reach = dilation * (kernel - 1) + 1
    padding = draw(st.integers(0, kernel // 2))
    if size + 2 * padding < reach:
        kernel, padding, dilation, reach = 1, 0, 1, 1
    out = (size + 2 * padding - reach) // stride + 1
    return Windows(size, kernel, stride, padding, dilation, out)


@pytest.mark.parametrize("layout", LAYOUTS)
@given(rows=lines(), columns=lines(), piece=st.sampled_from([1, 30, 1000]), data=st.data())
@settings(max_examples=30)
def test_max_pooling(layout: str, rows: Windows, columns: Windows, piece: int, data: Any) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    shape = (data.draw(st.integers(0, 3)), data.draw(st.integers(1, 3)), rows.size, columns.size)
    values = [0.0, 1.0, 2.0, -np.inf, data.draw(st.sampled_from([3.0, np.nan]))]
    x = laid(rng.choice(values, shape), layout)
    before = parallel.ALONE, parallel.SHARED
    parallel.ALONE = parallel.SHARED = piece
    try:
        out, taps = kernels.max_pool_taps(x, rows, columns)
        g = rng.standard_normal(out.shape)
        spread = kernels.spread_taps(g, taps, rows, columns, LAYOUTS[layout])
        np.testing.assert_array_equal(kernels.max_pool(x, rows, columns), out)
        picked = kernels.pick_taps(x, taps, rows, columns, LAYOUTS[layout])
    finally:
        parallel.ALONE, parallel.SHARED = before
    expected, naive_taps = naive_max_pool(x, rows, columns)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(taps, naive_taps)
    np.testing.assert_array_equal(picked, expected)
    np.testing.assert_allclose(spread, naive_spread(g, taps, rows, columns))
    flat = kernels.tap_indices(taps, rows, columns)
    for n, c, i, j in np.ndindex(out.shape):
        place = divmod(int(flat[n, c, i, j]), columns.size)
        np.testing.assert_equal(x[n, c][place], out[n, c, i, j])


def naive_average(x: np.ndarray, rows: Any, columns: Any) -> np.ndarray:
    """Sum every window."""
    out = np.zeros((*x.shape[:2], rows.out, columns.out))
    for i, (top, bottom) in enumerate(rows.ranges):
        for j, (left, right) in enumerate(columns.ranges):
            out[:, :, i, j] = x[:, :, top:bottom, left:right].sum((2, 3))
    return out


@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
@settings(max_examples=30)
def test_average_pooling(layout: str, data: Any) -> None:
    sizes = st.builds(Bins, st.integers(1, 9), st.integers(1, 9))
    plain = lines().filter(lambda line: line.dilation == 1)
    rows, columns = (data.draw(st.one_of(plain, sizes)) for _ in range(2))
    shape = (2, 3, rows.size, columns.size)
    x, h = (laid(RNG.standard_normal(shape), layout) for _ in range(2))
    divisor = RNG.uniform(1, 2, (rows.out, columns.out))
    out = kernels.average_pool(x, rows, columns, divisor)
    np.testing.assert_allclose(out, naive_average(x, rows, columns) / divisor)
    g = RNG.standard_normal(out.shape)
    spread = kernels.spread_average(g, rows, columns, divisor, kernels.memory_order(x))
    assert spread.shape == shape
    pooled = kernels.average_pool(h, rows, columns, divisor)
    np.testing.assert_allclose((spread * h).sum(), (g * pooled).sum())  # the adjoint


@pytest.mark.parametrize("layout", LAYOUTS)
def test_results_lie_in_memory_as_their_inputs(layout: str) -> None:
    x = laid(RNG.standard_normal((4, 3, 6, 5)), layout)
    rows, columns = Windows(6, 2, 2, 0, 1, 3), Windows(5, 2, 2, 0, 1, 2)
    out, taps = kernels.max_pool_taps(x, rows, columns)
    order = LAYOUTS[layout]
    pads = ((0, 0), (0, 0), (1, 1), (1, 1))
    borders = ((2, 6, 1, 2), (3, 5, 1, 0))
    table = Table(np.array([[0, 1, 1]]), None, 6)
    results = [
        out,
        taps,
        kernels.max_pool(x, rows, columns),
        kernels.spread_taps(np.ascontiguousarray(out), taps, rows, columns, order),
        kernels.average_pool(x, rows, columns, 4),
        kernels.spread_average(np.ascontiguousarray(out), rows, columns, 4, order),
        kernels.pad_constant(x, pads, 0),
        kernels.pad_from_inside(x, borders, "reflect"),
        kernels.resample(x, 2, table),
    ]
    for result in results:
        assert kernels.memory_order(result) == order
    everywhere = Windows(6, 6, 6, 0, 1, 1), Windows(5, 5, 5, 0, 1, 1)
    mean = kernels.average_pool(x, *everywhere, 30)
    assert not kernels.spread_average(mean, *everywhere, 30, order).flags.writeable  # one number


def test_an_infinite_gradient_stays_where_it_is() -> None:
    line = Windows(4, 2, 2, 0, 1, 2)
    taps = np.zeros((1, 1, 2, 2), np.uint8)
    g = np.array([[[[np.inf, np.nan], [1.0, 2.0]]]])
    spread = kernels.spread_taps(g, taps, line, line, (0, 1, 2, 3))
    np.testing.assert_array_equal(spread[0, 0, ::2, ::2], g[0, 0])
    assert np.count_nonzero(spread) == 4


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("pads", [(1, 2), (0, 3), (3, 0)])
def test_borders(mode: str, pads: tuple[int, int]) -> None:
    x = RNG.standard_normal((3, 4, 5))
    name = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode]
    borders = ((1, 4, *pads), (2, 5, 2, 1))
    out = kernels.pad_from_inside(x, borders, mode)
    np.testing.assert_array_equal(out, np.pad(x, ((0, 0), pads, (2, 1)), name))
    g, h = RNG.standard_normal(out.shape), RNG.standard_normal(x.shape)
    folded = kernels.add_borders(g, borders, mode)
    padded = kernels.pad_from_inside(h, borders, mode)
    np.testing.assert_allclose((folded * h).sum(), (g * padded).sum())  # the adjoint


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 4), st.integers(0, 99))
def test_resampling(size: int, out: int, taps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = Table(rng.integers(0, size, (taps, out)), rng.standard_normal((taps, out)), size)
    matrix = np.zeros((out, size))
    for t, i in np.ndindex(taps, out):
        matrix[i, table.index[t, i]] += table.weight[t, i]
    x, g = rng.standard_normal((2, size, 3)), rng.standard_normal((2, out, 3))
    np.testing.assert_allclose(kernels.resample(x, 1, table), matrix @ x, atol=1e-12)
    np.testing.assert_allclose(kernels.resample(g, 1, table.adjoint), matrix.T @ g, atol=1e-12)


@given(rows=lines(), columns=lines())
@settings(max_examples=30)
def test_folding(rows: Windows, columns: Windows) -> None:
    x = RNG.standard_normal((2, 3, rows.size, columns.size))
    taps = np.zeros((2, 3, rows.kernel, columns.kernel, rows.out, columns.out))
    for i, j in np.ndindex(rows.out, columns.out):
        for a, y in places(rows, i):
            for b, z in places(columns, j):
                taps[:, :, a, b, i, j] = x[:, :, y, z]
    out = kernels.unfold(x, rows, columns)
    np.testing.assert_array_equal(out, taps.reshape(out.shape))
    g = RNG.standard_normal(out.shape)
    folded = kernels.fold(g, rows, columns)
    np.testing.assert_allclose((folded * x).sum(), (g * out).sum())  # the adjoint
