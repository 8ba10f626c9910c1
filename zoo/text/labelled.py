"""Labelled texts, and the parts of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelledTexts:
    """Texts and the numbers of their classes (N,), int64."""

    texts: list[str]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise ValueError(f"{len(self.texts)} texts cannot have {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, index: Sequence[int] | NDArray[np.int64]) -> LabelledTexts:
        """The examples at ``index``."""
        return LabelledTexts([self.texts[i] for i in index], self.labels[np.asarray(index, int)])

    def __add__(self, other: LabelledTexts) -> LabelledTexts:
        return LabelledTexts(self.texts + other.texts, np.append(self.labels, other.labels))


@dataclass(frozen=True)
class TextSet:
    """What a source delivers; ``val`` is None where it has to be cut off ``train``."""

    classes: tuple[str, ...]
    train: LabelledTexts
    val: LabelledTexts | None
    test: LabelledTexts


class TextSource(Protocol):
    """Where labelled texts come from."""

    name: str

    def load(self) -> TextSet:
        """Read the texts."""
