"""The convolution kernels against the textbook: loops, and im2col for the whole batch at once."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitorch
from minitorch import kernels
from minitorch.kernels import Geometry, parallel, threads
from minitorch.kernels.convolution import (
    columns,
    depthwise,
    lanes,
    maps,
    precision,
    strips,
    tiling,
    transforms,
    winograd,
)

RNG = np.random.default_rng(0)


def by_loops(x: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The definition: each output is a sum over the window's taps and the group's channels."""
    out = np.zeros((len(x), len(weight), *geometry.out))
    (sy, sx), (dy, dx), (top, left) = geometry.stride, geometry.dilation, geometry.padding
    inputs, outputs = weight.shape[1], len(weight) // geometry.groups
    for n, o, i, j in np.ndindex(out.shape):
        for c, u, v in np.ndindex(weight.shape[1:]):
            row, column = i * sy + u * dy - top, j * sx + v * dx - left
            if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                channel = o // outputs * inputs + c
                out[n, o, i, j] += x[n, channel, row, column] * weight[o, c, u, v]
    return out


def by_columns(x: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The textbook's im2col: every window of the padded batch is a row of one large matrix."""
    assert geometry.groups == 1
    (sy, sx), (top, left), (ho, wo) = geometry.stride, geometry.padding, geometry.out
    padded = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    kh, kw = weight.shape[2:]
    views = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), (2, 3))[:, :, ::sy, ::sx]
    rows = views[:, :, :ho, :wo].transpose(0, 2, 3, 1, 4, 5).reshape(len(x) * ho * wo, -1)
    product = rows @ weight.reshape(len(weight), -1).T
    return product.reshape(len(x), ho, wo, -1).transpose(0, 3, 1, 2)


