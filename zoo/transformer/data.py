"""The data that the transformers are trained on, and how they size the models."""

from __future__ import annotations

from typing import Any

from zoo.text import (
    Corpus,
    TextData,
    generated_text,
    rt_polarity,
    sentiment,
    shakespeare,
    sst2,
    text,
    text_files,
)

__all__ = [
    "classifier_sizes",
    "decoder_sizes",
    "generated_text",
    "rt_polarity",
    "sentiment",
    "shakespeare",
    "sst2",
    "text",
    "text_files",
]


def classifier_sizes(data: TextData) -> dict[str, Any]:
    """The arguments of a classifier that follow from the data.

    Example::

        >>> classifier_sizes(sentiment(sentences=2000))
        {'vocab_size': 140, 'num_classes': 2, 'max_length': 256}
    """
    return {
        "vocab_size": len(data.tokenizer),
        "num_classes": len(data.classes),
        "max_length": data.max_length,
    }


def decoder_sizes(data: Corpus) -> dict[str, Any]:
    """The arguments of :class:`zoo.transformer.GPT` that follow from the data.

    Example::

        >>> decoder_sizes(generated_text(sentences=500, context=32))
        {'vocab_size': 28, 'context': 32}
    """
    return {"vocab_size": len(data.tokenizer), "context": data.context}
