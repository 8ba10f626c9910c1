"""The command of an architecture: Hydra around a run, with short errors and honest exit codes.

Exit codes: 0 when all went well, 1 when a run failed, 2 when the configuration is impossible, 128
plus the signal's number when somebody stopped it.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import hydra
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from zoo.data.errors import DataError
from zoo.pretrained.architectures import ARCHITECTURES
from zoo.pretrained.models import CONFIGURATION
from zoo.training import receipt, resolvers, schema
from zoo.training.build import InitializeModel
from zoo.training.console import ConsoleHandler
from zoo.training.errors import (
    CheckpointError,
    ConfigError,
    DivergedError,
    Interrupted,
    TrainingError,
)
from zoo.training.experiment import Hooks, Watch, failure, run_experiment, worst_metric
from zoo.training.finetune import with_pretrained_model
from zoo.training.interpreter import interpreter
from zoo.training.mistakes import explain
from zoo.training.overrides import key_of, value_of
from zoo.training.replay import with_recorded_overrides
from zoo.training.workplace import Workplace

log = logging.getLogger(__name__)

Command = Callable[..., None]

resolvers.register()  # on import, which is all that the processes of a parallel sweep do


def command(
    config_name: str,
    initialize: InitializeModel | None = None,
    watch: Watch | None = None,
) -> Command:
    """Make the ``main`` of an architecture.

    Args:
        config_name: its primary file under ``conf``, and its name in `ARCHITECTURES`.
        initialize: called with the model and the data, once they are read, before training.
        watch: makes the architecture's own callbacks.

    Returns:
        A function of a list of Hydra arguments, by default those of the command line, which ends
        with SystemExit unless all went well.
    """
    program = ARCHITECTURES[config_name].program
    hooks = Hooks(initialize, watch)
    schema.register()

    def main(arguments: Sequence[str] | None = None) -> None:
        typed = list(sys.argv[1:] if arguments is None else arguments)
        outcome: list[BaseException] = []
        said = program.replace("python", interpreter(), 1)
        place_of = functools.partial(Workplace.of_hydra, said, tuple(_overrides(typed)))
        job = functools.partial(_run_job, place_of, hooks, outcome)
        try:
            with _errors_handed_on():
                _refuse_used_folder(_overrides(typed))
                typed = _resumed(typed, config_name)
                typed = _with_model(typed, config_name)
                _call_hydra(config_name, job, typed)
        except ConfigError as error:
            _leave(str(error), 2)
        except (HydraException, OmegaConfBaseException, AssertionError, ValueError) as error:
            if os.environ.get("HYDRA_FULL_ERROR") == "1":
                raise
            if isinstance(error.__cause__, OSError):  # the log cannot be written
                _leave(_sentence(error.__cause__), 1)
            _leave(explain(error, config_name, _overrides(typed)), 2)
        except OSError as error:  # the run folder cannot be made, say
            _leave(_sentence(error), 1)
        except KeyboardInterrupt:
            _leave("stopped at once; what was saved before is whole", 128 + signal.SIGINT)
        if outcome:
            _leave_with(outcome[0])

    return main


def _call_hydra(config_name: str, job: Callable[[DictConfig], float], arguments: list[str]) -> None:
    """Let Hydra read ``arguments`` and run ``job`` as often as they ask for."""

    # A plain function, as Hydra looks for one, that joblib can send to another process.
    def task(cfg: DictConfig) -> float:
        return job(cfg)

    # An absolute path: a relative one fails from console scripts, and a module `conf` may be any.
    conf = str(CONFIGURATION)
    entry = hydra.main(version_base="1.3", config_path=conf, config_name=config_name)(task)
    typed_before = sys.argv
    sys.argv = [sys.argv[0], *arguments]
    try:
        entry()
    finally:
        sys.argv = typed_before


def _run_job(
    place_of: Callable[[], Workplace],
    hooks: Hooks,
    outcome: list[BaseException],
    cfg: DictConfig,
) -> float:
    """Run one job; what it raises is put into its receipt and, for a single run, into ``outcome``.

    A job of a sweep that fails returns the worst metric, so that the other jobs and the search go
    on.
    """
    place = place_of()
    if place.in_sweep:
        _quieten_console()
    receipt.take_back_refusal(place.folder)
    try:
        return run_experiment(cfg, place, hooks)
    except Exception as error:
        _log(place, error)
        if isinstance(error, ConfigError) and cfg.resume is None and _holds_nothing(place):
            shutil.rmtree(place.folder, ignore_errors=True)
        else:
            _record(cfg, place, error)
        if not place.in_sweep:
            outcome.append(error)
        elif isinstance(error, Interrupted):
            raise KeyboardInterrupt from error
        return worst_metric(cfg)


def _holds_nothing(place: Workplace) -> bool:
    """Whether the folder of a single run has only what Hydra puts into it before the run."""
    names = {path.name for path in place.folder.iterdir()}
    return not place.in_sweep and names <= {".hydra", "train.log"}


def _log(place: Workplace, error: Exception) -> None:
    """Tell the job's log what happened; what a single run prints at its end is not printed here."""
    log.error(
        "%s: %s",
        place.folder.name,
        _sentence(error),
        exc_info=not _is_expected(error),
        extra={"file_only": not place.in_sweep},
    )


