"""The text of a tensor against PyTorch's."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch

RNG = np.random.default_rng(0)
ARRAYS = {
    "whole": np.arange(6.0).reshape(2, 3).astype(np.float32),
    "fractions": RNG.standard_normal((3, 4)).astype(np.float32),
    "double": RNG.standard_normal(3),
    "half": RNG.standard_normal(5).astype(np.float16),
    "small": np.array([1e-5, 2.0], np.float32),
    "large": np.array([1e9, 2.5], np.float32),
    "wide": np.array([0.001, 1500.0], np.float32),
    "nan": np.array([np.nan, 1.5, np.inf, -np.inf], np.float32),
    "only nan": np.array([np.nan, np.inf], np.float32),
    "nan and whole": np.array([np.nan, 100.0, -np.inf], np.float32),
    "zeros": np.zeros((2, 2), np.float32),
    "negative": -np.ones(4, np.float32),
    "0-d": np.array(3.14159, np.float32),
    "0-d whole": np.array(3.0, np.float32),
    "0-d large": np.array(1.5e12, np.float32),
    "0-d nan": np.array(np.nan, np.float32),
    "0-d int": np.array(3),
    "ints": np.array([1, -20, 300]),
    "int32": np.array([[1, 2], [3, 40]], np.int32),
    "uint8": np.array([0, 255], np.uint8),
    "bools": np.array([[True, False], [False, True]]),
    "0-d bool": np.array(True),
    "empty": np.zeros(0, np.float32),
    "empty 2-d": np.zeros((0, 3), np.float32),
    "empty 3-d": np.zeros((2, 0, 3), np.int64),
    "empty double": np.zeros(0),
    "empty int": np.zeros(0, np.int64),
    "empty bool": np.zeros(0, bool),
    "row": np.arange(40, dtype=np.float32),
    "long": np.arange(2000, dtype=np.float32),
    "long ints": np.arange(2000).reshape(40, 50),
    "long 3-d": RNG.standard_normal((20, 10, 12)).astype(np.float32),
    "tall": RNG.standard_normal((300, 4)).astype(np.float32),
    "3-d": np.arange(24.0).reshape(2, 3, 4).astype(np.float32),
    "4-d": np.arange(16).reshape(2, 2, 2, 2),
    "wide rows": RNG.standard_normal((2, 30)).astype(np.float32),
    "thousand": np.arange(1000.0).astype(np.float32),
    "seven": np.arange(7 * 200.0).reshape(7, 200).astype(np.float32) / 3,
}


def text(library: Any, array: np.ndarray, **kwargs: Any) -> str:
    """Return the text without the library's name, the dtype, longer here, being unwrapped."""
    shown = repr(library.tensor(array, **kwargs)).replace("minitorch.", "").replace("torch.", "")
    return re.sub(r",\s+dtype", ", dtype", shown)


@pytest.mark.parametrize("name", ARRAYS)
def test_repr(name: str) -> None:
    assert text(minitorch, ARRAYS[name]) == text(torch, ARRAYS[name])


@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64]),
        hnp.array_shapes(min_dims=0, max_dims=3, max_side=9),
        elements=st.floats(width=32, allow_subnormal=False),
    )
)
@settings(max_examples=150)
def test_any_float(array: np.ndarray) -> None:
    assert text(minitorch, array) == text(torch, array)


def test_requires_grad_and_grad_fn() -> None:
    for library in (minitorch, torch):
        x = library.tensor([1.0, 2.0], requires_grad=True)
        assert repr(x) == "tensor([1., 2.], requires_grad=True)"
        assert repr(x * 2) == "tensor([2., 4.], grad_fn=<MulBackward0>)"
        assert repr((x * 2).sum()) == "tensor(6., grad_fn=<SumBackward0>)"
        assert f"{x[0].detach():.3f}" == "1.000"


@pytest.mark.parametrize(
    "options",
    [
        {"precision": 2},
        {"linewidth": 40},
        {"threshold": 10, "edgeitems": 2},
        {"sci_mode": True},
        {"sci_mode": False},
        {"profile": "short"},
        {"profile": "full"},
    ],
    ids=str,
)
def test_printoptions(options: dict[str, Any]) -> None:
    array = RNG.standard_normal((12, 15)).astype(np.float32) * 1e4
    for library in (minitorch, torch):
        library.set_printoptions(**options)
    try:
        assert text(minitorch, array) == text(torch, array)
    finally:
        for library in (minitorch, torch):
            library.set_printoptions(profile="default")
            library.set_printoptions(sci_mode=None)