def adjoints(
    x: np.ndarray, weight: np.ndarray, g: np.ndarray, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of ``(by_loops(x, weight) * g).sum()``, by its linearity in each argument."""
    gradients = []
    for index, array in enumerate((x, weight)):
        result = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            unit = np.zeros(array.shape)
            unit[place] = 1
            result[place] = (by_loops(*[(unit, weight), (x, unit)][index], geometry) * g).sum()
        gradients.append(result)
    return gradients[0], gradients[1]


def square(n: int, kernel: int = 3, stride: int = 1, padding: int = 1, groups: int = 1) -> Geometry:
    """The geometry of a square convolution without dilation."""
    out = (n + 2 * padding - kernel) // stride + 1
    one = (1, 1)
    return Geometry(
        (n, n), (kernel, kernel), (stride,) * 2, (padding,) * 2, one, groups, (out, out)
    )


def arrays(n: int, channels: int, outputs: int, geometry: Geometry) -> tuple[np.ndarray, ...]:
    """An input, a weight and a gradient of the output."""
    return (
        RNG.standard_normal((n, channels, *geometry.size)),
        RNG.standard_normal((outputs, channels // geometry.groups, *geometry.kernel)),
        RNG.standard_normal((n, outputs, *geometry.out)),
    )


@pytest.fixture
def two_threads() -> Any:
    """Two threads, whatever the environment says, and pieces of any size worth one."""
    before = threads.get_num_threads()
    threads.set_num_threads(2)
    yield
    threads.set_num_threads(before)


def one_axis(draw: Any) -> tuple[int, ...]:
    kernel, stride, dilation = (draw(st.integers(1, 3)) for _ in range(3))
    padding = draw(st.integers(-1, 3))
    out = draw(st.integers(1, 3))
    size = draw(st.integers(1, 6))
    return size, kernel, stride, padding, dilation, out


@st.composite
def geometries(draw: Any) -> Geometry:
    """Any geometry: windows may lie outside the input, or leave some of it out."""
    axes = list(zip(one_axis(draw), one_axis(draw), strict=True))
    size, kernel, stride, padding, dilation, out = axes
    return Geometry(size, kernel, stride, padding, dilation, draw(st.integers(1, 3)), out)


@settings(max_examples=80)
@given(geometries(), st.sampled_from((0, 1, 2, 16)), st.integers(1, 2), st.integers(1, 2))
def test_three_maps_follow_the_definition(
    geometry: Geometry, n: int, inputs: int, outputs: int
) -> None:
    x, weight, g = arrays(n, inputs * geometry.groups, outputs * geometry.groups, geometry)
    y = kernels.convolve(x, weight, None, geometry)
    np.testing.assert_allclose(y, by_loops(x, weight, geometry), atol=1e-12)
    # <conv(x, w), g> = <x, input_gradient(g, w)> = <w, weight_gradient(x, g)>, for any x and w.
    dx = kernels.convolution_input_gradient(g, weight, geometry)
    dw = kernels.convolution_weight_gradient(x, g, geometry)
    assert dx.shape == x.shape
    assert dw.shape == weight.shape
    product = (y * g).sum()
    np.testing.assert_allclose((dx * x).sum(), product, atol=1e-10)
    np.testing.assert_allclose((dw * weight).sum(), product, atol=1e-10)
    for ours, alone in zip(
        kernels.convolution_gradients(x, weight, g, geometry), (dx, dw), strict=True
    ):
        np.testing.assert_allclose(ours, alone, atol=1e-12)


@pytest.mark.parametrize(
    "geometry",
    [
        square(3),
        square(4, stride=2),
        square(3, kernel=1, stride=2, padding=0),
        square(3, kernel=2, padding=0, groups=2),
        Geometry((4, 3), (2, 2), (1, 2), (1, 0), (2, 1), 1, (4, 1)),
    ],
)
def test_gradients_place_by_place(geometry: Geometry) -> None:
    x, weight, g = arrays(2, 2, 2, geometry)
    for ours, naive in zip(
        kernels.convolution_gradients(x, weight, g, geometry),
        adjoints(x, weight, g, geometry),
        strict=True,
    ):
        np.testing.assert_allclose(ours, naive, atol=1e-12)


@pytest.mark.parametrize("phases", [False, True])
@pytest.mark.parametrize("m", [(2, 2), (2, 4), (4, 2), (4, 4)])
@pytest.mark.parametrize(
    ("n", "channels", "outputs", "size", "padding"),
    [(3, 5, 7, 7, 1), (2, 3, 3, 5, 0), (9, 4, 5, 21, 2), (1, 3, 2, 1, 1)],
)
def test_winograd_is_the_same_sum(
    monkeypatch: Any, two_threads: Any, m: Any, phases: bool, n: int, channels: int, outputs: int,
    size: int, padding: int,
) -> None:  # fmt: skip
    if phases:  # as if the weights were too large for the cache, and the images for a slab
        monkeypatch.setattr(winograd, "_FILTERS", 0)
        monkeypatch.setattr(winograd, "_SLAB", 20_000)
    monkeypatch.setattr(tiling, "_TILES", 8_000)  # several blocks
    geometry = square(size, padding=padding)
    x, weight, g = arrays(n, channels, outputs, geometry)
    results = []
    for tile_size in (None, m):
        monkeypatch.setattr(maps, "tile_size", lambda *_, tile_size=tile_size: tile_size)
        y = kernels.convolve(x, weight, np.arange(outputs) * 1.0, geometry)
        results.append((y, *kernels.convolution_gradients(x, weight, g, geometry)))
    for direct, fast in zip(*results, strict=True):
        np.testing.assert_allclose(fast, direct, atol=1e-11)
    bias = np.arange(outputs)[:, None, None]
    np.testing.assert_allclose(results[1][0], by_columns(x, weight, geometry) + bias, atol=1e-11)


def error(result: np.ndarray, exact: np.ndarray) -> float:
    """The largest error, seen from the largest number."""
    return float(np.abs(result - exact).max() / np.abs(exact).max())


@pytest.mark.parametrize(("m", "factor"), [((2, 2), 2), ((2, 4), 3), ((4, 4), 6)])
def test_how_exact_tiles_are(m: tuple[int, int], factor: float) -> None:
    """The largest error, against float64, is at most `factor` times that of im2col."""
    geometry = square(16)
    x, weight, g = arrays(8, 64, 64, geometry)
    single = [a.astype(np.float32) for a in (x, weight, g)]
    images, taps, outputs = maps._images(single[0]), maps._taps(single[1]), maps._images(single[2])
    exact = by_columns(x, weight, geometry).transpose(0, 2, 3, 1)
    direct = error(columns.forward(images, taps, None, geometry), exact)
    assert direct < 1e-6
    assert error(winograd.forward(images, taps, None, geometry, m), exact) < factor * direct
    exact = columns.weight_gradient(maps._images(x), maps._images(g), geometry)
    direct = error(columns.weight_gradient(images, outputs, geometry), exact)
    assert direct < 1e-6
    assert error(winograd.weight_gradient(images, outputs, geometry, m), exact) < factor * direct


@pytest.mark.parametrize("m", [2, 4])
def test_one_dimensional_transforms(m: int) -> None:
    """``A^T [(G g) * (B^T d)]`` is the sum of products of neighbours."""
    t = transforms.transforms(m, np.dtype(np.float64))
    d, g = RNG.standard_normal(m + 2), RNG.standard_normal(3)
    expected = [d[i : i + 3] @ g for i in range(m)]
    np.testing.assert_allclose(t.of_output @ ((t.of_weight @ g) * (t.of_input @ d)), expected)


def test_the_choice_of_tiles(monkeypatch: Any) -> None:
    large, small = square(32), square(4)
    assert maps.tile_size(large, 8, 128, 128) == (2, 4)
    assert maps.tile_size(large, 8, 64, 128) is None
    assert maps.tile_size(large, 8, 3, 64) is None
    assert maps.tile_size(small, 1, 512, 512) is None
    assert maps.tile_size(square(3), 64, 512, 512) is None
    assert maps.tile_size(square(32, stride=2), 8, 128, 128) is None
    assert maps.tile_size(square(32, kernel=5), 8, 128, 128) is None
    assert maps.tile_size(square(32, groups=2), 8, 128, 128) is None
    assert maps.tile_size(small, 32, 512, 512) == (2, 2)
    monkeypatch.setattr(precision, "_reduced", True)
    assert maps.tile_size(large, 8, 128, 128) == (4, 4)
    assert maps.tile_size(small, 32, 512, 512) == (2, 2)


@pytest.mark.parametrize("stride", [1, 2])
def test_channels_alone(two_threads: Any, stride: int) -> None:
    geometry = square(9, stride=stride, groups=6)
    x, weight, g = arrays(3, 6, 6, geometry)
    images, taps, outputs = maps._images(x), maps._taps(weight), maps._images(g)
    for name, arguments in (
        ("forward", (images, taps, np.arange(6.0), geometry)),
        ("input_gradient", (outputs, taps, geometry)),
        ("weight_gradient", (images, outputs, geometry)),
    ):
        ours, general = (getattr(room, name)(*arguments) for room in (depthwise, columns))
        np.testing.assert_allclose(ours, general, atol=1e-12)


@pytest.mark.parametrize(
    ("geometry", "channels"), [(square(24), 32), (square(24, stride=2), 32), (square(30), 3)]
)
def test_threads_agree_and_repeat_exactly(
    two_threads: Any, geometry: Geometry, channels: int
) -> None:
    x, weight, g = (a.astype(np.float32) for a in arrays(16, channels, 32, geometry))
    runs = []
    for count in (2, 2, 1):
        threads.set_num_threads(count)
        y = kernels.convolve(x, weight, None, geometry)
        runs.append((y, *kernels.convolution_gradients(x, weight, g, geometry)))
    for first, again, alone in zip(*runs, strict=True):
        assert first.tobytes() == again.tobytes()
        np.testing.assert_allclose(first, alone, atol=1e-3 * np.abs(alone).max())


@pytest.mark.parametrize("rows", [1, 7, 32])
@pytest.mark.parametrize("n", [0, 1, 3, 40])
@pytest.mark.parametrize("row_bytes", [0, 1_000, 50_000, 3_000_000])
def test_tiles_cover_every_row_once(n: int, rows: int, row_bytes: int) -> None:
    from minitorch.kernels.convolution.geometry import TILE, tiles

    seen = np.zeros((n, rows), int)
    for tile in tiles(n, rows, row_bytes, 2):
        seen[tile.start : tile.stop, tile.top : tile.bottom] += 1
        size = (tile.stop - tile.start) * (tile.bottom - tile.top)
        assert size * row_bytes <= 2 * TILE or size == 1
    assert (seen == 1).all()


def test_an_output_has_its_channels_last_and_starts_at_a_cache_line() -> None:
    x, weight, _ = arrays(4, 16, 32, square(16))
    y = kernels.convolve(x, weight, None, square(16))
    assert y.transpose(0, 2, 3, 1).flags.c_contiguous
    assert y.ctypes.data % 64 == 0


def test_no_scratch_is_larger_than_a_few_megabytes() -> None:
    geometry = square(64)
    x, weight, g = (a.astype(np.float32) for a in arrays(32, 8, 8, geometry))
    parallel._own.scratch.clear()
    threads_before = threads.get_num_threads()
    threads.set_num_threads(1)
    kernels.convolve(x, weight, None, geometry)
    kernels.convolution_gradients(x, weight, g, geometry)
    threads.set_num_threads(threads_before)
    assert sum(buffer.nbytes for buffer in parallel._own.scratch.values()) < 8 << 20


SIDE_BY_SIDE = [
    (kernel, stride, padding)
    for kernel in ((1, 1), (2, 2), (3, 3), (1, 3), (3, 2))
    for stride in ((1, 1), (2, 2), (2, 1), (3, 3))
    for padding in ((0, 0), (1, 1), (2, 1))
]


@pytest.mark.parametrize(("kernel", "stride", "padding"), SIDE_BY_SIDE)
@pytest.mark.parametrize("size", [(5, 4), (8, 7), (6, 9)])
def test_images_side_by_side_are_convolved_as_one_by_one(size, kernel, stride, padding):
    pairs = zip(size, kernel, stride, padding, strict=True)
    out = tuple((n + 2 * p - k) // s + 1 for n, k, s, p in pairs)
    if min(out) < 1:
        pytest.skip("no window fits")
    geometry = Geometry(size, kernel, stride, padding, (1, 1), 1, out)
    rng = np.random.default_rng(0)
    x, g = rng.standard_normal((17, *size, 3)), rng.standard_normal((17, *out, 5))
    weight, bias = rng.standard_normal((*kernel, 3, 5)), rng.standard_normal(5)
    beside = (1, 2, 3, 0)

    def laid(images):
        return np.ascontiguousarray(images.transpose(beside))

    y = lanes.forward(laid(x), weight, bias, geometry)
    dx = lanes.input_gradient(laid(g), weight, geometry)
    dw = lanes.weight_gradient(laid(x), laid(g), geometry)
    close = partial(np.testing.assert_allclose, atol=1e-10)
    close(y, laid(columns.forward(x, weight, bias, geometry)))
    close(dx, laid(columns.input_gradient(g, weight, geometry)))
    close(dw, columns.weight_gradient(x, g, geometry))


def test_a_network_of_few_channels_keeps_its_images_side_by_side():
    nn = minitorch.nn
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
    block = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8))
    inner = net(minitorch.randn(16, 3, 8, 8))
    gradients = []
    inner.register_hook(gradients.append)
    out = block(inner)
    out += inner
    minitorch.relu(out).mean((2, 3)).sum().backward()
    for tensor in (inner, out, *gradients):
        assert lanes.is_laid(np.array(tensor.detach()))


def test_the_errors_of_tiles_along_the_row_are_of_the_order_of_those_of_columns():
    rng = np.random.default_rng(0)
    geometry = Geometry((16, 16), (3, 3), (1, 1), (1, 1), (1, 1), 1, (16, 16))
    x = np.maximum(rng.standard_normal((16, 16, 16, 64)), 0)
    weight = rng.standard_normal((3, 3, 64, 64)) / 24
    exact = columns.forward(x, weight, None, geometry)
    x, weight = x.astype(np.float32), weight.astype(np.float32)
    laid = np.ascontiguousarray(x.transpose(1, 2, 3, 0))
    tiled = lanes.forward(laid, weight, None, geometry).transpose(3, 0, 1, 2)
    error = np.sqrt(np.mean((tiled - exact) ** 2))
    usual = np.sqrt(np.mean((columns.forward(x, weight, None, geometry) - exact) ** 2))
    assert error < 3 * usual


@pytest.mark.parametrize("images", [4, 8, 15])
@pytest.mark.parametrize("padding", [(0, 1), (1, 1), (2, 0)])
def test_images_in_strips_are_convolved_as_wholes(images, padding):
    out = 24, 24 + 2 * padding[1] - 2
    geometry = Geometry((24, 24), (3, 3), (1, 1), padding, (1, 1), 1, out)
    assert strips.count(geometry, images) * images >= lanes.FEWEST
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((images, 24, 24, 3)), rng.standard_normal((3, 3, 3, 4))
    bias = rng.standard_normal(4)
    y = strips.forward(x, weight, bias, geometry)
    np.testing.assert_allclose(y, columns.forward(x, weight, bias, geometry), atol=1e-10)


def test_few_images_of_some_channels_are_cut_into_strips():
    geometry = Geometry((16, 16), (3, 3), (1, 1), (1, 1), (1, 1), 1, (16, 16))
    assert maps.in_strips(geometry, 8, 32, 64)
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((8, 32, 16, 16)), rng.standard_normal((64, 32, 3, 3)) / 17
    g = rng.standard_normal((8, 64, 16, 16))
    dx, dw = maps.convolution_gradients(x, weight, g, geometry)
    rows = [part.transpose(0, 2, 3, 1) for part in map(np.ascontiguousarray, (x, g))]
    taps = np.ascontiguousarray(weight.transpose(2, 3, 1, 0))
    expected = columns.gradients(*map(np.ascontiguousarray, (rows[0], taps, rows[1])), geometry)
    np.testing.assert_allclose(dx.transpose(0, 2, 3, 1), expected[0], atol=1e-10)
    np.testing.assert_allclose(dw.transpose(2, 3, 1, 0), expected[1], atol=1e-10)


@pytest.mark.parametrize("images", [2, 16])
@pytest.mark.parametrize("dtype", [np.int64, np.float16])
@pytest.mark.parametrize("channels", [3, 128])
def test_dtypes_that_do_not_bear_tiles_are_computed_without(images, dtype, channels):
    rng = np.random.default_rng(0)
    geometry = Geometry((8, 8), (3, 3), (1, 1), (1, 1), (1, 1), 1, (8, 8))
    x = rng.integers(0, 3, (images, channels, 8, 8)).astype(dtype)
    weight = rng.integers(0, 2, (channels, channels, 3, 3)).astype(dtype)
    exact = kernels.convolve(x.astype(float), weight.astype(float), None, geometry)
    np.testing.assert_allclose(kernels.convolve(x, weight, None, geometry), exact, rtol=2e-3)


@pytest.mark.parametrize("images", [2, 16])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("inputs", "outputs"), [(0, 3), (3, 0), (0, 0)])
def test_no_channels(images, stride, inputs, outputs):
    size = (8 - 1) // stride + 1
    geometry = Geometry((8, 8), (3, 3), (stride,) * 2, (1, 1), (1, 1), 1, (size, size))
    x, weight = np.ones((images, inputs, 8, 8)), np.ones((outputs, inputs, 3, 3))
    y = kernels.convolve(x, weight, None, geometry)
    assert y.shape == (images, outputs, size, size)
    assert not y.any()
    dx, dw = kernels.convolution_gradients(x, weight, np.ones_like(y), geometry)
    assert dx.shape == x.shape
    assert dw.shape == weight.shape


@pytest.mark.parametrize("kernel", [2, 3])
def test_one_channel_with_any_step_in_memory(kernel):
    size = (8 + 2 - kernel) // 2 + 1
    geometry = Geometry((8, 8), (kernel, kernel), (2, 2), (1, 1), (1, 1), 1, (size, size))
    rng = np.random.default_rng(0)
    laid = rng.standard_normal((8, 8, 4, 16)).transpose(3, 2, 0, 1)  # images last in memory
    weight = rng.standard_normal((2, 1, kernel, kernel))
    for x in (laid[:, :1], laid.sum(1)[:, None], laid[:, 1][:, None]):
        expected = kernels.convolve(np.ascontiguousarray(x), weight, None, geometry)
        np.testing.assert_allclose(kernels.convolve(x, weight, None, geometry), expected)
