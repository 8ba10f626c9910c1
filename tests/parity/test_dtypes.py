"""The default dtype, against PyTorch: what is made in it, and what it may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

import minitorch

MADE = """
m.get_default_dtype()
m.tensor(1.5)
m.tensor([1, 2.5])
m.tensor([True, 0.5])
m.tensor([1, 2])
m.tensor([m.tensor(1), 0.5])
m.tensor([0.5], dtype=m.float32)
m.tensor([0.5], dtype=m.float64)
m.Tensor([1, 2])
m.as_tensor([0.5])
m.zeros(2)
m.ones(2)
m.empty(0)
m.eye(2)
m.full((2,), 0.5)
m.full((2,), 1)
m.arange(3)
m.arange(0, 1, 0.5)
m.linspace(0, 1, 3)
m.logspace(0, 1, 2)
m.rand(2).dtype
m.randn(2).dtype
m.normal(0.0, 1.0, (2,)).dtype
m.ones_like(m.tensor([1]))
m.tensor([1]).new_ones(1)
m.tensor([1]) * 1.5
m.tensor([True]) + 0.5
m.tensor([1]) / 2
m.tensor(3) ** 0.5
m.sqrt(m.tensor([4]))
m.tensor([1.0], dtype=m.float16) * 1.5
m.tensor([1.0], dtype=m.float32) * 1.5
m.tensor([1.0], dtype=m.float64) * 1.5
m.where(m.tensor([True]), 1.5, 2.5)
m.result_type(m.tensor([1]), 1.5)
m.tensor([1]).float()
m.finfo().bits
m.nn.Linear(1, 1).weight.dtype
m.nn.BatchNorm1d(1).running_mean.dtype
"""
NO_DEFAULT = ["m.int64", "m.bool", "m.uint8", "None", "float", '"float64"']


@pytest.fixture(autouse=True)
def _defaults_come_back() -> Iterator[None]:
    yield
    torch.set_default_dtype(torch.float32)
    minitorch.set_default_dtype(minitorch.float32)


@pytest.mark.parametrize("default", ["float16", "float32", "float64"])
@pytest.mark.parametrize("text", MADE.strip().splitlines())
def test_what_is_made_has_the_default_dtype(text: str, default: str) -> None:
    def shown(m: Any) -> str:
        m.set_default_dtype(getattr(m, default))
        return repr(eval(text, {"m": m}))

    assert shown(minitorch).replace("minitorch.", "torch.") == shown(torch)


@pytest.mark.parametrize("text", NO_DEFAULT)
def test_only_a_floating_dtype_is_a_default(text: str) -> None:
    for m in (torch, minitorch):
        with pytest.raises(TypeError, match="only floating-point types are supported as the defau"):
            m.set_default_dtype(eval(text, {"m": m}))
        assert m.get_default_dtype() is m.float32
