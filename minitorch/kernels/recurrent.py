r"""Recurrent layers: through sequences of several lengths one step after the other, and back.

The sequences lie packed: the first step of all of them, then the second of those that have one, and
so on, the longest sequence first; `sizes` tells how many have each step. The states of all
sequences, (N, H), are kept in that order: a step changes the first of them, and what is left when
all steps are done is each sequence's last state, in either direction.

What a step does not need the step before it for is done for all steps at once: the products with
the input, the slopes of the gates, and the gradients of the weights. In the loop remain a product
with the states and a few sweeps over their rows.

With x the sum of a gate's products and biases, W_h h the part of it that comes from the state:

- RNN: :math:`h' = \tanh(x)` or the positive part of x;
- GRU: :math:`r, z = \sigma(x_r), \sigma(x_z),\; n = \tanh(x_n + r (W_{hn} h + b_{hn})),\;
  h' = (1 - z) n + z h`;
- LSTM: :math:`i, f, o = \sigma(x_i), \sigma(x_f), \sigma(x_o),\; g = \tanh(x_g),\;
  c' = f c + i g,\; h' = o \tanh(c')`.

References: Elman, "Finding structure in time", 1990; Hochreiter, Schmidhuber, "Long short-term
memory", 1997; Cho et al., arXiv:1406.1078; Werbos, "Backpropagation through time", 1990.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minitorch.kernels.activation import _sigmoid
from minitorch.kernels.broadcast import sum_leading
from minitorch.kernels.linalg import linear, linear_weight_gradient, matmul
from minitorch.kernels.memory import empty

States = tuple[np.ndarray, ...]  # (N, H) each: the hidden states, and for an LSTM its cells
Kept = tuple[np.ndarray, ...]  # the gates, and what else a kind of layer keeps of each step


class Walk(NamedTuple):
    """How a layer goes through its packed sequences.

    Attributes:
        mode: ``"RNN_TANH"``, ``"RNN_RELU"``, ``"GRU"`` or ``"LSTM"``.
        sizes: how many sequences have each step, never more than had the one before.
        reverse: whether each is read from its end to its beginning.
    """

    mode: str
    sizes: tuple[int, ...]
    reverse: bool = False

    @property
    def steps(self) -> list[tuple[slice, int]]:
        """The rows of each step, and how many they are, in the order of the walk."""
        steps, start = [], 0
        for size in self.sizes:
            steps.append((slice(start, start + size), size))
            start += size
        return steps[::-1] if self.reverse else steps


class Weights(NamedTuple):
    """What a layer multiplies its input and its state by, and adds; G is its number of gates."""

    of_input: np.ndarray  # (G H, I)
    of_state: np.ndarray  # (G H, H)
    input_bias: np.ndarray | None  # (G H,)
    state_bias: np.ndarray | None  # (G H,)


class Past(NamedTuple):
    """What the gradients need to know of a walk that was made.

    Attributes:
        states: before the first step, (N, H) each.
        out: the hidden state after each step, packed, (R, H).
        kept: what `recur` returned last.
    """

    states: States
    out: np.ndarray
    kept: Kept


class Gradients(NamedTuple):
    """The gradients of what `recur` was given."""

    x: np.ndarray | None
    weights: Weights
    states: States


def recur(
    walk: Walk, x: np.ndarray, weights: Weights, states: States
) -> tuple[np.ndarray, States, Kept]:
    """Return the hidden state after each step, the last states, and what the gradients need.

    Args:
        walk: the kind of layer, and its way.
        x: packed inputs, (R, I).
        weights: of the layer.
        states: before the first step, (N, H) each.

    Returns:
        Packed hidden states (R, H); states (N, H) each; arrays for a `Past`.
    """
    gates = linear(x, weights.of_input, weights.input_bias)
    final = tuple(state.copy() for state in states)
    out = empty((len(x), weights.of_state.shape[1]), gates.dtype)
    kept = _FORWARD[walk.mode](walk, gates, weights, final, out)
    return out, final, kept


def recur_gradients(
    walk: Walk,
    x: np.ndarray,
    weights: Weights,
    past: Past,
    g: np.ndarray | None,
    g_states: States,
    of_x: bool = True,
) -> Gradients:
    """Return the gradients of `recur`.

    Args:
        walk: as it was then.
        x: as it was then.
        weights: as they were then.
        past: what is known of it.
        g: the gradient of the hidden states after each step, (R, H), None for zeros.
        g_states: the gradients of the last states, (N, H) each. They are overwritten.
        of_x: whether the gradient of `x` is wanted.
    """
    before = _before(walk, past.out, past.states[0])
    by_input, by_state = _BACKWARD[walk.mode](walk, weights.of_state, past, before, g, g_states)
    biases = (
        None if bias is None else sum_leading(gradient)
        for bias, gradient in ((weights.input_bias, by_input), (weights.state_bias, by_state))
    )
    of_input = linear_weight_gradient(by_input, x)
    of_state = linear_weight_gradient(by_state, before)
    by_x = matmul(by_input, weights.of_input) if of_x else None
    return Gradients(by_x, Weights(of_input, of_state, *biases), g_states)


def _before(walk: Walk, after: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the states that each step began with, given those that it ended with."""
    before = empty(after.shape, after.dtype)
    state = first.copy()
    for rows, n in walk.steps:
        before[rows] = state[:n]
        state[:n] = after[rows]
    return before


