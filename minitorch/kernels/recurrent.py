"""Recurrent layers: through sequences of several lengths one step after the other, and back.

The sequences lie packed: the first step of all of them, then the second of those that have one, and
so on, the longest sequence first; `sizes` tells how many have each step. The states of all
sequences, (N, H), are kept in that order: a step changes the first of them, and what is left when
all steps are done is each sequence's last state, in either direction.

What a step does not need the step before it for is done for all steps at once: the products with
the input, and the gradients of the weights. In the loop remain a product with the states, and what
the gates make of it (`gates`).

References: Elman, "Finding structure in time", 1990; Werbos, "Backpropagation through time", 1990.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minitorch.kernels.broadcast import sum_leading
from minitorch.kernels.gates import BACKWARD, FORWARD
from minitorch.kernels.linalg import linear, linear_weight_gradient, matmul
from minitorch.kernels.memory import empty
from minitorch.kernels.sequences import Kept, Past, States, Walk, Weights, states_before


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
    kept = FORWARD[walk.mode](walk, gates, weights, final, out)
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
    before = states_before(walk, past.out, past.states[0])
    by_input, by_state = BACKWARD[walk.mode](walk, weights.of_state, past, before, g, g_states)
    biases = (
        None if bias is None else sum_leading(gradient)
        for bias, gradient in ((weights.input_bias, by_input), (weights.state_bias, by_state))
    )
    of_input = linear_weight_gradient(by_input, x)
    of_state = linear_weight_gradient(by_state, before)
    by_x = matmul(by_input, weights.of_input) if of_x else None
    return Gradients(by_x, Weights(of_input, of_state, *biases), g_states)
