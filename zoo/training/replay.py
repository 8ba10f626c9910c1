"""``resume=RUN_FOLDER``: the command line that a run recorded, with what is typed now on top."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from zoo.training.errors import ConfigError, one_line


def with_recorded_overrides(overrides: Sequence[str]) -> list[str]:
    """Put the recorded overrides of the run named by ``resume=`` before those typed now.

    What is read is the list of texts in ``RUN_FOLDER/.hydra/overrides.yaml``; the configuration is
    composed anew from the files of today, and nothing in the run folder is executed.

    Raises:
        ConfigError: when ``resume`` does not name a run folder.
    """
    given = [text for text in overrides if _key(text) == "resume"]
    if not given or _value(given[-1]) == "null":
        return list(overrides)
    if not _value(given[-1]):
        raise ConfigError("resume= names no run: give it a run folder, or leave it out")
    folder = run_folder(_value(given[-1]))
    typed = [text for text in overrides if _key(text) != "resume"]
    keys = {_key(text) for text in [*typed, "resume"]}
    recorded = [text for text in _recorded(folder) if _key(text) not in keys]
    where = [f"resume={_quoted(str(folder))}", f"hydra.run.dir={_quoted(str(folder))}"]
    # What the run has recorded stays until the run goes on.
    return [*recorded, *typed, *where, "hydra.output_subdir=null"]


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
        recorded = OmegaConf.to_container(OmegaConf.load(path))
    except (OSError, YAMLError, OmegaConfBaseException) as error:
        reason = one_line(error)
        raise ConfigError(f"cannot read the recorded overrides in {path}: {reason}") from error
    return [str(text) for text in recorded] if isinstance(recorded, list) else []


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]


def _value(override: str) -> str:
    return override.partition("=")[2].strip("'\"")


def _quoted(text: str) -> str:
    """`text` in the quotes of Hydra's grammar."""
    escaped = re.sub(r"(\\*)'", r"\1\1\'", text)
    return f"'{escaped}'"
