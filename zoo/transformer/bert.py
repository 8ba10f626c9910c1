"""BERT and DistilBERT: encoders that were trained on text with gaps.

References:
    - J. Devlin et al., BERT: pre-training of deep bidirectional transformers for language
      understanding, arXiv:1810.04805.
    - V. Sanh et al., DistilBERT, a distilled version of BERT, arXiv:1910.01108.
"""

from __future__ import annotations

from collections.abc import Callable

import minitorch
from minitorch import Tensor, nn
from minitorch.nn import functional as F
from zoo.checks import check_choice
from zoo.transformer.checks import check_ids

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"gelu": F.gelu, "relu": F.relu}


class BertEmbeddings(nn.Module):
    """Tokens, positions and, in BERT, the sentence that a token belongs to; normalised.

    Args:
        vocab_size: how many tokens there are.
        width: features of a token.
        max_length: tokens of the longest text.
        types: how many kinds of sentences; 0 for DistilBERT, which has none.
        dropout: of the result.
        eps: of the normalization.
        padding_idx: the token that fills up shorter texts.

    Shape:
        - Input: token ids :math:`(N, S)`, int64; the sentences' kinds, the same.
        - Output: :math:`(N, S, width)`.
    """

    def __init__(
        self,
        vocab_size: int,
        width: int,
        max_length: int,
        types: int,
        dropout: float,
        eps: float,
        padding_idx: int | None,
    ) -> None:
        super().__init__()
        self.word = nn.Embedding(vocab_size, width, padding_idx=padding_idx)
        self.position = nn.Embedding(max_length, width)
        self.kind = nn.Embedding(types, width) if types else None
        self.norm = nn.LayerNorm(width, eps=eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: Tensor, kinds: Tensor | None = None) -> Tensor:
        """The features (N, S, width) that enter the first block."""
        length = ids.shape[1]
        if length > self.position.num_embeddings:
            raise ValueError(
                f"{length} tokens are more than the model's {self.position.num_embeddings}"
            )
        check_ids(ids, self.word.num_embeddings)
        x = self.word(ids) + self.position.weight[:length]  # (N, S, width)
        if self.kind is not None:
            x = x + self.kind(minitorch.zeros_like(ids) if kinds is None else kinds)
        elif kinds is not None:
            raise ValueError("kinds: this model does not tell sentences apart")
        features: Tensor = self.dropout(self.norm(x))
        return features


class Bert(nn.Module):
    r"""The encoder: embeddings, and blocks of attention that look both ways.

    Each block normalises what it adds up (post-norm), as in the paper.

    Args:
        vocab_size: how many tokens there are.
        width: features of a token.
        layers: how many blocks.
        heads: attention heads of a block.
        hidden: the width inside a block.
        max_length: tokens of the longest text.
        types: how many kinds of sentences; 0 for DistilBERT.
        dropout: of embeddings, attention weights and what a block adds.
        activation: ``gelu`` or ``relu``.
        eps: of the normalizations.
        padding_idx: the token that fills up shorter texts.

    Shape:
        - Input: token ids :math:`(N, S)`, int64, :math:`S \le max\_length`.
        - Output: :math:`(N, S, width)`.

    Raises:
        ValueError: when a setting is impossible, a token is not in the vocabulary, or a text is too
            long.

    Example::

        >>> import minitorch
        >>> from zoo.transformer import Bert
        >>> model = Bert(vocab_size=50, width=16, layers=2, heads=2, hidden=32, max_length=8)
        >>> model(minitorch.tensor([[5, 6, 7]])).shape
        minitorch.Size([1, 3, 16])
    """

    def __init__(
        self,
        vocab_size: int = 30522,
        width: int = 768,
        layers: int = 12,
        heads: int = 12,
        hidden: int = 3072,
        max_length: int = 512,
        types: int = 2,
        dropout: float = 0.1,
        activation: str = "gelu",
        eps: float = 1e-12,
        padding_idx: int | None = 0,
    ) -> None:
        super().__init__()
        check_choice("activation", activation, ACTIVATIONS)
        if width % heads:
            raise ValueError(f"width must be divisible by heads, got {width} and {heads}")
        self.width = width
        self.embeddings = BertEmbeddings(
            vocab_size, width, max_length, types, dropout, eps, padding_idx
        )
        self.layers = nn.ModuleList(
            [
                nn.TransformerEncoderLayer(
                    width,
                    heads,
                    hidden,
                    dropout,
                    ACTIVATIONS[activation],
                    layer_norm_eps=eps,
                    batch_first=True,
                )
                for _ in range(layers)
            ]
        )
        self.apply(_initialize)

    def forward(
        self, ids: Tensor, padding: Tensor | None = None, kinds: Tensor | None = None
    ) -> Tensor:
        """The features (N, S, width) of every token.

        Args:
            ids: token ids (N, S).
            padding: True where a token only fills up a shorter text (N, S).
            kinds: which sentence a token belongs to (N, S); all to the first by default.
        """
        x: Tensor = self.embeddings(ids, kinds)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=padding)
        return x


