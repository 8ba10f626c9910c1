"""From a card to a model that is ready to use."""

from __future__ import annotations

import hashlib
import importlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import minitorch
from minitorch import Tensor, nn
from zoo.pretrained.cards import FOLDER, Card, model_card
from zoo.pretrained.errors import PretrainedError

if TYPE_CHECKING:
    from zoo.text import Tokenizer


def load(name: str, folder: Path = FOLDER) -> Any:
    """Return a trained model, in evaluation mode.

    Args:
        name: one of `zoo.list_models`.
        folder: where the cards and weights are.

    Raises:
        PretrainedError: for a name that is not there, or weights that are not those of the card.

    Example:
        >>> import minitorch
        >>> import zoo
        >>> model = zoo.load("mlp_digits")
        >>> model(minitorch.zeros(2, 1, 8, 8)).shape
        minitorch.Size([2, 10])
    """
    card = model_card(name, folder)
    model = build(card)
    model.load_state_dict(_checked_weights(card, folder))
    return model.eval()


def load_weights(name: str, folder: Path = FOLDER) -> dict[str, Tensor]:
    """Return the weights of a trained model as they are stored, by parameter name.

    Raises:
        PretrainedError: for a name that is not there, or weights that are not those of the card.
    """
    return _checked_weights(model_card(name, folder), folder)


def load_tokenizer(name: str, folder: Path = FOLDER) -> Tokenizer:
    """Return the vocabulary of a trained model of texts.

    Raises:
        PretrainedError: for a name that is not there, or a model that reads no texts.
        DataError: for a vocabulary that cannot be read.
    """
    from zoo.text import Tokenizer

    card = model_card(name, folder)
    if "tokenizer" not in card.preprocessing:
        raise PretrainedError(f"{name} reads no texts: it has no vocabulary")
    return Tokenizer.load(folder / "weights" / str(card.preprocessing["tokenizer"]))


def build(card: Card) -> nn.Module:
    """Return the model of a card with new weights."""
    model = construct(card.model)
    if not isinstance(model, nn.Module):
        raise PretrainedError(f"{card.name}: {card.model['_target_']} makes no model")
    return model


def construct(node: Mapping[str, Any], **more: Any) -> Any:
    """Call the constructor that ``node["_target_"]`` names, which must be one of the zoo's.

    Args:
        node: the constructor and its arguments, nested ones too.
        more: arguments that replace or extend those of ``node``.

    Raises:
        PretrainedError: for a constructor of somewhere else, or one that is not there.

    Example:
        >>> construct({"_target_": "zoo.mlp.MLP", "in_features": 4, "out_features": 2}).output
        Linear(in_features=64, out_features=2, bias=True)
    """
    path = str(node.get("_target_"))
    module, _, attribute = path.rpartition(".")
    if not module.startswith("zoo.") or attribute.startswith("_"):
        raise PretrainedError(f"{path} is no constructor of the zoo")
    try:
        constructor = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise PretrainedError(f"{path} is not there: {error}") from error
    arguments = {key: value for key, value in node.items() if key != "_target_"} | more
    nested = {
        key: construct(value)
        for key, value in arguments.items()
        if isinstance(value, Mapping) and "_target_" in value
    }
    return constructor(**(arguments | nested))


def _checked_weights(card: Card, folder: Path) -> dict[str, Tensor]:
    """Read the weights of a card, if they are the ones it was written for."""
    file = str(card.weights["file"])
    if Path(file).name != file:
        raise PretrainedError(f"{card.name}: its weights must lie beside its card, got {file}")
    path = folder / "weights" / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PretrainedError(f"{card.name}: {path} cannot be read: {error.strerror}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != card.weights["sha256"]:
        raise PretrainedError(
            f"{card.name}: the SHA-256 of {path} is {digest}, but its card says "
            f"{card.weights['sha256']}: get the file again"
        )
    weights: dict[str, Tensor] = minitorch.load(io.BytesIO(content))
    return weights
