"""The start of a sweep: names for its jobs, short lines about them, and a way to stop."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict, read_write

from zoo.training.console import ConsoleHandler
from zoo.training.sweep_stop import InterruptedJobs, StopSignal, how_to_go_on, is_parallel


class SweepStart(Callback):
    """A Hydra callback: what a sweep needs before its first job, and each of its jobs."""

    def __init__(self) -> None:
        self._stop: StopSignal | None = None

    def __getstate__(self) -> dict[str, Any]:
        """The processes of a parallel sweep get no handler of signals."""
        return {"_stop": None}

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Make the folder before anything, a study on disk say, is opened in it."""
        Path(config.hydra.sweep.dir).mkdir(parents=True, exist_ok=True)
        _name_by_what_is_swept(config)
        if "optuna" in config.hydra.sweeper._target_:
            _let_optuna_log_as_we_do()
        if is_parallel(config):
            self._stop = StopSignal(how_to_go_on(config), Path(config.hydra.sweep.dir))
            self._stop.install()

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Leave the signals to those who had them."""
        if self._stop is not None:
            self._stop.restore()

    def on_job_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Let a job that is stopped say how the sweep goes on."""
        if config.hydra.mode != RunMode.MULTIRUN:
            return
        sentence = "" if is_parallel(config) else f"stopped: {how_to_go_on(config)}"
        for handler in logging.getLogger().handlers:
            if isinstance(handler, ConsoleHandler):
                handler.addFilter(InterruptedJobs(sentence))


def _name_by_what_is_swept(config: DictConfig) -> None:
    """Keep what is the same in all jobs out of their names."""
    params = config.hydra.sweeper.get("params") or {}
    texts = [*(f"{key}={value}" for key, value in params.items()), *config.hydra.overrides.task]
    swept = {
        override.key_or_group: override.is_sweep_override()
        for override in OverridesParser.create().parse_overrides(texts)
    }
    constant = ",".join(f"'{key}'" for key, varies in swept.items() if not varies)
    with read_write(config), open_dict(config):
        config.hydra.overrides.hydra.append(
            f"hydra.job.config.override_dirname.exclude_keys=[{constant}]"
        )


def _let_optuna_log_as_we_do() -> None:
    """Without a handler of its own, whose colours would reach a file or a pipe."""
    import optuna

    optuna.logging.disable_default_handler()
    optuna.logging.enable_propagation()


class LaunchLines(logging.Filter):
    """One short line for the two with which the parallel launcher begins."""

    def __init__(self) -> None:
        super().__init__()
        self._jobs = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the number of jobs for the line that names the folder."""
        text = record.getMessage()
        if text.startswith("Joblib.Parallel("):
            found = re.search(r"is launching (\d+ jobs)", text)
            self._jobs = found[1].removesuffix("s" * (found[1] == "1 jobs")) if found else "jobs"
            return False
        folder = text.removeprefix("Launching jobs, sweep output dir : ")
        if folder != text:
            record.msg, record.args = f"Launching {self._jobs} in parallel; folder: {folder}", ()
        return True
