"""Pooling by p-norms, and normalization by neighbouring channels, against PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.parity.nn.compare import close, outcome, same_to_second_order

T = torch.nn.functional
RNG = np.random.default_rng(0)


def agree(function: Any, x: np.ndarray) -> None:
    """Assert that ``function(F, x)`` agrees to second order."""
    same_to_second_order(lambda a: function(F, a), lambda a: function(T, a), x)


@pytest.mark.parametrize("p", [1, 2, 3, 4, 1.5, 0.5, -1, math.inf, -math.inf])
def test_powers(p: float) -> None:
    x = np.abs(RNG.standard_normal((2, 3, 5, 4, 3)))
    for stride in (None, 1, 3):
        for ceil_mode in (False, True):
            args = (p, 2, stride, ceil_mode)
            agree(lambda lib, a, args=args: lib.lp_pool1d(a, *args), x[0, 0])
            agree(lambda lib, a, args=args: lib.lp_pool2d(a, *args), x[0])
            agree(lambda lib, a, args=args: lib.lp_pool3d(a, *args), x)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # zeros to a negative power
@pytest.mark.parametrize("p", [1, 1.5, 2, 4])
def test_where_all_is_zero(p: float) -> None:
    agree(lambda lib, a: lib.lp_pool1d(a, p, 2), np.array([[0.0, 0.0, 0.0, 2.0, 1.0, 0.5]]))


@pytest.mark.parametrize("p", [1, 2, 3])
def test_negative_elements(p: int) -> None:
    agree(lambda lib, a: lib.lp_pool2d(a, 2 * p, (2, 3)), RNG.standard_normal((2, 3, 4, 6)))


@pytest.mark.parametrize("size", [1, 2, 3, 9])
@pytest.mark.parametrize("shape", [(2, 5, 6), (2, 5, 4, 3), (2, 4, 2, 3, 2), (1, 4, 2, 2, 1, 2)])
def test_local_response_norm(shape: tuple[int, ...], size: int) -> None:
    x = RNG.standard_normal(shape)
    agree(lambda lib, a: lib.local_response_norm(a, size, 0.5, 0.6, 1.5), x)
    agree(lambda lib, a: lib.local_response_norm(a, size), x[:0])


LAYERS = [
    ("LPPool1d", (2, 3), {}, (2, 3, 8)),
    ("LPPool1d", (2, 3), {"stride": 2, "ceil_mode": True}, (3, 8)),
    ("LPPool2d", (4, (2, 3)), {}, (2, 3, 7, 6)),
    ("LPPool2d", (2, 2, (1, 2), True), {}, (2, 3, 7, 6)),
    ("LPPool3d", (2, 2), {"stride": (1, 2, 1)}, (2, 3, 4, 4, 3)),
    ("LocalResponseNorm", (3,), {}, (2, 5, 4, 4)),
    ("LocalResponseNorm", (2, 0.1, 0.5, 2.0), {}, (2, 5, 4)),
]


@pytest.mark.parametrize(("name", "args", "options", "shape"), LAYERS)
def test_layers(name: str, args: tuple, options: dict, shape: tuple) -> None:
    ours, theirs = (getattr(lib, name)(*args, **options) for lib in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    x = RNG.standard_normal(shape)
    close(ours(minitorch.tensor(x)), theirs(torch.tensor(x)))


ERRORS = """
    lp_pool1d(o(2, 3, 4), 0, 2)
    lp_pool1d(o(4), 2, 2)
    lp_pool1d(o(2, 3, 4), 2, 5)
    lp_pool2d(o(2, 3, 4), 2, 5)
    lp_pool2d(o(2, 3, 4), 2, (2, 2, 2))
    lp_pool2d(o(2, 3, 4), 2, 2, 0)
    lp_pool3d(o(2, 3, 4, 4), 2, (2, 2))
    lp_pool3d(o(2, 3, 4, 4), 2, 5)
    local_response_norm(o(2, 3), 2)
    local_response_norm(o(2, 3, 4), 0)
    local_response_norm(o(2, 3, 4, 4), 0)
"""


@pytest.mark.parametrize("text", ERRORS.strip().splitlines())
def test_errors(text: str) -> None:
    def call(lib: Any) -> Any:
        return eval(f"F.{text.strip()}", {"F": lib.nn.functional, "o": lib.ones})

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    assert outcome(lambda: call(torch))[0] != "nothing"
