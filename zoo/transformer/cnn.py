"""A convolution over words: the baseline that a transformer has to beat where there is little text.

Reference: Y. Kim, Convolutional neural networks for sentence classification, EMNLP 2014.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import minitorch
from minitorch import Tensor, nn
from minitorch.nn import functional as F
from zoo.checks import check_positive
from zoo.transformer.checks import check_shares, check_texts


class TextCNN(nn.Module):
    r"""Embedding, convolutions of several widths, the maximum over the text, a linear classifier.

    .. math:: f_w = \mathrm{relu}(\max_s \mathrm{conv}_w(\mathrm{dropout}(E_x))_s), \quad
        y = W \, \mathrm{dropout}(f_{w_1}, f_{w_2}, \dots) + b

    Each filter looks for something that ``w`` words in a row can say, and reports where it found
    the most of it. Tokens with the id ``padding_idx`` are zeros to the filters, and no filter is
    centred on one: a text has the same scores in every batch.

    Args:
        vocab_size: how many tokens there are.
        num_classes: how many scores come out.
        d_model: features of a token.
        windows: how many tokens the filters see, for each kind of filter.
        channels: filters of each kind.
        embedding_dropout: of the embedded tokens.
        dropout: of what the classifier sees.
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
        >>> from zoo.transformer import TextCNN
        >>> model = TextCNN(vocab_size=100, num_classes=2)
        >>> model(minitorch.tensor([[5, 6, 7], [8, 9, 0]])).shape
        minitorch.Size([2, 2])
    """

    def __init__(
        self,
        vocab_size: int,
        num_classes: int = 2,
        d_model: int = 300,
        windows: Sequence[int] = (3, 4, 5),
        channels: int = 100,
        embedding_dropout: float = 0.0,
        dropout: float = 0.5,
        max_length: int = 256,
        padding_idx: int = 0,
    ) -> None:
        super().__init__()
        check_positive(
            vocab_size=vocab_size,
            num_classes=num_classes,
            d_model=d_model,
            channels=channels,
            max_length=max_length,
        )
        check_shares(embedding_dropout=embedding_dropout, dropout=dropout)
        if not windows or min(windows) < 1:
            raise ValueError(f"windows must be positive widths, at least one, got {list(windows)}")
        self.vocab_size = vocab_size
        self.max_length = max_length
        self.padding_idx = padding_idx
        self.embedding = nn.Embedding(vocab_size, d_model, padding_idx=padding_idx)
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        self.convolutions = nn.ModuleList(
            [nn.Conv1d(d_model, channels, window, padding="same") for window in windows]
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(channels * len(windows), num_classes)
        nn.init.uniform_(self.embedding.weight, -0.25, 0.25)
        with minitorch.no_grad():
            self.embedding.weight[padding_idx] = 0.0

    def forward(self, ids: Tensor) -> Tensor:
        """Scores (N, num_classes) of a batch of texts ``ids`` (N, S)."""
        check_texts(ids, self.vocab_size, self.max_length)
        x = self.embedding_dropout(self.embedding(ids)).transpose(1, 2)  # (N, d_model, S)
        outside = (ids == self.padding_idx).unsqueeze(1)  # (N, 1, S)
        found = [
            convolution(x).masked_fill(outside, -math.inf).amax(dim=2)
            for convolution in self.convolutions
        ]
        scores: Tensor = self.classifier(self.dropout(F.relu(minitorch.cat(found, dim=1))))
        return scores
