"""Clipping and flattening."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch import nn
from minitorch.nn import utils


@given(
    st.lists(st.lists(st.floats(-100, 100), min_size=1, max_size=5), min_size=1, max_size=4),
    st.floats(0.01, 300),
    st.sampled_from([1.0, 2.0, 3.0, float("inf")]),
)
def test_clipping_is_of_all_gradients_as_one_vector(gradients, max_norm, p) -> None:
    parameters = []
    for gradient in gradients:
        parameter = minitorch.zeros(len(gradient), dtype=minitorch.float64)
        parameter.grad = minitorch.tensor(gradient, dtype=minitorch.float64)
        parameters.append(parameter)
    joined = np.concatenate(gradients)
    norm = np.linalg.norm(joined, p)
    total = utils.clip_grad_norm_(parameters, max_norm, p)
    assert total.item() == pytest.approx(norm, rel=1e-9, abs=1e-100)
    clipped = np.concatenate([parameter.grad.numpy() for parameter in parameters])
    factor = min(1, max_norm / (norm + 1e-6))
    np.testing.assert_allclose(clipped, joined * factor, rtol=1e-9, atol=1e-100)


def test_clipping_works_in_any_memory_order() -> None:
    layer = nn.Linear(4, 3)
    layer(minitorch.ones(2, 4)).sum().backward()
    expected = np.sqrt(
        (layer.weight.grad.numpy() ** 2).sum() + (layer.bias.grad.numpy() ** 2).sum()
    )
    assert utils.clip_grad_norm_(layer.parameters(), 1.0).item() == pytest.approx(expected)
    assert utils.get_total_norm([p.grad for p in layer.parameters()]).item() == pytest.approx(1)
    sliced = minitorch.ones(3)
    sliced.grad = minitorch.ones(6)[::2]
    utils.clip_grad_norm_(sliced, 1.0)
    np.testing.assert_allclose(sliced.grad.numpy(), 1 / np.sqrt(3), rtol=1e-5)


def test_half_precision_does_not_overflow() -> None:
    x = minitorch.zeros(2, dtype=minitorch.float16)
    x.grad = minitorch.tensor([3000.0, 4000.0], dtype=minitorch.float16)
    assert utils.clip_grad_norm_(x, 50.0).item() == 5000
    assert x.grad.tolist() == [30.0, 40.0]


@pytest.mark.parametrize("call", [
    lambda p: utils.clip_grad_norm_(p, 1.0, foreach=True),
    lambda p: utils.clip_grad_value_(p, 1.0, foreach=True),
    lambda p: utils.get_total_norm(p, foreach=True),
    lambda p: utils.clip_grads_with_norm_(p, 1.0, minitorch.ones(()), foreach=True),
])  # fmt: skip
def test_foreach_is_refused(call) -> None:
    with pytest.raises(NotImplementedError, match="foreach=True"):
        call([minitorch.ones(1)])


def test_a_vector_there_and_back() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    vector = utils.parameters_to_vector(model.parameters()).detach()
    twin = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    utils.vector_to_parameters(vector, twin.parameters())
    assert twin[0].weight.data_ptr() == vector.data_ptr()
    x = minitorch.ones(1, 3)
    assert model(x).tolist() == twin(x).tolist()
    with pytest.raises(RuntimeError, match="the vector has 3 elements, the parameters 26"):
        utils.vector_to_parameters(vector[:3], twin.parameters())
