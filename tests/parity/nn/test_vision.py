"""Resizing, unfolding and shuffling of images, and dropout of channels, against PyTorch."""

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
from tests.parity.nn.compare import close, outcome, same_to_second_order, warnings_of

T = torch.nn.functional
RNG = np.random.default_rng(0)

SIZES = [
    {"size": 5},
    {"scale_factor": 2},
    {"scale_factor": 0.6},
    {"scale_factor": 1.7, "recompute_scale_factor": True},
    {"scale_factor": 2.3},
]
MODES = {
    "nearest": (3, 4, 5),
    "nearest-exact": (3, 4, 5),
    "linear": (3,),
    "bilinear": (4,),
    "trilinear": (5,),
    "bicubic": (4,),
    "area": (3, 4, 5),
}


@pytest.mark.parametrize("options", SIZES, ids=str)
@pytest.mark.parametrize("mode", MODES)
def test_interpolate(mode: str, options: dict) -> None:
    for ndim in MODES[mode]:
        x = RNG.standard_normal((2, 3, 4, 5, 3)[:ndim])
        for corners in (None, False, True) if mode.endswith(("linear", "cubic")) else (None,):
            every = {**options, "mode": mode, "align_corners": corners}
            if options.get("scale_factor") == 2.3 and (mode, ndim) == ("nearest", 5):
                # There torch's gradient is not that of its forward.
                close(
                    F.interpolate(minitorch.tensor(x), **every),
                    T.interpolate(torch.tensor(x), **every),
                )
                continue
            same_to_second_order(
                lambda a, o=every: F.interpolate(a, **o),
                lambda a, o=every: T.interpolate(a, **o),
                x,
                rtol=1e-6,
                atol=1e-6,
            )


@given(st.integers(1, 40), st.floats(0.1, 4), st.sampled_from(["nearest", "nearest-exact"]))
@settings(max_examples=60)
def test_the_nearest_element(size: int, scale: float, mode: str) -> None:
    for dtype in (np.float32, np.float64):
        x = np.arange(size).astype(dtype)[None, None]
        arguments = [{"scale_factor": scale}, {"size": int(scale * 7) + 1}]
        for options in arguments:
            if options.get("size") or int(size * scale):
                close(
                    F.interpolate(minitorch.tensor(x), mode=mode, **options),
                    T.interpolate(torch.tensor(x), mode=mode, **options),
                )


@given(st.data())
@settings(max_examples=100)
def test_scales_that_the_size_does_not_show(data: st.DataObject) -> None:
    mode = data.draw(st.sampled_from(sorted(MODES)))
    ndim = data.draw(st.sampled_from(MODES[mode]))
    sizes = data.draw(st.tuples(*[st.integers(1, 7)] * (ndim - 2)))
    scale = st.sampled_from([0.5, 0.7, 1.0, 1.01, 1.2, 1.3, 1.45, 1.6, 2.0, 2.05, 2.3])
    scales = data.draw(st.tuples(*[scale] * (ndim - 2)))
    if 0 in [int(n * s) for n, s in zip(sizes, scales, strict=True)]:
        return
    x = RNG.standard_normal((2, 3, *sizes))
    options: dict = {"scale_factor": scales, "mode": mode}
    close(
        F.interpolate(minitorch.tensor(x), **options),
        T.interpolate(torch.tensor(x), **options),
        rtol=1e-5,
        atol=1e-5,
    )
    if mode == "bicubic" or (mode == "nearest" and ndim != 4):
        return  # there torch's gradient is not that of its forward
    same_to_second_order(
        lambda a: F.interpolate(a, **options),
        lambda a: T.interpolate(a, **options),
        x,
        rtol=1e-5,
        atol=1e-5,
    )


def test_interpolation_by_two_sizes() -> None:
    x = RNG.standard_normal((2, 3, 4, 5))
    for options in ({"size": (3, 7)}, {"scale_factor": (2, 0.5)}, {"size": [1, 1]}):
        for mode in ("nearest", "bilinear"):
            same_to_second_order(
                lambda a, o=options, m=mode: F.interpolate(a, mode=m, **o),
                lambda a, o=options, m=mode: T.interpolate(a, mode=m, **o),
                x,
                rtol=1e-6,
            )
    pixels = RNG.integers(0, 255, (1, 3, 4, 4)).astype(np.uint8)
    close(F.interpolate(minitorch.tensor(pixels), 7), T.interpolate(torch.tensor(pixels), 7))


WINDOWS = [(2,), ((2, 3),), (3, 1, 1, 2), ((2, 1), (1, 2), (0, 1), (2, 1))]


@pytest.mark.parametrize("arguments", WINDOWS, ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 6, 5), (3, 6, 5), (0, 3, 6, 5)])
def test_unfold_and_fold(arguments: tuple, shape: tuple) -> None:
    x = RNG.standard_normal(shape)
    same_to_second_order(lambda a: F.unfold(a, *arguments), lambda a: T.unfold(a, *arguments), x)
    windows = T.unfold(torch.tensor(x), *arguments).numpy()
    same_to_second_order(
        lambda a: F.fold(a, shape[-2:], *arguments),
        lambda a: T.fold(a, shape[-2:], *arguments),
        windows,
    )


@pytest.mark.parametrize("shape", [(2, 8, 4, 6), (8, 4, 6), (2, 1, 4, 2, 4)])
def test_shuffling(shape: tuple) -> None:
    x = RNG.standard_normal(shape)
    for name in ("pixel_shuffle", "pixel_unshuffle", "channel_shuffle"):
        ours, theirs = getattr(F, name), getattr(T, name)
        if name != "channel_shuffle" or shape[1] % 2 == 0:
            same_to_second_order(lambda a, f=ours: f(a, 2), lambda a, f=theirs: f(a, 2), x)


