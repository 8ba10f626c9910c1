"""The data pipeline of text classification: read, learn a vocabulary, encode, batch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor
from minitorch.utils.data import DataLoader, Dataset, batch_generator
from zoo.checks import check_choice, check_positive
from zoo.data.arrays import split
from zoo.text.buckets import BucketBatchSampler, pad
from zoo.text.labelled import LabelledTexts, TextSource
from zoo.text.tokenizer import Tokenizer

log = logging.getLogger(__name__)

TOKENIZERS = ("words", "byte_pairs")
PADDING_ID, UNKNOWN_ID = 0, 1
Ids = NDArray[np.int64]


class TextData:
    """Training, validation and test batches of one source of labelled texts.

    The texts are read when the classes or the vocabulary are first asked for. The vocabulary is
    learned from the training texts alone. Training batches have texts of about the same length;
    those of an evaluation are sorted by length.

    Args:
        source: where the texts come from.
        tokenizer: ``words`` or ``byte_pairs``.
        vocab_size: at most so many tokens; None keeps all words, or 8,000 byte pairs.
        min_count: words that occur less often in the training texts are unknown.
        max_length: what a text has beyond so many tokens is cut off.
        batch_size: texts in a training batch.
        eval_batch_size: texts in a batch of an evaluation.
        n_train: learns from only so many texts, drawn with ``split_seed``; None is all.
        val_fraction: the share of the training texts that is held out to choose the model, where
            the source has no part for that.
        word_dropout: the probability that a token of a training text is replaced by the unknown
            one, anew in each epoch (M. Iyyer et al., Deep unordered composition rivals syntactic
            methods for text classification, ACL 2015).
        overfit_batches: trains, validates and tests on so many training batches, without dropping
            words.
        split_seed: decides which examples are held out.

    Raises:
        ValueError: when a setting is impossible; the message names the key.
    """

    def __init__(
        self,
        source: TextSource,
        tokenizer: str = "words",
        vocab_size: int | None = None,
        min_count: int = 1,
        max_length: int = 256,
        batch_size: int = 32,
        eval_batch_size: int = 256,
        n_train: int | None = None,
        val_fraction: float = 0.1,
        word_dropout: float = 0.0,
        overfit_batches: int | None = None,
        split_seed: int = 0,
    ) -> None:
        check_positive(
            vocab_size=vocab_size,
            min_count=min_count,
            max_length=max_length,
            batch_size=batch_size,
            eval_batch_size=eval_batch_size,
            n_train=n_train,
            overfit_batches=overfit_batches,
        )
        check_choice("tokenizer", tokenizer, TOKENIZERS)
        if tokenizer == "byte_pairs" and min_count > 1:
            raise ValueError("min_count is for words; byte pairs are limited by vocab_size")
        if not 0.0 < val_fraction < 1.0:
            raise ValueError(f"val_fraction must lie between 0 and 1, got {val_fraction}")
        if not 0.0 <= word_dropout < 1.0:
            raise ValueError(f"word_dropout must be at least 0 and below 1, got {word_dropout}")
        if split_seed < 0:
            raise ValueError(f"split_seed must not be negative, got {split_seed}")
        self.source = source
        self.kind = tokenizer
        self.vocab_size = vocab_size
        self.min_count = min_count
        self.max_length = max_length
        self.batch_size = batch_size
        self.eval_batch_size = eval_batch_size
        self.n_train = n_train
        self.val_fraction = val_fraction
        self.word_dropout = 0.0 if overfit_batches else word_dropout
        self.overfit_batches = overfit_batches
        self.split_seed = split_seed

    # What is known of the data.

    @property
    def classes(self) -> Sequence[str]:
        """The names of the classes."""
        return self._read[0]

    @property
    def parts(self) -> dict[str, LabelledTexts]:
        """The texts to train on, to choose the model with, and to judge it with."""
        return self._read[1]

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The vocabulary of the training texts."""
        texts = self.parts["train"].texts
        if self.kind == "words":
            return Tokenizer.words(texts, self.vocab_size, self.min_count)
        return Tokenizer.byte_pairs(texts, self.vocab_size, padded=True)

    def use_vocabulary(self, tokenizer: Tokenizer) -> None:
        """Take the vocabulary of a trained model instead of that of these texts."""
        self.tokenizer = tokenizer

    @cached_property
    def _read(self) -> tuple[tuple[str, ...], dict[str, LabelledTexts]]:
        found = self.source.load()
        train, val = found.train, found.val
        if val is None:
            kept, held_out = split(len(train), self.val_fraction, self.split_seed)
            if len(held_out) == 0:
                kept, held_out = kept[:-1], kept[-1:]
            train, val = train.take(kept), train.take(held_out)
        if self.n_train is not None and self.n_train < len(train):
            order = np.random.default_rng(self.split_seed).permutation(len(train))
            train = train.take(np.sort(order[: self.n_train]))
        parts = {"train": train, "val": val, "test": found.test}
        if self.overfit_batches is not None:
            few = range(len(train))[: self.overfit_batches * self.batch_size]
            parts = dict.fromkeys(parts, train.take(few))
        return found.classes, parts

    # What the loop asks for.

    def prepare(self) -> None:
        """Read the texts and encode them.

        Raises:
            DataError: when they are missing or damaged.
        """
        for name in self.parts:
            self.ids(name)

    def ids(self, part: str) -> list[Ids]:
        """The token ids of each text of a part, at least one and at most ``max_length`` of them."""
        if part not in self._ids:
            self._ids[part] = self.encode(self.parts[part].texts)
            cut = sum(len(ids) == self.max_length for ids in self._ids[part])
            if cut:
                log.info("%s: %d texts reach data.max_length=%d", part, cut, self.max_length)
        return self._ids[part]

    @cached_property
    def _ids(self) -> dict[str, list[Ids]]:
        return {}

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """The token ids of ``texts``, cut to ``max_length``; a text without a token is unknown."""
        return [
            np.array(ids[: self.max_length] or [UNKNOWN_ID], np.int64)
            for ids in self.tokenizer.encode_all(texts)
        ]

    def sizes(self) -> dict[str, int]:
        """How many texts each part has."""
        return {name: len(part) for name, part in self.parts.items()}

    @property
    def preprocessing(self) -> dict[str, Any]:
        """How a text becomes what a model sees, as cards tell it."""
        ids = {"padding": PADDING_ID, "unknown": UNKNOWN_ID}
        return {"kind": "text", "max_length": self.max_length, **ids}

    def example(self) -> Tensor:
        """The token ids of one text, as a batch of one, (1, S)."""
        return pad(self.ids("train")[:1])

    def train_batches(self, seed: int) -> DataLoader[Any]:
        """Shuffled batches of ``(ids, labels)``; ``seed`` decides how."""
        ids = self.ids("train")
        generator = minitorch.Generator().manual_seed(seed)
        sampler = BucketBatchSampler([len(text) for text in ids], self.batch_size, generator)
        return DataLoader(
            _Examples(ids, self.parts["train"].labels, self.word_dropout),
            batch_sampler=sampler,
            collate_fn=_as_tensors,
            generator=generator,
        )

    def val_batches(self) -> DataLoader[Any]:
        """The validation texts, by length."""
        return self._held_out("val")

    def test_batches(self) -> DataLoader[Any]:
        """The test texts, by length; to be read once, after training."""
        return self._held_out("test")

    def _held_out(self, part: str) -> DataLoader[Any]:
        ids = self.ids(part)
        order = np.argsort([len(text) for text in ids], kind="stable")
        return DataLoader(
            _Examples([ids[i] for i in order], self.parts[part].labels[order]),
            batch_size=self.eval_batch_size,
            collate_fn=_as_tensors,
            generator=minitorch.Generator(),
        )


class _Examples(Dataset[Any]):
    """Token ids and labels, a batch at a time."""

    def __init__(
        self, ids: list[Ids], labels: NDArray[np.int64], word_dropout: float = 0.0
    ) -> None:
        self.ids = ids
        self.labels = labels
        self.word_dropout = word_dropout

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Any:
        ids, labels = self.__getitems__([index])
        return ids[0], labels[0]

    def __getitems__(self, index: Sequence[int]) -> Any:
        ids = [self.ids[i] for i in index]
        if self.word_dropout > 0:
            rng = batch_generator().numpy
            ids = [np.where(rng.random(len(t)) < self.word_dropout, UNKNOWN_ID, t) for t in ids]
        return ids, self.labels[list(index)]


def _as_tensors(batch: tuple[list[Ids], NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    ids, labels = batch
    return pad(ids), minitorch.from_numpy(labels)
