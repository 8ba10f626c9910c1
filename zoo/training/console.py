"""The console: log lines and a progress bar that do not garble each other, and the final table."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Mapping
from typing import IO, Any, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from zoo.training.callbacks import Callback
from zoo.training.loop import Fit
from zoo.training.metrics import StepResult
from zoo.training.task import Evaluation

log = logging.getLogger(__name__)


class StandardOutput:
    """``sys.stdout``, without which a run goes on: ``| head`` and a full disk end no training."""

    def write(self, text: str) -> int:
        """Write, as long as somebody takes it."""
        try:
            return sys.stdout.write(text)
        except OSError as error:
            return self._give_up(error)

    def flush(self) -> None:
        """Flush likewise."""
        try:
            sys.stdout.flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> int:
        """Let all that is written from now on, and what Python still holds, go nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        sys.stderr.write(
            f"cannot write to standard output ({error.strerror}): the run goes on, and train.log "
            "has what it says\n"
        )
        return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stdout, name)


console = Console(file=cast("IO[str]", StandardOutput()), soft_wrap=True, highlight=False)


class ConsoleHandler(logging.Handler):
    """A log handler that prints above the progress bar, if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record, unless it says that it is for files only."""
        if getattr(record, "file_only", False):
            return
        try:
            console.print(self.format(record), markup=False)
        except Exception:  # noqa: BLE001  a handler must never end the program that logs
            self.handleError(record)


class ConsoleReport(Callback):
    """A line in the log for each epoch and, on a terminal, a bar for the epoch under way.

    Args:
        bar: whether to show the bar when there is a terminal.
    """

    def __init__(self, bar: bool = True) -> None:
        self._wants_bar = bar and console.is_terminal
        self._bar: Progress | None = None
        self._started = (0, time.perf_counter())

    def on_start(self, fit: Fit) -> None:
        """Say where training starts or continues, and show the bar."""
        if fit.progress.step:
            log.info("continuing after step %d", fit.progress.step)
        if self._wants_bar:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("loss {task.fields[loss]:.4f}"),
                console=console,
                transient=True,
            )
            self._bar.add_task("", loss=float("nan"))
            self._bar.start()

    def on_epoch_start(self, fit: Fit) -> None:
        """Start the clock, and the bar anew."""
        self._started = (fit.progress.samples, time.perf_counter())
        if self._bar is not None:
            self._bar.reset(
                self._bar.task_ids[0],
                description=f"epoch {fit.progress.epoch + 1}/{fit.trainer.max_epochs}",
                total=fit.steps_per_epoch,
                completed=fit.progress.batch,
            )

    def on_step(self, fit: Fit, result: StepResult) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=1, loss=result.value)

    def on_epoch_end(
        self, fit: Fit, values: dict[str, float], evaluation: Evaluation | None
    ) -> None:
        """Write the epoch's line."""
        samples, started = self._started
        rate = (fit.progress.samples - samples) / max(time.perf_counter() - started, 1e-9)
        log.info(
            "epoch %d/%d  %s  lr %.3g  %s samples/s%s",
            max(fit.progress.epoch, 1),
            fit.trainer.max_epochs,
            describe(values),
            next(iter(fit.learner.learning_rates().values())),
            f"{rate:,.0f}",
            "  (best)" if self._is_best(fit) else "",
        )

    def _is_best(self, fit: Fit) -> bool:
        """Whether this epoch's weights are the best so far, where something is watched."""
        return fit.trainer.monitor is not None and fit.tracker.best_step == fit.progress.step

    def on_end(self, fit: Fit) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


SHOWN = ("train/loss", "train/accuracy", "val/loss", "val/accuracy")


def describe(values: Mapping[str, float]) -> str:
    """The figures of an epoch on one line: shares as percentages, the rest with four digits.

    Example::

        >>> describe({"train/loss": 0.25, "val/accuracy": 0.975})
        'train loss 0.2500  val accuracy 97.50 %'
    """
    names = [name for name in SHOWN if name in values] or list(values)
    return "  ".join(f"{name.replace('/', ' ')} {figure(name, values[name])}" for name in names)


def figure(name: str, value: float) -> str:
    """A figure as people read it."""
    if name.endswith(("accuracy", "top5")):
        return f"{100 * value:.2f} %"
    return f"{value:.4f}"


def print_table(title: str, rows: Mapping[str, str]) -> None:
    """Print names and values as a table of two columns."""
    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table, soft_wrap=False)
