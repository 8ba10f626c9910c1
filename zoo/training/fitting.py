"""Whether the data, the model and the task of a configuration belong together."""

from __future__ import annotations

import inspect
from typing import Any

from hydra.utils import get_object
from omegaconf import DictConfig

import minitorch
from minitorch import nn
from zoo.pretrained.architectures import home_of, sizes_of
from zoo.reasons import first_line
from zoo.training.errors import ConfigError
from zoo.training.language import LanguageModeling
from zoo.training.modes import evaluation_mode
from zoo.training.refusals import blame, chosen


def sizes_for(cfg: DictConfig, data: Any) -> dict[str, Any]:
    """What ``data`` say about the model, as arguments that the chosen model has.

    Raises:
        ConfigError: when the data or the model are those of another command.
    """
    try:
        sizes = sizes_of(cfg.zoo, data)
    except AttributeError as error:
        if error.obj is not data:
            raise
        raise ConfigError(
            f"{chosen('data', cfg)}: zoo={cfg.zoo} has no model of such data"
        ) from error
    with blame("model", cfg):
        known = inspect.signature(get_object(cfg.model._target_)).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in known):
        return sizes
    if not sizes.keys() <= {each.name for each in known}:
        raise ConfigError(f"{chosen('model', cfg)}: not a model of zoo={cfg.zoo}{_home(cfg)}")
    return sizes


def _home(cfg: DictConfig) -> str:
    home = home_of(str(cfg.model._target_))
    return f"; {home.program} trains it" if home else ""


def check_task(cfg: DictConfig, task: Any, data: Any) -> None:
    """Refuse to classify a text that goes on, and to foretell what follows an image.

    Raises:
        ConfigError: it names the task that fits.
    """
    goes_on = hasattr(data, "context")
    if isinstance(task, LanguageModeling) != goes_on:
        fitting = "language_modeling" if goes_on else "classification"
        raise ConfigError(
            f"{chosen('task', cfg)} does not fit {chosen('data', cfg)}: choose task={fitting}"
        )


def try_model(cfg: DictConfig, model: nn.Module, data: Any) -> None:
    """Show a model of images, whose size is known before they are read, an empty one.

    Raises:
        ConfigError: when it cannot read images of that size.
    """
    shape = getattr(data, "shape", None)
    if shape is None:
        return
    try:
        with evaluation_mode(model), minitorch.no_grad():
            model(minitorch.zeros(1, *shape))
    except (RuntimeError, ValueError) as error:
        size = "x".join(map(str, shape[1:]))
        raise ConfigError(
            f"{chosen('model', cfg)} cannot read images of {size} pixels, which "
            f"{chosen('data', cfg)} has: {first_line(error)}"
        ) from error
