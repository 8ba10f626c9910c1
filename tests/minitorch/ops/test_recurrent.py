"""Recurrences: the kernels against steps of differentiable operations, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitorch
from minitorch import nn, ops
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.kernels import Walk, Weights
from minitorch.ops.recurrent import step_by_step

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}


def inputs(mode: str, sizes: tuple[int, ...], width: int = 3, hidden: int = 2, bias: bool = True):
    """Return x, the weights and the states, all of which require grad."""
    rng = np.random.default_rng(0)

    def variable(*shape: int) -> minitorch.Tensor:
        return minitorch.tensor(rng.standard_normal(shape), requires_grad=True)

    gates = GATES[mode] * hidden
    biases = (variable(gates), variable(gates)) if bias else (None, None)
    weights = variable(gates, width), variable(gates, hidden), *biases
    states = tuple(variable(sizes[0], hidden) for _ in range(2 if mode == "LSTM" else 1))
    return variable(sum(sizes), width), weights, states


def gradients(outputs, wanted) -> list[np.ndarray]:
    loss = sum((y * (i + 1)).sin().sum() for i, y in enumerate(outputs))
    wanted = [x for x in wanted if x is not None]
    return [g.numpy() for g in minitorch.autograd.grad(loss, wanted)]


@given(
    mode=st.sampled_from(sorted(GATES)),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    width=st.integers(1, 3),
    hidden=st.integers(1, 3),
    bias=st.booleans(),
    reverse=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_kernels_do_what_the_steps_do(mode, lengths, width, hidden, bias, reverse):
    sizes = tuple(sum(n > t for n in lengths) for t in range(max(lengths)))
    x, weights, states = inputs(mode, sizes, width, hidden, bias)
    out, last = ops.recur(mode, sizes, x, weights, states, reverse)
    plain = step_by_step(Walk(mode, sizes, reverse), x, Weights(*weights), states)
    for found, expected in zip((out, *last), plain, strict=True):
        np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), atol=1e-14)
    everything = x, *weights, *states
    for found, expected in zip(
        gradients((out, *last), everything), gradients(plain, everything), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("mode", GATES)
def test_derivatives(mode, reverse):
    sizes = 2, 1
    x, weights, states = inputs(mode, sizes, width=1, hidden=1)

    def recur(x, a, b, c, d, *states):
        out, last = ops.recur(mode, sizes, x, (a, b, c, d), states, reverse)
        return out, *last

    assert gradcheck(recur, (x, *weights, *states))
    assert gradgradcheck(recur, (x, *weights, *states))


@pytest.mark.parametrize("mode", GATES)
def test_the_graph_can_be_walked_twice(mode):
    x, weights, states = inputs(mode, (3, 2))
    out, last = ops.recur(mode, (3, 2), x, weights, states)
    loss = out.sum() + last[-1].sum()
    loss.backward(retain_graph=True)
    once = x.grad.clone()
    loss.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * once.numpy(), rtol=1e-12)


@pytest.mark.parametrize("mode", GATES)
def test_results_may_be_changed_in_place(mode):
    x, weights, states = inputs(mode, (2, 2))
    out, last = ops.recur(mode, (2, 2), x, weights, states)
    (out.sum() * 2 + sum(state.sum() * 2 for state in last)).backward()
    expected, x.grad = x.grad, None
    out, last = ops.recur(mode, (2, 2), x, weights, states)
    for result in (out, *last):
        result.mul_(2)
    (out.sum() + sum(state.sum() for state in last)).backward()
    np.testing.assert_allclose(x.grad.numpy(), expected.numpy(), rtol=1e-12)


@pytest.mark.parametrize("spoiled", ["weight", "state"])
def test_what_the_gradient_needs_must_not_be_changed(spoiled):
    x, weights, states = inputs("GRU", (2, 2))
    out, _ = ops.recur("GRU", (2, 2), x, weights, states)
    with minitorch.no_grad():
        {"weight": weights[1], "state": states[0]}[spoiled].mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_states_given_are_left_alone():
    x, weights, states = inputs("LSTM", (2, 2, 1))
    before = [state.detach().numpy().copy() for state in states]
    out, last = ops.recur("LSTM", (2, 2, 1), x, weights, states)
    (out.sum() + sum(s.sum() for s in last)).backward()
    for state, array in zip(states, before, strict=True):
        np.testing.assert_array_equal(state.detach().numpy(), array)


def test_half_precision_computes_in_single():
    for kind in (nn.RNN, nn.GRU, nn.LSTM):
        layer = kind(3, 4)
        x = minitorch.randn(5, 2, 3)
        expected, _ = layer(x)
        found, _ = layer.half()(x.half())
        assert found.dtype is minitorch.float16
        np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), atol=3e-3)
        found.sum().backward()
        assert layer.weight_hh_l0.grad.dtype is minitorch.float16


def test_saturated_gates_have_finite_gradients():
    for kind in (nn.GRU, nn.LSTM):
        layer = kind(1, 2)
        x = minitorch.full((4, 1, 1), 1e30, requires_grad=True)
        out, _ = layer(x)
        out.sum().backward()
        assert minitorch.isfinite(out).all()
        assert minitorch.isfinite(x.grad).all()


def test_nothing_is_recorded_without_grad():
    layer = nn.LSTM(3, 4, num_layers=2)
    with minitorch.no_grad():
        out, (h, c) = layer(minitorch.randn(5, 2, 3))
    assert not any(t.requires_grad for t in (out, h, c))
    with minitorch.inference_mode():
        assert layer(minitorch.randn(5, 2, 3))[0].is_inference()


def test_no_sequences_at_all():
    out, h = nn.GRU(3, 4)(minitorch.zeros(5, 0, 3))
    assert tuple(out.shape) == (5, 0, 4)
    assert tuple(h.shape) == (1, 0, 4)


def test_a_character_model_learns_what_comes_next():
    """An LSTM repeats a sequence that only its state can tell it."""
    minitorch.manual_seed(0)
    sequence = minitorch.tensor([0, 1, 0, 2] * 6)
    table, lstm, head = nn.Embedding(3, 8), nn.LSTM(8, 16), nn.Linear(16, 3)
    parameters = [*table.parameters(), *lstm.parameters(), *head.parameters()]
    optimizer = minitorch.optim.Adam(parameters, lr=0.05)
    for _ in range(60):
        out, _ = lstm(table(sequence[:-1].unsqueeze(1)))
        loss = nn.functional.cross_entropy(head(out.squeeze(1)), sequence[1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
