"""``resume=RUN_FOLDER``: the command line that a run recorded, with what is typed now on top."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from minitorch.serialization.words import label
from zoo.pretrained import PretrainedError
from zoo.pretrained.models import builders
from zoo.pretrained.models import refuse_foreign as refuse
from zoo.training import receipt
from zoo.training.errors import ConfigError, one_line
from zoo.training.overrides import key_of, quoted, value_of

_TRUST = "type it beside resume= if you trust it"
_DEEPEST = 32  # levels of settings
_FREE = ("pretrained", "tags")  # texts that choose no file under conf
_CHOICE = re.compile(r"[\w+-]+(?:[./][\w+-]+)*")  # within conf, and known before it is composed


def with_recorded_overrides(overrides: Sequence[str], zoo: str | None = None) -> list[str]:
    """Put the recorded overrides of the run named by ``resume=`` before those typed now.

    What is read is the list of texts in ``RUN_FOLDER/.hydra/overrides.yaml``; the configuration is
    composed anew from the files of today, and nothing in the run folder is executed: an override
    that reaches outside ``conf``, or into Hydra's own settings, must be typed.

    Args:
        overrides: what was typed.
        zoo: what the command trains; None for anything.

    Raises:
        ConfigError: when ``resume`` does not name a run folder of this architecture, or the folder
            names other code than the files under ``conf`` do.
    """
    given = [value_of(text) for text in overrides if key_of(text) == "resume"]
    if not given or given[-1] == "null":
        return list(overrides)
    if not given[-1]:
        raise ConfigError("resume= names no run: give it a run folder, or leave it out")
    folder = run_folder(given[-1])
    _refuse_other(folder, zoo)
    typed = [text for text in overrides if key_of(text) != "resume"]
    keys = {key_of(text) for text in [*typed, "resume"]}
    recorded = [text for text in _recorded(folder) if key_of(text) not in keys]
    for text in recorded:
        _check(text, folder / ".hydra" / "overrides.yaml", trusted_builders(typed))
    where = [f"{name}={quoted(str(folder))}" for name in ("resume", "hydra.run.dir")]
    # What the run has recorded stays until the run goes on.
    return [*recorded, *typed, *where, "hydra.output_subdir=null"]


def _refuse_other(folder: Path, zoo: str | None) -> None:
    earlier = receipt.read_result(folder)
    theirs = None if earlier is None else earlier.get("zoo")
    if zoo is not None and isinstance(theirs, str) and theirs != zoo:
        raise ConfigError(
            f"{folder} is a run of zoo={theirs}, and this command trains zoo={zoo}: "
            f"make train-{theirs} resume={folder}"
        )


def trusted_builders(typed: Sequence[str]) -> list[tuple[str, Any]]:
    """What typed overrides say of how objects are built, as `builders` does."""
    overrides = [override for override in map(_parsed, typed) if override is not None]
    return [pair for each in overrides for pair in builders(each.value(), each.key_or_group)]


def refuse_foreign(
    settings: Any, key: str, file: Path, trusted: Collection[tuple[str, Any]]
) -> None:
    """Refuse settings of a run folder that name other code than the files under ``conf`` do.

    Raises:
        ConfigError: it names the file, the key and the constructor.
    """
    try:
        refuse(settings, key, file, trusted)
    except PretrainedError as error:
        raise ConfigError(f"{error}; {_TRUST}") from error


def _check(text: str, file: Path, trusted: Collection[tuple[str, Any]]) -> None:
    """Refuse a recorded override that is none, or could make Hydra run other code."""
    override = _parsed(text)
    if override is None or override.is_sweep_override():
        raise ConfigError(f"{file} holds {label(text)}, which is no override of one run: remove it")
    key, value = override.key_or_group, override.value()
    of_hydra = "hydra" in re.split(r"[./:@]", f"{key}@{override.package}")
    choices = [] if "." in key or key in _FREE else value if isinstance(value, list) else [value]
    names = [each for each in (key, *choices) if isinstance(each, str)]
    if of_hydra or not all(map(_CHOICE.fullmatch, names)):
        raise ConfigError(f"{file} sets {label(text)}, which no run takes from a file: {_TRUST}")
    refuse_foreign(value, key, file, trusted)


def _parsed(text: str) -> Override | None:
    """An override as Hydra reads it; None when it does not."""
    try:
        return OverridesParser.create().parse_override(text)
    except (HydraException, RecursionError, ValueError):
        return None


def run_folder(path: str) -> Path:
    """The run folder that ``path`` names: itself, or the folder of a checkpoint file.

    Raises:
        ConfigError: when there is no such run.
    """
    folder = Path(path).expanduser().absolute()
    if folder.is_file() and folder.parent.name == "checkpoints":
        folder = folder.parent.parent
    if not (folder / ".hydra" / "overrides.yaml").is_file():
        raise ConfigError(
            f"resume={path} is not a run folder: there is no .hydra/overrides.yaml in it"
        )
    if "${" in str(folder):
        raise ConfigError(
            f"resume={path}: Hydra would replace what follows the ${{: rename the folder"
        )
    return folder


def _recorded(folder: Path) -> list[str]:
    path = folder / ".hydra" / "overrides.yaml"
    try:
        recorded = OmegaConf.to_container(load_plainly(path))
    except (OSError, ValueError, YAMLError, OmegaConfBaseException, RecursionError) as error:
        reason = one_line(error)
        raise ConfigError(f"cannot read the recorded overrides in {path}: {reason}") from error
    return [str(text) for text in recorded] if isinstance(recorded, list) else []


def load_plainly(path: Path) -> Any:
    """Read a file that Hydra wrote; YAMLError for what makes a few lines large or slow to read."""
    depth = 0
    for event in yaml.parse(path.read_text(encoding="utf-8")):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
            raise YAMLError("it holds an alias, or lists in lists, which Hydra does not write")
    return OmegaConf.load(path)
