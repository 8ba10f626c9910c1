"""Checkpoints keep little, compute the same, and say when a function did something else."""

from __future__ import annotations

import gc
import tracemalloc
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import minitorch
from minitorch import nn
from minitorch.utils.checkpoint import (
    CheckpointError,
    checkpoint,
    checkpoint_sequential,
    set_checkpoint_early_stop,
)


def kept(function: Callable[..., Any], *args: Any) -> Any:
    return checkpoint(function, *args, use_reentrant=False)


def nested(net: Any, x: Any) -> Any:
    return kept(lambda x: kept(net[2:], kept(net[:2], x)), x)


def images() -> Any:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 5),
    )


def rows() -> Any:
    middle = [nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 8), nn.LayerNorm(8), nn.Softmax(-1)]
    return nn.Sequential(nn.Linear(8, 8), *middle, nn.Linear(8, 8))


MODELS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "rows": (rows, (4, 8)),
    "images": (images, (2, 3, 8, 8)),
    "lstm": (lambda: nn.LSTM(8, 6, 2), (5, 3, 8)),
    "gru": (lambda: nn.GRU(8, 6, 2, dropout=0.3), (5, 3, 8)),
    "attention": (lambda: nn.TransformerEncoderLayer(8, 2, 16, dropout=0.2), (5, 3, 8)),
}


def loss_of(run: Callable[[], Any]) -> Any:
    minitorch.manual_seed(1)
    out = run()
    out = out[0] if isinstance(out, tuple) else out
    return (out * out.detach().cos()).sum()


def derivatives(run: Callable[[], Any], inputs: list[Any]) -> list[Any]:
    """The first and second derivatives, and what two ordinary passes leave in .grad."""
    first = minitorch.autograd.grad(loss_of(run), inputs, create_graph=True)
    total = minitorch.stack([g.square().sum() for g in first]).sum()
    second = minitorch.autograd.grad(total, inputs, allow_unused=True)
    for x in inputs:
        x.grad = None
    loss = loss_of(run)
    loss.backward(retain_graph=True)
    loss.backward()
    return [*first, *second, *(x.grad for x in inputs)]


@pytest.mark.parametrize("name", MODELS)
def test_the_derivatives_are_those_without(name: str) -> None:
    make, shape = MODELS[name]
    minitorch.manual_seed(0)
    net, x = make(), minitorch.randn(shape, requires_grad=True)
    inputs = [x, *net.parameters()]
    wanted = derivatives(lambda: net(x), inputs)
    runs = [lambda: kept(net, x), lambda: kept(lambda y: kept(net, y), x)]
    if name == "rows":
        runs.append(lambda: nested(net, x))
    for run in runs:
        for ours, theirs in zip(derivatives(run, inputs), wanted, strict=True):
            assert (ours is None and theirs is None) or minitorch.equal(ours, theirs)


def test_random_numbers_go_on_as_without() -> None:
    x = minitorch.ones(64, requires_grad=True)
    minitorch.manual_seed(0)
    y = kept(lambda x: nn.functional.dropout(x, 0.5), x)
    state = minitorch.get_rng_state()
    y.sum().backward()
    assert minitorch.equal(x.grad, y)
    assert minitorch.equal(minitorch.get_rng_state(), state)


def test_it_can_leave_random_numbers_to_chance() -> None:
    x = minitorch.ones(256, requires_grad=True)
    drop = nn.Dropout(0.5)
    y = checkpoint(drop, x, use_reentrant=False, preserve_rng_state=False)
    y.sum().backward()
    assert not minitorch.equal(x.grad, y)


# ------------------------------------------------------------------------------------- memory


def peak(segments: int) -> int:
    """The bytes held at the most in a forward and a backward pass through 32 layers."""
    net = nn.Sequential(*(nn.Sequential(nn.Linear(16, 16), nn.Tanh()) for _ in range(32)))
    x = minitorch.randn(2048, 16)
    gc.collect()
    tracemalloc.start()
    checkpoint_sequential(net, segments, x, use_reentrant=False).sum().backward()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_the_peak_is_lower() -> None:
    # Of 32 results, the ends of 8 segments and those inside one of them, and gradients.
    assert peak(8) < 0.5 * peak(1)


def test_no_intermediate_stays_alive_until_the_backward_pass() -> None:
    alive: list[weakref.ref[Any]] = []

    def function(x: Any) -> Any:
        for _ in range(5):
            x = x.tanh()
            alive.append(weakref.ref(x._array))
        return x * 2

    x = minitorch.randn(8, requires_grad=True)
    y = kept(lambda x: kept(function, x), x)
    gc.collect()
    assert not any(reference() is not None for reference in alive)
    y.sum().backward()
    gc.collect()
    assert not any(reference() is not None for reference in alive)


def test_it_runs_once_for_each_backward_pass() -> None:
    calls = []

    def function(x: Any) -> Any:
        calls.append(None)
        return x.exp().sin()

    x = minitorch.ones(2, requires_grad=True)
    y = kept(function, x).sum()
    for passes in (1, 2):
        y.backward(retain_graph=True)
        assert len(calls) == 1 + passes


# ------------------------------------------------------------------------ what may go wrong


def twice(first: Callable[[Any], Any], then: Callable[[Any], Any]) -> Callable[[Any], Any]:
    functions = iter([first, then])
    return lambda x: next(functions)(x)


def test_a_function_that_keeps_less_the_second_time() -> None:
    x = minitorch.ones(3, requires_grad=True)
    y = kept(twice(lambda x: x.sin().exp(), lambda x: x.sin()), x)
    with pytest.raises(CheckpointError, match=r"during forward: 2\nNumber .*recomputation: 1"):
        y.sum().backward()


def test_a_function_that_keeps_more_the_second_time() -> None:
    x = minitorch.ones(3, requires_grad=True)
    for stop in (True, False):
        with set_checkpoint_early_stop(stop):
            y = kept(twice(lambda x: x.sin(), lambda x: x.sin().exp()), x)
        if stop:
            y.sum().backward()
            assert minitorch.equal(x.grad, x.detach().cos())
        else:
            with pytest.raises(CheckpointError, match="trying to save more tensors"):
                y.sum().backward()


def test_a_function_that_keeps_another_shape_the_second_time() -> None:
    x = minitorch.ones(3, requires_grad=True)
    change = twice(lambda x: x.sin(), lambda x: x[:2].sin())
    y = kept(lambda x: change(x.clone()).sum(), x)
    with pytest.raises(CheckpointError, match="different metadata"):
        y.backward()


def test_an_argument_changed_in_place_meanwhile() -> None:
    x = minitorch.ones(3, requires_grad=True) * 1
    y = kept(lambda x: x.sin(), x)
    x.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_a_graph_that_was_freed() -> None:
    x = minitorch.ones(3, requires_grad=True)
    y = kept(lambda x: x.sin(), x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        y.backward()


def test_what_is_not_supported_is_refused() -> None:
    x = minitorch.ones(3, requires_grad=True)
    with pytest.raises(NotImplementedError, match="context_fn"):
        checkpoint(minitorch.sin, x, use_reentrant=False, context_fn=lambda: None)
    with pytest.raises(NotImplementedError, match="debug"):
        checkpoint(minitorch.sin, x, use_reentrant=False, debug=True)


def test_nothing_is_kept_or_run_again_without_recording() -> None:
    x = minitorch.ones(3, requires_grad=True)
    with minitorch.no_grad(), warnings.catch_warnings():
        assert not kept(minitorch.sin, x).requires_grad
