"""Hydra's errors in one sentence: which key, what is wrong with it, and what there is to choose."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zoo.pretrained.models import CONFIGURATION
from zoo.reasons import first_line
from zoo.training.overrides import key_of, value_of
from zoo.training.workplace import flatten


def explain(error: Exception, config_name: str, overrides: Sequence[str]) -> str:
    """Say what is wrong with ``overrides`` in one sentence.

    Args:
        error: what Hydra raised.
        config_name: the primary file.
        overrides: what was typed.
    """
    text = str(error)
    if isinstance(error, OverrideParseException):
        return f"cannot read {error.override!r}: an override is written key=value"
    if isinstance(error, MissingConfigException):
        return _unknown_choice(error)
    if isinstance(error, AssertionError):  # OmegaConf's, for a key inside of null
        return _key_inside_null(config_name, overrides) or text
    unknown = re.search(r"Could not (?:override|append to|delete from)[^']*'([^']+)'", text)
    if unknown:
        key = unknown[1]
        known = f"{key}: the key is there; leave out the +" if "already at" in text else ""
        return known or _unknown_entry(key, error) or _unknown_key(key, config_name, overrides)
    merging = re.search(r"Error merging override (\S+)", text)
    if merging and error.__cause__ is not None:
        return _impossible_value(merging[1], error.__cause__, config_name, overrides)
    return _clash(error, overrides) or _remaining(error, overrides)


def _clash(error: Exception, overrides: Sequence[str]) -> str:
    """``experiment=gpt_shakespeare_char optimizer=sgd``: a file sets what a choice has not."""
    found = re.search(r"In '([^']+)': ConfigKeyError.*full_key: (\S+)", str(error), re.DOTALL)
    if found is None:
        return ""
    place, key = "=".join(found[1].rsplit("/", 1)), found[2]
    chosen = [
        override
        for override in overrides
        if key.startswith(key_of(override).replace("/", ".") + ".")
    ]
    if not chosen:
        return f"{place} sets {key}, and there is no such key"
    if place in overrides:
        return f"{place} sets {key}, which {chosen[-1]} does not have: leave one of the two out"
    return f"{chosen[-1]} does not fit this command: it has no {key}, which {place} sets"


def _remaining(error: Exception, overrides: Sequence[str]) -> str:
    """Several values where one is expected, or whatever else Hydra says."""
    text, cause = str(error), error.__cause__
    if text.startswith("Config group override must be a string"):
        return _no_choice(overrides)
    if "--multirun" in text:
        given = re.search(r"'([^']+)'", text)
        return (
            f"{given[1] if given else 'an override'} names several values: add --multirun "
            "(after make: ARGS=--multirun) to run them all, or write key=[a,b] for a list"
        )
    return first_line(
        cause if isinstance(cause, (OmegaConfBaseException, HydraException)) else error
    )


def _no_choice(overrides: Sequence[str]) -> str:
    """``model=null`` or ``=3``: what stands for the name of a file is none."""
    root, groups = CONFIGURATION, ["", *_groups()]
    for text in overrides:
        key = key_of(text)
        if key in groups and re.fullmatch(r"null|[-+.\w]*\d", value_of(text)):
            if not key:
                return f"cannot read {text!r}: an override is written key=value"
            options = sorted(path.stem for path in (root / key).glob("*.yaml"))
            return f"{text}: no such choice; choose one of {', '.join(options)}"
    return f"one of {', '.join(overrides)} names no file"


def _unknown_choice(error: MissingConfigException) -> str:
    """``optimizer=admw``."""
    missing = str(error.missing_cfg_file or "")
    group, _, choice = missing.rpartition("/")
    options = sorted(str(option) for option in error.options or ())
    if not options:
        return first_line(error)
    if missing == "hydra/sweeper/optuna":
        return (
            "the search needs Optuna: make search-mlp (or search-resnet) installs it, and so does "
            "pip install '.[zoo,sweep]'"
        )
    if group.startswith("schema/"):
        return (
            f"a file under conf/{group.removeprefix('schema/')} asks for {group}: {choice}, and no "
            f"such schema is registered{_hint(choice, options)}; schemas are dataclasses in "
            "zoo/training/schema*.py"
        )
    return (
        f"{group}={choice}: no such choice{_hint(choice, options)}; "
        f"choose one of {', '.join(options)}"
    )


def _unknown_entry(key: str, error: Exception) -> str:
    """``trainer.parameter_groups=[{mach: bias}]``; nothing when ``key`` itself is at fault."""
    inner = re.match(r"Key '([^']+)' not in", str(error.__cause__))
    if inner is None or inner[1] in key.split("."):
        return ""
    return f"{key}: its entries have no key {inner[1]}"


def _unknown_key(key: str, config_name: str, overrides: Sequence[str]) -> str:
    """``optimizer.lrr=0.1`` or ``optimzer=adam``."""
    if key.startswith("hydra."):
        return f"{key}: no such key; --hydra-help lists what Hydra knows"
    if "/" in key:
        groups = _groups()
        return f"{key}: no such group{_hint(key, groups)}; groups: {', '.join(groups)}"
    cfg = _compose_without(key, config_name, overrides)
    if cfg is None:
        return f"{key}: no such key"
    parent, _, name = key.rpartition(".")
    while parent and not isinstance(_select(cfg, parent), DictConfig):
        if _select(cfg, parent) is None and parent.replace(".", "/") in _groups():
            return f"{key}: {parent} is null here; choose one with {parent.replace('.', '/')}=..."
        parent, _, name = parent.rpartition(".")
    node = _select(cfg, parent) if parent else cfg
    names = [str(k) for k in node if not str(k).startswith("_")]
    if not parent:
        names += [group for group in _groups() if group not in names]
    where = f"keys of {parent}" if parent else "keys"
    hint = _hint(name, names, f"{parent}." if parent else "")
    if not parent:
        hint = _hint_inside(name, cfg) or hint
    return f"{key}: no such key{hint}; {where}: {', '.join(names)}"


_LIKELY = ("trainer", "optimizer", "data", "model")  # whose keys are most often typed


def _hint_inside(name: str, cfg: DictConfig) -> str:
    """``lr=0.1`` for ``optimizer.lr``, ``epochs=3`` for ``trainer.max_epochs``."""
    keys = [key for key in flatten(OmegaConf.to_container(cfg, resolve=False)) if "." in key]
    for group in _LIKELY:
        for key in keys:
            start, _, last = key.rpartition(".")
            if start == group and (last == name or last.endswith(f"_{name}")):
                return f" (did you mean {key}?)"
    return ""


def _groups() -> list[str]:
    """The groups under ``conf`` that an architecture chooses from."""
    root = CONFIGURATION
    folders = {path.parent.relative_to(root).as_posix() for path in root.rglob("*.yaml")}
    return sorted(folder for folder in folders if folder != "." and not folder.startswith("hydra/"))


def _key_inside_null(config_name: str, overrides: Sequence[str]) -> str:
    """``data.augment.degrees=3`` when ``data.augment`` is null."""
    for key in map(key_of, overrides):
        cfg = _compose_without(key, config_name, overrides)
        if "." in key and cfg is not None and _select(cfg, key.rpartition(".")[0]) is None:
            return _unknown_key(key, config_name, overrides)
    return ""


def _impossible_value(
    override: str, cause: BaseException, config_name: str, overrides: Sequence[str]
) -> str:
    """``trainer.max_epochs=ten``, or a key that a schema does not have."""
    key = key_of(override)
    reason = first_line(cause)
    if "not in" in reason and "Key" in reason:
        return _unknown_key(key, config_name, overrides)
    return f"{override}: {reason[0].lower()}{reason[1:]}"


def _compose_without(key: str, config_name: str, overrides: Sequence[str]) -> DictConfig | None:
    """The configuration without the override of ``key``; without all of them, if it must be."""
    others = [text for text in overrides if key_of(text) != key]
    choices = [text for text in others if "." not in key_of(text)]
    for attempt in (others, choices, []):
        GlobalHydra.instance().clear()
        try:
            with initialize_config_dir(str(CONFIGURATION), version_base="1.3"):
                return compose(config_name, overrides=list(attempt))
        except (HydraException, OmegaConfBaseException, AssertionError):
            continue
    return None


def _select(cfg: DictConfig, key: str) -> Any:
    try:
        return OmegaConf.select(cfg, key)
    except OmegaConfBaseException:
        return None


def _hint(name: str, names: Sequence[str], prefix: str = "") -> str:
    close = difflib.get_close_matches(name, [each for each in names if each != name], n=1)
    return f" (did you mean {prefix}{close[0]}?)" if close else ""
