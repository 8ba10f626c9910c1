"""Averages of weights are torch's, and so are the schedule and the statistics that go with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch

DRAWN = np.random.default_rng(0).standard_normal((6, 8, 3)).astype(np.float32)


def network(library: Any) -> Any:
    nn = library.nn
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    rng = np.random.default_rng(1)
    for p in model.parameters():
        p.data.copy_(library.from_numpy(rng.standard_normal(p.shape).astype(np.float32)))
    return model


def averaged(library: Any, make: Any, use_buffers: bool) -> Any:
    """Return the average of a model over a few steps."""
    utils = library.optim.swa_utils
    model = network(library)
    average = utils.AveragedModel(model, use_buffers=use_buffers, **make(utils))
    optimizer = library.optim.SGD(model.parameters(), lr=0.1)
    for batch in DRAWN:
        optimizer.zero_grad()
        model(library.from_numpy(batch)).square().mean().backward()
        optimizer.step()
        average.update_parameters(model)
    return average


def compare(ours: Any, theirs: Any) -> None:
    ours, theirs = ours.state_dict(), theirs.state_dict()
    assert list(ours) == list(theirs)
    for name, value in theirs.items():
        assert str(ours[name].dtype).split(".")[1] == str(value.dtype).split(".")[1]
        np.testing.assert_allclose(
            ours[name].numpy(), value.numpy(), rtol=1e-5, atol=1e-6, err_msg=name
        )


AVERAGES = {
    "mean": lambda utils: {},
    "ema": lambda utils: {"avg_fn": utils.get_ema_avg_fn(0.7)},
    "ema, all at once": lambda utils: {"multi_avg_fn": utils.get_ema_multi_avg_fn(0.7)},
    "swa": lambda utils: {"avg_fn": utils.get_swa_avg_fn()},
    "swa, all at once": lambda utils: {"multi_avg_fn": utils.get_swa_multi_avg_fn()},
    "last": lambda utils: {"avg_fn": lambda average, current, number: current},
}


@pytest.mark.parametrize("use_buffers", [False, True])
@pytest.mark.parametrize("make", AVERAGES.values(), ids=AVERAGES)
def test_averages(make: Any, use_buffers: bool) -> None:
    oracle = make
    if use_buffers and make is AVERAGES["swa, all at once"]:
        oracle = AVERAGES["swa"]  # torch fails to average a buffer of integers all at once
    ours, theirs = averaged(minitorch, make, use_buffers), averaged(torch, oracle, use_buffers)
    compare(ours, theirs)
    x = DRAWN[0]
    ours.eval()
    theirs.eval()
    np.testing.assert_allclose(
        ours(minitorch.from_numpy(x)).detach().numpy(),
        theirs(torch.from_numpy(x)).detach().numpy(),
        rtol=1e-4,
        atol=1e-5,
    )


def test_a_model_of_another_size_is_refused() -> None:
    average = minitorch.optim.swa_utils.AveragedModel(network(minitorch))
    with pytest.raises(ValueError, match="the average is of 6 tensors, and the model has 1"):
        average.update_parameters(minitorch.nn.Linear(1, 1, bias=False))


@pytest.mark.parametrize("momentum", [0.1, None])
def test_statistics_are_computed_anew(momentum: float | None) -> None:
    models = []
    for library in (minitorch, torch):
        model = network(library)
        model[1].momentum = momentum
        model.eval()
        batches = [(library.from_numpy(batch), 0) for batch in DRAWN]
        library.optim.swa_utils.update_bn(batches, model)
        assert not model.training
        assert model[1].momentum == momentum
        models.append(model)
    compare(*models)


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("epochs", [0, 1, 5])
def test_rates(strategy: str, epochs: int) -> None:
    rates = []
    for library in (minitorch, torch):
        p, q = (library.ones(1, requires_grad=True) for _ in range(2))
        optimizer = library.optim.SGD([{"params": [p], "lr": 0.5}, {"params": [q]}], lr=0.1)
        swa = library.optim.swa_utils
        scheduler = swa.SWALR(optimizer, [0.05, 0.2], epochs, strategy)
        seen = [scheduler.get_last_lr()]
        for _ in range(8):
            optimizer.step()
            scheduler.step()
            seen.append(scheduler.get_last_lr())
        other = swa.SWALR(optimizer, 0.3)
        other.load_state_dict(scheduler.state_dict())
        assert other.get_last_lr() == scheduler.get_last_lr()
        rates.append(seen)
    np.testing.assert_allclose(*rates, rtol=1e-12)


REFUSED = [
    lambda utils, optimizer: utils.get_ema_avg_fn(1.5),
    lambda utils, optimizer: utils.get_ema_multi_avg_fn(-0.5),
    lambda utils, optimizer: utils.SWALR(optimizer, 0.1, anneal_strategy="step"),
    lambda utils, optimizer: utils.SWALR(optimizer, 0.1, anneal_epochs=-1),
    lambda utils, optimizer: utils.SWALR(optimizer, [0.1, 0.2]),
    lambda utils, optimizer: utils.AveragedModel(
        optimizer, avg_fn=utils.get_swa_avg_fn(), multi_avg_fn=utils.get_swa_multi_avg_fn()
    ),
]


@pytest.mark.parametrize("call", REFUSED)
def test_refusals(call: Any) -> None:
    said = []
    for library in (minitorch, torch):
        optimizer = library.optim.SGD([library.ones(1, requires_grad=True)], lr=0.1)
        with pytest.raises(Exception) as caught:
            call(library.optim.swa_utils, optimizer)
        said.append((caught.type, str(caught.value)))
    assert said[0] == said[1]
