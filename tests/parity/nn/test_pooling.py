"""Pooling against PyTorch, in every memory order, to second derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.parity.nn.compare import close, outcome, same_at, same_to_second_order

T = torch.nn.functional
RNG = np.random.default_rng(0)


def as_it_is(x: np.ndarray) -> np.ndarray:
    """Leave the memory order as it is."""
    return x


def channels_last(x: np.ndarray) -> np.ndarray:
    """Return the array with its second dimension last in memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


def agree(
    function: Callable[[Any, Any], Any], x: np.ndarray, *, layout: Callable = as_it_is
) -> None:
    """Assert that ``function(F, x)`` agrees, the input here lying in memory as `layout` says."""
    x = layout(x)
    same_to_second_order(lambda a: function(F, laid(a, x)), lambda a: function(T, a), x)


def laid(a: Any, like: np.ndarray) -> Any:
    """Return a tensor of the same leaf whose memory is laid out as that of `like`."""
    order = np.argsort([-s for s in like.strides], kind="stable").tolist()
    inverse = np.argsort(order).tolist()
    return a.permute(*order).contiguous().permute(*inverse)


IMAGES = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 2, "stride": 3, "ceil_mode": True, "padding": 1},
    {"kernel_size": 4, "stride": 4, "padding": 2, "ceil_mode": True},
    {"kernel_size": (7, 5)},
    {"kernel_size": 1, "stride": 2},
]
MAX_ONLY = [
    {"kernel_size": 2, "dilation": 2},
    {"kernel_size": (3, 2), "dilation": (2, 3), "padding": (1, 1), "stride": 2},
    {"kernel_size": 2, "stride": 1, "dilation": 3, "ceil_mode": True},
]
AVERAGE_ONLY = [
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 2, "stride": 2, "ceil_mode": True, "count_include_pad": False},
    {"kernel_size": 3, "stride": 2, "padding": 1, "divisor_override": 5},
]


@pytest.mark.parametrize("layout", [as_it_is, channels_last])
@pytest.mark.parametrize("options", IMAGES + MAX_ONLY, ids=str)
def test_max_pool2d(options: dict, layout: Callable) -> None:
    x = RNG.standard_normal((2, 3, 7, 5))
    agree(lambda lib, a: lib.max_pool2d(a, **options), x, layout=layout)
    agree(lambda lib, a: lib.max_pool2d(a, return_indices=True, **options)[0], x, layout=layout)
    ours = F.max_pool2d(minitorch.from_numpy(layout(x)), return_indices=True, **options)
    close(ours, T.max_pool2d(torch.tensor(x), return_indices=True, **options))


@pytest.mark.parametrize("layout", [as_it_is, channels_last])
@pytest.mark.parametrize("options", IMAGES + AVERAGE_ONLY, ids=str)
def test_avg_pool2d(options: dict, layout: Callable) -> None:
    x = RNG.standard_normal((2, 3, 7, 5))
    agree(lambda lib, a: lib.avg_pool2d(a, **options), x, layout=layout)


SIGNALS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": (9,), "stride": [1]},
]


@pytest.mark.parametrize("shape", [(2, 3, 9), (3, 9)])
@pytest.mark.parametrize("options", SIGNALS, ids=str)
def test_signals(options: dict, shape: tuple) -> None:
    x = RNG.standard_normal(shape)
    agree(lambda lib, a: lib.max_pool1d(a, **options), x)
    agree(lambda lib, a: lib.avg_pool1d(a, **options), x)
    ours = F.max_pool1d(minitorch.tensor(x), return_indices=True, **options)
    close(ours, T.max_pool1d(torch.tensor(x), return_indices=True, **options))
    agree(lambda lib, a: lib.max_pool1d(a, 2, dilation=3), x)
    agree(lambda lib, a: lib.avg_pool1d(a, 2, padding=1, count_include_pad=False), x)


