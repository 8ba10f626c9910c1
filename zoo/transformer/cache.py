"""What attention has computed for earlier tokens, kept so that a new token costs little."""

from __future__ import annotations

import numpy as np

import minitorch
from minitorch import Tensor


class KeyValueCache:
    """The keys and values of every layer for the tokens that a decoder has read.

    One buffer a layer is as long as the context, so that nothing is copied as the text grows. Only
    for generating, under ``no_grad``.

    Args:
        layers: how many layers the decoder has.
        batch: how many texts it reads at a time.
        heads: attention heads of a layer.
        context: tokens that fit.
        head_dim: features of a head.

    Example::

        >>> from zoo.transformer import GPT
        >>> model = GPT(vocab_size=5, context=8, layers=1, heads=2, width=4).eval()
        >>> cache = model.new_cache()
        >>> with minitorch.no_grad():
        ...     scores = model(minitorch.tensor([[1, 2, 3]]), cache)
        >>> cache.length
        3
    """

    def __init__(self, layers: int, batch: int, heads: int, context: int, head_dim: int) -> None:
        shape = (batch, heads, context, head_dim)
        self.keys = [np.empty(shape, np.float32) for _ in range(layers)]
        self.values = [np.empty(shape, np.float32) for _ in range(layers)]
        self.context = context
        self.length = 0

    def extend(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add keys and values (N, heads, S, head_dim) of new tokens; return those of all tokens."""
        start, end = self.length, self.length + key.shape[2]
        found = []
        for buffer, new in ((self.keys[layer], key), (self.values[layer], value)):
            buffer[:, :, start:end] = new.numpy()
            found.append(minitorch.from_numpy(buffer[:, :, :end]))
        return found[0], found[1]

    def clear(self) -> None:
        """Forget every token."""
        self.length = 0