class BertClassifier(nn.Module):
    r"""Classes of texts: a hidden layer over the first token's features, then the scores.

    Args:
        bert: the encoder.
        num_classes: how many scores come out.
        activation: of the hidden layer, ``tanh`` in BERT and ``relu`` in DistilBERT.
        dropout: before the last layer.

    Shape:
        - Input: token ids :math:`(N, S)`, int64, the first one ``[CLS]``.
        - Output: :math:`(N, num\_classes)`, scores before the softmax.
    """

    def __init__(
        self, bert: Bert, num_classes: int, activation: str = "tanh", dropout: float = 0.1
    ) -> None:
        super().__init__()
        activations: dict[str, nn.Module] = {"tanh": nn.Tanh(), "relu": nn.ReLU()}
        if activation not in activations:
            raise ValueError(f"activation must be tanh or relu, got {activation!r}")
        self.bert = bert
        self.pooler = nn.Linear(bert.width, bert.width)
        self.activation = activations[activation]
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(bert.width, num_classes)
        self.pooler.apply(_initialize)
        self.classifier.apply(_initialize)

    def forward(
        self, ids: Tensor, padding: Tensor | None = None, kinds: Tensor | None = None
    ) -> Tensor:
        """Scores (N, num_classes) of texts; see :meth:`Bert.forward`."""
        first = self.bert(ids, padding, kinds)[:, 0]  # (N, width)
        pooled = self.dropout(self.activation(self.pooler(first)))
        scores: Tensor = self.classifier(pooled)
        return scores


class BertMaskedLM(nn.Module):
    r"""What stands in a gap: scores of every token of the vocabulary, at every place.

    The output layer shares its weights with the token embedding.

    Args:
        bert: the encoder.
        activation: of the layer before the scores, ``gelu`` or ``relu``.
        eps: of the normalization.

    Shape:
        - Input: token ids :math:`(N, S)`, int64.
        - Output: :math:`(N, S, vocab\_size)`, scores before the softmax.
    """

    def __init__(self, bert: Bert, activation: str = "gelu", eps: float = 1e-12) -> None:
        super().__init__()
        check_choice("activation", activation, ACTIVATIONS)
        self.bert = bert
        self.transform = nn.Linear(bert.width, bert.width)
        self.activation = ACTIVATIONS[activation]
        self.norm = nn.LayerNorm(bert.width, eps=eps)
        self.decoder = nn.Linear(bert.width, bert.embeddings.word.num_embeddings)
        self.transform.apply(_initialize)
        self.decoder.apply(_initialize)
        self.decoder.weight = bert.embeddings.word.weight

    def forward(
        self, ids: Tensor, padding: Tensor | None = None, kinds: Tensor | None = None
    ) -> Tensor:
        """Scores (N, S, vocab_size); see :meth:`Bert.forward`."""
        x = self.bert(ids, padding, kinds)
        scores: Tensor = self.decoder(self.norm(self.activation(self.transform(x))))
        return scores


def _initialize(module: nn.Module) -> None:
    """Normal weights with standard deviation 0.02, no biases."""
    for name, parameter in module.named_parameters(recurse=False):
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
        elif name.endswith("bias"):
            nn.init.zeros_(parameter)
