"""Normalization against PyTorch: values, both derivatives, statistics, errors, state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn as tnn

import minitorch
from minitorch import nn
from tests.parity.nn.compare import both, close, outcome, warnings_of
from tests.parity.nn.test_layers import same_with_parameters

RNG = np.random.default_rng(0)

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    *(("BatchNorm1d", (3,), {}, shape) for shape in ((5, 3), (2, 3, 4), (1, 3, 2))),
    ("BatchNorm1d", (3,), {"bias": False}, (5, 3)),
    ("BatchNorm1d", (3,), {"affine": False}, (5, 3)),
    *(("BatchNorm2d", (3,), {}, shape) for shape in ((4, 3, 5, 2), (2, 3, 9, 8), (1, 3, 2, 1))),
    ("BatchNorm2d", (3,), {"momentum": None, "eps": 0.1}, (2, 3, 4, 4)),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, (2, 3, 4, 4)),
    ("BatchNorm3d", (2,), {"momentum": 0.4}, (2, 2, 3, 2, 4)),
    *(
        ("GroupNorm", (2, 6), {}, shape)
        for shape in ((3, 6), (2, 6, 5), (2, 6, 3, 2), (2, 6, 9, 8))
    ),
    ("GroupNorm", (6, 6), {"affine": False}, (2, 6, 3)),
    ("GroupNorm", (1, 6), {"bias": False}, (2, 6, 3)),
    *(("LayerNorm", (4,), {}, shape) for shape in ((4,), (3, 4), (2, 3, 4))),
    ("LayerNorm", ((3, 4),), {"eps": 0.1}, (2, 3, 4)),
    ("LayerNorm", ([4],), {"bias": False}, (3, 4)),
    ("LayerNorm", (4,), {"elementwise_affine": False}, (3, 4)),
    *(("RMSNorm", (4,), {}, shape) for shape in ((4,), (3, 4), (2, 3, 4))),
    ("RMSNorm", ((3, 4),), {"eps": 0.1}, (2, 3, 4)),
    ("RMSNorm", (4,), {"elementwise_affine": False}, (3, 4)),
    ("InstanceNorm1d", (3,), {}, (2, 3, 4)),
    ("InstanceNorm1d", (3,), {"affine": True}, (3, 4)),
    ("InstanceNorm2d", (3,), {"affine": True, "track_running_stats": True}, (2, 3, 4, 5)),
    ("InstanceNorm3d", (3,), {"affine": True, "bias": False}, (2, 3, 2, 2, 3)),
]


def twins(name: str, arguments: tuple, options: dict) -> tuple[Any, Any]:
    """Return a layer of each library in float64, with the same random parameters."""
    ours, theirs = (getattr(n, name)(*arguments, **options).double() for n in (nn, tnn))
    assert repr(ours) == repr(theirs)
    same_state(ours, theirs)
    for p in theirs.parameters():
        p.data = torch.tensor(RNG.standard_normal(tuple(p.shape)))
    for name in ("running_mean", "running_var"):
        if getattr(theirs, name, None) is not None:
            getattr(theirs, name).copy_(torch.tensor(RNG.uniform(0.5, 2, theirs.num_features)))
    state = {k: minitorch.tensor(v.numpy()) for k, v in theirs.state_dict().items()}
    ours.load_state_dict(state)
    return ours, theirs


def same_state(ours: Any, theirs: Any) -> None:
    mine, other = ours.state_dict(), theirs.state_dict()
    assert list(mine) == list(other)
    for name in other:
        close(mine[name], other[name])


@pytest.mark.parametrize("layout", ["contiguous", "channels last", "gapped"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("name", "arguments", "options", "shape"), LAYERS)
def test_value_and_derivatives(
    name: str, arguments: tuple, options: dict, shape: tuple, training: bool, layout: str
) -> None:
    ours, theirs = twins(name, arguments, options)
    ours.train(training), theirs.train(training)
    for layer in (ours, theirs):
        layer.register_forward_pre_hook(lambda _, inputs: (laid(inputs[0], layout),))
    same_with_parameters(ours, theirs, RNG.standard_normal(shape) + 0.5)
    same_state(ours, theirs)


def laid(x: Any, layout: str) -> Any:
    """Return an equal tensor in another order of memory."""
    if layout == "channels last" and x.ndim > 2:
        return x.movedim(1, -1).contiguous().movedim(-1, 1)
    if layout == "gapped":
        return x.repeat(*[2] * x.ndim)[tuple(slice(n) for n in x.shape)]
    return x


@pytest.mark.parametrize("momentum", [0.3, None])
def test_running_statistics_of_several_batches(momentum: float | None) -> None:
    ours, theirs = twins("BatchNorm2d", (3,), {"momentum": momentum})
    ours.reset_running_stats(), theirs.reset_running_stats()
    for size in (2, 5, 1):
        x, y = both(RNG.standard_normal((size, 3, 2, 2)) * 3 + 1)
        close(ours(x), theirs(y))
        same_state(ours, theirs)
    ours.eval(), theirs.eval()
    close(ours(x), theirs(y))
    same_state(ours, theirs)


@pytest.mark.parametrize("layout", ["contiguous", "channels last"])
def test_float32_follows_float64_far_from_zero(layout: str) -> None:
    x = (RNG.standard_normal((16, 8, 12, 12)) * 2 + 300).astype(np.float32)
    g = RNG.standard_normal(x.shape).astype(np.float32)

    def run(library: Any, dtype: str) -> tuple[Any, Any]:
        leaf = library.tensor(x.astype(dtype), requires_grad=True)
        function = library.nn.functional.batch_norm
        out = function(laid(leaf, layout), None, None, training=True)
        out.backward(library.tensor(g.astype(dtype)))
        return out.detach().numpy(), leaf.grad.numpy()

    results = run(minitorch, "float32"), run(torch, "float32"), run(torch, "float64")
    for ours, theirs, wanted in zip(*results, strict=True):
        assert np.abs(ours - wanted).max() <= 3 * np.abs(theirs - wanted).max() + 1e-6


@pytest.mark.parametrize(("name", "arguments", "options", "shape"), LAYERS)
def test_half_precision_is_computed_in_single(
    name: str, arguments: tuple, options: dict, shape: tuple
) -> None:
    x, g = (RNG.standard_normal(shape).astype(np.float16) for _ in range(2))
    ours, theirs = (
        getattr(nn, name)(*arguments, **options),
        getattr(tnn, name)(*arguments, **options),
    )
    theirs.double()  # PyTorch rounds means to half precision on the way
    if name == "RMSNorm":  # whose types must agree
        ours.half()
    leaf, exact = minitorch.tensor(x, requires_grad=True), torch.tensor(x).double()
    out, wanted = ours(leaf), theirs(exact.requires_grad_())
    assert out.dtype == minitorch.float16
    np.testing.assert_allclose(out.detach().numpy(), wanted.detach().numpy(), rtol=1e-3, atol=1e-3)
    out.backward(minitorch.tensor(g)), wanted.backward(torch.tensor(g).double())
    np.testing.assert_allclose(leaf.grad.numpy(), exact.grad.numpy(), rtol=2e-3, atol=2e-3)


ERRORS = {
    "one value": lambda m, n: n.BatchNorm1d(3)(m.ones(1, 3)),
    "one pixel": lambda m, n: n.BatchNorm2d(3)(m.ones(1, 3, 1, 1)),
    "2d of 2": lambda m, n: n.BatchNorm2d(3)(m.ones(2, 3)),
    "1d of 4": lambda m, n: n.BatchNorm1d(3)(m.ones(2, 3, 2, 2)),
    "3d of 2": lambda m, n: n.BatchNorm3d(3)(m.ones(2, 3)),
    "channels": lambda m, n: n.BatchNorm2d(3)(m.ones(2, 4, 2, 2)),
    "integers": lambda m, n: n.BatchNorm2d(3)(m.ones(2, 3, 2, 2).long()),
    "double": lambda m, n: n.BatchNorm2d(3)(m.ones(2, 3, 2, 2).double()),
    "no statistics": lambda m, n: n.functional.batch_norm(m.ones(3, 4), None, None),
    "one statistic": lambda m, n: n.functional.batch_norm(
        m.ones(3, 4), m.zeros(4), None, training=True
    ),
    "eps of 0": lambda m, n: n.BatchNorm1d(3, eps=0.0)(m.ones(2, 3)),
    "negative eps": lambda m, n: n.BatchNorm1d(3, eps=-1.0).eval()(m.ones(2, 3)),
    "batch weight": lambda m, n: n.functional.batch_norm(
        m.ones(3, 4), m.zeros(4), m.ones(4), m.ones(3)
    ),
    "layer size": lambda m, n: n.LayerNorm(3)(m.ones(2, 4)),
    "layer dimensions": lambda m, n: n.LayerNorm((2, 3))(m.ones(3)),
    "layer of nothing": lambda m, n: n.LayerNorm(())(m.ones(3)),
    "layer weight": lambda m, n: n.functional.layer_norm(m.ones(2, 3), (3,), m.ones(2)),
    "layer bias": lambda m, n: n.functional.layer_norm(m.ones(2, 3), (3,), None, m.ones(2)),
    "layer int": lambda m, n: n.functional.layer_norm(m.ones(2, 3), 3),
    "layer double": lambda m, n: n.LayerNorm(3)(m.ones(2, 3).double()),
    "rms size": lambda m, n: n.functional.rms_norm(m.ones(2, 3), (4,)),
    "rms weight": lambda m, n: n.functional.rms_norm(m.ones(2, 3), (3,), m.ones(2)),
    "groups of a layer": lambda m, n: n.GroupNorm(2, 3),
    "groups": lambda m, n: n.functional.group_norm(m.ones(2, 6, 2), 4),
    "group weight": lambda m, n: n.functional.group_norm(m.ones(2, 6, 2), 3, m.ones(2)),
    "group of a vector": lambda m, n: n.functional.group_norm(m.ones(6), 2),
    "group of one": lambda m, n: n.functional.group_norm(m.ones(1, 2, 1), 2),
    "instance of one": lambda m, n: n.functional.instance_norm(m.ones(2, 6, 1)),
    "instance statistics": lambda m, n: n.functional.instance_norm(
        m.ones(2, 6, 3), use_input_stats=False
    ),
    "instance features": lambda m, n: n.InstanceNorm2d(6, affine=True)(m.ones(2, 5, 3, 3)),
    "instance dimensions": lambda m, n: n.InstanceNorm2d(6)(m.ones(2, 5, 3, 3, 4)),
    "instance 1d": lambda m, n: n.InstanceNorm1d(6)(m.ones(2)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    mine = outcome(lambda: ERRORS[name](minitorch, nn))
    assert mine == outcome(lambda: ERRORS[name](torch, tnn))
    assert mine[0] != "nothing"


def test_a_warning_for_features_that_are_not_used() -> None:
    mine = warnings_of(lambda: nn.InstanceNorm1d(6)(minitorch.ones(5, 3)))
    assert mine == warnings_of(lambda: tnn.InstanceNorm1d(6)(torch.ones(5, 3)))
    assert len(mine) == 1


@pytest.mark.parametrize("name", ["BatchNorm2d", "GroupNorm"])
def test_an_empty_batch(name: str) -> None:
    arguments = (3, 6) if name == "GroupNorm" else (6,)
    ours, theirs = twins(name, arguments, {"affine": True})
    inputs = both(np.zeros((0, 6, 2, 2)))
    outs = ours(inputs[0]), theirs(inputs[1])
    close(*outs)
    outs[0].sum().backward(), outs[1].sum().backward()
    close(ours.weight.grad, theirs.weight.grad)
    same_state(ours, theirs)


def test_rows_of_an_empty_batch() -> None:
    for name in ("LayerNorm", "RMSNorm"):
        ours, theirs = twins(name, (3,), {})
        outs = ours(minitorch.zeros(0, 3).double()), theirs(torch.zeros(0, 3).double())
        close(*outs)
        outs[0].sum().backward(), outs[1].sum().backward()
        close(ours.weight.grad, theirs.weight.grad)


def test_a_state_from_before_batches_were_counted() -> None:
    layer = nn.BatchNorm1d(2)
    state = {
        name: value for name, value in layer.state_dict().items() if name != "num_batches_tracked"
    }
    assert not nn.BatchNorm1d(2).load_state_dict(state).missing_keys
    kept = layer.state_dict()
    del kept["num_batches_tracked"]
    theirs = tnn.BatchNorm1d(2).state_dict()
    del theirs["num_batches_tracked"]
    assert outcome(lambda: nn.BatchNorm1d(2).load_state_dict(kept)) == outcome(
        lambda: tnn.BatchNorm1d(2).load_state_dict(theirs)
    )


def test_fifty_steps_of_training() -> None:
    """A small network with a normalization of each kind follows PyTorch step by step."""

    def network(n: Any) -> Any:
        return n.Sequential(
            n.Linear(6, 12), n.BatchNorm1d(12), n.ReLU(), n.Linear(12, 12), n.GroupNorm(3, 12),
            n.GELU(), n.LayerNorm(12), n.Linear(12, 8), n.RMSNorm(8), n.Linear(8, 3),
        ).double()  # fmt: skip

    ours, theirs = network(nn), network(tnn)
    ours.load_state_dict({k: minitorch.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    steps = minitorch.optim.SGD(ours.parameters(), 0.1), torch.optim.SGD(theirs.parameters(), 0.1)
    for _ in range(50):
        x, y = RNG.standard_normal((16, 6)), RNG.integers(0, 3, 16)
        losses = []
        for library, model, step in zip((minitorch, torch), (ours, theirs), steps, strict=True):
            step.zero_grad()
            logits = model(library.tensor(x))
            loss = library.nn.functional.cross_entropy(logits, library.tensor(y))
            loss.backward()
            step.step()
            losses.append(loss.item())
        assert losses[0] == pytest.approx(losses[1], rel=1e-9)
