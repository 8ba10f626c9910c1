"""Parameters and buffers."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minitorch
from minitorch import nn


def test_a_parameter_shares_memory_and_requires_grad() -> None:
    x = minitorch.ones(2)
    p = nn.Parameter(x)
    assert np.shares_memory(p._array, x._array)
    assert p._counter is x._counter
    assert p.requires_grad
    assert p.is_leaf
    assert not x.requires_grad
    assert not nn.Parameter(x, requires_grad=False).requires_grad
    assert nn.Parameter().shape == (0,)


def test_a_parameter_of_a_computed_tensor_is_a_leaf() -> None:
    x = minitorch.ones(2, requires_grad=True) * 2
    assert nn.Parameter(x).is_leaf


def test_made_under_no_grad_it_still_requires_grad() -> None:
    with minitorch.no_grad():
        assert nn.Parameter(minitorch.ones(1)).requires_grad


def test_errors() -> None:
    with pytest.raises(RuntimeError, match="floating point"):
        nn.Parameter(minitorch.tensor([1]))
    with pytest.raises(TypeError, match="Parameter: data must be a Tensor, got list"):
        nn.Parameter([1.0])
    assert not nn.Parameter(minitorch.tensor([1]), requires_grad=False).requires_grad


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies(duplicate) -> None:
    p = nn.Parameter(minitorch.ones(2))
    twin = duplicate(p)
    assert type(twin) is nn.Parameter
    assert twin.requires_grad
    assert not np.shares_memory(twin._array, p._array)
    buffer = duplicate(nn.Buffer(minitorch.ones(2), persistent=False))
    assert type(buffer) is nn.Buffer
    assert not buffer.persistent


def test_results_of_operations_are_plain_tensors() -> None:
    p = nn.Parameter(minitorch.ones(2))
    assert type(p * 2) is minitorch.Tensor
    assert type(p.detach()) is minitorch.Tensor
    assert type(p.data) is minitorch.Tensor


def test_repr() -> None:
    assert repr(nn.Parameter(minitorch.ones(1))) == (
        "Parameter containing:\ntensor([1.], requires_grad=True)"
    )


def test_a_parameter_is_optimised_in_place() -> None:
    p = nn.Parameter(minitorch.ones(2))
    (p * p).sum().backward()
    with minitorch.no_grad():
        p -= p.grad
    assert isinstance(p, nn.Parameter)
    assert p.tolist() == [-1.0, -1.0]


def test_text_says_that_it_is_a_parameter() -> None:
    p = minitorch.nn.Parameter(minitorch.tensor(2.0))
    expected = "Parameter containing:\ntensor(2., requires_grad=True)"
    assert repr(p) == str(p) == f"{p}" == expected