@pytest.mark.parametrize("layout", [as_it_is, channels_last])
@pytest.mark.parametrize("size", [1, 2, (3, None), (None, 1), (7, 6), (9, 2)])
def test_adaptive(size: Any, layout: Callable) -> None:
    x = RNG.standard_normal((2, 3, 7, 6))
    agree(lambda lib, a: lib.adaptive_avg_pool2d(a, size), x, layout=layout)
    agree(lambda lib, a: lib.adaptive_max_pool2d(a, size), x, layout=layout)
    ours = F.adaptive_max_pool2d(minitorch.from_numpy(layout(x)), size, return_indices=True)
    close(ours, T.adaptive_max_pool2d(torch.tensor(x), size, return_indices=True))


@pytest.mark.parametrize("size", [1, 2, 3, 7, [4]])
def test_adaptive_signals(size: Any) -> None:
    for shape in ((2, 3, 6), (3, 6)):
        x = RNG.standard_normal(shape)
        agree(lambda lib, a: lib.adaptive_avg_pool1d(a, size), x)
        agree(lambda lib, a: lib.adaptive_max_pool1d(a, size), x)
        ours = F.adaptive_max_pool1d(minitorch.tensor(x), size, return_indices=True)
        close(ours, T.adaptive_max_pool1d(torch.tensor(x), size, return_indices=True))


FUNCTIONS = {
    "max": lambda lib, a: lib.max_pool2d(a, 3, 2, 1),
    "average": lambda lib, a: lib.avg_pool2d(a, 3, 2, 1),
    "adaptive average": lambda lib, a: lib.adaptive_avg_pool2d(a, (3, 1)),
    "adaptive max": lambda lib, a: lib.adaptive_max_pool2d(a, (3, 1)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("shape", [(3, 5, 4), (0, 3, 5, 4), (1, 1, 5, 4), (2, 1, 1, 1)])
def test_unusual_shapes(name: str, shape: tuple) -> None:
    agree(FUNCTIONS[name], RNG.standard_normal(shape))


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.uint8])
def test_other_types(dtype: Any) -> None:
    x = RNG.integers(0, 9, (2, 3, 6, 4)).astype(dtype)
    ours = F.max_pool2d(minitorch.tensor(x), 3, 2, 1, return_indices=True)
    close(ours, T.max_pool2d(torch.tensor(x), 3, 2, 1, return_indices=True))
    np.testing.assert_array_equal(F.max_pool2d(minitorch.tensor(x), 3, 2, 1), ours[0])


@pytest.mark.parametrize("layout", [as_it_is, channels_last])
def test_equal_infinite_and_missing_elements(layout: Callable) -> None:
    x = RNG.choice([0.0, 1.0, np.nan, np.inf, -np.inf], (4, 3, 8, 8))
    for values in (x, np.zeros_like(x), np.full_like(x, -np.inf)):
        for args in ((2,), (3, 2, 1), (3, 1)):
            ours = F.max_pool2d(minitorch.from_numpy(layout(values)), *args, return_indices=True)
            close(ours, T.max_pool2d(torch.tensor(values), *args, return_indices=True))
            plain = F.max_pool2d(minitorch.from_numpy(layout(values)), *args)
            close(plain, T.max_pool2d(torch.tensor(values), *args))


def test_a_large_window() -> None:
    x = RNG.standard_normal((1, 2, 20, 20))
    agree(lambda lib, a: lib.max_pool2d(a, 18, 1), x)
    ours = F.max_pool2d(minitorch.tensor(x), 18, 1, return_indices=True)
    close(ours, T.max_pool2d(torch.tensor(x), 18, 1, return_indices=True))


