"""Initialisers: reproducible, in place, and the same in every memory order."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import init

RANDOM = {
    "uniform_": {"a": -1.0, "b": 2.0},
    "normal_": {"mean": 1.0, "std": 2.0},
    "trunc_normal_": {},
    "xavier_uniform_": {},
    "xavier_normal_": {},
    "kaiming_uniform_": {},
    "kaiming_normal_": {},
    "orthogonal_": {},
    "sparse_": {"sparsity": 0.5},
}


@pytest.mark.parametrize("name", RANDOM)
def test_a_generator_decides(name: str) -> None:
    function = getattr(init, name)
    made = []
    for seed in (5, 5, 6):
        generator = minitorch.Generator().manual_seed(seed)
        state = minitorch.get_rng_state().tolist()
        made.append(function(minitorch.empty(6, 4), **RANDOM[name], generator=generator).tolist())
        assert minitorch.get_rng_state().tolist() == state
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize("name", RANDOM)
def test_memory_order_does_not_matter(name: str) -> None:
    plain = minitorch.empty(6, 4)
    turned = minitorch.empty(4, 6).t()
    for tensor in (plain, turned):
        generator = minitorch.Generator().manual_seed(5)
        getattr(init, name)(tensor, **RANDOM[name], generator=generator)
    assert plain.tolist() == turned.tolist()


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.parametrize("dtype", [minitorch.float16, minitorch.float32, minitorch.float64])
def test_dtypes(name: str, dtype) -> None:
    tensor = minitorch.empty(8, 8, dtype=dtype)
    assert getattr(init, name)(tensor, **RANDOM[name]) is tensor
    assert tensor.dtype is dtype
    assert np.isfinite(tensor.numpy()).all()


def test_leaves_stay_leaves_and_changes_are_counted() -> None:
    p = nn.Parameter(minitorch.ones(3, 3))
    loss = (p * p).sum()
    init.normal_(p)
    assert p.is_leaf
    assert p.requires_grad
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (5, 3, 2)])
def test_orthogonal(shape: tuple) -> None:
    q = init.orthogonal_(minitorch.empty(*shape, dtype=minitorch.float64)).numpy()
    q = q.reshape(shape[0], -1)
    product = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


def test_truncated_normal_far_from_its_mean_stays_inside() -> None:
    with pytest.warns(UserWarning, match="more than 2 std"):
        values = init.trunc_normal_(minitorch.empty(1000), 0.0, 1.0, 5.0, 6.0).numpy()
    assert values.min() >= 5
    assert values.max() <= 6
    assert values.mean() < 5.3


def test_uniform_values_are_spread_evenly() -> None:
    values = init.uniform_(minitorch.empty(100_000), -1, 3).numpy()
    counts = np.histogram(values, 20, (-1, 3))[0]
    assert counts.sum() == 100_000
    assert ((counts - 5000) ** 2 / 5000).sum() < 60  # chi-squared, 19 degrees of freedom


def test_layers_follow_the_seed() -> None:
    def weights(seed: int):
        minitorch.manual_seed(seed)
        return nn.Linear(3, 2).weight.tolist()

    assert weights(1) == weights(1) != weights(2)


def test_linear_with_no_inputs() -> None:
    with pytest.warns(UserWarning, match="zero-element"):
        layer = nn.Linear(0, 2)
    assert layer(minitorch.ones(3, 0)).tolist() == [[0.0, 0.0]] * 3


def test_a_normal_distribution_is_cut_by_way_of_its_inverse() -> None:
    """As other libraries write ``trunc_normal_``: uniform numbers through the inverse."""
    mean, std, low, high = 0.5, 2.0, -1.0, 4.0
    ends = [math.erf((v - mean) / std / math.sqrt(2)) for v in (low, high)]
    with minitorch.no_grad():
        w = nn.Parameter(minitorch.empty(100_000))
        drawn = w.uniform_(*ends, generator=minitorch.Generator().manual_seed(0))
        w.erfinv_().mul_(std * math.sqrt(2.0)).add_(mean).clamp_(min=low, max=high)
    assert drawn is w
    other = init.trunc_normal_(minitorch.empty(100_000), mean, std, low, high)
    assert low <= w.min().item() < w.max().item() <= high
    assert w.mean().item() == pytest.approx(other.mean().item(), abs=0.03)
    assert w.std().item() == pytest.approx(other.std().item(), abs=0.03)
