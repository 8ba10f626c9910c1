"""Derivatives by finite differences, and losses against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch import nn
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn import functional as F

RNG = np.random.default_rng(0)


def variable(*shape: int, positive: bool = False):
    """Return random float64 numbers that are not near a kink at a whole or half number."""
    x = RNG.uniform(0.1, 0.4, shape)
    if not positive:
        x += RNG.integers(-4, 4, shape) / 2
    return minitorch.tensor(x, requires_grad=True)


POINTWISE = [
    F.relu, F.relu6, F.leaky_relu, F.elu, F.selu, F.celu, F.gelu, F.silu, F.mish, F.sigmoid,
    F.logsigmoid, F.tanh, F.tanhshrink, F.softplus, F.softsign, F.hardtanh, F.hardsigmoid,
    F.hardswish, F.glu,
]  # fmt: skip
FUNCTIONS = {
    "gelu, tanh": (lambda x: F.gelu(x, "tanh"), (variable(3, 4),)),
    "threshold": (lambda x: F.threshold(x, 0.5, 3.0), (variable(3, 4),)),
    "prelu": (F.prelu, (variable(2, 3, 2), variable(3))),
    "softmax": (lambda x: F.softmax(x, 0), (variable(3, 4),)),
    "log_softmax": (lambda x: F.log_softmax(x, 1), (variable(3, 4),)),
    "softmin": (lambda x: F.softmin(x, 1), (variable(3, 4),)),
    "linear": (F.linear, (variable(2, 3), variable(4, 3), variable(4))),
    "bilinear": (F.bilinear, (variable(2, 3), variable(2, 2), variable(4, 3, 2), variable(4))),
    "cosine_similarity": (F.cosine_similarity, (variable(3, 4), variable(3, 4))),
    "pairwise_distance": (F.pairwise_distance, (variable(3, 4), variable(3, 4))),
    "normalize": (F.normalize, (variable(3, 4),)),
    "mse_loss": (F.mse_loss, (variable(3, 4), variable(3, 4))),
    "l1_loss": (F.l1_loss, (variable(3, 4), variable(3, 4))),
    "smooth_l1_loss": (F.smooth_l1_loss, (variable(3, 4), variable(3, 4))),
    "huber_loss": (F.huber_loss, (variable(3, 4), variable(3, 4))),
    "binary_cross_entropy": (
        F.binary_cross_entropy,
        (variable(3, 4, positive=True), variable(3, 4, positive=True)),
    ),
    "bce with logits": (
        F.binary_cross_entropy_with_logits,
        (variable(3, 4), variable(3, 4, positive=True)),
    ),
    "kl_div": (
        lambda x, y: F.kl_div(x, y, reduction="sum"),
        (variable(3, 4), variable(3, 4, positive=True)),
    ),
    "cross_entropy": (
        lambda x: F.cross_entropy(x, minitorch.tensor([0, 3, 1]), label_smoothing=0.1),
        (variable(3, 4),),
    ),
    "cross_entropy, soft": (F.cross_entropy, (variable(3, 4), variable(3, 4, positive=True))),
    "embedding": (
        lambda w: F.embedding(minitorch.tensor([0, 2, 2]), w),
        (variable(3, 4),),
    ),
} | {function.__name__: (function, (variable(3, 4),)) for function in POINTWISE}


@pytest.mark.parametrize(("function", "inputs"), FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_derivatives(function, inputs) -> None:
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**31), st.floats(0, 1))
def test_cross_entropy_is_its_definition(n: int, classes: int, seed: int, smoothing: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((n, classes)), rng.integers(0, classes, n)
    target = (1 - smoothing) * np.eye(classes)[y] + smoothing / classes
    expected = -(target * (x - np.log(np.exp(x).sum(1, keepdims=True)))).sum(1)
    scores = minitorch.tensor(x)
    if n == classes == 1:
        y = y.reshape(n)
    hard = F.cross_entropy(scores, minitorch.tensor(y), reduction="none", label_smoothing=smoothing)
    np.testing.assert_allclose(hard.numpy(), expected, atol=1e-12)
    soft = F.cross_entropy(scores, minitorch.tensor(target), reduction="none")
    np.testing.assert_allclose(soft.numpy(), expected, atol=1e-12)


@given(st.integers(1, 5), st.integers(0, 2**31))
def test_ignored_targets_are_as_if_absent(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((n + 1, 4)), rng.integers(0, 4, n + 1)
    place = rng.integers(n + 1)
    y[place] = -100
    kept = np.arange(n + 1) != place
    for weight in (None, minitorch.tensor(rng.random(4) + 0.1)):
        for smoothing in (0.0, 0.3):
            options = {"weight": weight, "label_smoothing": smoothing}
            all_of_them = F.cross_entropy(minitorch.tensor(x), minitorch.tensor(y), **options)
            others = F.cross_entropy(
                minitorch.tensor(x[kept]), minitorch.tensor(y[kept]), **options
            )
            assert all_of_them.item() == pytest.approx(others.item(), rel=1e-12)


def test_an_ignored_target_has_no_gradient() -> None:
    x = variable(3, 4)
    F.cross_entropy(x, minitorch.tensor([1, -100, 2])).backward()
    assert not x.grad[1].numpy().any()
    assert x.grad[0].numpy().all()


def test_losses_of_certain_mistakes_are_finite() -> None:
    p = minitorch.tensor([0.0, 1.0], requires_grad=True)
    loss = F.binary_cross_entropy(p, minitorch.tensor([1.0, 0.0]))
    loss.backward()
    assert loss.item() == 100
    assert np.isfinite(p.grad.numpy()).all()
    x = minitorch.tensor([-1e4, 1e4], requires_grad=True)
    F.binary_cross_entropy_with_logits(x, minitorch.tensor([1.0, 0.0])).backward()
    np.testing.assert_allclose(x.grad.numpy(), [-0.5, 0.5])


def test_embedding_padding_gets_no_gradient() -> None:
    table = nn.Embedding(4, 2, padding_idx=1)
    assert not table.weight[1].detach().numpy().any()
    table(minitorch.tensor([[1, 2], [1, 3]])).sum().backward()
    np.testing.assert_array_equal(table.weight.grad.numpy()[:, 0], [0, 0, 1, 1])


@pytest.mark.parametrize("options", [{"scale_grad_by_freq": True}, {"sparse": True}])
def test_what_embedding_cannot_do(options: dict) -> None:
    name = next(iter(options))
    with pytest.raises(NotImplementedError, match=f"Embedding: {name}=True"):
        nn.Embedding(3, 2, **options)
    with pytest.raises(NotImplementedError, match=f"embedding: {name}=True"):
        F.embedding(minitorch.tensor([0]), minitorch.ones(3, 2), **options)


def test_other_refusals() -> None:
    for make in (lambda d: nn.Linear(1, 1, device=d), lambda d: nn.Bilinear(1, 1, 1, device=d),
                 lambda d: nn.Embedding(1, 1, device=d), lambda d: nn.PReLU(device=d)):  # fmt: skip
        with pytest.raises(NotImplementedError, match="cuda"):
            make("cuda")
        make("cpu")
    with pytest.raises(NotImplementedError, match="out"):
        F.normalize(minitorch.ones(2, 2), out=minitorch.ones(2, 2))


def test_dtype_of_layers() -> None:
    for layer in (
        nn.Linear(2, 2, dtype=minitorch.float64),
        nn.Bilinear(2, 2, 2, dtype=minitorch.float64),
        nn.Embedding(2, 2, dtype=minitorch.float64),
        nn.PReLU(2, dtype=minitorch.float64),
    ):
        assert {p.dtype for p in layer.parameters()} == {minitorch.float64}


# ---------------------------------------------------------------------------------- dropout


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean(p: float, inplace: bool) -> None:
    x = minitorch.ones(200, 500)
    out = nn.Dropout(p, inplace)(x)
    assert (out is x) == inplace
    values = out.numpy()
    kept = values != 0
    deviation = math.sqrt(p * (1 - p) / values.size)
    assert abs(kept.mean() - (1 - p)) < 6 * deviation + 2**-16
    np.testing.assert_allclose(values[kept], 1 / (1 - p), rtol=1e-3)


def test_dropout_drops_the_same_in_the_gradient() -> None:
    x = minitorch.ones(50, requires_grad=True)
    out = F.dropout(x, 0.5)
    out.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), out.detach().numpy())


def test_dropout_at_the_ends_and_in_evaluation() -> None:
    x = minitorch.ones(5)
    assert F.dropout(x, 0.5, training=False) is x
    assert F.dropout(x, 0.0) is x
    assert nn.Dropout(0.5).eval()(x) is x
    assert not F.dropout(x, 1.0).numpy().any()


def test_dropout_follows_the_seed() -> None:
    x, outs = minitorch.ones(40), []
    for seed in (1, 1, 2):
        minitorch.manual_seed(seed)
        outs.append(F.dropout(x).tolist())
    assert outs[0] == outs[1] != outs[2]


# ---------------------------------------------------------------------------------- one step


def test_a_network_learns() -> None:
    """Fit a linear map with the layers and a loss; gradient descent written out."""
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
    x = minitorch.randn(64, 3)
    y = (x.sum(1) > 0).long()
    loss_function = nn.CrossEntropyLoss()
    for _ in range(200):
        loss = loss_function(model(x), y)
        model.zero_grad()
        loss.backward()
        with minitorch.no_grad():
            for parameter in model.parameters():
                parameter -= parameter.grad
    assert loss.item() < 0.1


def test_the_weight_of_linear_is_stored_transposed() -> None:
    layer = nn.Linear(7, 5)
    assert layer.weight.shape == (5, 7)
    assert layer.weight._array.T.flags.c_contiguous
    layer(minitorch.ones(2, 7)).sum().backward()
    assert layer.weight.grad._array.strides == layer.weight._array.strides


def test_gumbel_softmax_chooses_with_the_probabilities_of_softmax() -> None:
    logits = minitorch.tensor([0.5, -1.0, 1.5]).expand(20_000, 3)
    minitorch.manual_seed(0)
    chosen = F.gumbel_softmax(logits, tau=0.7, hard=True)
    expected = F.softmax(logits[0], 0)
    np.testing.assert_allclose(chosen.mean(0).numpy(), expected.numpy(), atol=0.015)
