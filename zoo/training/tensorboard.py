"""The TensorBoard log of a run."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from minitorch import nn
from zoo.training.callbacks import Callback
from zoo.training.eventfile import EventFile
from zoo.training.figures import figure_to_array, filters_figure
from zoo.training.graph import record_graph
from zoo.training.loop import Fit
from zoo.training.metrics import StepResult
from zoo.training.overrides import key_of
from zoo.training.task import Evaluation, Task
from zoo.training.workplace import flatten, settings

log = logging.getLogger(__name__)


class TensorBoard(Callback):
    """Writes figures, histograms, images, hyperparameters and the model's graph to ``folder``.

    The horizontal axis is always the number of optimizer steps, so that a resumed run can tell
    TensorBoard from which step on to forget what an interrupted one had written.

    Args:
        folder: the run folder.
        hyperparameters: a few settings for the HPARAMS tab, see :func:`chosen_settings`.
        config_text: the resolved configuration as YAML, for the TEXT tab.
        example: inputs of one example, (1, ...), with which the graph is recorded.
    """

    def __init__(
        self,
        folder: Path | str,
        hyperparameters: Mapping[str, Any],
        config_text: str,
        example: Any,
    ) -> None:
        self.folder = folder
        self.hyperparameters = hyperparameters
        self.config_text = config_text
        self.example = example
        self._file: EventFile | None = None
        self._window = (0, 0.0)

    @property
    def file(self) -> EventFile:
        """The event file; it is opened when training starts."""
        if self._file is None:
            raise RuntimeError("the event file is open only while a run trains and tests")
        return self._file

    def on_start(self, fit: Fit) -> None:
        """Open the file; a fresh run describes itself first."""
        step = fit.progress.step
        self._file = EventFile(self.folder, purge_step=step + 1 if step else 0)
        if step == 0:
            self._describe(fit)
        self._window = (fit.progress.samples, time.perf_counter())

    def on_step(self, fit: Fit, result: StepResult) -> None:
        """Every so many steps, log the step."""
        if fit.progress.step % fit.trainer.log_every_steps:
            return
        now = time.perf_counter()
        samples, since = self._window
        values = {
            **_values_of_step(fit.learner.task, result),
            **fit.learning_rates,
            "samples_per_second": (fit.progress.samples - samples) / max(now - since, 1e-9),
        }
        if fit.grad_norm is not None:
            values["grad_norm"] = fit.grad_norm
        self.file.scalars(values, fit.progress.step)
        self._window = (fit.progress.samples, now)

    def on_epoch_end(
        self, fit: Fit, values: dict[str, float], evaluation: Evaluation | None
    ) -> None:
        """Log the epoch's figures and, every so many epochs, histograms and images."""
        step, epoch = fit.progress.step, fit.progress.epoch
        self.file.scalars({**values, "train/epoch": epoch, **_best(fit)}, step)
        if fit.progress.is_due(fit.trainer.histograms_every_epochs):
            self._histograms(fit, step)
        if evaluation is not None:
            self._details("val", fit.learner.task, evaluation, step)
        if fit.progress.is_due(fit.trainer.figures_every_epochs):
            self._filters(fit, step)
            if evaluation is not None:
                self.figures("val", fit.learner.task, evaluation, step)
        self._window = (fit.progress.samples, time.perf_counter())

    def on_checkpoint(self, fit: Fit) -> None:
        """What was logged before a checkpoint is never logged again: put it on disk."""
        self.file.flush()

    def on_end(self, fit: Fit) -> None:
        """Put everything on disk."""
        if self._file is not None:
            self._file.flush()

    def test(self, part: str, task: Task, evaluation: Evaluation, step: int) -> None:
        """Log an evaluation of the chosen model."""
        values = {f"{part}/{name}": value for name, value in evaluation.values.items()}
        self.file.scalars(values, step)
        self._details(part, task, evaluation, step)
        self.figures(part, task, evaluation, step)

    def figures(self, part: str, task: Task, evaluation: Evaluation, step: int) -> None:
        """Draw what the task can draw of an evaluation."""
        for name, draw in task.figures(evaluation).items():
            self.file.image(f"{part}/{name}", figure_to_array(draw()), step)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _describe(self, fit: Fit) -> None:
        tested = [f"test/{name}" for name in fit.learner.task.evaluation_metrics()]
        self.file.hyperparameters(self.hyperparameters, [*_best(fit), *tested])
        self.file.text(
            "config", "\n".join(f"    {line}" for line in self.config_text.split("\n")), 0
        )
        self.file.graph(record_graph(fit.learner.model, self.example))

    def _details(self, part: str, task: Task, evaluation: Evaluation, step: int) -> None:
        values = task.details(evaluation)
        self.file.scalars({f"{part}_{name}": value for name, value in values.items()}, step)

    def _filters(self, fit: Fit, step: int) -> None:
        """Draw the filters of the first convolution that sees grey or coloured images."""
        for name, module in fit.learner.model.named_modules():
            if isinstance(module, nn.Conv2d) and module.weight.shape[1] in (1, 3):
                filters = np.array(module.weight.detach())
                tag = f"filters/{name.replace('.', '/')}"
                self.file.image(tag, figure_to_array(filters_figure(filters)), step)
                return

    def _histograms(self, fit: Fit, step: int) -> None:
        for name, parameter in fit.learner.model.named_parameters():
            tag = name.replace(".", "/")
            self.file.histogram(f"weights/{tag}", np.array(parameter.detach()), step)
            if parameter.grad is not None:
                self.file.histogram(f"gradients/{tag}", np.array(parameter.grad), step)


MODEL = (
    *("hidden", "width", "widths", "channels", "d_model", "layers", "num_layers"),
    *("heads", "nhead", "dropout"),
)
MAIN = (
    *("optimizer.lr", "data.batch_size", "trainer.max_epochs", "seed"),
    *(f"model.{name}" for name in MODEL),
)


def chosen_settings(cfg: DictConfig) -> dict[str, Any]:
    """The settings of a run that tell it from others: the main ones, and those that were typed.

    ``overrides`` is the text of the latter. TensorBoard takes the columns from one run, and so it
    is there whatever the run.
    """
    hydra = HydraConfig.get()
    files, flat = hydra.runtime.choices, flatten(settings(cfg))
    typed = [text for text in hydra.overrides.task if key_of(text) != "resume"]
    keys = list(map(key_of, typed))
    names = {name: files.get(name) for name in ("model", "optimizer", "scheduler")}
    names |= {key: files[key] for key in keys if key in files}
    return {
        "zoo": cfg.zoo,
        **names,
        **{key: flat[key] for key in (*MAIN, *keys) if key in flat},
        "overrides": " ".join(typed),
    }


def _best(fit: Fit) -> dict[str, float]:
    """The best figure so far of those that choose the weights, as ``val/best_accuracy`` say."""
    if fit.trainer.monitor is None:
        return {}
    part, _, name = fit.trainer.monitor.partition("/")
    return {f"{part}/best_{name}": fit.tracker.best}


def _values_of_step(task: Task, result: StepResult) -> dict[str, float]:
    """The training metrics of one batch alone, as ``step/loss`` and so on."""
    metrics = task.training_metrics()
    for metric in metrics.values():
        metric.update(result)
    return {f"step/{name}": metric.value() for name, metric in metrics.items()}