@settings(max_examples=40)
@given(st.data())
def test_any_windows(data: st.DataObject) -> None:
    kernel, stride = (data.draw(st.integers(1, 4)) for _ in range(2))
    dilation = data.draw(st.integers(1, 3))
    shape = [data.draw(st.integers(1, 3)) for _ in range(2)]
    shape += [data.draw(st.integers(1, 9)) for _ in range(2)]
    ceil_mode = data.draw(st.booleans())
    x = np.random.default_rng(0).integers(0, 4, shape).astype(float)
    reach = dilation * (kernel - 1) + 1
    padding = data.draw(st.integers(0, kernel // 2))
    if min(shape[2:]) + 2 * padding >= reach and min(shape[2:]) > dilation:
        options = (kernel, stride, padding, dilation, ceil_mode, True)
        ours = F.max_pool2d(minitorch.tensor(x), *options)
        close(ours, T.max_pool2d(torch.tensor(x), *options))
        agree(lambda lib, a: lib.max_pool2d(a, *options)[0], x)
    if min(shape[2:]) + 2 * padding >= kernel:
        include = data.draw(st.booleans())
        agree(lambda lib, a: lib.avg_pool2d(a, kernel, stride, padding, ceil_mode, include), x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_gradient_can_be_differentiated_again(name: str) -> None:
    x = RNG.standard_normal((1, 2, 6, 6))
    same_at(lambda lib, a: FUNCTIONS[name](lib.nn.functional, a), x)
    same_at(lambda lib, a: FUNCTIONS[name](lib.nn.functional, a * a), x)


LAYERS = {
    "MaxPool1d": [((2,), {}), ((3, 2, 1, 1, True), {}), ((2,), {"ceil_mode": True})],
    "MaxPool2d": [((2,), {}), (((3, 2), 2, 1), {}), ((2, 1, 0, 2, True), {})],
    "AvgPool1d": [((2,), {}), ((3, 2, 1, True, False), {})],
    "AvgPool2d": [((2,), {}), (((3, 2), 2, 1, True, False, 3), {})],
    "AdaptiveAvgPool1d": [((3,), {})],
    "AdaptiveAvgPool2d": [((3,), {}), (((None, 2),), {})],
    "AdaptiveMaxPool1d": [((3,), {}), ((3, True), {})],
    "AdaptiveMaxPool2d": [((3,), {}), (((None, 2), True), {})],
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    for args, options in LAYERS[name]:
        ours, theirs = (getattr(lib, name)(*args, **options) for lib in (nn, torch.nn))
        assert repr(ours) == repr(theirs)
        x = RNG.standard_normal((2, 3, 8) if "1d" in name else (2, 3, 8, 7))
        close(ours(minitorch.tensor(x)), theirs(torch.tensor(x)))


ERRORS = """
    max_pool2d(x, 3, padding=2)
    max_pool2d(x, 2, padding=-1)
    max_pool2d(x, 0)
    max_pool2d(x, 2, 0)
    max_pool2d(x, 2, -1)
    max_pool2d(x, 8)
    max_pool2d(x, 2, dilation=0)
    max_pool2d(x, (1, 2, 3))
    max_pool2d(x, 2, (1, 2, 3))
    max_pool2d(x, 2, padding=(1, 2, 3))
    max_pool2d(x, 2, dilation=(1, 2, 3))
    max_pool2d(o(3, 3), 2)
    max_pool2d(o(2, 0, 3, 3), 2)
    max_pool2d(x.bool(), 2)
    avg_pool2d(x, 3, padding=2)
    avg_pool2d(x, 0)
    avg_pool2d(x, 2, 0)
    avg_pool2d(x, 8)
    avg_pool2d(x, (1, 2, 3))
    avg_pool2d(x, 2, divisor_override=0)
    avg_pool2d(o(2, 0, 3, 3), 2)
    avg_pool1d(y, 8)
    avg_pool1d(y, 3, padding=2)
    avg_pool1d(x, 2)
    avg_pool1d(y, (2, 2))
    max_pool1d(y, 8)
    max_pool1d(y, 3, padding=2)
    max_pool1d(y, 0)
    max_pool1d(y, 2, 0)
    max_pool1d(y, 2, padding=-1)
    max_pool1d(y, 2, dilation=0)
    max_pool1d(x, 2)
    max_pool1d(o(3), 2)
    max_pool1d(y, (2, 2))
    max_pool1d(o(2, 0, 4), 2)
    max_pool1d(y.long(), 2)
    adaptive_avg_pool2d(x, (2,))
    adaptive_avg_pool2d(x, (2, 2, 2))
    adaptive_avg_pool2d(x, -1)
    adaptive_avg_pool2d(o(3, 3), 2)
    adaptive_avg_pool2d(o(2, 2, 0, 3), 2)
    adaptive_avg_pool2d(x.long(), 2)
    adaptive_avg_pool1d(y, (2, 2))
    adaptive_avg_pool1d(o(3), 2)
    adaptive_avg_pool1d(y, -1)
    adaptive_max_pool2d(x, -1)
    adaptive_max_pool2d(o(3, 3), 2)
    adaptive_max_pool2d(o(2, 2, 0, 3), 2)
    adaptive_max_pool2d(x, (2, 2, 2))
    adaptive_max_pool2d(x.long(), 2)
    adaptive_max_pool1d(y, -1)
    adaptive_max_pool1d(o(3), 2)
    adaptive_max_pool1d(y, (2, 2))
"""


@pytest.mark.parametrize("text", ERRORS.strip().splitlines())
def test_errors(text: str) -> None:
    def call(lib: Any) -> Any:
        names = {"x": lib.ones(2, 3, 6, 6), "y": lib.ones(2, 3, 6), "o": lib.ones}
        return eval(f"F.{text.strip()}", {"F": lib.nn.functional, **names})

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    assert outcome(lambda: call(torch))[0] != "nothing"


@pytest.mark.parametrize("shape", [(2, 3, 6, 4), (3, 6, 4)])
def test_unpooling(shape: tuple) -> None:
    x = RNG.standard_normal(shape)
    for args, size in (((2,), None), ((2,), shape[-2:]), ((3, 2, 1), (1, 1, *shape[-2:]))):
        values, indices = T.max_pool2d(torch.tensor(x), *args, return_indices=True)
        ours = minitorch.tensor(indices.numpy())
        same_to_second_order(
            lambda v, a=args, s=size, i=ours: F.max_unpool2d(v, i, *a, output_size=s),
            lambda v, a=args, s=size, i=indices: T.max_unpool2d(v, i, *a, output_size=s),
            values.numpy(),
        )
    values, indices = T.max_pool1d(torch.tensor(x.reshape(3, -1)), 2, return_indices=True)
    same_to_second_order(
        lambda v: nn.MaxUnpool1d(2)(v, minitorch.tensor(indices.numpy())),
        lambda v: torch.nn.MaxUnpool1d(2)(v, indices),
        values.numpy(),
    )


def test_unpooling_layers() -> None:
    for name in ("MaxUnpool1d", "MaxUnpool2d"):
        for args in ((2,), (3, 2, 1)):
            assert repr(getattr(nn, name)(*args)) == repr(getattr(torch.nn, name)(*args))


UNPOOLING_ERRORS = """
    max_unpool2d(x, i + 99, 2)
    max_unpool2d(x, i - 1, 2)
    max_unpool2d(x, i[:1], 2)
    max_unpool2d(x, i, 2, output_size=(9, 9))
    max_unpool2d(x, i, 2, output_size=(9,))
    max_unpool2d(x[0, 0], i[0, 0], 2)
"""


@pytest.mark.parametrize("text", UNPOOLING_ERRORS.strip().splitlines())
def test_unpooling_errors(text: str) -> None:
    def call(lib: Any) -> Any:
        names = {"x": lib.ones(2, 3, 2, 2), "i": lib.zeros(2, 3, 2, 2).long()}
        return eval(f"F.{text.strip()}", {"F": lib.nn.functional, **names})

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    assert outcome(lambda: call(torch))[0] != "nothing"