LAYERS = [
    ("Upsample", (5,), {}),
    ("Upsample", (), {"scale_factor": 2, "mode": "bilinear"}),
    ("Upsample", ((3, 4),), {"mode": "bilinear", "align_corners": True}),
    ("Upsample", (), {"scale_factor": (2, 1), "recompute_scale_factor": True}),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}),
    ("UpsamplingBilinear2d", (7,), {}),
    ("Unfold", (2,), {"padding": 1}),
    ("PixelShuffle", (2,), {}),
    ("PixelUnshuffle", (2,), {}),
    ("ChannelShuffle", (2,), {}),
    ("Softmax2d", (), {}),
]


@pytest.mark.parametrize(("name", "args", "options"), LAYERS)
def test_layers(name: str, args: tuple, options: dict) -> None:
    ours, theirs = (getattr(lib, name)(*args, **options) for lib in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    x = RNG.standard_normal((2, 4, 4, 6))
    close(ours(minitorch.tensor(x)), theirs(torch.tensor(x)))


def test_the_layer_that_folds() -> None:
    ours, theirs = nn.Fold((4, 5), (2, 2), stride=2), torch.nn.Fold((4, 5), (2, 2), stride=2)
    assert repr(ours) == repr(theirs)
    x = RNG.standard_normal((2, 12, 4))
    close(ours(minitorch.tensor(x)), theirs(torch.tensor(x)))


@pytest.mark.parametrize("name", ["Dropout1d", "Dropout2d", "Dropout3d"])
def test_dropped_channels(name: str) -> None:
    for options in ({}, {"p": 0.2, "inplace": True}):
        ours, theirs = getattr(nn, name)(**options), getattr(torch.nn, name)(**options)
        assert repr(ours) == repr(theirs)
    function, theirs = getattr(F, name.lower()), getattr(T, name.lower())
    for shape in ((2, 3), (2, 3, 4), (2, 3, 4, 2), (2, 3, 4, 2, 2), (2,)):
        x = np.ones(shape)
        for p in (1.0, 0.0, 1.5):
            both = [
                outcome(lambda p=p, x=x, f=f, t=t: f(t(x), p))
                for f, t in ((function, minitorch.tensor), (theirs, torch.tensor))
            ]
            assert both[0] == both[1]
        if outcome(lambda x=x: theirs(torch.tensor(x)))[0] == "nothing":
            ours_say = warnings_of(lambda x=x: function(minitorch.tensor(x)))
            assert ours_say == warnings_of(lambda x=x: theirs(torch.tensor(x)))


ERRORS = """
    interpolate(x)
    interpolate(x, 2, 2)
    interpolate(x, (2, 2, 2))
    interpolate(x, scale_factor=(2, 2, 2))
    interpolate(x, 2, align_corners=True)
    interpolate(x, 2, mode="linear")
    interpolate(y, 2, mode="bilinear")
    interpolate(y, 2, mode="foo")
    interpolate(y[0], 2)
    interpolate(x, 2, recompute_scale_factor=True)
    interpolate(x, 0)
    interpolate(x, -2)
    interpolate(x, scale_factor=0.01)
    interpolate(o(2, 2, 0, 3), 2)
    interpolate(o(2, 0, 3, 3), 2)
    unfold(x, 7)
    unfold(o(2, 3, 0, 3), 2)
    unfold(x, 0)
    unfold(x, 2, 0)
    unfold(x, 2, padding=-1)
    unfold(x, 2, stride=0)
    unfold(x, (1, 2, 3))
    unfold(x.long(), 2)
    fold(o(2, 13, 25), (6, 6), 2)
    fold(o(2, 12, 24), (6, 6), 2)
    fold(o(2, 2, 12, 24), (6, 6), 2)
    fold(o(2, 12, 24), (1, 1), 2)
    fold(o(2, 12, 24), (6, 6), 0)
    fold(o(2, 12, 24), (6, 6), 2, stride=0)
    fold(o(2, 12, 24), (6, 6), 2, dilation=0)
    fold(o(2, 12, 24), (6, 6), 2, padding=-1)
    fold(o(2, 0, 24), (6, 6), 2)
    pixel_shuffle(x, 2)
    pixel_shuffle(x, 0)
    pixel_shuffle(o(3, 3), 1)
    pixel_unshuffle(x, 5)
    pixel_unshuffle(x, 0)
    pixel_unshuffle(o(3, 3), 1)
    channel_shuffle(x, 2)
    channel_shuffle(x, 0)
    channel_shuffle(o(3, 3), 1)
    dropout1d(x)
    dropout1d(o(3))
    one_hot(o(0).long(), 0)
"""


@pytest.mark.parametrize("text", ERRORS.strip().splitlines())
def test_errors(text: str) -> None:
    def call(lib: Any) -> Any:
        names = {"x": lib.ones(2, 3, 6, 6), "y": lib.ones(2, 3, 6), "o": lib.ones}
        return eval(f"F.{text.strip()}", {"F": lib.nn.functional, **names})

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    assert outcome(lambda: call(torch))[0] != "nothing"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("upsample", {"size": (7, 5)}),
        ("upsample", {"scale_factor": 2, "mode": "bilinear", "align_corners": True}),
        ("upsample_nearest", {"scale_factor": 2}),
        ("upsample_bilinear", {"size": 6}),
    ],
)
def test_old_names_of_interpolate(name: str, options: dict) -> None:
    x = RNG.standard_normal((2, 3, 4, 5))
    found, told = [], []
    for lib in (minitorch, torch):
        function, given = getattr(lib.nn.functional, name), lib.tensor(x)
        told.append(warnings_of(lambda f=function, t=given: found.append(f(t, **options))))
    assert told[0] == told[1]
    assert len(told[0]) == 1
    close(*found)