# ---------------------------------------------------------------------------------- plain layers


def _rnn(
    walk: Walk, gates: np.ndarray, weights: Weights, final: States, out: np.ndarray
) -> tuple[()]:
    turned = weights.of_state.T
    if weights.state_bias is not None:
        gates += weights.state_bias
    (h,) = final
    for rows, n in walk.steps:
        y = np.matmul(h[:n], turned, out=out[rows])
        y += gates[rows]
        if walk.mode == "RNN_TANH":
            np.tanh(y, out=y)
        else:
            np.maximum(y, 0, out=y)
        h[:n] = y
    return ()


def _rnn_gradients(
    walk: Walk,
    weight: np.ndarray,
    past: Past,
    _before: np.ndarray,
    g: np.ndarray | None,
    g_states: States,
) -> tuple[np.ndarray, np.ndarray]:
    (dh,), out = g_states, past.out
    slopes = 1 - out * out if walk.mode == "RNN_TANH" else (out > 0).astype(out.dtype)
    for rows, n in reversed(walk.steps):
        if g is not None:
            dh[:n] += g[rows]
        slopes[rows] *= dh[:n]
        np.matmul(slopes[rows], weight, out=dh[:n])
    return slopes, slopes


# ------------------------------------------------------------------------------------------- GRU


def _gru(walk: Walk, gates: np.ndarray, weights: Weights, final: States, out: np.ndarray) -> Kept:
    """Leave r, z and n in `gates`; keep them, and what r was multiplied by."""
    size, turned = out.shape[1], weights.of_state.T
    two = 2 * size
    bias = weights.state_bias
    if bias is not None:
        gates[:, :two] += bias[:two]
    inner = empty(out.shape, out.dtype)
    products = empty((max(walk.sizes), 3 * size), out.dtype)
    (h,) = final
    for rows, n in walk.steps:
        product = np.matmul(h[:n], turned, out=products[:n])
        both, candidate, part = gates[rows, :two], gates[rows, two:], inner[rows]
        both += product[:, :two]
        _sigmoid(both, both)
        part[...] = product[:, two:]
        if bias is not None:
            part += bias[two:]
        candidate += both[:, :size] * part
        np.tanh(candidate, out=candidate)
        y = np.subtract(h[:n], candidate, out=out[rows])
        y *= both[:, size:]
        y += candidate
        h[:n] = y
    return gates, inner


