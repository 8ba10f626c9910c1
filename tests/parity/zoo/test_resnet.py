"""Residual networks here and in PyTorch: the same source, weights and batches."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import minitorch
from benchmarks.twins import copy_weights, torch_twin

MODEL, NINE = "zoo.resnet.model", "zoo.resnet.resnet9"


def pair(module, make):
    """A network and its twin with the same weights."""
    import importlib

    ours = make(importlib.import_module(module))
    theirs = make(torch_twin(module))
    copy_weights(ours, theirs)
    return ours, theirs


def test_a_process_with_twins_of_torch_holds_no_minitorch():
    code = (
        "import sys; from benchmarks.twins import torch_twin\n"
        "torch_twin('zoo.resnet.model'), torch_twin('zoo.transformer.classifier')\n"
        "print([name for name in ('minitorch', 'zoo') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


NETWORKS = {
    "basic": (MODEL, lambda m: m.ResNet(m.BasicBlock, [1, 1, 1, 1], 5, stem="cifar")),
    "bottleneck": (MODEL, lambda m: m.ResNet(m.Bottleneck, [1, 1, 1, 1], 5)),
    "cifar": (MODEL, lambda m: m.CifarResNet(14, 5)),
    "resnet9": (NINE, lambda m: m.ResNet9(5, widths=(16, 24, 24))),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", NETWORKS)
def test_scores_and_gradients(kind, training):
    ours, theirs = pair(*NETWORKS[kind])
    ours.double().train(training)
    theirs.double().train(training)
    x = np.random.default_rng(0).standard_normal((3, 3, 32, 32))
    scores, expected = ours(minitorch.tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(scores.detach().numpy(), expected.detach().numpy(), rtol=1e-8)
    scores.square().sum().backward()
    expected.square().sum().backward()
    for (name, one), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert one.requires_grad == other.requires_grad, name
        if one.requires_grad:
            scale = float(other.grad.abs().max())
            np.testing.assert_allclose(
                one.grad.numpy(), other.grad.numpy(), rtol=1e-6, atol=1e-9 * scale, err_msg=name
            )


def test_weights_begin_with_the_same_spread():
    ours = NETWORKS["cifar"][1](__import__(MODEL, fromlist=["x"]))
    theirs = NETWORKS["cifar"][1](torch_twin(MODEL))
    for (name, one), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        if one.numel() > 2000:
            assert float(one.detach().numpy().std()) == pytest.approx(
                float(other.detach().std()), rel=0.1
            ), name


@pytest.mark.parametrize("kind", ["cifar", "resnet9"])
def test_two_hundred_steps_follow_pytorch(kind):
    """In float64, where what is left of the difference is not rounding but arithmetic."""
    networks = {
        "cifar": (MODEL, lambda m: m.CifarResNet(8, 4)),
        "resnet9": (NINE, lambda m: m.ResNet9(4, widths=(8, 12, 12))),
    }
    ours, theirs = pair(*networks[kind])
    ours.double()
    theirs.double()
    settings = {"lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4, "nesterov": True}
    step_ours = minitorch.optim.SGD([p for p in ours.parameters() if p.requires_grad], **settings)
    step_theirs = torch.optim.SGD([p for p in theirs.parameters() if p.requires_grad], **settings)
    plan_ours = minitorch.optim.lr_scheduler.OneCycleLR(step_ours, 0.1, total_steps=200)
    plan_theirs = torch.optim.lr_scheduler.OneCycleLR(step_theirs, 0.1, total_steps=200)
    rng = np.random.default_rng(1)
    images = rng.standard_normal((64, 3, 12, 12))
    labels = rng.integers(0, 4, 64)
    images[:, 0] += labels[:, None, None] / 2
    losses = []
    for _ in range(200):
        batch = rng.integers(0, 64, 8)
        x, y = images[batch], labels[batch]
        step_ours.zero_grad()
        one = minitorch.nn.functional.cross_entropy(
            ours(minitorch.tensor(x)), minitorch.tensor(y), label_smoothing=0.1
        )
        one.backward()
        step_ours.step()
        plan_ours.step()
        step_theirs.zero_grad()
        other = torch.nn.functional.cross_entropy(
            theirs(torch.tensor(x)), torch.tensor(y), label_smoothing=0.1
        )
        other.backward()
        step_theirs.step()
        plan_theirs.step()
        losses.append((one.item(), other.item()))
    found, expected = np.array(losses).T
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
    assert expected[-20:].mean() < expected[:20].mean()
