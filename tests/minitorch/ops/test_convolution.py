"""Convolutions: finite differences to second order, memory, views, and the choice of precision."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn import functional as F

RNG = np.random.default_rng(0)


def normal(*shape: int) -> Any:
    return minitorch.tensor(RNG.standard_normal(shape), requires_grad=True)


CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("conv1d", ((2, 2, 5), (3, 2, 3), (3,)), {"padding": 1, "stride": 2}),
    ("conv2d", ((2, 2, 4, 3), (3, 2, 3, 3), (3,)), {"padding": 1}),
    ("conv2d", ((1, 2, 5, 5), (3, 2, 2, 2), (3,)), {"stride": 2, "dilation": (1, 2)}),
    ("conv2d", ((1, 4, 3, 3), (4, 2, 2, 2), (4,)), {"groups": 2}),
    ("conv2d", ((1, 3, 4, 4), (3, 1, 3, 3), (3,)), {"groups": 3, "padding": 1}),
    ("conv2d", ((2, 3, 3, 3), (2, 3, 1, 1), (2,)), {"stride": 2}),
    ("conv_transpose1d", ((2, 2, 3), (2, 3, 3), (3,)), {"stride": 2, "output_padding": 1}),
    ("conv_transpose2d", ((1, 2, 3, 3), (2, 3, 2, 2), (3,)), {"stride": 2, "padding": 1}),
]


@pytest.mark.parametrize(("name", "shapes", "options"), CASES)
def test_derivatives(name: str, shapes: Any, options: dict[str, Any]) -> None:
    inputs = [normal(*shape) for shape in shapes]

    def function(*tensors: Any) -> Any:
        return getattr(F, name)(*tensors, **options)

    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


def test_derivatives_of_winograd() -> None:
    """Enough channels and pixels for tiles: the derivatives along random directions."""
    x, weight = normal(2, 32, 9, 8), normal(32, 32, 3, 3)
    for reduced in (False, True):
        with minitorch.backends.conv.flags(allow_reduced_precision=reduced):
            y = F.conv2d(x, weight, padding=1)
            g = minitorch.tensor(RNG.standard_normal(y.shape), requires_grad=True)
            dx, dw = minitorch.autograd.grad(y, (x, weight), g, create_graph=True)
            u, v = RNG.standard_normal(x.shape), RNG.standard_normal(weight.shape)
            u, v = minitorch.tensor(u), minitorch.tensor(v)
            along = F.conv2d(u, weight, padding=1) + F.conv2d(x, v, padding=1)
            projected = (dx * u).sum() + (dw * v).sum()
            assert projected.item() == pytest.approx((along * g).sum().item())
            (of_g,) = minitorch.autograd.grad(projected, g)
        np.testing.assert_allclose(of_g.numpy(), along.detach().numpy(), atol=1e-9)


@pytest.mark.parametrize("wanted", [(0,), (1,), (2,), (0, 2), (1, 2)])
def test_only_the_gradients_that_are_wanted(wanted: tuple[int, ...]) -> None:
    tensors = [normal(2, 2, 4, 4), normal(3, 2, 3, 3), normal(3)]
    every = minitorch.autograd.grad(F.conv2d(*tensors).square().sum(), tensors)
    for index, tensor in enumerate(tensors):
        tensor.requires_grad = index in wanted
    F.conv2d(*tensors).square().sum().backward()
    for index, tensor in enumerate(tensors):
        if index in wanted:
            np.testing.assert_allclose(tensor.grad.numpy(), every[index].numpy())
        else:
            assert tensor.grad is None


def test_gradients_lie_in_memory_as_the_parameters_do() -> None:
    layer = nn.Conv2d(4, 6, 3)
    layer(minitorch.randn(2, 4, 8, 8)).sum().backward()
    assert layer.weight.grad.stride() == layer.weight.stride()


def test_a_changed_weight_is_noticed() -> None:
    layer = nn.Conv2d(2, 2, 3)
    y = layer(minitorch.randn(1, 2, 4, 4, requires_grad=True))
    with minitorch.no_grad():
        layer.weight.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.parametrize("mode", [minitorch.no_grad, minitorch.inference_mode])
def test_without_a_tape(mode: Any) -> None:
    layer = nn.Conv2d(2, 3, 3, padding=1)
    x = minitorch.randn(2, 2, 5, 5)
    with mode():
        y = layer(x)
        assert not y.requires_grad
        assert y.is_inference() == minitorch.is_inference_mode_enabled()
        assert y.view(2, -1).shape == (2, 75)
    np.testing.assert_array_equal(y.numpy(), layer(x).detach().numpy())


def test_a_view_of_an_output_shares_its_memory() -> None:
    y = nn.Conv2d(3, 4, 3)(minitorch.randn(2, 3, 5, 5)).detach()
    values = y.numpy().copy()
    first, turned = y[0], y.permute(0, 2, 3, 1)
    rows = y.view(2, -1)
    np.testing.assert_array_equal(rows.numpy(), values.reshape(2, -1))
    rows[0, 0] = 7.0
    assert y[0, 0, 0, 0] == first[0, 0, 0] == turned[0, 0, 0, 0] == 7
    turned.zero_()
    assert not rows.numpy().any()
    assert not y.numpy().any()


def test_a_view_of_a_view_is_refused_as_in_torch() -> None:
    x = minitorch.randn(2, 3, 4)
    with pytest.raises(RuntimeError, match=r"Use \.reshape"):
        x.permute(2, 0, 1).view(-1)
    with pytest.raises(RuntimeError, match="is invalid for input of size"):
        nn.Conv2d(3, 4, 3)(minitorch.randn(2, 3, 5, 5)).view(7, -1)


def test_a_weight_can_be_viewed_and_copied() -> None:
    layer = nn.Conv2d(3, 4, 3)
    kept = layer.weight.permute(1, 0, 2, 3)
    twin = copy.deepcopy(layer)
    pickle.dumps(layer.weight)
    (layer.weight.view(4, -1) ** 2).sum().backward()
    np.testing.assert_allclose(layer.weight.grad.numpy(), 2 * layer.weight.detach().numpy())
    np.testing.assert_array_equal(twin.weight.detach().numpy(), layer.weight.detach().numpy())
    with minitorch.no_grad():
        layer.weight.zero_()
    assert not kept.detach().numpy().any()


def test_reduced_precision_is_a_choice() -> None:
    conv = minitorch.backends.conv
    x = minitorch.randn(2, 128, 16, 16)
    weight = minitorch.randn(128, 128, 3, 3)
    exact = F.conv2d(x.double(), weight.double(), padding=1).numpy()
    error = []
    for choice in (False, True):
        with conv.flags(allow_reduced_precision=choice):
            y = F.conv2d(x, weight, padding=1).numpy()
        error.append(np.abs(y - exact).max() / np.abs(exact).max())
    assert error[0] < error[1] < 5e-6
    assert error[0] < 2e-6
    assert conv.allow_reduced_precision is False
    with pytest.raises(TypeError, match="expects a bool, got 1"):
        conv.allow_reduced_precision = 1
    with pytest.raises(ZeroDivisionError), conv.flags(allow_reduced_precision=True):
        raise ZeroDivisionError
    assert conv.allow_reduced_precision is False
