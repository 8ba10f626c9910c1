"""An encoder that judges sentences.

Reference: A. Vaswani et al., Attention is all you need, NeurIPS 2017.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import minitorch
from minitorch import Tensor, nn
from minitorch.nn import functional as F
from zoo.checks import check_choice, check_positive
from zoo.transformer.checks import check_shares, check_texts

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": functools.partial(F.gelu, approximate="tanh"),
}
POSITIONS = ("sinusoidal", "learned", "none")
POOLINGS = ("mean", "max", "mean_max", "class_token")


class TransformerClassifier(nn.Module):
    r"""Embedding, positions, blocks of attention, pooling, and a linear classifier.

    .. math:: h_0 = \mathrm{dropout}(\sqrt{d} \, E_x + P), \quad h_{i+1} = \mathrm{block}_i(h_i),
        \quad y = W \, \mathrm{dropout}(\mathrm{pool}(h_n)) + b

    Tokens with the id ``padding_idx`` are nowhere attended to and are not pooled.

    Args:
        vocab_size: how many tokens there are.
        num_classes: how many scores come out.
        d_model: features of a token.
        nhead: attention heads of a block.
        num_layers: how many blocks; with 0 it is a bag of words.
        dim_feedforward: the width inside a block.
        dropout: in the blocks.
        embedding_dropout: of the embedded tokens; None is ``dropout``.
        pooled_dropout: of what the classifier sees; None is ``dropout``.
        activation: ``relu``, ``gelu``, or its faster approximation ``gelu_tanh``.
        norm_first: whether a block normalises its input (True) or its output (False).
        positions: ``sinusoidal``, ``learned`` or ``none``.
        pooling: ``mean`` over the real tokens, ``max``, both side by side (``mean_max``), or a
            ``class_token`` that is put before the text.
        max_length: tokens of the longest text.
        padding_idx: the id that fills up shorter texts.

    Shape:
        - Input: token ids :math:`(N, S)`, int64, :math:`S \le max\_length`.
        - Output: :math:`(N, num\_classes)`, scores before the softmax.

    Raises:
        ValueError: when a setting is impossible, a token id is not in the vocabulary, or a text is
            longer than ``max_length``.

    Example::

        >>> import minitorch
        >>> from zoo.transformer import TransformerClassifier
        >>> model = TransformerClassifier(vocab_size=100, num_classes=2)
        >>> model(minitorch.tensor([[5, 6, 7], [8, 9, 0]])).shape
        minitorch.Size([2, 2])
    """

    def __init__(
        self,
        vocab_size: int,
        num_classes: int = 2,
        d_model: int = 64,
        nhead: int = 4,
        num_layers: int = 2,
        dim_feedforward: int = 128,
        dropout: float = 0.1,
        embedding_dropout: float | None = None,
        pooled_dropout: float | None = None,
        activation: str = "gelu_tanh",
        norm_first: bool = True,
        positions: str = "sinusoidal",
        pooling: str = "mean",
        max_length: int = 256,
        padding_idx: int = 0,
    ) -> None:
        super().__init__()
        shares = {
            "dropout": dropout,
            "embedding_dropout": dropout if embedding_dropout is None else embedding_dropout,
            "pooled_dropout": dropout if pooled_dropout is None else pooled_dropout,
        }
        check_positive(
            vocab_size=vocab_size,
            num_classes=num_classes,
            d_model=d_model,
            nhead=nhead,
            dim_feedforward=dim_feedforward,
            max_length=max_length,
        )
        check_shares(**shares)
        if num_layers < 0:
            raise ValueError(f"num_layers must not be negative, got {num_layers}")
        if d_model % nhead:
            raise ValueError(f"d_model must be divisible by nhead, got {d_model} and {nhead}")
        check_choice("positions", positions, POSITIONS)
        check_choice("pooling", pooling, POOLINGS)
        check_choice("activation", activation, ACTIVATIONS)
        self.vocab_size = vocab_size
        self.max_length = max_length
        self.padding_idx = padding_idx
        self.pooling = pooling
        self.embedding = nn.Embedding(vocab_size, d_model, padding_idx=padding_idx)
        self.positions = _positions(positions, d_model, max_length + 1)
        self.embedding_dropout = nn.Dropout(shares["embedding_dropout"])
        if pooling == "class_token":
            self.class_token = nn.Parameter(minitorch.randn(d_model) / math.sqrt(d_model))
        self.layers = nn.ModuleList(
            [
                nn.TransformerEncoderLayer(
                    d_model,
                    nhead,
                    dim_feedforward,
                    dropout,
                    ACTIVATIONS[activation],
                    batch_first=True,
                    norm_first=norm_first,
                )
                for _ in range(num_layers)
            ]
        )
        self.norm = nn.LayerNorm(d_model) if norm_first else nn.Identity()
        self.pooled_dropout = nn.Dropout(shares["pooled_dropout"])
        self.classifier = nn.Linear(d_model * (2 if pooling == "mean_max" else 1), num_classes)
        nn.init.normal_(self.embedding.weight, std=1 / math.sqrt(d_model))
        with minitorch.no_grad():
            self.embedding.weight[padding_idx] = 0.0

    def forward(self, ids: Tensor) -> Tensor:
        """Scores (N, num_classes) of a batch of texts ``ids`` (N, S)."""
        x, padding = self.embed(ids)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=padding)
        scores: Tensor = self.classifier(self.pooled_dropout(self.pool(self.norm(x), padding)))
        return scores

    def embed(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The features (N, S, d_model) that enter the first block, and where is padding (N, S)."""
        check_texts(ids, self.vocab_size, self.max_length)
        x = self.embedding(ids) * math.sqrt(self.embedding.embedding_dim)
        padding = ids == self.padding_idx
        if self.pooling == "class_token":
            first = self.class_token.expand(len(ids), 1, -1) * math.sqrt(x.shape[2])
            x = minitorch.cat([first, x], dim=1)  # (N, 1 + S, d_model)
            unpadded = minitorch.zeros(len(ids), 1, dtype=minitorch.bool)
            padding = minitorch.cat([unpadded, padding], dim=1)
        return self.embedding_dropout(self.positions(x)), padding

    def pool(self, x: Tensor, padding: Tensor) -> Tensor:
        """One vector a text, (N, d_model) or twice that, of the features (N, S, d_model)."""
        if self.pooling == "class_token":
            return x[:, 0]
        outside = padding.unsqueeze(-1)  # (N, S, 1)
        parts = []
        if self.pooling != "max":
            real = (~padding).sum(dim=1, keepdim=True).clamp(min=1)
            parts.append(x.masked_fill(outside, 0.0).sum(dim=1) / real)
        if self.pooling != "mean":
            parts.append(x.masked_fill(outside, -math.inf).amax(dim=1))
        return parts[0] if len(parts) == 1 else minitorch.cat(parts, dim=-1)

    def attention(self, ids: Tensor) -> list[Tensor]:
        """How much each token attends to each other one, (N, nhead, S, S), block by block."""
        x, padding = self.embed(ids)
        maps = []
        for layer in self.layers:
            seen = layer.norm1(x) if layer.norm_first else x
            _, weights = layer.self_attn(
                seen, seen, seen, key_padding_mask=padding, average_attn_weights=False
            )
            maps.append(weights)
            x = layer(x, src_key_padding_mask=padding)
        return maps


def _positions(kind: str, d_model: int, length: int) -> nn.Module:
    """What adds to features (N, S, d_model) where they stand."""
    if kind == "sinusoidal":
        return nn.SinusoidalPositionalEncoding(d_model, length, batch_first=True)
    if kind == "learned":
        return nn.LearnedPositionalEmbedding(length, d_model, batch_first=True)
    return nn.Identity()
