"""Padding against PyTorch, to second derivatives."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.parity.nn.compare import close, outcome, same_to_second_order

T = torch.nn.functional
RNG = np.random.default_rng(0)
MODES = ("constant", "reflect", "replicate", "circular")
SHAPES = {
    (1, 2): [(3, 6), (2, 3, 6)],
    (2, 0, 1, 3): [(3, 5, 4), (2, 3, 5, 4)],
    (1, 1, 0, 2, 1, 0): [(2, 3, 4, 3), (1, 2, 3, 4, 3)],
    (-1, 2, 1, -2): [(2, 3, 5, 4)],
    (-2, -2, 3, 3): [(2, 1, 5, 4)],
    (0, 0): [(2, 3, 6)],
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pad", SHAPES, ids=str)
def test_pad(pad: tuple[int, ...], mode: str) -> None:
    for shape in SHAPES[pad]:
        x = RNG.standard_normal(shape)
        same_to_second_order(lambda a: F.pad(a, pad, mode), lambda a: T.pad(a, pad, mode), x)


def defined(size: int, before: int, behind: int) -> bool:
    """Tell if torch fills the whole border: what was cut off leaves enough to repeat."""
    return max(before, behind) <= size + min(before, 0) + min(behind, 0) or min(before, behind) >= 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_cut(size: int, mode: str) -> None:
    x = RNG.standard_normal((1, 1, size))
    for pad in itertools.product(range(-4, 4), repeat=2):
        if mode == "circular" and not defined(size, *pad):
            with pytest.raises(RuntimeError, match=r"wrapping around|empty dimension"):
                F.pad(minitorch.tensor(x), pad, mode)
            continue
        theirs = outcome(lambda pad=pad: T.pad(torch.tensor(x), pad, mode))
        ours = outcome(lambda pad=pad: F.pad(minitorch.tensor(x), pad, mode))
        assert ours[0] == theirs[0], (size, pad)
        if theirs[0] == "nothing":
            close(F.pad(minitorch.tensor(x), pad, mode), T.pad(torch.tensor(x), pad, mode))


@given(st.data())
@settings(max_examples=40)
def test_any_padding(data: st.DataObject) -> None:
    shape = [data.draw(st.integers(1, 4)) for _ in range(data.draw(st.integers(0, 5)))]
    count = data.draw(st.integers(0, len(shape)))
    pad = [data.draw(st.integers(-2, 3)) for _ in range(2 * count)]
    value = data.draw(st.sampled_from([None, 0, 1.5, -np.inf]))
    x = np.random.default_rng(0).standard_normal(shape)
    mode = data.draw(st.sampled_from(MODES))
    sizes = reversed(shape)
    assume(mode != "circular" or all(map(defined, sizes, pad[::2], pad[1::2])))
    theirs = outcome(lambda: T.pad(torch.tensor(x), pad, mode, value))
    ours = outcome(lambda: F.pad(minitorch.tensor(x), pad, mode, value))
    assert ours[0] == theirs[0]
    if theirs[0] == "nothing":
        close(
            F.pad(minitorch.tensor(x), pad, mode, value), T.pad(torch.tensor(x), pad, mode, value)
        )
        if x.ndim and T.pad(torch.tensor(x), pad, mode).numel():  # torch: no gradient of nothing
            same_to_second_order(lambda a: F.pad(a, pad, mode), lambda a: T.pad(a, pad, mode), x)


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.uint8])
def test_other_types(dtype: Any) -> None:
    x = RNG.integers(0, 9, (2, 3, 4, 5)).astype(dtype)
    for mode in MODES:
        close(
            F.pad(minitorch.tensor(x), (1, 2, 0, 1), mode),
            T.pad(torch.tensor(x), (1, 2, 0, 1), mode),
        )
    close(F.pad(minitorch.tensor(x), (1,) * 8, value=7), T.pad(torch.tensor(x), (1,) * 8, value=7))
    truth = x > 4
    close(F.pad(minitorch.tensor(truth), (1, 1)), T.pad(torch.tensor(truth), (1, 1)))


LAYERS = {
    "ConstantPad1d": [((2, 1.5),), (((1, 0), 3.0),)],
    "ConstantPad2d": [((2, 1.5),), (((1, 0, -1, 2), 3.0),)],
    "ZeroPad1d": [((2,),), (((1, 0),),)],
    "ZeroPad2d": [((2,),), (((1, 0, 0, 2),),)],
    "ReflectionPad1d": [((2,),), (((1, 0),),)],
    "ReflectionPad2d": [((2,),), (((1, 0, 0, 2),),)],
    "ReplicationPad1d": [((2,),), (((1, 0),),)],
    "ReplicationPad2d": [((2,),), (((1, 0, 0, 2),),)],
    "CircularPad1d": [((2,),), (((1, 0),),)],
    "CircularPad2d": [((2,),), (((1, 0, 0, 2),),)],
    "ConstantPad3d": [((2, 1.5),), (((1, 0, -1, 2, 0, 1), 3.0),)],
    "ZeroPad3d": [((2,),), (((1, 0, 0, 2, 1, 1),),)],
    "ReflectionPad3d": [((1,),), (((1, 0, 0, 2, 0, 1),),)],
    "ReplicationPad3d": [((2,),), (((1, 0, 0, 2, 3, 1),),)],
    "CircularPad3d": [((2,),), (((1, 0, 0, 2, 2, 1),),)],
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    x = RNG.standard_normal((2, 3, 4, 5, 3)[: 2 + int(name[-2])])
    for (args,) in LAYERS[name]:
        ours, theirs = (getattr(lib, name)(*args) for lib in (nn, torch.nn))
        assert repr(ours) == repr(theirs)
        close(ours(minitorch.tensor(x)), theirs(torch.tensor(x)))


ERRORS = """
    pad(x, (1,))
    pad(x, (1,) * 10)
    pad(x, (-4, -4))
    pad(y, (1, -8))
    pad(y, (-7, 2))
    pad(y, (-3, -4), "circular")
    pad(x, (1, 1), "foo")
    pad(x, (1, 1), "reflect")
    pad(x, (6, 1, 1, 1), "reflect")
    pad(x, (1, 1, 1, 6), "reflect")
    pad(y, (1, 6), "reflect")
    pad(x, (7, 1, 1, 1), "circular")
    pad(x, (1, 1, 1, 1), "circular", 2.0)
    pad(y[0, 0], (1, 1), "replicate")
    pad(o(2, 2, 3, 3, 3), (1, 1, 1, 1), "reflect")
    pad(o(2, 0, 3, 3), (1, 1, 1, 1), "reflect")
    pad(o(2, 2, 0, 3), (1, 1, 1, 1), "reflect")
    pad(o(2, 2, 0, 3), (1, 1, 1, 1), "circular")
    pad(o(2, 2, 0, 3), (1, 1, 1, 1), "replicate")
    pad(x.bool(), (1, 1, 1, 1), "reflect")
    pad(x, 2)
"""


@pytest.mark.parametrize("text", ERRORS.strip().splitlines())
def test_errors(text: str) -> None:
    def call(lib: Any) -> Any:
        names = {"x": lib.ones(2, 3, 6, 6), "y": lib.ones(2, 3, 6), "o": lib.ones}
        return eval(f"F.{text.strip()}", {"F": lib.nn.functional, **names})

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    assert outcome(lambda: call(torch))[0] != "nothing"