def _record(cfg: DictConfig, place: Workplace, error: Exception) -> None:
    """Leave a receipt of the failure, but keep that of a run that ended here before."""
    status = receipt.FAILED
    if isinstance(error, DivergedError):
        status = receipt.DIVERGED
    elif isinstance(error, Interrupted):
        status = receipt.INTERRUPTED
    earlier = receipt.read_result(place.folder)
    with contextlib.suppress(OSError):
        if earlier is not None and _is_kept(earlier.get("status"), error):
            receipt.write_refusal(place.folder, _sentence(error))
        else:
            receipt.write_result(place.folder, failure(cfg, status, error))


def _refuse_used_folder(overrides: Sequence[str]) -> None:
    """Refuse to begin a run in the folder of another one, before Hydra writes into it."""
    given = {key_of(text): value_of(text) for text in overrides}
    folder = given.get("hydra.run.dir")
    if folder and "resume" not in given and receipt.read_result(folder) is not None:
        raise ConfigError(
            f"{folder} holds a run already: resume={folder} continues it, and another "
            "hydra.run.dir begins a new one"
        )


def _is_kept(status: Any, error: Exception) -> bool:
    """Whether what a folder says of an earlier life of its run stands beside this error."""
    refused = isinstance(error, (ConfigError, CheckpointError))
    return status in receipt.ENDED or (status == receipt.INTERRUPTED and refused)


def _resumed(arguments: list[str], config_name: str) -> list[str]:
    """The arguments with what a resumed run had recorded; flags first, as argparse wants them."""
    overrides = _overrides(arguments)
    flags = [text for text in arguments if text not in overrides]
    replayed = with_recorded_overrides(overrides, config_name)
    if replayed != overrides and {"-m", "--multirun"} & set(flags):
        raise ConfigError("resume continues one run: leave --multirun out, or give hydra.sweep.dir")
    return [*flags, *replayed]


def _with_model(arguments: list[str], config_name: str) -> list[str]:
    """The arguments with the model that ``pretrained=`` names; flags first."""
    overrides = _overrides(arguments)
    flags = [text for text in arguments if text not in overrides]
    for text in overrides:
        if key_of(text) == "zoo" and value_of(text) != config_name:
            raise ConfigError(f"{text}: this command trains zoo={config_name} and nothing else")
    return [*flags, *with_pretrained_model(overrides, config_name)]


def _overrides(arguments: Sequence[str]) -> list[str]:
    """The arguments that are overrides: ``key=value`` and ``~key``, not flags and their values."""
    return [
        text
        for text in arguments
        if not text.startswith("-") and ("=" in text or text.startswith("~"))
    ]


def _quieten_console() -> None:
    """In a sweep the lines of each epoch go to the job's own file only."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, ConsoleHandler):
            handler.setLevel(logging.WARNING)


@contextlib.contextmanager
def _errors_handed_on() -> Iterator[None]:
    """Make Hydra hand its errors on instead of printing them; they are explained here."""
    before = os.environ.get("HYDRA_FULL_ERROR")
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = before


def _is_expected(error: BaseException) -> bool:
    """Whether one sentence says it all, so that a traceback would only frighten."""
    return isinstance(error, (ConfigError, DataError, TrainingError, OSError, MemoryError))


def _sentence(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full ({error}); the last checkpoint is whole"
    if isinstance(error, MemoryError):
        return f"the memory is full ({error}); a smaller batch or model needs less"
    return str(error) or type(error).__name__


def _leave_with(error: BaseException) -> NoReturn:
    """End the program as the error of a single run demands."""
    if not _is_expected(error):
        raise error
    if isinstance(error, Interrupted):
        _leave(str(error), 128 + error.signal_number)
    _leave(_sentence(error), 2 if isinstance(error, ConfigError) else 1)


def _leave(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(code)
