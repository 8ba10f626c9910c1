"""Weights that are computed from others: gradients, and what they are computed to."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn.utils._magnitudes import norm_except_dim, of_length

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dim", [0, 1, 2, -2, -1])
def test_gradients_through_the_length(dim: int) -> None:
    v = minitorch.tensor(RNG.standard_normal((2, 3, 4)), requires_grad=True)
    lengths = norm_except_dim(v.detach(), dim)
    g = minitorch.tensor(RNG.uniform(0.5, 2, tuple(lengths.shape)), requires_grad=True)
    assert gradcheck(lambda v, g: of_length(v, g, dim), (v, g))
    assert gradgradcheck(lambda v, g: of_length(v, g, dim), (v, g))
    np.testing.assert_allclose(norm_except_dim(of_length(v, g, dim), dim).tolist(), g.tolist())


@pytest.mark.parametrize("kind", ["Linear", "Conv2d", "ConvTranspose2d"])
def test_spectral_norm_finds_the_greatest_singular_value(kind: str) -> None:
    layer = getattr(nn, kind)(*{"Linear": (6, 5)}.get(kind, (6, 5, 3)))
    nn.utils.spectral_norm(layer, n_power_iterations=200)
    layer(minitorch.ones(*{"Linear": (2, 6)}.get(kind, (2, 6, 4, 4))))
    weight = layer.weight.detach()
    if kind == "ConvTranspose2d":
        weight = weight.transpose(0, 1)
    assert np.linalg.norm(weight.reshape(5, -1).numpy(), 2) == pytest.approx(1, abs=1e-4)


def test_in_evaluation_the_singular_vectors_stay() -> None:
    layer = nn.utils.spectral_norm(nn.Linear(4, 3)).eval()
    before = copy.deepcopy(layer.state_dict())
    layer(minitorch.ones(1, 4))
    assert all(np.array_equal(v.numpy(), before[k].numpy()) for k, v in layer.state_dict().items())


def test_a_parametrized_weight_is_cached_copied_and_loaded() -> None:
    with pytest.warns(FutureWarning):
        old = nn.utils.weight_norm(nn.Linear(4, 4))
    new = nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))
    new.load_state_dict(old.state_dict())
    np.testing.assert_allclose(new.weight.tolist(), old.weight.tolist())
    with nn.utils.parametrize.cached():
        kept = new.weight
        assert new.weight is kept
    assert new.weight is not kept
    copied = copy.deepcopy(new)
    with minitorch.no_grad():
        copied.parametrizations.weight.original0.mul_(2)
    np.testing.assert_allclose(copied.weight.tolist(), (2 * new.weight).tolist())
    with pytest.raises(RuntimeError, match="only supported through state_dict"):
        pickle.dumps(new)
