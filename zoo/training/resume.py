"""What a resumed run is: its recorded settings, of which some may change, and what it has saved."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from zoo.training import receipt
from zoo.training.errors import CheckpointError, ConfigError, one_line
from zoo.training.loop import Fit
from zoo.training.overrides import key_of
from zoo.training.replay import load_plainly, refuse_foreign, trusted_builders
from zoo.training.trainer import Trainer
from zoo.training.workplace import Workplace, flatten, settings

log = logging.getLogger(__name__)

# Part of what the checkpoint holds: the choice of weights so far, their average, the schedule.
_FIXED = ("monitor", "mode", "average", "parameter_groups", "scheduler_interval")
TRAINER = Trainer.keys()
CHANGEABLE = (
    *(f"trainer.{key}" for key in TRAINER if key not in _FIXED),
    "data.num_workers",
    "data.root",
    "tags",
)


def continue_settings(cfg: DictConfig, place: Workplace) -> list[str]:
    """Check what a resumed run is to do otherwise than before, and return the names of it.

    What follows from others, such as the length of a schedule from ``trainer.max_epochs``, stays as
    it was: ``cfg`` is changed in place.

    Args:
        cfg: the recorded settings with what is typed now on top.
        place: where the run lies.

    Raises:
        ConfigError: for a setting that the run cannot change, or one of the folder that names other
            code than the files under ``conf`` do.
    """
    trusted = trusted_builders(place.typed)
    before = flatten(_recorded(place.folder, trusted), hidden=())
    today = settings(cfg)
    after = flatten(today, hidden=())
    source = flatten(OmegaConf.to_container(cfg, resolve=False), hidden=())
    typed = set(map(key_of, _typed()))
    changed, following = [], []
    for key in sorted(before.keys() | after.keys()):
        known, new = key in before, key in after
        if known and new and before[key] == after[key]:
            continue
        if key in CHANGEABLE:
            changed.append(key)
        elif known and new and "${" in str(source[key]):
            following.append(key)
        elif known or key in typed:
            raise ConfigError(_refusal(key, before, after, place))
    for key in following:
        _keep(cfg, key, before, after)
    refuse_foreign(settings(cfg), "", place.folder / ".hydra" / "overrides.yaml", trusted)
    return changed


def _keep(cfg: DictConfig, key: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Leave a setting that follows from another as it was, unless its plan is at an end."""
    old, new = before["trainer.max_epochs"], after["trainer.max_epochs"]
    if key.startswith("scheduler.") and new > old:
        raise ConfigError(
            f"the schedule of this run was planned for {old} epochs and cannot go on to {new}: "
            "start a new run with the longer plan"
        )
    OmegaConf.update(cfg, key, before[key])


def _refusal(key: str, before: dict[str, Any], after: dict[str, Any], place: Workplace) -> str:
    name = key.removesuffix("._target_")
    values = [values.get(key, "not there") for values in (before, after)]
    return (
        f"{name} was {values[0]} when this run began and cannot become {values[1]}: a resumed run "
        f"can change data.root, data.num_workers, tags, and the keys of trainer without "
        f"{', '.join(_FIXED)}; pretrained={place.shown_folder} begins a new run with its weights"
    )


def _recorded(folder: Path, trusted: Collection[tuple[str, Any]]) -> dict[str, Any]:
    """The settings that the run has been trained with, if they name no other code."""
    earlier = receipt.read_result(folder)
    if earlier is not None and isinstance(earlier.get("config"), dict):
        path, known = folder / receipt.RESULT, dict(earlier["config"])
    else:
        path = folder / ".hydra" / "config.yaml"
        known = _composed(path)
    refuse_foreign(known, "", path, trusted)
    return known


def _composed(path: Path) -> dict[str, Any]:
    """The settings that Hydra has written down."""
    try:
        recorded = load_plainly(path)
        assert isinstance(recorded, DictConfig)
        return settings(recorded)
    except (
        OSError,
        ValueError,
        YAMLError,
        OmegaConfBaseException,
        AssertionError,
        RecursionError,
    ) as error:
        reason = one_line(error)
        raise ConfigError(f"cannot read the recorded settings in {path}: {reason}") from error


def _typed() -> list[str]:
    return [str(text) for text in HydraConfig.get().overrides.task]


def continue_training(fit: Fit, place: Workplace) -> None:
    """Let ``fit`` go on where the run has saved itself; from the start, if it had not saved yet.

    Raises:
        CheckpointError: when a file is damaged or missing.
    """
    checkpoints = fit.checkpoints
    newest = checkpoints.newest()
    if newest is None:
        earlier = receipt.read_result(place.folder) or {}
        way_out = f"; pretrained={place.shown_folder} begins a new run with its best weights"
        if checkpoints.best.is_file() or earlier.get("status") in receipt.SAVED:
            raise CheckpointError(
                f"{checkpoints.last} is missing, from which this run would go on"
                + way_out * checkpoints.best.is_file()
            )
        if not place.in_sweep:
            log.info("nothing was saved before: starting from the beginning")
        return
    fit.resume(newest)
    if fit.tracker.best_step and not checkpoints.best.is_file():
        raise CheckpointError(
            f"{checkpoints.best} is missing, the weights chosen after step {fit.tracker.best_step}"
        )


def record(cfg: DictConfig, folder: Path) -> None:
    """Write down the settings with which a resumed run goes on, as Hydra did for the first part."""
    typed = [text for text in _typed() if key_of(text) != "resume"]
    for name, text in (
        ("config", OmegaConf.to_yaml(cfg)),
        ("overrides", OmegaConf.to_yaml(OmegaConf.create(typed))),
    ):
        receipt.write_whole(folder / ".hydra" / f"{name}.yaml", text)
