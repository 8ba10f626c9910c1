"""Copies between memory orders write what a plain copy writes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.kernels.copies import copy_into


@pytest.mark.parametrize("shape", [(40, 60, 3, 11), (300, 300), (70_000,), (3, 1, 40_000)])
def test_any_two_orders(shape: tuple[int, ...]) -> None:
    source = np.random.default_rng(0).standard_normal(shape)
    orders = list(itertools.permutations(range(len(shape))))[:6]
    for one, other in itertools.product(orders, orders):
        given = np.ascontiguousarray(source.transpose(one)).transpose(np.argsort(one))
        size = [shape[axis] for axis in other]
        target = np.zeros(size, np.float32).transpose(np.argsort(other))
        copy_into(target, given)
        np.testing.assert_array_equal(target, source.astype(np.float32))


@pytest.mark.parametrize("source", [np.float64(3.0), np.ones((1, 300)), np.arange(300.0)])
def test_broadcasting(source: Any) -> None:
    target = np.zeros((300, 300), np.float32).T
    copy_into(target, np.asarray(source))
    np.testing.assert_array_equal(target, np.broadcast_to(source, (300, 300)))


def test_overlapping_memory() -> None:
    square = np.arange(90_000.0).reshape(300, 300)
    expected = square.T.copy()
    copy_into(square, square.T)
    np.testing.assert_array_equal(square, expected)


def test_copy_counts_the_version_up_and_refuses_what_autograd_needs() -> None:
    x = minitorch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        x.copy_(minitorch.zeros(2))
    y = x * 2
    z = y * y
    with minitorch.no_grad():
        y.copy_(minitorch.zeros(2))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()
    with minitorch.no_grad():
        assert x.copy_(minitorch.tensor([3, 4])).tolist() == [3.0, 4.0]