def _gru_gradients(
    walk: Walk,
    weight: np.ndarray,
    past: Past,
    before: np.ndarray,
    g: np.ndarray | None,
    g_states: States,
) -> tuple[np.ndarray, np.ndarray]:
    (dh,), out, (gates, inner) = g_states, past.out, past.kept
    r, z, n = gates.reshape(len(out), 3, -1).transpose(1, 0, 2)
    by_n = (1 - z) * (1 - n * n)  # of what is inside the tanh, by the new state
    factors = empty((len(out), 3, out.shape[1]), out.dtype)
    np.multiply(by_n * inner, r * (1 - r), out=factors[:, 0])
    np.multiply(before - n, z * (1 - z), out=factors[:, 1])
    np.multiply(by_n, r, out=factors[:, 2])
    for rows, count in reversed(walk.steps):
        state = dh[:count]
        if g is not None:
            state += g[rows]
        by_n[rows] *= state
        factors[rows] *= state[:, None]
        kept = state * z[rows]
        np.matmul(factors[rows].reshape(count, -1), weight, out=state)
        state += kept
    by_state = factors.reshape(len(out), -1)
    by_input = by_state.copy()
    by_input[:, 2 * out.shape[1] :] = by_n
    return by_input, by_state


# ------------------------------------------------------------------------------------------ LSTM


def _lstm(walk: Walk, gates: np.ndarray, weights: Weights, final: States, out: np.ndarray) -> Kept:
    """Leave i, f, g and o in `gates`; keep them, and the cells."""
    size = out.shape[1]
    if weights.state_bias is not None:
        gates += weights.state_bias
    # sigma(x) = (tanh(x / 2) + 1) / 2: one sweep computes all four gates.
    half = np.repeat(np.array([0.5, 0.5, 1, 0.5], out.dtype), size)
    shift = np.repeat(np.array([0.5, 0.5, 0, 0.5], out.dtype), size)
    gates *= half
    turned = weights.of_state.T * half
    cells = empty(out.shape, out.dtype)
    products = empty((max(walk.sizes), 4 * size), out.dtype)
    h, c = final
    for rows, n in walk.steps:
        each = gates[rows]
        each += np.matmul(h[:n], turned, out=products[:n])
        np.tanh(each, out=each)
        each *= half
        each += shift
        cell, y = cells[rows], out[rows]
        np.multiply(c[:n], each[:, size : 2 * size], out=cell)
        cell += each[:, :size] * each[:, 2 * size : 3 * size]
        np.tanh(cell, out=y)
        y *= each[:, 3 * size :]
        c[:n] = cell
        h[:n] = y
    return gates, cells


def _lstm_gradients(
    walk: Walk,
    weight: np.ndarray,
    past: Past,
    _before_it: np.ndarray,
    g: np.ndarray | None,
    g_states: States,
) -> tuple[np.ndarray, np.ndarray]:
    (dh, dc), out, (gates, cells) = g_states, past.out, past.kept
    i, f, candidate, o = gates.reshape(len(out), 4, -1).transpose(1, 0, 2)
    t = np.tanh(cells)
    to_cell = o * (1 - t * t)
    factors = empty((len(out), 4, out.shape[1]), out.dtype)
    np.multiply(candidate, i * (1 - i), out=factors[:, 0])
    np.multiply(_before(walk, cells, past.states[1]), f * (1 - f), out=factors[:, 1])
    np.multiply(i, 1 - candidate * candidate, out=factors[:, 2])
    np.multiply(t, o * (1 - o), out=factors[:, 3])
    for rows, n in reversed(walk.steps):
        state, cell = dh[:n], dc[:n]
        if g is not None:
            state += g[rows]
        cell += state * to_cell[rows]
        each = factors[rows]
        each[:, :3] *= cell[:, None]
        each[:, 3] *= state
        cell *= f[rows]
        np.matmul(each.reshape(n, -1), weight, out=state)
    by_both = factors.reshape(len(out), -1)
    return by_both, by_both


_FORWARD = {"RNN_TANH": _rnn, "RNN_RELU": _rnn, "GRU": _gru, "LSTM": _lstm}
_BACKWARD = {
    "RNN_TANH": _rnn_gradients,
    "RNN_RELU": _rnn_gradients,
    "GRU": _gru_gradients,
    "LSTM": _lstm_gradients,
}
