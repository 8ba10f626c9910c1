"""``pretrained=NAME``: start from trained weights, whose layers may learn later, or more slowly."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import minitorch
from minitorch import Tensor, nn
from minitorch.serialization import load_metadata
from zoo.data.errors import DataError
from zoo.pretrained import (
    Card,
    PretrainedError,
    Transfer,
    classifier_of,
    list_models,
    load_tokenizer,
    load_weights,
    model_card,
    models_like,
    transfer,
)
from zoo.pretrained.layouts import unwrapped
from zoo.training.checkpoint import Checkpoints
from zoo.training.errors import ConfigError
from zoo.training.groups import ParameterGroup
from zoo.training.overrides import key_of, values_of

if TYPE_CHECKING:
    from zoo.text import Tokenizer

log = logging.getLogger(__name__)


def with_pretrained_model(overrides: Sequence[str], architecture: str) -> list[str]:
    """Put the model of the card named by ``pretrained=`` before what is typed.

    Args:
        overrides: those of the command line; what they say about the model counts.
        architecture: the name of the primary file.

    Raises:
        ConfigError: when the card is of another architecture.
    """
    given = [values_of(text) for text in overrides if key_of(text) == "pretrained"]
    names = [name for name in given[-1] if name in list_models()] if given else []
    keys = set(map(key_of, overrides))
    models: list[list[str]] = []
    for card in map(model_card, names):
        if card.zoo != architecture:
            raise ConfigError(
                f"pretrained={card.name} is a model of zoo={card.zoo}, and this is "
                f"zoo={architecture}: choose another"
            )
        models.append(_model_of(card, keys))
        if models[-1] != models[0] and "model" not in keys:
            raise ConfigError(
                f"pretrained={','.join(names)}: these are different networks; run one sweep of each"
            )
    return [*models[0], *overrides] if models and "model" not in keys else list(overrides)


def _model_of(card: Card, keys: Collection[str]) -> list[str]:
    """The overrides that make the network of a card, without ``keys``, which are given."""
    settings = {
        f"model.{key}": value
        for key, value in card.model.items()
        if key in card.training["model_keys"]
    }
    texts = [f"{k}={json.dumps(v)}" for k, v in settings.items() if k not in keys]
    return [f"model={card.training['model']}", *texts]


def start_from(model: nn.Module, pretrained: str, classes: Sequence[str]) -> Transfer:
    """Copy trained weights into a model, and log what starts anew.

    Args:
        model: changed in place.
        pretrained: a trained model of the zoo, a file of weights, or a run folder.
        classes: what the model shall tell apart. A trained model of the zoo that tells other
            classes apart does not give its classifier away, even if there are as many.

    Raises:
        ConfigError: when there is no such thing, or it is another network.
    """
    try:
        result = transfer(model, _weights(pretrained), _other_classes(model, pretrained, classes))
    except (PretrainedError, OSError, ValueError) as error:
        raise ConfigError(f"pretrained={pretrained}: {error}") from error
    log.info("pretrained=%s: %s", pretrained, result)
    return result


def rules_for(
    names: Sequence[str],
    taken: Sequence[str],
    backbone_lr: float,
    freeze_epochs: int | None,
    max_epochs: int,
) -> list[ParameterGroup]:
    """Return how the parameters that were taken learn: none or one rule.

    Normalisation layers go on measuring their inputs while their parameters stay as they are.

    Args:
        names: of the parameters of the model.
        taken: names of what was taken, parameters and buffers.
        backbone_lr: times the learning rate of the others.
        freeze_epochs: how long they stay as they are; None is to the end.
        max_epochs: how long training is.

    Raises:
        ValueError: when a number is negative, or nothing would learn.
    """
    if backbone_lr < 0 or (freeze_epochs is not None and freeze_epochs < 0):
        raise ValueError(
            f"backbone_lr and freeze_epochs must not be negative, got {backbone_lr} and "
            f"{freeze_epochs}"
        )
    start = max_epochs if freeze_epochs is None else freeze_epochs
    chosen = [name for name in names if name in taken]
    if start > 0 and len(chosen) == len(names):
        raise ValueError(
            f"every layer was taken, so that with freeze_epochs={freeze_epochs} nothing would learn"
        )
    if not chosen or (backbone_lr == 1.0 and start == 0):
        return []
    pattern = "|".join(re.escape(name) for name in chosen)
    return [ParameterGroup(f"^(?:{pattern})$", lr_scale=backbone_lr, from_epoch=start)]


def vocabulary_of(pretrained: str) -> Tokenizer:
    """Return the vocabulary that trained weights belong to, which their embeddings are rows of.

    Args:
        pretrained: a trained model of the zoo, a run folder, or a file of weights that has
            ``tokenizer.json`` beside it.

    Raises:
        ConfigError: when there is none.
    """
    from zoo.text import Tokenizer

    try:
        if pretrained in list_models():
            tokenizer = load_tokenizer(pretrained)
        else:
            path = _file(pretrained).with_name("tokenizer.json")
            if not path.is_file():
                raise PretrainedError("there is no tokenizer.json beside the weights")
            tokenizer = Tokenizer.load(path)
    except (PretrainedError, DataError) as error:
        raise ConfigError(f"pretrained={pretrained}: {error}") from error
    log.info("pretrained=%s: its vocabulary of %d tokens", pretrained, len(tokenizer))
    return tokenizer


def _other_classes(model: nn.Module, pretrained: str, classes: Sequence[str]) -> dict[str, str]:
    if pretrained in list_models():
        known = model_card(pretrained).classes
    else:
        path = _file(pretrained)
        with_names = path.suffix == ".safetensors"
        known = json.loads(load_metadata(path).get("classes", "[]")) if with_names else []
    if not known or list(known) == [str(name) for name in classes]:
        return {}
    return dict.fromkeys(classifier_of(model), "other classes")


def _weights(pretrained: str) -> Mapping[str, Tensor]:
    if pretrained in list_models():
        return load_weights(pretrained)
    content: Any = minitorch.load(_file(pretrained))
    return unwrapped(content)


def _file(pretrained: str) -> Path:
    """The file of weights that is meant."""
    path = Path(pretrained)
    if path.is_dir():
        path = Checkpoints(path / "checkpoints").best
    if not path.is_file():
        names = " or ".join(models_like(pretrained)) or ", ".join(list_models())
        raise PretrainedError(
            f"neither a trained model ({names}) nor a file of weights nor a run folder"
        )
    return path
