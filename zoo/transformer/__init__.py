"""Transformers: an encoder that judges sentences, its baseline, and a decoder that writes text."""

from zoo.transformer.bert import Bert, BertClassifier, BertMaskedLM
from zoo.transformer.cached import CachedDecoder
from zoo.transformer.classifier import TransformerClassifier
from zoo.transformer.cnn import TextCNN
from zoo.transformer.gpt import GPT

__all__ = [
    "GPT",
    "CachedDecoder",
    "Bert",
    "BertClassifier",
    "BertMaskedLM",
    "TextCNN",
    "TransformerClassifier",
]
