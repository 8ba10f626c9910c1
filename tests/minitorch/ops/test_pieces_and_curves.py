"""Activations and losses against finite differences, and what their recorded gradients keep."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import ops
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn import functional as F

RNG = np.random.default_rng(0)
SIGN = minitorch.tensor([1, -1, 1])
CLASSES = minitorch.tensor([1, 3, 0])
LISTS = minitorch.tensor([[0, 2, -1, 1], [3, -1, 0, 0]])
FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "hardtanh": (lambda x: ops.hardtanh(x, -0.5, 1.0), (4, 3)),
    "hardsigmoid": (ops.hardsigmoid, (4, 3)),
    "hardswish": (ops.hardswish, (4, 3)),
    "threshold": (lambda x: ops.threshold(x, 0.2, 3.0), (4, 3)),
    "elu": (lambda x: ops.elu(x, 0.7, 1.3), (4, 3)),
    "leaky_relu": (lambda x: ops.leaky_relu(x, 0.2), (4, 3)),
    "hardshrink": (lambda x: ops.hardshrink(x, 0.3), (4, 3)),
    "softshrink": (lambda x: ops.softshrink(x, 0.3), (4, 3)),
    "multi margin": (lambda x: F.multi_margin_loss(x, CLASSES, p=2, margin=0.7), (3, 4)),
    "multilabel margin": (lambda x: F.multilabel_margin_loss(x, LISTS), (2, 4)),
    "huber": (lambda x: ops.huber(x, 0.8, 2.0), (4, 3)),
    "logit": (lambda x: ops.logit(ops.sigmoid(x), 0.1), (4, 3)),
    "prelu": (lambda x: ops.prelu(x, 0.3 * x[0]), (4, 3)),
    "triplet": (lambda x: F.triplet_margin_loss(x[0], x[1], x[2], 3.0), (3, 4, 3)),
    "cosine": (lambda x: F.cosine_embedding_loss(x[0], x[1], SIGN, -0.9), (2, 3, 4)),
    "poisson": (lambda x: F.poisson_nll_loss(x[0], ops.exp(x[1]), full=True), (2, 3)),
    "gaussian": (lambda x: F.gaussian_nll_loss(x[0], x[1], ops.exp(x[2])), (3, 4)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients(name: str) -> None:
    function, shape = FUNCTIONS[name]
    x = minitorch.tensor(RNG.standard_normal(shape), requires_grad=True)
    assert gradcheck(function, x)
    assert gradgradcheck(function, x)


@pytest.mark.parametrize("number", [np.inf, np.nan])
def test_relu_stops_any_gradient_in_a_recorded_pass_too(number: float) -> None:
    x = minitorch.tensor([-1.0, 2.0], requires_grad=True)
    g = minitorch.full((2,), number)
    for recorded in (False, True):
        (found,) = minitorch.autograd.grad(ops.relu(x), x, g, create_graph=recorded)
        np.testing.assert_array_equal(found.detach(), [0.0, number])


LINEAR = {
    "average": lambda x: F.avg_pool2d(x, 2),
    "max": lambda x: F.max_pool2d(x, 2),
    "adaptive": lambda x: F.adaptive_max_pool2d(x, 2),
    "nll": lambda x: F.nll_loss(x[0, 0], minitorch.tensor([0, 1, 2, 3])),
}


@pytest.mark.parametrize("name", LINEAR)
def test_a_gradient_that_can_be_differentiated_again_keeps_no_input(name: str) -> None:
    leaf = minitorch.ones(1, 1, 4, 4, requires_grad=True)
    x = leaf * 2
    kept = weakref.ref(x._array)
    out = LINEAR[name](x)
    del x
    assert kept() is None
    (g,) = minitorch.autograd.grad(out.sum(), leaf, create_graph=True)
    (again,) = minitorch.autograd.grad(g.sum(), leaf)
    np.testing.assert_array_equal(again, np.zeros((1, 1, 4, 4)))
