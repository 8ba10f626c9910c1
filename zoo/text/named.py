"""The named text data sets, one function a file of ``conf/data``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoo.data.errors import DataError
from zoo.text.corpus import Corpus
from zoo.text.files import read_text
from zoo.text.generated import GeneratedSentiment
from zoo.text.pipeline import TextData
from zoo.text.sources import SST2, RTPolarity, TextFiles


def sentiment(sentences: int = 40000, **settings: Any) -> TextData:
    """Generated sentences about films; ``settings`` are those of :class:`TextData`.

    Example::

        >>> sentiment(sentences=100).classes
        ('negative', 'positive')
    """
    return TextData(GeneratedSentiment(n_train=sentences), **settings)


def sst2(root: str = "data", phrases: bool = True, **settings: Any) -> TextData:
    """The binary sentiment treebank; ``settings`` are those of :class:`TextData`."""
    return TextData(SST2(root, phrases), **settings)


def rt_polarity(root: str = "data", **settings: Any) -> TextData:
    """Sentences of film reviews; ``settings`` are those of :class:`TextData`."""
    return TextData(RTPolarity(root), **settings)


def text_files(
    train: str | None = None,
    dev: str | None = None,
    test: str | None = None,
    label_column: int = 0,
    text_column: int = 1,
    test_fraction: float = 0.1,
    split_seed: int = 0,
    **settings: Any,
) -> TextData:
    """A person's own tables; ``settings`` are those of :class:`TextData`.

    Raises:
        ValueError: when ``train`` is not given.
    """
    if train is None:
        raise ValueError("train must name a .tsv, .txt or .csv file of labels and texts")
    source = TextFiles(train, dev, test, label_column, text_column, test_fraction, split_seed)
    return TextData(source, split_seed=split_seed, **settings)


def text(path: str | None = None, **settings: Any) -> Corpus:
    """Any text file in UTF-8; ``settings`` are those of :class:`Corpus`.

    Raises:
        ValueError: when ``path`` is not given.
    """
    if path is None:
        raise ValueError("path must name a text file, in UTF-8")
    return Corpus(lambda: read_text(path), **settings)


def shakespeare(root: str = "data", **settings: Any) -> Corpus:
    """The million characters of plays in ``root/tinyshakespeare/input.txt``.

    Reference: A. Karpathy, The unreasonable effectiveness of recurrent neural networks, 2015.
    """
    path = Path(root) / "tinyshakespeare" / "input.txt"

    def read() -> str:
        if not path.is_file():
            raise DataError(
                f"data=shakespeare: there is no {path}; point data.root at the folder that holds "
                "tinyshakespeare/, or read another text with data=text data.path=FILE"
            )
        return read_text(path)

    return Corpus(read, **settings)


def generated_text(sentences: int = 10000, **settings: Any) -> Corpus:
    """The generated sentences about films, one a line; ``settings`` are those of :class:`Corpus`.

    Example::

        >>> generated_text(sentences=100, context=8).example().shape
        minitorch.Size([1, 8])
    """
    return Corpus(
        lambda: "\n".join(GeneratedSentiment(n_train=sentences).load().train.texts) + "\n",
        **settings,
    )
