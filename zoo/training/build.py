"""From a configuration to objects, with every mistake named before any data are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

from hydra.utils import instantiate
from omegaconf import DictConfig

from minitorch import nn
from zoo.training.errors import ConfigError
from zoo.training.finetune import rules_for, start_from, vocabulary_of
from zoo.training.fitting import check_task, sizes_for, try_model
from zoo.training.groups import GroupedParameters, ParameterGroup
from zoo.training.learner import Learner
from zoo.training.limits import check_numbers
from zoo.training.refusals import blame
from zoo.training.rehearsal import check_length, make_schedule, rehearse
from zoo.training.schema import Finetune, Run
from zoo.training.seeds import seed_everything
from zoo.training.task import Task
from zoo.training.trainer import Trainer


class DataModule(Protocol):
    """What the loop asks of a data pipeline; nothing is read before ``prepare``."""

    classes: Sequence[str]

    def prepare(self) -> None:
        """Read the data."""

    def sizes(self) -> dict[str, int]:
        """How many examples each part has."""

    def example(self) -> Any:
        """The inputs of one example, as a batch of one."""

    def train_batches(self, seed: int) -> Any:
        """A data loader that can be restored in the middle of an epoch."""

    def val_batches(self) -> Any | None:
        """A data loader over the validation split; None when nothing is held out."""

    def test_batches(self) -> Any:
        """A data loader over the test set."""


InitializeModel = Callable[[Any, Any], None]


@dataclass
class Parts:
    """Everything a run consists of, built and checked; the data are not read yet."""

    data: DataModule
    task: Task
    trainer: Trainer
    learner: Learner
    make_scheduler: Callable[[int], Any | None]

    def finish(self, steps_per_epoch: int) -> None:
        """Give the learner its schedule and its average, which depend on how long an epoch is."""
        self.learner.scheduler = self.make_scheduler(steps_per_epoch)
        if self.trainer.average is not None:
            steps = self.trainer.max_epochs * steps_per_epoch
            steps = min(steps, self.trainer.max_steps or steps)
            self.learner.averaging = self.trainer.average(self.learner.model, steps)


def build(cfg: DictConfig) -> Parts:
    """Seed, then build the data pipeline, the model, the optimizer and the trainer.

    Args:
        cfg: the composed configuration.

    Raises:
        ConfigError: when a value is impossible; the message names its group.
    """
    _check_keys(cfg)
    check_numbers(cfg)
    with blame("seed", cfg):
        seed_everything(cfg.seed)
    with blame("trainer", cfg):
        trainer: Trainer = instantiate(cfg.trainer, _convert_="all")
    with blame("data", cfg):
        data: DataModule = instantiate(cfg.data, _convert_="all")
    if hasattr(data, "use_vocabulary") and cfg.pretrained is not None:
        data.use_vocabulary(vocabulary_of(cfg.pretrained))
    with blame("task", cfg):
        task: Task = instantiate(cfg.task, classes=list(data.classes))
    _check_monitor(cfg, trainer, task)
    rehearse(cfg, trainer)
    sizes = sizes_for(cfg, data)
    check_task(cfg, task, data)
    with blame("model", cfg):
        model: nn.Module = instantiate(cfg.model, **sizes, _convert_="all")
    try_model(cfg, model, data)
    rules = [*trainer.parameter_groups, *_finetuning(cfg, data, model, trainer)]
    with blame("trainer", cfg):
        groups = GroupedParameters.of(model, rules)
        groups.check(trainer.max_epochs)
    with blame("optimizer", cfg):
        optimizer = groups.optimizer(instantiate(cfg.optimizer, _convert_="all"))

    def make_scheduler(steps_per_epoch: int) -> Any | None:
        with blame("scheduler", cfg):
            schedule = make_schedule(cfg.scheduler, optimizer, steps_per_epoch)
        check_length(cfg, trainer, schedule, steps_per_epoch)
        return schedule

    learner = Learner(model, task, optimizer, groups=groups)
    return Parts(data, task, trainer, learner, make_scheduler)


def _finetuning(
    cfg: DictConfig, data: DataModule, model: nn.Module, trainer: Trainer
) -> list[ParameterGroup]:
    """Start from trained weights where the configuration says so, and say how they learn."""
    if cfg.pretrained is None:
        if cfg.finetune != Finetune():
            raise ConfigError("finetune says how trained weights learn: give pretrained=... too")
        return []
    taken = start_from(model, cfg.pretrained, list(data.classes)).taken
    with blame("finetune", cfg):
        names = [name for name, _ in model.named_parameters()]
        return rules_for(names, taken, **cfg.finetune, max_epochs=trainer.max_epochs)


def _check_keys(cfg: DictConfig) -> None:
    """Refuse ``+foo=1`` and ``~model``, which change what a primary file consists of."""
    known = [field.name for field in fields(Run)]
    for key in cfg:
        if key not in known:
            raise ConfigError(f"{key!s}: no such key; keys: {', '.join(known)}")
    for key in known:
        if key not in cfg:
            raise ConfigError(f"{key}: the configuration has lost this key, which every run needs")


def _check_monitor(cfg: DictConfig, trainer: Trainer, task: Task) -> None:
    if trainer.monitor is None:
        if cfg.scheduler is not None and cfg.scheduler._target_.endswith("ReduceLROnPlateau"):
            raise ConfigError("scheduler=plateau watches trainer.monitor, which is null")
        return
    measured = [f"val/{name}" for name in task.evaluation_metrics()]
    measured += [f"train/{name}" for name in task.training_metrics()]
    if trainer.monitor not in measured:
        raise ConfigError(
            f"trainer.monitor={trainer.monitor}: there is no such figure; choose one of "
            f"{', '.join(measured)}"
        )
