"""The settings of a training run, as the ``trainer`` group of the configuration holds them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from minitorch import nn
from zoo.checks import check_choice
from zoo.training.averaging import Averaging
from zoo.training.groups import ParameterGroup

MODES = ("max", "min")
INTERVALS = ("epoch", "step")


@dataclass(frozen=True)
class Trainer:
    """How long to train, what to watch, and when to save.

    Args:
        max_epochs: passes over the training examples.
        max_steps: ends training after so many optimizer steps, if that comes first.
        monitor: the figure that chooses the model and stops early, ``val/accuracy`` say; None
            chooses the weights of the last epoch.
        mode: ``max`` when a higher ``monitor`` is better, ``min`` when a lower one is.
        patience: ends training after so many evaluations without a better ``monitor``.
        min_delta: how much better counts as better.
        clip_grad_norm: scales the gradients down when their common 2-norm is larger than this.
        clip_grad_value: clamps every component of the gradients to plus or minus this.
        average: makes an average of the weights, of a model and the number of steps of the run; it
            is what is validated, saved as the best, and tested. None keeps the weights as they are.
        parameter_groups: rules for parameters chosen by name; the first that fits counts.
        scheduler_interval: whether the schedule moves after each ``epoch`` or each ``step``.
        evaluate_every_epochs: how often the validation split is read; the last epoch always is.
        limit_eval_batches: reads only so many batches in each evaluation.
        checkpoint_every_steps: saves within an epoch too; the end of an epoch always saves.
        log_every_steps: how often loss, accuracy, learning rate, gradient norm and throughput of a
            step go to TensorBoard.
        histograms_every_epochs: how often histograms of weights and gradients are written; 0 is
            never.
        figures_every_epochs: how often the confusion matrix and the mistakes are drawn; 0 is only
            at the end.
        progress: whether to show a progress bar; it needs a terminal.
        tensorboard: whether to write event files.
        profile: whether to run under Python's profiler and write ``profile.txt`` to the run folder.
        num_threads: threads to compute with; None is all the cores, shared by the jobs of a sweep.
        keep_memory: tells the C library to keep freed memory for the next step, where it can.
        allow_reduced_precision: lets 3x3 convolutions be less exact for speed, see
            ``minitorch.backends.conv``.

    Raises:
        ValueError: when a value is impossible; the message names the key.
    """

    max_epochs: int = 30
    max_steps: int | None = None
    monitor: str | None = "val/accuracy"
    mode: str = "max"
    patience: int | None = None
    min_delta: float = 0.0
    clip_grad_norm: float | None = None
    clip_grad_value: float | None = None
    average: Callable[[nn.Module, int], Averaging] | None = None
    parameter_groups: Sequence[ParameterGroup] = ()
    scheduler_interval: str = "epoch"
    evaluate_every_epochs: int = 1
    limit_eval_batches: int | None = None
    checkpoint_every_steps: int | None = None
    log_every_steps: int = 10
    histograms_every_epochs: int = 1
    figures_every_epochs: int = 0
    progress: bool = True
    tensorboard: bool = True
    profile: bool = False
    num_threads: int | None = None
    keep_memory: bool = True
    allow_reduced_precision: bool = False

    def __post_init__(self) -> None:
        positive = [
            "max_epochs",
            "max_steps",
            "patience",
            "clip_grad_norm",
            "clip_grad_value",
            "evaluate_every_epochs",
            "limit_eval_batches",
            "checkpoint_every_steps",
            "log_every_steps",
            "num_threads",
        ]
        for name in positive:
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise ValueError(f"{name} must be positive, got {value}")
        for name in ("min_delta", "histograms_every_epochs", "figures_every_epochs"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
        check_choice("mode", self.mode, MODES)
        check_choice("scheduler_interval", self.scheduler_interval, INTERVALS)

        if self.monitor is None and self.patience is not None:
            raise ValueError("patience needs a figure to watch, but monitor is None")
        rules = [
            rule if isinstance(rule, ParameterGroup) else ParameterGroup(**rule)
            for rule in self.parameter_groups
        ]
        object.__setattr__(self, "parameter_groups", rules)

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The names of the settings."""
        return tuple(field.name for field in fields(cls))
