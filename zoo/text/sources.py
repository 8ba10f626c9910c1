"""Where labelled texts come from: the sentiment treebank, film reviews, a person's own files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zoo.data.arrays import split
from zoo.data.errors import DataError
from zoo.text.files import read_labelled, read_text
from zoo.text.labelled import LabelledTexts, TextSet

POLARITY = ("negative", "positive")


class SST2:
    """The Stanford Sentiment Treebank with two classes: 6,920 + 872 + 1,821 sentences.

    Reference: R. Socher et al., Recursive deep models for semantic compositionality over a
    sentiment treebank, EMNLP 2013.

    Args:
        root: a folder with ``sst2/stsa.binary.train``, ``.dev`` and ``.test``, a label and a
            sentence a line, and ``sst2/train.tsv``, the phrases.
        phrases: whether to learn from the 67,349 labelled phrases of the training sentences too, as
            GLUE's training file has them. A phrase that is a whole sentence of the other two parts
            is left out.
    """

    name = "sst2"

    def __init__(self, root: str = "data", phrases: bool = True) -> None:
        self.folder = Path(root) / "sst2"
        self.phrases = phrases

    def load(self) -> TextSet:
        """Read the three parts."""
        train, val, test = (self._part(part) for part in ("train", "dev", "test"))
        if self.phrases:
            held_out = {text.rstrip(" .") for text in val.texts + test.texts}
            train = _distinct(train + self._phrases(), held_out)
        return TextSet(POLARITY, train, val, test)

    def _part(self, part: str) -> LabelledTexts:
        path = _present(self.folder / f"stsa.binary.{part}", "data=sst2", "sst2")
        texts, labels = [], []
        for number, line in enumerate(read_text(path).split("\n"), start=1):
            label, _, text = line.partition(" ")
            if label in ("0", "1") and text.strip():
                texts.append(text.strip())
                labels.append(int(label))
            elif line.strip():
                raise DataError(
                    f"{path}, line {number}: expected 0 or 1, a space and a sentence, got "
                    f"{line[:40]!r}"
                )
        return LabelledTexts(texts, np.array(labels, np.int64))

    def _phrases(self) -> LabelledTexts:
        path = _present(self.folder / "train.tsv", "data=sst2", "sst2")
        return read_labelled(path, ("0", "1"))[0]


class RTPolarity:
    """10,662 sentences of film reviews, half of them positive, in a fixed split of 8 : 1 : 1.

    There is no official split. Here the sentences, first the positive and then the negative ones,
    are numbered from 0 and dealt with ``numpy.random.default_rng(2005).permutation``: the first
    tenth is the test set, the second chooses the model. Sentences that occur twice are kept once.

    Reference: B. Pang, L. Lee, Seeing stars: exploiting class relationships for sentiment
    categorization with respect to rating scales, ACL 2005.

    Args:
        root: a folder with ``rt-polarity/rt-polarity.pos`` and ``rt-polarity.neg``, in UTF-8.
    """

    name = "rt_polarity"

    def __init__(self, root: str = "data") -> None:
        self.folder = Path(root) / "rt-polarity"

    def load(self) -> TextSet:
        """Read both files and deal out the sentences."""
        texts, labels = [], []
        for suffix, label in (("pos", 1), ("neg", 0)):
            path = _present(
                self.folder / f"rt-polarity.{suffix}", "data=rt_polarity", "rt-polarity"
            )
            lines = [line.strip() for line in read_text(path).split("\n") if line.strip()]
            texts += lines
            labels += [label] * len(lines)
        examples = _distinct(LabelledTexts(texts, np.array(labels, np.int64)), set())
        order = np.random.default_rng(2005).permutation(len(examples))
        tenth = len(examples) // 10
        test, val, train = np.split(order, [tenth, 2 * tenth])
        return TextSet(POLARITY, *(examples.take(np.sort(p)) for p in (train, val, test)))


class TextFiles:
    """A person's own texts: tables of labels and texts, with any number of classes.

    See :func:`zoo.text.files.read_pairs` for what they look like.

    Args:
        train: the file to learn from; it decides which classes there are.
        dev: the file to choose the model with; None holds out a share of ``train``.
        test: the file to judge the model with; None holds out a share of ``train``.
        label_column: where the label is, counted from 0, when the first row does not say.
        text_column: where the text is.
        test_fraction: the share to hold out where there is no ``test``.
        split_seed: decides which examples are held out.

    Raises:
        ValueError: when a column or a share is impossible.
    """

    name = "text_files"

    def __init__(
        self,
        train: str,
        dev: str | None = None,
        test: str | None = None,
        label_column: int = 0,
        text_column: int = 1,
        test_fraction: float = 0.1,
        split_seed: int = 0,
    ) -> None:
        if label_column < 0 or text_column < 0 or label_column == text_column:
            raise ValueError(
                "label_column and text_column must be two different numbers from 0, got "
                f"{label_column} and {text_column}"
            )
        if not 0.0 < test_fraction < 1.0:
            raise ValueError(f"test_fraction must lie between 0 and 1, got {test_fraction}")
        self.train = train
        self.dev = dev
        self.test = test
        self.columns = (label_column, text_column)
        self.test_fraction = test_fraction
        self.split_seed = split_seed

    def load(self) -> TextSet:
        """Read the files."""
        train, classes = read_labelled(self.train, None, *self.columns)
        if len(classes) < 2:
            raise DataError(
                f"{self.train} has one class, {classes[0]!r}; there must be two or more"
            )
        val = None
        if self.dev is not None:
            val, _ = read_labelled(self.dev, classes, *self.columns)
        if self.test is not None:
            test, _ = read_labelled(self.test, classes, *self.columns)
        else:
            kept, held_out = split(len(train), self.test_fraction, self.split_seed + 1)
            if len(held_out) == 0:
                raise DataError(
                    f"{self.train} has {len(train)} examples, too few to hold a share of "
                    f"{self.test_fraction:g} out: give a file to judge with, data.test=FILE, or a "
                    "larger data.test_fraction"
                )
            train, test = train.take(kept), train.take(held_out)
        return TextSet(classes, train, val, test)


def _present(path: Path, choice: str, folder: str) -> Path:
    """``path``, when there is such a file."""
    if not path.is_file():
        raise DataError(
            f"{choice}: there is no {path}; point data.root at the folder that holds {folder}/"
        )
    return path


def _distinct(examples: LabelledTexts, without: set[str]) -> LabelledTexts:
    """Each text once, and none that is among ``without`` but for a full stop."""
    first: dict[str, int] = {}
    for place, text in enumerate(examples.texts):
        if text.rstrip(" .") not in without:
            first.setdefault(text, place)
    return examples.take(list(first.values()))
