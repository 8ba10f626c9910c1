"""Impossible settings in one sentence: what a constructor says, and the keys that it speaks of."""

from __future__ import annotations

import re
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.errors import InstantiationException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from zoo.data.errors import DataError
from zoo.reasons import first_line
from zoo.training.errors import ConfigError
from zoo.training.overrides import key_of, value_of

_REFUSALS = (
    ValueError,
    TypeError,
    IndexError,
    ArithmeticError,
    ImportError,
    MemoryError,
    NotImplementedError,
    InstantiationException,
    OmegaConfBaseException,
)

# What messages call a setting that has a shorter key.
SHORT = {"beta": "betas", "epsilon": "eps", "learning": "lr"}


class blame:
    """Turns what a constructor raises into a ConfigError that names the group and its values.

    Args:
        group: the key of the configuration that is being built.
        cfg: the configuration.
    """

    def __init__(self, group: str, cfg: DictConfig) -> None:
        self.group = group
        self.cfg = cfg

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, InstantiationException) and error.__cause__ is not None:
            error = error.__cause__
        if isinstance(error, DataError):
            raise error
        if isinstance(error, ConfigError):
            return
        if isinstance(error, _REFUSALS):
            reason = first_line(error)
            given = given_keys(self.group, self.cfg, reason)
            raise ConfigError(f"{self.group}: {reason} (given {given})") from error


def given_keys(group: str, cfg: DictConfig, reason: str) -> str:
    """The settings of ``group`` that ``reason`` speaks of.

    They are the typed ones that it names, or those of the files that it names; where it names none,
    all that were typed, or the file that was chosen; else the whole group.
    """
    node = cfg.get(group)
    if not isinstance(node, DictConfig):
        return f"{group}={node}"
    names = set(re.findall(r"\w+", reason.lower()))
    names |= {SHORT[name] for name in names & SHORT.keys()}
    pairs = {str(k): v for k, v in node.items() if not str(k).startswith("_")}
    texts = _typed(group)
    typed = {key: text for key, text in texts.items() if "." in key}
    candidates = (
        [text for text in typed.values() if names & _keys(text)],
        [f"{group}.{key}={value}" for key, value in pairs.items() if key.lower() in names],
        list(typed.values()),
        list(texts.values()),
        [f"{group}.{key}={value}" for key, value in pairs.items()],
    )
    return ", ".join(next((found for found in candidates if found), [str(node)]))


def _keys(text: str) -> set[str]:
    """The last part of the key of ``text``, and the keys of dicts in its value, in lower case."""
    text = text.lower()
    return {key_of(text).rpartition(".")[2], *re.findall(r"(\w+)\s*:", value_of(text))}


def _typed(group: str) -> dict[str, str]:
    """What was typed for ``group`` in this job, by dotted key."""
    if not HydraConfig.initialized():
        return {}
    texts = {key_of(text).replace("/", "."): text for text in HydraConfig.get().overrides.task}
    return {key: text for key, text in texts.items() if key == group or key.startswith(f"{group}.")}


def chosen(group: str, cfg: DictConfig) -> str:
    """``group`` and its file, ``model=resnet18``; where that is not known, what it builds."""
    if HydraConfig.initialized():
        choice = HydraConfig.get().runtime.choices.get(group)
        if choice is not None:
            return f"{group}={choice}"
    return f"{group}={cfg[group].get('_target_')}"
