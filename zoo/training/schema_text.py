"""The types of the configuration of text: models, data and tasks."""

from __future__ import annotations

from dataclasses import dataclass

from omegaconf import MISSING

from zoo.training.schema_optim import Target


@dataclass
class TransformerClassifier(Target):
    """``zoo.transformer.TransformerClassifier``."""

    d_model: int = MISSING
    nhead: int = MISSING
    num_layers: int = MISSING
    dim_feedforward: int = MISSING
    dropout: float = MISSING
    embedding_dropout: float | None = None
    pooled_dropout: float | None = None
    activation: str = MISSING
    norm_first: bool = MISSING
    positions: str = MISSING
    pooling: str = MISSING


@dataclass
class TextCNN(Target):
    """``zoo.transformer.TextCNN``."""

    d_model: int = MISSING
    windows: list[int] = MISSING
    channels: int = MISSING
    embedding_dropout: float = MISSING
    dropout: float = MISSING


@dataclass
class GPT(Target):
    """``zoo.transformer.GPT``."""

    layers: int = MISSING
    heads: int = MISSING
    width: int = MISSING
    dropout: float = MISSING
    bias: bool = MISSING
    positions: str = MISSING
    tied: bool = MISSING


@dataclass
class Texts(Target):
    """``zoo.text.TextData``."""

    tokenizer: str = MISSING
    vocab_size: int | None = None
    min_count: int = MISSING
    max_length: int = MISSING
    batch_size: int = MISSING
    eval_batch_size: int = MISSING
    n_train: int | None = None
    val_fraction: float = MISSING
    word_dropout: float = MISSING
    overfit_batches: int | None = None
    split_seed: int = MISSING


@dataclass
class GeneratedTexts(Texts):
    """``zoo.text.TextData`` of generated sentences."""

    sentences: int = MISSING


@dataclass
class RootedTexts(Texts):
    """``zoo.text.TextData`` of files on disk."""

    root: str = MISSING


@dataclass
class TreebankTexts(RootedTexts):
    """``zoo.text.TextData`` of the sentiment treebank."""

    phrases: bool = MISSING


@dataclass
class TextTables(Texts):
    """``zoo.text.TextData`` of a person's own tables."""

    train: str | None = None
    dev: str | None = None
    test: str | None = None
    label_column: int = MISSING
    text_column: int = MISSING
    test_fraction: float = MISSING


@dataclass
class Corpus(Target):
    """``zoo.text.Corpus``."""

    context: int = MISSING
    tokenizer: str = MISSING
    vocab_size: int | None = None
    batch_size: int = MISSING
    eval_batch_size: int = MISSING
    steps_per_epoch: int | None = None
    val_fraction: float = MISSING
    test_fraction: float = MISSING
    overfit_batches: int | None = None


@dataclass
class GeneratedCorpus(Corpus):
    """``zoo.text.Corpus`` of generated sentences."""

    sentences: int = MISSING


@dataclass
class CorpusFile(Corpus):
    """``zoo.text.Corpus`` of a person's own file."""

    path: str | None = None


@dataclass
class RootedCorpus(Corpus):
    """``zoo.text.Corpus`` of a file in a folder of data sets."""

    root: str = MISSING


@dataclass
class LanguageModeling(Target):
    """``zoo.training.LanguageModeling``."""


MODELS: dict[str, type] = {
    "transformer": TransformerClassifier,
    "text_cnn": TextCNN,
    "gpt": GPT,
}
DATA: dict[str, type] = {
    "generated_texts": GeneratedTexts,
    "rooted_texts": RootedTexts,
    "treebank_texts": TreebankTexts,
    "text_tables": TextTables,
    "generated_corpus": GeneratedCorpus,
    "corpus_file": CorpusFile,
    "rooted_corpus": RootedCorpus,
}
TASKS: dict[str, type] = {
    "language_modeling": LanguageModeling,
}
