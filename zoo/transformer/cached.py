"""A decoder that reads one token after the other and keeps what it computed for the earlier ones.

Writing needs no gradients and, token by token, no large products: what counts is how few calls
there are. So the forward pass of :class:`zoo.transformer.GPT` stands here once more in kernels,
which see arrays; the tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitorch import kernels, nn
from zoo.transformer.gpt import GPT, Block

Array = NDArray[Any]


class CachedDecoder:
    """Reads tokens and returns the scores of the one that comes next.

    The keys and values of every block are kept in buffers as long as the context, so that nothing
    is copied as the text grows: a token costs one pass over the weights and over what was read.

    Args:
        model: its weights are used as they are, without dropout.

    Example::

        >>> from zoo.transformer import GPT, CachedDecoder
        >>> decoder = CachedDecoder(GPT(vocab_size=5, context=8, layers=1, heads=2, width=4))
        >>> decoder.read([1, 2, 3]).shape, decoder.length
        ((5,), 3)
    """

    def __init__(self, model: GPT) -> None:
        self.model = model
        self.context = model.context
        self.words = _array(model.transformer["wte"].weight)
        self.places = None
        if "wpe" in model.transformer:
            self.places = _array(model.transformer["wpe"].weight)
        self.blocks = [_CachedBlock.of(block, model.context) for block in model.blocks]
        self.last = _Norm.of(model.transformer["ln_f"])
        self.head = _array(model.lm_head.weight)
        self.length = 0

    def clear(self) -> None:
        """Forget every token."""
        self.length = 0

    def read(self, ids: Sequence[int]) -> Array:
        """Read the tokens ``ids`` after those before; return the scores of the next, (vocabulary,).

        Raises:
            ValueError: when no token is given, more than the context holds, or one that is not in
                the vocabulary.
        """
        start, end = self.length, self.length + len(ids)
        if not 0 < len(ids) <= self.context - start:
            raise ValueError(f"cannot read {len(ids)} tokens, {self.context - start} would fit")
        if not all(0 <= token < len(self.words) for token in ids):
            raise ValueError(f"a token of {list(ids)} is not in the vocabulary")
        x = self.words[list(ids)]  # (S, width)
        if self.places is not None:
            x += self.places[start:end]
        for block in self.blocks:
            block.read(x, start)
        self.length = end
        return kernels.linear(self.last(x[-1:]), self.head, None)[0]


@dataclass
class _Norm:
    """A layer normalization."""

    weight: Array
    bias: Array | None
    eps: float

    @classmethod
    def of(cls, layer: nn.Module) -> _Norm:
        return cls(_array(layer.weight), _array(layer.bias), layer.eps)

    def __call__(self, x: Array) -> Array:
        return kernels.layer_norm(x, self.weight, self.bias, self.eps)[0]


@dataclass
class _Linear:
    """A linear layer."""

    weight: Array
    bias: Array | None

    @classmethod
    def of(cls, layer: nn.Module) -> _Linear:
        return cls(_array(layer.weight), _array(layer.bias))

    def __call__(self, x: Array) -> Array:
        return kernels.linear(x, self.weight, self.bias)


@dataclass
class _CachedBlock:
    """A block of the decoder with its keys and values, (heads, context, head_dim)."""

    ln_1: _Norm
    c_attn: _Linear
    c_proj: _Linear
    ln_2: _Norm
    c_fc: _Linear
    mlp_proj: _Linear
    rotary: tuple[Array, Array] | None  # cosines and sines (context, head_dim / 2)
    keys: Array
    values: Array

    @classmethod
    def of(cls, block: Block, context: int) -> _CachedBlock:
        """The arrays of ``block``."""
        attention, mlp = block.attn, block.mlp
        width = attention.c_proj.in_features
        shape = (attention.heads, context, width // attention.heads)
        rotary = attention.rotary
        return cls(
            _Norm.of(block.ln_1),
            _Linear.of(attention.c_attn),
            _Linear.of(attention.c_proj),
            _Norm.of(block.ln_2),
            _Linear.of(mlp.c_fc),
            _Linear.of(mlp.c_proj),
            None if rotary is None else (_array(rotary.cos), _array(rotary.sin)),
            np.empty(shape, np.float32),
            np.empty(shape, np.float32),
        )

    def read(self, x: Array, start: int) -> None:
        """Change the features ``x`` (S, width) of tokens from number ``start`` on, in place."""
        heads, _, size = self.keys.shape
        end = start + len(x)
        parts = self.c_attn(self.ln_1(x)).reshape(len(x), 3, heads, size)
        query, key, value = parts.transpose(1, 2, 0, 3)  # (heads, S, head_dim) each
        if self.rotary is not None:
            cos, sin = (table[start:end] for table in self.rotary)
            query, key = _turned(query, cos, sin), _turned(key, cos, sin)
        self.keys[:, start:end] = key
        self.values[:, start:end] = value
        mixed = self._attend(query, start, end)  # (heads, S, head_dim)
        x += self.c_proj(mixed.transpose(1, 0, 2).reshape(len(x), heads * size))
        x += self.mlp_proj(kernels.gelu_tanh(self.c_fc(self.ln_2(x))))

    def _attend(self, query: Array, start: int, end: int) -> Array:
        """Average the values of each token and those before it, (heads, S, head_dim)."""
        scores = np.matmul(query, self.keys[:, :end].swapaxes(1, 2))  # (heads, S, end)
        scores *= np.float32(query.shape[-1] ** -0.5)
        if query.shape[1] > 1:
            later = np.arange(end) > np.arange(start, end)[:, None]
            scores[:, later] = -np.inf
        scores -= np.maximum.reduce(scores, axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        total = np.add.reduce(scores, axis=-1, keepdims=True)
        mixed = np.matmul(scores, self.values[:, :end])
        mixed /= total
        return mixed


def _turned(x: Array, cos: Array, sin: Array) -> Array:
    """``x`` (heads, S, head_dim) turned by its places, as :class:`minitorch.nn.RotaryEmbedding`."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def _array(parameter: Any) -> Any:
    """A copy of a parameter that may be missing, in the order in which it lies in memory."""
    return None if parameter is None else np.array(parameter.detach())
