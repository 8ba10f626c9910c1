"""Gradients of views by strides, and of what is written to a diagonal."""

from __future__ import annotations

from typing import Any

import pytest

import minitorch
from minitorch.autograd import gradcheck, gradgradcheck

FUNCTIONS: dict[str, Any] = {
    "as_strided": lambda x: x.as_strided((2, 3), (3, 1), 1),
    "as_strided with repeats": lambda x: x.as_strided((3, 4), (2, 1)),
    "as_strided that stays": lambda x: x.as_strided((2, 3), (0, 2)),
    "as_strided of a number": lambda x: x.as_strided((), (), 5),
    "as_strided of nothing": lambda x: x.as_strided((0, 3), (1, 1)),
    "fill_diagonal_": lambda x: (x * x).fill_diagonal_(3.0),
    "fill_diagonal_ that wraps": lambda x: (x * x).fill_diagonal_(3.0, wrap=True),
    "channels_last": lambda x: x.view(1, 2, 2, 2).clone(memory_format=minitorch.channels_last),
    "sum_to_size": lambda x: x.sum_to_size(1, 2),
    "addmm_": lambda x: (x * x).addmm_(x, x[:2], beta=2.0),
    "cumsum_": lambda x: (x * x).cumsum_(0),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_gradients(function: Any) -> None:
    x = minitorch.randn(4, 2, dtype=minitorch.float64, requires_grad=True)
    assert gradcheck(lambda x: function(x) ** 2, (x,))
    assert gradgradcheck(lambda x: function(x) ** 3, (x,))
