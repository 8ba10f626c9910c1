r"""The kinds of recurrent layers: what their gates do in a step, and the gradients.

With x the sum of a gate's products and biases, W_h h the part of it that comes from the state:

- RNN: :math:`h' = \tanh(x)` or the positive part of x;
- GRU: :math:`r, z = \sigma(x_r), \sigma(x_z),\; n = \tanh(x_n + r (W_{hn} h + b_{hn})),\;
  h' = (1 - z) n + z h`;
- LSTM: :math:`i, f, o = \sigma(x_i), \sigma(x_f), \sigma(x_o),\; g = \tanh(x_g),\;
  c' = f c + i g,\; h' = o \tanh(c')`.

What belongs to a step is done in the step, while its rows are in the cache.

References: Hochreiter, Schmidhuber, "Long short-term memory", 1997; Cho et al., arXiv:1406.1078.
"""

from __future__ import annotations

import numpy as np

from minitorch.kernels.activation import OVERFLOWS, _sigmoid
from minitorch.kernels.memory import empty
from minitorch.kernels.sequences import Kept, Past, States, Walk, Weights, states_before


def _parts(gates: np.ndarray, count: int) -> list[np.ndarray]:
    """Return the columns of each gate."""
    size = gates.shape[1] // count
    return [gates[:, i * size : (i + 1) * size] for i in range(count)]


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
    (dh,), (gates, inner), size = g_states, past.kept, past.out.shape[1]
    by_input, by_state = empty(gates.shape, gates.dtype), empty(gates.shape, gates.dtype)
    for rows, count in reversed(walk.steps):
        state, each, d = dh[:count], gates[rows], by_input[rows]
        r, z, n = _parts(each, 3)
        dr, dz, dn = _parts(d, 3)
        if g is not None:
            state += g[rows]
        np.multiply(n, n, out=dn)
        np.subtract(1, dn, out=dn)
        np.subtract(1, each[:, : 2 * size], out=d[:, : 2 * size])
        dn *= dz  # 1 - z, the share of n in the new state
        dn *= state
        d[:, : 2 * size] *= each[:, : 2 * size]
        dr *= dn
        dr *= inner[rows]
        dz *= state
        dz *= before[rows] - n
        whole = by_state[rows]
        whole[:, : 2 * size] = d[:, : 2 * size]
        np.multiply(dn, r, out=whole[:, 2 * size :])
        kept = state * z
        np.matmul(whole, weight, out=state)
        state += kept
    return by_input, by_state


# ------------------------------------------------------------------------------------------ LSTM


@OVERFLOWS
def _lstm(walk: Walk, gates: np.ndarray, weights: Weights, final: States, out: np.ndarray) -> Kept:
    """Leave i, f, g and o in `gates`; keep them, and the cells."""
    size = out.shape[1]
    if weights.state_bias is not None:
        gates += weights.state_bias
    # tanh(x) = 2 sigma(2 x) - 1: one sweep computes all four gates.
    sign = np.repeat(np.array([-1, -1, -2, -1], out.dtype), size)
    gates *= sign
    turned = weights.of_state.T * sign
    cells = empty(out.shape, out.dtype)
    products = empty((max(walk.sizes), 4 * size), out.dtype)
    h, c = final
    for rows, n in walk.steps:
        each, cell, y = gates[rows], cells[rows], out[rows]
        i, f, candidate, o = _parts(each, 4)
        each += np.matmul(h[:n], turned, out=products[:n])
        np.exp(each, out=each)
        each += 1
        np.reciprocal(each, out=each)
        candidate *= 2
        candidate -= 1
        np.multiply(c[:n], f, out=cell)
        cell += np.multiply(i, candidate, out=y)
        np.tanh(cell, out=y)
        y *= o
        c[:n] = cell
        h[:n] = y
    return gates, cells


def _lstm_gradients(
    walk: Walk,
    weight: np.ndarray,
    past: Past,
    _before: np.ndarray,
    g: np.ndarray | None,
    g_states: States,
) -> tuple[np.ndarray, np.ndarray]:
    (dh, dc), (gates, cells) = g_states, past.kept
    before = states_before(walk, cells, past.states[1])
    by_both = empty(gates.shape, gates.dtype)
    for rows, n in reversed(walk.steps):
        state, cell, each, d = dh[:n], dc[:n], gates[rows], by_both[rows]
        i, f, candidate, o = _parts(each, 4)
        di, df, dg, do = _parts(d, 4)
        if g is not None:
            state += g[rows]
        t = np.tanh(cells[rows])
        np.subtract(1, each, out=d)
        d *= each
        np.multiply(candidate, candidate, out=dg)
        np.subtract(1, dg, out=dg)
        do *= t
        do *= state
        t *= t
        np.subtract(1, t, out=t)
        t *= o
        t *= state
        cell += t
        for part, factor in ((di, candidate), (df, before[rows]), (dg, i)):
            part *= factor
            part *= cell
        cell *= f
        np.matmul(d, weight, out=state)
    return by_both, by_both


FORWARD = {"RNN_TANH": _rnn, "RNN_RELU": _rnn, "GRU": _gru, "LSTM": _lstm}
BACKWARD = {
    "RNN_TANH": _rnn_gradients,
    "RNN_RELU": _rnn_gradients,
    "GRU": _gru_gradients,
    "LSTM": _lstm_gradients,
}
