"""Trained models: what there is, what each one is, and how to use it in one line.

A model is a card, ``cards/NAME.yaml``, and its weights, ``weights/NAME.safetensors``. Cards are
data: everything that is said of a model anywhere is read from its card and its receipts.
"""

from zoo.pretrained.cards import Card, list_models, model_card, models_like
from zoo.pretrained.errors import PretrainedError
from zoo.pretrained.finetune import Transfer, classifier_of, transfer
from zoo.pretrained.models import load, load_tokenizer, load_weights
from zoo.pretrained.prediction import Prediction, predict

__all__ = [
    "Card",
    "Prediction",
    "PretrainedError",
    "Transfer",
    "classifier_of",
    "list_models",
    "load",
    "load_tokenizer",
    "load_weights",
    "model_card",
    "models_like",
    "predict",
    "transfer",
]
