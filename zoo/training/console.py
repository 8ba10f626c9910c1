"""The console: log lines and a progress bar that do not garble each other, and the final table."""

from __future__ import annotations

import logging
import math
import os
import sys
from collections.abc import Mapping, Sequence
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
        self._said = (0, 0.0)

    def on_start(self, fit: Fit) -> None:
        """Say where training starts or continues, and show the bar."""
        self._said = (fit.progress.samples, fit.progress.seconds)
        if fit.progress.step:
            log.info("continuing after step %d", fit.progress.step)
        if self._wants_bar:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[loss]}"),
                console=console,
                transient=True,
            )
            self._bar.add_task("", loss="")
            self._bar.start()

    def on_epoch_start(self, fit: Fit) -> None:
        """Start the bar anew."""
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
            self._bar.update(self._bar.task_ids[0], advance=1, loss=f"loss {result.value:.4f}")

    def on_epoch_end(
        self, fit: Fit, values: dict[str, float], evaluation: Evaluation | None
    ) -> None:
        """Write the epoch's line; its speed counts all that happened since the last one."""
        samples, seconds = self._said
        self._said = (fit.progress.samples, fit.progress.seconds)
        log.info(
            "%s  %s  lr %.2g  %s%s",
            _place(fit),
            describe(values),
            next(iter(fit.learning_rates.values())),
            speed(fit.progress.samples - samples, fit.progress.seconds - seconds, ""),
            "  best" if self._is_best(fit) else "",
        )

    def _is_best(self, fit: Fit) -> bool:
        """Whether this epoch's weights are the best so far, where something is watched."""
        return fit.trainer.monitor is not None and fit.tracker.best_step == fit.progress.step

    def on_end(self, fit: Fit) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _place(fit: Fit) -> str:
    """The epoch that is done, or the one inside which the steps were used up."""
    progress, epochs = fit.progress, fit.trainer.max_epochs
    if progress.batch == 0:
        return f"epoch {progress.epoch}/{epochs}"
    return f"epoch {progress.epoch + 1}/{epochs}, stopped at step {progress.step}"


SHOWN = {"train": ("train/loss", "train/accuracy"), "val": ("val/loss", "val/accuracy")}


def describe(values: Mapping[str, float]) -> str:
    """The loss and the accuracy of an epoch on one line, or what there is instead.

    Example::

        >>> describe({"train/loss": 0.25, "val/loss": 0.3, "val/accuracy": 0.975})
        'train 0.2500  val 0.3000 97.50 %'
    """
    texts = []
    for part, names in SHOWN.items():
        figures = [figure(name, values[name]) for name in names if name in values]
        if figures:
            texts.append(" ".join([part, *figures]))
    texts = texts or [f"{name.replace('/', ' ')} {figure(name, values[name])}" for name in values]
    return "  ".join(texts)


def speed(count: float, seconds: float, unit: str) -> str:
    """How many a second, with three digits; where one takes longer than a second, how long.

    Example::

        >>> speed(500, 4, " steps"), speed(1, 3, " steps"), speed(12345, 1, "")
        ('125 steps/s', '3.00 s/step', '12,345/s')
    """
    rate = count / max(seconds, 1e-9)
    if 0 < rate < 1 and unit:
        return f"{_digits(1 / rate)} s/{unit.strip().removesuffix('s')}"
    return f"{_digits(rate)}{unit}/s"


def _digits(value: float) -> str:
    """Three digits, or all those before the point."""
    decimals = 0 if value >= 100 or value == 0 else 2 - math.floor(math.log10(value))
    return f"{value:,.{min(decimals, 9)}f}"


def figure(name: str, value: float) -> str:
    """A figure as people read it."""
    if name.endswith(("accuracy", "top5")):
        return f"{100 * value:.2f} %"
    return f"{value:.4f}"


def chosen(result: Mapping[str, Any]) -> str:
    """What the weights of a finished run were chosen by."""
    if result["monitor"] is None:
        return "being the last"
    return f"{result['monitor']} {figure(result['monitor'], result['metric'])}"


def summary(result: Mapping[str, Any], reservation: str = "") -> dict[str, str]:
    """The rows of the table at the end of a run.

    Args:
        result: the receipt of the run.
        reservation: what must be said beside the figures of the test.
    """
    note = f" ({reservation})" if reservation else ""
    rows = {f"test {name}": figure(name, value) + note for name, value in result["test"].items()}
    rows["chosen by"] = chosen(result) + _moment(result["best"], result["history"])
    rows["time"] = f"{result['seconds']:.1f} s"
    counts = {"steps": result["steps"], "samples": result["samples"]}
    rows["speed"] = ", ".join(
        speed(count, result["seconds"], f" {unit}") for unit, count in counts.items()
    )
    return rows


def _moment(entry: Mapping[str, Any] | None, history: Sequence[Mapping[str, Any]]) -> str:
    """When an entry of the history was measured: at the end of an epoch, or inside one."""
    if entry is None:
        return ""
    earlier = [other["epoch"] for other in history if other["step"] < entry["step"]]
    inside = entry["epoch"] == max(earlier, default=0)
    return f" (step {entry['step']})" if inside else f" (epoch {entry['epoch']:.0f})"


def print_table(title: str, rows: Mapping[str, str]) -> None:
    """Print names and values as a table of two columns."""
    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table, soft_wrap=False)
