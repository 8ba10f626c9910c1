"""Weights that are computed from others: gradients, and what they are computed to."""

from __future__ import annotations

import copy

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
