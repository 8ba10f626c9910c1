"""The MLP's training step written by hand: NumPy, no tape, no layers, no optimizer's options.

What a library could reach if everything but the arithmetic were free.
"""

from __future__ import annotations

import numpy as np

from benchmarks.cases.mlp import batch, numpy_adam, numpy_sgd, weights


class ByHand:
    """One step of the 784-128-64-10 network after another.

    Args:
        optimizer: "SGD" or "Adam".
        size: of a batch.
    """

    def __init__(self, optimizer: str, size: int) -> None:
        self.inputs, labels = batch(size)
        self.labels = [(np.arange(size), of_turn) for of_turn in labels]
        self.turn = 0
        self.weights, self.biases = map(list, zip(*weights(), strict=True))
        update = {"SGD": numpy_sgd, "Adam": numpy_adam}[optimizer]
        self.update = update([*self.weights, *self.biases])

    def __call__(self) -> None:
        inputs, by_scores = self.forward()
        of_weights, of_biases = self.backward(inputs, by_scores)
        self.update([*of_weights, *of_biases])

    def forward(self) -> tuple[list[np.ndarray], np.ndarray]:
        """Return what each layer was given, and the loss' gradient by the last one's scores."""
        hidden = self.inputs
        inputs: list[np.ndarray] = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if inputs:
                np.maximum(hidden, 0, out=hidden)
            inputs.append(hidden)
            hidden = hidden @ weight
            hidden += bias
        hidden -= hidden.max(1, keepdims=True)
        np.exp(hidden, out=hidden)
        hidden /= hidden.sum(1, keepdims=True)
        hidden[self.labels[self.turn]] -= 1
        hidden /= np.float32(len(hidden))
        self.turn = (self.turn + 1) % len(self.labels)
        return inputs, hidden

    def backward(
        self, inputs: list[np.ndarray], g: np.ndarray
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return the gradients by the weights and by the biases."""
        of_weights, of_biases = [], []
        for x, weight in zip(reversed(inputs), reversed(self.weights), strict=True):
            of_weights.append(x.T @ g)
            of_biases.append(g.sum(0))
            if x is not self.inputs:
                g = g @ weight.T
                g *= x > 0
        return of_weights[::-1], of_biases[::-1]
