"""Convolution and pooling of volumes against PyTorch: values, gradients, second gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.parity.nn.compare import close, outcome, same_to_second_order
from tests.parity.nn.test_layers import same_with_parameters, twins

T = torch.nn.functional
RNG = np.random.default_rng(0)
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")


def agree(function: Any, *arrays: np.ndarray) -> None:
    """Assert that ``function(F, *tensors)`` agrees to second order."""
    same_to_second_order(lambda *a: function(F, *a), lambda *a: function(T, *a), *arrays)


CONVOLUTIONS: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((2, 3, 4, 5, 6), (4, 3, 3, 3, 3), {}),
    ((2, 3, 4, 5, 6), (4, 3, 3, 2, 1), {"padding": (1, 0, 2)}),
    ((2, 3, 7, 5, 6), (4, 3, 3, 3, 3), {"padding": 1, "stride": (2, 1, 3)}),
    ((2, 3, 9, 5, 6), (4, 3, 2, 2, 2), {"dilation": (3, 1, 2), "stride": 2}),
    ((2, 4, 4, 4, 3), (6, 2, 3, 3, 2), {"groups": 2, "padding": 1}),
    ((2, 4, 4, 4, 3), (4, 1, 3, 3, 3), {"groups": 4, "padding": 1, "stride": 2}),
    ((2, 3, 4, 3, 5), (4, 3, 1, 1, 1), {"stride": (2, 1, 1)}),
    ((2, 3, 4, 5, 3), (4, 3, 2, 4, 3), {"padding": "same", "dilation": (3, 1, 1)}),
    ((2, 3, 4, 5, 3), (4, 3, 2, 4, 3), {"padding": "valid"}),
    ((1, 1, 2, 1, 1), (1, 1, 3, 3, 3), {"padding": 3}),
    ((3, 4, 5, 3), (4, 3, 3, 3, 3), {"padding": 1}),
    ((0, 3, 4, 5, 3), (4, 3, 3, 3, 3), {}),
]


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("shape", "kernel", "options"), CONVOLUTIONS)
def test_conv3d(shape: Any, kernel: Any, options: dict[str, Any], bias: bool) -> None:
    shapes = [shape, kernel] + ([kernel[:1]] if bias else [])
    agree(lambda lib, *a: lib.conv3d(*a, **options), *map(RNG.standard_normal, shapes))


WINDOWS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": (3, 2, 1), "stride": (1, 2, 3), "padding": (1, 1, 0)},
    {"kernel_size": (2, 3, 2), "stride": 3, "ceil_mode": True, "padding": (1, 0, 1)},
    {"kernel_size": (3, 1, 1), "stride": 1},
]
MAX_ONLY = [
    {"kernel_size": 2, "dilation": (1, 2, 3)},
    {"kernel_size": (2, 3, 2), "stride": 2, "dilation": (3, 1, 2), "ceil_mode": True},
]
AVERAGE_ONLY = [
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    {"kernel_size": 2, "stride": 2, "ceil_mode": True, "count_include_pad": False},
    {"kernel_size": (3, 2, 3), "padding": (0, 1, 1), "divisor_override": 5},
]


@pytest.mark.parametrize("shape", [(2, 3, 5, 7, 4), (3, 5, 7, 4), (0, 3, 5, 7, 4)])
@pytest.mark.parametrize("options", WINDOWS + MAX_ONLY, ids=str)
def test_max_pool3d(options: dict, shape: tuple) -> None:
    x = RNG.standard_normal(shape)
    agree(lambda lib, a: lib.max_pool3d(a, **options), x)
    agree(lambda lib, a: lib.max_pool3d(a, return_indices=True, **options)[0], x)
    ours = F.max_pool3d(minitorch.tensor(x), return_indices=True, **options)
    close(ours, T.max_pool3d(torch.tensor(x), return_indices=True, **options))


@pytest.mark.parametrize("shape", [(2, 3, 5, 7, 4), (3, 5, 7, 4), (0, 3, 5, 7, 4)])
@pytest.mark.parametrize("options", WINDOWS + AVERAGE_ONLY, ids=str)
def test_avg_pool3d(options: dict, shape: tuple) -> None:
    agree(lambda lib, a: lib.avg_pool3d(a, **options), RNG.standard_normal(shape))


@pytest.mark.parametrize("size", [1, 2, (3, None, 1), (None, 1, 2), (5, 6, 7), [9, 2, 5], 0])
def test_adaptive(size: Any) -> None:
    for shape in ((2, 3, 5, 6, 4), (3, 5, 6, 4), (0, 3, 5, 6, 4)):
        x = RNG.standard_normal(shape)
        ours = F.adaptive_max_pool3d(minitorch.tensor(x), size, return_indices=True)
        close(ours, T.adaptive_max_pool3d(torch.tensor(x), size, return_indices=True))
        if size != 0:
            agree(lambda lib, a: lib.adaptive_max_pool3d(a, size), x)
            agree(lambda lib, a: lib.adaptive_avg_pool3d(a, size), x)


def test_equal_infinite_and_missing_elements() -> None:
    x = RNG.choice([0.0, 1.0, np.nan, np.inf, -np.inf], (4, 3, 6, 6, 6))
    for values in (x, np.zeros_like(x), np.full_like(x, -np.inf)):
        for args in ((2,), (3, 2, 1), (3, 1)):
            ours = F.max_pool3d(minitorch.tensor(values), *args, return_indices=True)
            close(ours, T.max_pool3d(torch.tensor(values), *args, return_indices=True))


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.uint8])
def test_other_types(dtype: Any) -> None:
    x = RNG.integers(0, 9, (2, 3, 6, 4, 3)).astype(dtype)
    ours = F.max_pool3d(minitorch.tensor(x), 3, 2, 1, return_indices=True)
    close(ours, T.max_pool3d(torch.tensor(x), 3, 2, 1, return_indices=True))


@settings(max_examples=30)
@given(st.data())
def test_any_windows(data: st.DataObject) -> None:
    def three(low: int, high: int) -> tuple[int, ...]:
        return data.draw(st.tuples(*[st.integers(low, high)] * 3))

    kernel, stride, dilation = three(1, 3), three(1, 3), three(1, 2)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    x = np.random.default_rng(0).integers(0, 4, (2, 2, *np.add(reach, three(0, 4)))).astype(float)
    weight = RNG.standard_normal((2, 2, *kernel))
    padding = three(0, 2)
    agree(lambda lib, a, w: lib.conv3d(a, w, None, stride, padding, dilation), x, weight)
    padding = tuple(min(p, k // 2) for p, k in zip(padding, kernel, strict=True))
    options = (kernel, stride, padding, dilation, data.draw(st.booleans()))
    ours = F.max_pool3d(minitorch.tensor(x), *options, return_indices=True)
    close(ours, T.max_pool3d(torch.tensor(x), *options, return_indices=True))
    agree(lambda lib, a: lib.max_pool3d(a, *options), x)
    options = (kernel, stride, padding, data.draw(st.booleans()), data.draw(st.booleans()))
    agree(lambda lib, a: lib.avg_pool3d(a, *options), x)


LAYERS = [
    ("Conv3d", (3, 4, (3, 2, 1)), {"stride": 2, "padding": (1, 0, 2)}),
    ("Conv3d", (3, 6, 3), {"padding": 1, "groups": 3, "bias": False, "dilation": 2}),
    ("Conv3d", (3, 4, 3), {"padding": (1, 2, 1), "padding_mode": "reflect"}),
    ("Conv3d", (3, 4, 3), {"padding": "same", "padding_mode": "replicate"}),
    ("Conv3d", (3, 4, (2, 4, 1)), {"padding": "same", "padding_mode": "circular"}),
    ("MaxPool3d", (2,), {}),
    ("MaxPool3d", ((2, 1, 3), 1, (1, 0, 1)), {"ceil_mode": True}),
    ("MaxPool3d", (2, 1, 0, 2), {}),
    ("AvgPool3d", (2,), {}),
    ("AvgPool3d", ((2, 1, 3), 1, (1, 0, 1), True, False, 3), {}),
    ("AdaptiveAvgPool3d", (3,), {}),
    ("AdaptiveAvgPool3d", ((None, 2, 1),), {}),
    ("AdaptiveMaxPool3d", ((None, 2, 1),), {}),
]


@pytest.mark.parametrize(("name", "args", "options"), LAYERS)
def test_layers(name: str, args: tuple, options: dict) -> None:
    ours, theirs = twins(name, *args, **options)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for shape in ((2, 3, 5, 6, 5), (3, 5, 6, 5)):
        same_with_parameters(ours, theirs, RNG.standard_normal(shape))


def test_layers_that_say_where_the_largest_lies() -> None:
    x = RNG.standard_normal((2, 3, 5, 4, 4))
    for name, args in (("MaxPool3d", (2, 1, 1, 1, True)), ("AdaptiveMaxPool3d", (3, True))):
        ours, theirs = (getattr(lib, name)(*args) for lib in (nn, torch.nn))
        close(ours(minitorch.tensor(x)), theirs(torch.tensor(x)))


def test_initial_distribution() -> None:
    ours, theirs = (lib.Conv3d(8, 40, 5, groups=2) for lib in (nn, torch.nn))
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        bound = q.abs().max().item()
        assert p.shape == q.shape
        assert p.abs().max().item() == pytest.approx(bound, rel=0.15)
        assert p.std().item() == pytest.approx(bound / 3**0.5, rel=0.25)


ERRORS = """
    conv3d(o(1, 2, 5, 5, 5), w)
    conv3d(o(3, 2, 5, 5), w)
    conv3d(o(2, 5), w)
    conv3d(o(1, 3, 5, 5), w)
    conv3d(x, w, stride=0)
    conv3d(x, w, stride=(1, 2))
    conv3d(x, w, padding=-1)
    conv3d(x, w, padding="foo")
    conv3d(x, w, padding="same", stride=2)
    conv3d(x, w, dilation=(1, 0, 2))
    conv3d(x, w, dilation=4)
    conv3d(x, w, groups=0)
    conv3d(x, w, groups=2)
    conv3d(x, w, o(3))
    conv3d(x.double(), w)
    conv3d(x, w, o(4).double())
    conv3d(x, o(4, 3, 3, 3))
    conv3d(x, o(3, 3))
    max_pool3d(x, 3, padding=2)
    max_pool3d(x, 2, padding=-1)
    max_pool3d(x, 0)
    max_pool3d(x, 0, 1)
    max_pool3d(x, 2, 0)
    max_pool3d(x, 2, -1)
    max_pool3d(x, (1, 8, 1))
    max_pool3d(x, 2, dilation=0)
    max_pool3d(x, (1, 2))
    max_pool3d(x, 2, (1, 2))
    max_pool3d(x, 2, padding=(1, 2))
    max_pool3d(x, 2, dilation=(1, 2))
    max_pool3d(o(3, 3, 3), 2)
    max_pool3d(o(2, 0, 3, 3, 3), 2)
    max_pool3d(o(2, 2, 0, 3, 3), 2)
    max_pool3d(o(2, 0, 3, 3), 2)
    max_pool3d(x.bool(), 2)
    avg_pool3d(x, 3, padding=2)
    avg_pool3d(x, 2, padding=-1)
    avg_pool3d(x, 0)
    avg_pool3d(x, 2, 0)
    avg_pool3d(x, 2, -1)
    avg_pool3d(x, 8)
    avg_pool3d(x, (1, 2))
    avg_pool3d(x, 2, (1, 2))
    avg_pool3d(x, 2, padding=(1, 2))
    avg_pool3d(x, 2, divisor_override=0)
    avg_pool3d(o(3, 3, 3), 2)
    avg_pool3d(o(2, 0, 3, 3, 3), 2)
    avg_pool3d(x.bool(), 2)
    adaptive_avg_pool3d(x, (2, 2))
    adaptive_avg_pool3d(x, -1)
    adaptive_avg_pool3d(o(3, 3), 2)
    adaptive_avg_pool3d(o(3, 3, 3), 2)
    adaptive_avg_pool3d(o(2, 2, 0, 3, 3), 2)
    adaptive_avg_pool3d(o(2, 0, 3, 3, 3), 2)
    adaptive_avg_pool3d(x.long(), 2)
    adaptive_max_pool3d(x, (2, 2))
    adaptive_max_pool3d(x, -1)
    adaptive_max_pool3d(o(3, 3, 3), 2)
    adaptive_max_pool3d(o(2, 2, 0, 3, 3), 2)
    adaptive_max_pool3d(x.long(), 2)
"""


@pytest.mark.parametrize("text", ERRORS.strip().splitlines())
def test_errors(text: str) -> None:
    def call(lib: Any) -> Any:
        names = {"x": lib.ones(2, 3, 6, 6, 6), "w": lib.ones(4, 3, 3, 3, 3), "o": lib.ones}
        return eval(f"F.{text.strip()}", {"F": lib.nn.functional, **names})

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    assert outcome(lambda: call(torch))[0] != "nothing"


def test_what_follows_may_ask_for_a_view():
    x = minitorch.ones(2, 2, 3, 4, 5)
    out = nn.Conv3d(2, 3, 3, padding=1)(x)
    assert out.stride() == torch.nn.Conv3d(2, 3, 3, padding=1)(torch.ones(2, 2, 3, 4, 5)).stride()
    assert tuple(out.view(2, -1).shape) == (2, 180)
