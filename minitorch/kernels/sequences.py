"""Packed sequences, the way through them, and what a recurrent layer takes along."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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


def states_before(walk: Walk, after: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the states that each step began with, given those that it ended with."""
    before = empty(after.shape, after.dtype)
    state = first.copy()
    for rows, n in walk.steps:
        before[rows] = state[:n]
        state[:n] = after[rows]
    return before
