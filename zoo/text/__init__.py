"""Text: files, generated sentences, tokenizers, and batches of token ids."""

from zoo.text.corpus import Corpus
from zoo.text.generated import GeneratedSentiment
from zoo.text.labelled import LabelledTexts, TextSet
from zoo.text.named import (
    generated_text,
    rt_polarity,
    sentiment,
    shakespeare,
    sst2,
    text,
    text_files,
)
from zoo.text.pipeline import TextData
from zoo.text.sources import SST2, RTPolarity, TextFiles
from zoo.text.tokenizer import Tokenizer

__all__ = [
    "SST2",
    "Corpus",
    "GeneratedSentiment",
    "LabelledTexts",
    "RTPolarity",
    "TextData",
    "TextFiles",
    "TextSet",
    "Tokenizer",
    "generated_text",
    "rt_polarity",
    "sentiment",
    "shakespeare",
    "sst2",
    "text",
    "text_files",
]
