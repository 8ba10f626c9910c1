"""Normalization layers: what PyTorch cannot be asked, and what it is not needed for."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn import functional as F

RNG = np.random.default_rng(0)


def variable(*shape: int) -> minitorch.Tensor:
    return minitorch.tensor(RNG.standard_normal(shape), requires_grad=True)


def test_a_bias_without_a_weight() -> None:
    mean, variance = variable(4).detach(), variable(4).detach().abs()
    for function in (
        lambda x, b: F.layer_norm(x, (4,), bias=b),
        lambda x, b: F.group_norm(x.t(), 1, bias=b[:3]),
        lambda x, b: F.batch_norm(x, None, None, bias=b, training=True),
        lambda x, b: F.batch_norm(x, mean, variance, bias=b),
    ):
        inputs = variable(3, 4), variable(4)
        assert gradcheck(function, inputs, fast_mode=True)
        assert gradgradcheck(function, inputs, fast_mode=True)


@pytest.mark.parametrize("frozen", ["x", "weight", "bias"])
def test_one_input_needs_no_gradient(frozen: str) -> None:
    tensors = {"x": variable(5, 4, 2), "weight": variable(4), "bias": variable(4)}
    tensors[frozen].requires_grad_(False)
    x, weight, bias = tensors.values()
    for out in (
        F.batch_norm(x, None, None, weight, bias, True),
        F.batch_norm(x, minitorch.zeros(4).double(), minitorch.ones(4).double(), weight, bias),
        F.group_norm(x, 2, weight, bias),
        F.layer_norm(x.transpose(1, 2), (4,), weight, bias),
        F.rms_norm(x.transpose(1, 2), (4,), weight) + bias,
    ):
        for create_graph in (False, True):
            out.sum().backward(create_graph=create_graph, retain_graph=True)
            for name, tensor in tensors.items():
                assert (tensor.grad is None) == (name == frozen)
                tensor.grad = None


def test_evaluation_keeps_the_running_statistics() -> None:
    layer = nn.BatchNorm2d(3)
    layer(minitorch.randn(4, 3, 5, 5))
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    version = layer.running_mean._version
    layer.eval()(minitorch.randn(4, 3, 5, 5))
    for name, value in layer.state_dict().items():
        assert minitorch.equal(value, before[name])
    assert layer.running_mean._version == version
    assert before["num_batches_tracked"].dtype == minitorch.int64


def test_the_input_must_not_change_before_the_backward_pass() -> None:
    x = variable(4, 3) * 1
    out = nn.BatchNorm1d(3).double()(x)
    x += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_half_a_network_in_channels_last_memory_is_not_seen() -> None:
    x = minitorch.randn(2, 8, 16, 16)
    net = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
    out = net(x)
    assert out.shape == (2, 8, 16, 16)
    assert out.flatten(1).shape == (2, 8 * 256)
    out.sum().backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in net.parameters())


def test_nothing_is_recorded_without_gradients() -> None:
    layer = nn.BatchNorm1d(3)
    with minitorch.no_grad():
        assert layer(minitorch.randn(4, 3)).grad_fn is None
    with minitorch.inference_mode():
        assert nn.LayerNorm(3)(minitorch.randn(4, 3)).is_inference()


@pytest.mark.parametrize("dtype", [minitorch.float16, minitorch.float32, minitorch.float64])
@pytest.mark.parametrize("affine", [True, False])
def test_fixed_statistics_give_the_same_numbers_recorded_or_not(dtype, affine):
    layer = nn.BatchNorm2d(5, affine=affine).to(dtype).eval()
    layer.running_mean.normal_()
    layer.running_var.uniform_(0.5, 2)
    x = minitorch.randn(3, 5, 4, 4).to(dtype).requires_grad_()
    recorded = layer(x)
    with minitorch.no_grad():
        plain = layer(x)
    with minitorch.inference_mode():
        inferred = layer(x)
    assert recorded.requires_grad
    assert not plain.requires_grad
    assert inferred.is_inference()
    assert recorded.dtype == plain.dtype == inferred.dtype == dtype
    assert minitorch.equal(recorded, plain)
    assert minitorch.equal(recorded, inferred)
