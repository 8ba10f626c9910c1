"""Where a job runs: its folder, its place in a sweep, and what is there already."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from zoo.training import receipt
from zoo.training.errors import ConfigError


@dataclass(frozen=True)
class Workplace:
    """The surroundings of one job.

    Args:
        folder: the run folder.
        program: what a person types to run this architecture, ``python -m zoo.mlp.train``.
        in_sweep: whether the job is one of several.
        threads: how many threads the job may use; None is all.
        typed: the overrides of the command line, without those that a run folder has recorded.
    """

    folder: Path
    program: str
    in_sweep: bool = False
    threads: int | None = None
    typed: tuple[str, ...] = ()

    @classmethod
    def of_hydra(cls, program: str, typed: tuple[str, ...] = ()) -> Workplace:
        """The surroundings that Hydra has prepared."""
        hydra = HydraConfig.get()
        folder = Path(hydra.runtime.output_dir)
        if hydra.mode != RunMode.MULTIRUN:
            return cls(folder, program, typed=typed)
        cores = os.cpu_count() or 1
        jobs = int(hydra.launcher.get("n_jobs", 1) or 1)
        jobs = cores if jobs < 0 else min(jobs, cores)
        threads = max(1, cores // jobs)
        return cls(folder, program, in_sweep=True, threads=threads, typed=typed)

    @property
    def shown_folder(self) -> str:
        """The folder as a person would type it: relative, when it lies below the working folder."""
        try:
            return str(self.folder.relative_to(Path.cwd()))
        except ValueError:
            return str(self.folder)

    @property
    def resume_command(self) -> str:
        """What a person types to continue this run."""
        return f"{self.program} {shlex.quote('resume=' + self.shown_folder)}"

    def finished_result(self, cfg: DictConfig) -> dict[str, Any] | None:
        """The receipt of this very run, when it has come to its end before.

        A job of a sweep is not run again then, whatever its end; a run that is resumed is not if it
        has finished and is to do nothing else than before.

        Raises:
            ConfigError: when the folder belongs to a job with other settings.
        """
        earlier = receipt.read_result(self.folder) if self.continues(cfg) else None
        if earlier is None or not isinstance(earlier.get("config"), dict):
            return None
        differences = different_keys(earlier["config"], settings(cfg))
        if not self.in_sweep:
            finished = earlier.get("status") == receipt.FINISHED
            return earlier if finished and not differences else None
        if differences:
            raise ConfigError(
                f"{self.shown_folder} holds a job with other settings ({', '.join(differences)}); "
                "choose another hydra.sweep.dir"
            )
        return earlier if earlier.get("status") in receipt.ENDED else None

    def continues(self, cfg: DictConfig) -> bool:
        """Whether a checkpoint in the folder is to be continued from."""
        return self.in_sweep or cfg.resume is not None


def settings(cfg: DictConfig) -> dict[str, Any]:
    """The resolved configuration as plain values, without what does not change the outcome."""
    container = OmegaConf.to_container(cfg, resolve=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items() if key != "resume"}


_BUILDERS = ("_partial_", "_target_")


def flatten(values: Any, prefix: str = "", hidden: Sequence[str] = _BUILDERS) -> dict[str, Any]:
    """Nested settings under dotted names; what builds the objects is left out, or what is `hidden`.

    Example::

        >>> flatten({"optimizer": {"_target_": "SGD", "lr": 0.1}, "seed": 0})
        {'optimizer.lr': 0.1, 'seed': 0}
    """
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            flat |= flatten(value, f"{name}.", hidden)
        elif key not in hidden:
            flat[name] = value
    return flat


def different_keys(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """The dotted names of settings that are not the same in both."""
    one, other = flatten(first), flatten(second)
    missing = object()
    names = sorted(one.keys() | other.keys())
    return [name for name in names if one.get(name, missing) != other.get(name, missing)]
