"""From a configuration to objects, with every mistake named before any data are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

import minitorch
from minitorch import nn, optim
from zoo.data.errors import DataError
from zoo.training.errors import ConfigError
from zoo.training.finetune import rules_for, start_from, vocabulary_of
from zoo.training.groups import GroupedParameters, ParameterGroup
from zoo.training.learner import Learner
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


ModelArguments = Callable[[Any], Mapping[str, Any]]
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


def build(cfg: DictConfig, model_arguments: ModelArguments) -> Parts:
    """Seed, then build the data pipeline, the model, the optimizer and the trainer.

    Args:
        cfg: the composed configuration.
        model_arguments: what the data say about the model, ``in_features`` say.

    Raises:
        ConfigError: when a value is impossible; the message names its group.
    """
    _check_keys(cfg)
    with _blame("seed", cfg):
        seed_everything(cfg.seed)
    with _blame("trainer", cfg):
        trainer: Trainer = instantiate(cfg.trainer, _convert_="all")
    with _blame("data", cfg):
        data: DataModule = instantiate(cfg.data, _convert_="all")
    if hasattr(data, "use_vocabulary") and cfg.pretrained is not None:
        data.use_vocabulary(vocabulary_of(cfg.pretrained))
    with _blame("task", cfg):
        task: Task = instantiate(cfg.task, classes=list(data.classes))
    _check_monitor(cfg, trainer, task)
    with _blame("model", cfg):
        model: nn.Module = instantiate(cfg.model, **model_arguments(data), _convert_="all")
    rules = [*trainer.parameter_groups, *_finetuning(cfg, data, model, trainer)]
    with _blame("trainer", cfg):
        groups = GroupedParameters.of(model, rules)
    with _blame("optimizer", cfg):
        optimizer = groups.optimizer(instantiate(cfg.optimizer, _convert_="all"))

    def make_scheduler(steps_per_epoch: int) -> Any | None:
        with _blame("scheduler", cfg):
            return _scheduler(cfg.scheduler, optimizer, steps_per_epoch)

    _try_scheduler(cfg)
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
    with _blame("finetune", cfg):
        names = [name for name, _ in model.named_parameters()]
        return rules_for(names, taken, **cfg.finetune, max_epochs=trainer.max_epochs)


def _scheduler(node: DictConfig | None, optimizer: optim.Optimizer, steps_per_epoch: int) -> Any:
    """Finish a partial scheduler; ``steps_per_epoch: null`` in its file is filled in."""
    if node is None:
        return None
    filled: dict[str, Any] = {}
    base = optimizer.defaults["lr"]
    if "max_lr" in node and any(g["lr"] != base for g in optimizer.param_groups):
        filled["max_lr"] = [node.max_lr * g["lr"] / base for g in optimizer.param_groups]
    if "steps_per_epoch" in node and node.steps_per_epoch is None:
        filled["steps_per_epoch"] = steps_per_epoch
    return instantiate(node, _convert_="all")(optimizer, **filled)


def _try_scheduler(cfg: DictConfig) -> None:
    """Build the scheduler once on a parameter of no consequence, before any data are read."""
    parameter = nn.Parameter(minitorch.zeros(1))
    with _blame("optimizer", cfg):
        optimizer = instantiate(cfg.optimizer, _convert_="all")([parameter])
    with _blame("scheduler", cfg):
        _scheduler(cfg.scheduler, optimizer, steps_per_epoch=10)


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


_REFUSALS = (
    ValueError,
    TypeError,
    IndexError,
    NotImplementedError,
    InstantiationException,
    OmegaConfBaseException,
)


class _blame:
    """Turns what a constructor raises into a ConfigError that names the group and its values."""

    def __init__(self, group: str, cfg: DictConfig) -> None:
        self.group = group
        self.cfg = cfg

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, InstantiationException) and error.__cause__ is not None:
            error = error.__cause__
        if isinstance(error, DataError):
            raise error
        if isinstance(error, _REFUSALS):
            reason = str(error).strip().splitlines()[0].rstrip(".")
            raise ConfigError(f"{self.group}: {reason} (given {self._given(reason)})") from error

    def _given(self, reason: str) -> str:
        """The keys of the group that ``reason`` speaks of, or all of them, with their values."""
        node = self.cfg.get(self.group)
        if not isinstance(node, DictConfig):
            return f"{self.group}={node}"
        pairs: dict[str, Any] = {str(k): v for k, v in node.items() if not str(k).startswith("_")}
        words = reason.replace("'", " ").replace(",", " ").replace(":", " ").split()
        named = {k: v for k, v in pairs.items() if k in words}
        equal = {k: v for k, v in pairs.items() if str(v) in words}
        return ", ".join(f"{self.group}.{k}={v}" for k, v in (named or equal or pairs).items())
