"""A decoder that writes text: GPT-2's architecture, and its names.

References:
    - A. Radford et al., Language models are unsupervised multitask learners, 2019.
    - A. Vaswani et al., Attention is all you need, NeurIPS 2017.
    - J. Su et al., RoFormer: enhanced transformer with rotary position embedding, 2021.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import minitorch
from minitorch import Tensor, nn
from minitorch.nn import functional as F
from zoo.checks import check_choice, check_positive
from zoo.transformer.checks import check_ids, check_shares

POSITIONS = ("learned", "rotary")


class CausalSelfAttention(nn.Module):
    r"""Attention of each token to itself and to those before it, in several heads.

    .. math:: \mathrm{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}} + M\right) V, \qquad
        M_{ij} = -\infty \text{ for } j > i

    Args:
        width: features of a token.
        heads: they share the features evenly.
        dropout: of the attention weights, and of the result.
        bias: whether the two linear layers have a bias.
        rotary: turns queries and keys by their position, or None.

    Shape:
        - Input: :math:`(N, S, width)`.
        - Output: the same.
    """

    def __init__(
        self, width: int, heads: int, dropout: float, bias: bool, rotary: nn.Module | None
    ) -> None:
        super().__init__()
        self.c_attn = nn.Linear(width, 3 * width, bias=bias)
        self.c_proj = nn.Linear(width, width, bias=bias)
        self.resid_dropout = nn.Dropout(dropout)
        self.rotary = rotary
        self.heads = heads
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        """The new features (N, S, width)."""
        batch, length, width = x.shape
        query, key, value = self.project(x)
        mixed = F.scaled_dot_product_attention(
            query, key, value, dropout_p=self.dropout if self.training else 0.0, is_causal=True
        )  # (N, heads, S, head_dim)
        merged = mixed.transpose(1, 2).reshape(batch, length, width)
        result: Tensor = self.resid_dropout(self.c_proj(merged))
        return result

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, (N, heads, S, head_dim)."""
        batch, length, width = x.shape
        split = self.c_attn(x).reshape(batch, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)
        if self.rotary is not None:
            query, key = self.rotary(query), self.rotary(key)
        return query, key, value

    def weights(self, x: Tensor) -> Tensor:
        """How much each token attends to each other one, (N, heads, S, S)."""
        query, key, _ = self.project(x)
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        past = minitorch.ones(x.shape[1], x.shape[1], dtype=minitorch.bool).tril()
        return F.softmax(scores.masked_fill(~past, -math.inf), dim=-1)


class MLP(nn.Module):
    """Two linear layers with a GELU between them, four times as wide inside."""

    def __init__(self, width: int, dropout: float, bias: bool) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width, bias=bias)
        self.gelu = nn.GELU(approximate="tanh")
        self.c_proj = nn.Linear(4 * width, width, bias=bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """The new features (N, S, width)."""
        result: Tensor = self.dropout(self.c_proj(self.gelu(self.c_fc(x))))
        return result


class Block(nn.Module):
    """Attention, then the MLP, each on normalised features and added to what was there."""

    def __init__(
        self, width: int, heads: int, dropout: float, bias: bool, rotary: nn.Module | None
    ) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, bias=bias)
        self.attn = CausalSelfAttention(width, heads, dropout, bias, rotary)
        self.ln_2 = nn.LayerNorm(width, bias=bias)
        self.mlp = MLP(width, dropout, bias)

    def forward(self, x: Tensor) -> Tensor:
        """The new features (N, S, width)."""
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    r"""Token and position embeddings, blocks of attention, and the scores of the next token.

    The parameters have GPT-2's names and initial distributions: normal with standard deviation
    0.02, and :math:`0.02 / \sqrt{2 \cdot layers}` where a block adds to its input.

    Args:
        vocab_size: how many tokens there are.
        context: tokens that the model can look back on, itself included.
        layers: how many blocks.
        heads: attention heads of a block.
        width: features of a token.
        dropout: of the embeddings, the attention weights and what each block adds.
        bias: whether linear layers and normalizations have a bias.
        positions: ``learned`` embeddings, or ``rotary`` ones that turn queries and keys.
        tied: whether the output layer shares its weights with the token embedding.

    Shape:
        - Input: token ids :math:`(N, S)`, int64, :math:`S \le context`.
        - Output: :math:`(N, S, vocab\_size)`, scores of the token after each position.

    Raises:
        ValueError: when a setting is impossible, a token id is not in the vocabulary, or the
            text is longer than the context.

    Example::

        >>> import minitorch
        >>> from zoo.transformer import GPT
        >>> model = GPT(vocab_size=65, context=64)
        >>> model(minitorch.zeros(2, 64, dtype=minitorch.int64)).shape
        minitorch.Size([2, 64, 65])
    """

    def __init__(
        self,
        vocab_size: int,
        context: int = 64,
        layers: int = 4,
        heads: int = 4,
        width: int = 128,
        dropout: float = 0.0,
        bias: bool = True,
        positions: str = "learned",
        tied: bool = True,
    ) -> None:
        super().__init__()
        check_positive(
            vocab_size=vocab_size, context=context, layers=layers, heads=heads, width=width
        )
        check_shares(dropout=dropout)
        if width % heads:
            raise ValueError(f"width must be divisible by heads, got {width} and {heads}")
        check_choice("positions", positions, POSITIONS)
        self.vocab_size = vocab_size
        self.context = context
        self.heads = heads
        rotary = None
        if positions == "rotary":
            rotary = nn.RotaryEmbedding(width // heads, context)
        parts: dict[str, nn.Module] = {"wte": nn.Embedding(vocab_size, width)}
        if positions == "learned":
            parts["wpe"] = nn.Embedding(context, width)
        parts["drop"] = nn.Dropout(dropout)
        parts["h"] = nn.ModuleList(
            [Block(width, heads, dropout, bias, rotary) for _ in range(layers)]
        )
        parts["ln_f"] = nn.LayerNorm(width, bias=bias)
        self.transformer = nn.ModuleDict(parts)
        self.lm_head = nn.Linear(width, vocab_size, bias=False)
        if tied:
            self.lm_head.weight = parts["wte"].weight
        self.reset_parameters()

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks, from the input to the output."""
        return cast(Sequence[Block], self.transformer["h"])

    def reset_parameters(self) -> None:
        """Draw the initial weights anew."""
        scaled = 0.02 / math.sqrt(2 * len(self.blocks))
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif parameter.dim() == 2:
                nn.init.normal_(parameter, std=scaled if "c_proj" in name else 0.02)

    def forward(self, ids: Tensor) -> Tensor:
        """Scores (N, S, vocab_size) of the token after each of ``ids`` (N, S)."""
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        scores: Tensor = self.lm_head(self.transformer["ln_f"](x))
        return scores

    def embed(self, ids: Tensor) -> Tensor:
        """The features (N, S, width) that enter the first block."""
        length = ids.shape[1]
        if length > self.context:
            raise ValueError(f"{length} tokens are more than the model's context of {self.context}")
        check_ids(ids, self.vocab_size)
        x = self.transformer["wte"](ids)
        if "wpe" in self.transformer:
            x = x + self.transformer["wpe"].weight[:length]
        features: Tensor = self.transformer["drop"](x)
        return features

    def attention(self, ids: Tensor) -> list[Tensor]:
        """How much each token attends to those before it, (N, heads, S, S), block by block."""
        x, maps = self.embed(ids), []
        for block in self.blocks:
            maps.append(block.attn.weights(block.ln_1(x)))
            x = block(x)
        return maps
