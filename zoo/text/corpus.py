"""The data pipeline of language modelling: one long text, cut into windows of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor
from minitorch.utils.data import DataLoader, Dataset, RandomSampler
from zoo.checks import check_choice, check_positive
from zoo.data.errors import DataError
from zoo.text.tokenizer import Tokenizer

TOKENIZERS = ("characters", "byte_pairs")


class Corpus:
    r"""Windows of a text, and the same windows one token on: what to read and what to foretell.

    The first part of the text is to learn from; then come the part that chooses the model and the
    part that judges it. Training windows start anywhere; those of an evaluation follow each
    other, so that every token is foretold once. The text is read when the vocabulary is first asked
    for. Characters are those of the whole text; byte pairs are learned from the first part.

    Args:
        read: returns the text.
        context: tokens in a window.
        tokenizer: ``characters`` or ``byte_pairs``.
        vocab_size: how many byte pairs there are, at most; None is 8,000.
        batch_size: windows in a training batch.
        eval_batch_size: windows in a batch of an evaluation.
        steps_per_epoch: training batches in an epoch; None makes as many windows as cover the text
            once.
        val_fraction: the share of the text that chooses the model.
        test_fraction: the share, at the end of the text, that judges it; with 0 it is judged by
            the part that chose it.
        overfit_batches: trains and evaluates on so many batches.

    Raises:
        ValueError: when a setting is impossible; the message names the key.
    """

    def __init__(
        self,
        read: Callable[[], str],
        context: int = 64,
        tokenizer: str = "characters",
        vocab_size: int | None = None,
        batch_size: int = 12,
        eval_batch_size: int = 64,
        steps_per_epoch: int | None = None,
        val_fraction: float = 0.1,
        test_fraction: float = 0.0,
        overfit_batches: int | None = None,
    ) -> None:
        check_positive(
            context=context,
            vocab_size=vocab_size,
            batch_size=batch_size,
            eval_batch_size=eval_batch_size,
            steps_per_epoch=steps_per_epoch,
            overfit_batches=overfit_batches,
        )
        check_choice("tokenizer", tokenizer, TOKENIZERS)
        if tokenizer == "characters" and vocab_size is not None:
            raise ValueError("vocab_size is for byte pairs; a text has the characters it has")
        if val_fraction <= 0 or test_fraction < 0 or val_fraction + test_fraction >= 1:
            raise ValueError(
                "val_fraction must be positive, test_fraction not negative, and both together "
                f"below 1, got {val_fraction} and {test_fraction}"
            )
        self.read = read
        self.context = context
        self.kind = tokenizer
        self.vocab_size = vocab_size
        self.batch_size = batch_size
        self.eval_batch_size = eval_batch_size
        self.steps_per_epoch = steps_per_epoch
        self.val_fraction = val_fraction
        self.test_fraction = test_fraction
        self.overfit_batches = overfit_batches

    # What is known of the text.

    @cached_property
    def texts(self) -> dict[str, str]:
        """The three parts of the text."""
        text = self.read()
        end = round(len(text) * (1 - self.test_fraction))
        middle = round(len(text) * (1 - self.test_fraction - self.val_fraction))
        parts = {"train": text[:middle], "val": text[middle:end], "test": text[end:]}
        return parts if parts["test"] else parts | {"test": parts["val"]}

    @property
    def judging_part(self) -> str:
        """The part that judges the chosen model: ``test``, or without one ``val``."""
        return "test" if self.texts["test"] is not self.texts["val"] else "val"

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The vocabulary."""
        if self.kind == "characters":
            return Tokenizer.characters(self.texts.values())
        return Tokenizer.byte_pairs([self.texts["train"]], self.vocab_size)

    def use_vocabulary(self, tokenizer: Tokenizer) -> None:
        """Take the vocabulary of a trained model instead of that of these texts."""
        self.tokenizer = tokenizer

    @property
    def classes(self) -> Sequence[str]:
        """What each token of the vocabulary adds to a text."""
        return self.tokenizer.shown

    @cached_property
    def _ids(self) -> dict[str, NDArray[np.int64]]:
        ids = {
            part: np.array(self.tokenizer.encode(text), np.int64)
            for part, text in self.texts.items()
        }
        for part, found in ids.items():
            if len(found) < self.context + 1:
                raise DataError(
                    f"the {part} part of the text has {len(found)} tokens, fewer than one window "
                    f"of data.context={self.context} and the token after it: give it more text"
                )
        if self.overfit_batches is not None:
            few = self.overfit_batches * self.batch_size * self.context + 1
            ids = dict.fromkeys(ids, ids["train"][:few])
        return ids

    # What the loop asks for.

    def prepare(self) -> None:
        """Read the text and encode it.

        Raises:
            DataError: when it cannot be read or is too short.
        """
        self.ids("train")

    def ids(self, part: str) -> NDArray[np.int64]:
        """The token ids of a part of the text."""
        return self._ids[part]

    def sizes(self) -> dict[str, int]:
        """How many tokens each part has."""
        return {part: len(ids) for part, ids in self._ids.items()}

    @property
    def preprocessing(self) -> dict[str, Any]:
        """How a text becomes what a model sees, as cards tell it."""
        return {"kind": "language", "max_length": self.context}

    def example(self) -> Tensor:
        """One window, as a batch of one, (1, context)."""
        return minitorch.from_numpy(self.ids("train")[None, : self.context].copy())

    def train_batches(self, seed: int) -> DataLoader[Any]:
        """Batches of windows that start anywhere; ``seed`` decides where."""
        generator = minitorch.Generator().manual_seed(seed)
        if self.overfit_batches is not None:
            dataset, size = self._in_order("train"), self.batch_size
            return DataLoader(dataset, batch_size=size, collate_fn=_as_tensors, generator=generator)
        ids = self.ids("train")
        windows = _Windows(ids, self.context, np.arange(len(ids) - self.context))
        count = len(ids) // self.context
        if self.steps_per_epoch is not None:
            count = self.steps_per_epoch * self.batch_size
        return DataLoader(
            windows,
            batch_size=self.batch_size,
            sampler=RandomSampler(
                windows, replacement=True, num_samples=count, generator=generator
            ),
            collate_fn=_as_tensors,
            generator=generator,
        )

    def val_batches(self) -> DataLoader[Any]:
        """The windows of the validation part, in order."""
        return self._held_out("val")

    def test_batches(self) -> DataLoader[Any]:
        """The windows of the test part, in order; to be read once, after training."""
        return self._held_out("test")

    def _held_out(self, part: str) -> DataLoader[Any]:
        return DataLoader(
            self._in_order(part),
            batch_size=self.eval_batch_size,
            collate_fn=_as_tensors,
            generator=minitorch.Generator(),
        )

    def _in_order(self, part: str) -> _Windows:
        """Windows side by side; what is left at the end and fills none is left out."""
        ids = self.ids(part)
        return _Windows(ids, self.context, np.arange(0, len(ids) - self.context, self.context))


class _Windows(Dataset[Any]):
    """Windows of ``context`` tokens from each of ``starts``, and the same one token on."""

    def __init__(self, ids: NDArray[np.int64], context: int, starts: NDArray[np.int64]) -> None:
        self.ids = ids
        self.starts = starts
        self.steps = np.arange(context + 1)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: int) -> Any:
        inputs, targets = self.__getitems__([index])
        return inputs[0], targets[0]

    def __getitems__(self, index: Sequence[int]) -> Any:
        windows = self.ids[self.starts[list(index)][:, None] + self.steps]  # (N, context + 1)
        return windows[:, :-1], windows[:, 1:]


def _as_tensors(batch: tuple[NDArray[np.int64], NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    inputs, targets = (np.ascontiguousarray(part) for part in batch)
    return minitorch.from_numpy(inputs), minitorch.from_numpy(targets)
