"""A run in small, before any data are read: what would fail later fails here, with its key."""

from __future__ import annotations

import math
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig

import minitorch
from minitorch import nn, optim
from zoo.training.errors import ConfigError
from zoo.training.refusals import blame
from zoo.training.trainer import Trainer

STEPS_PER_EPOCH = 10  # until the data say how many
LONGEST = 1000  # steps to try


def make_schedule(
    node: DictConfig | None, optimizer: optim.Optimizer, steps_per_epoch: int
) -> Any | None:
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


def rehearse(cfg: DictConfig, trainer: Trainer) -> None:
    """Try the optimizer, the schedule and the average on a parameter of no consequence.

    Raises:
        ConfigError: when one of them cannot be made, or cannot go on to the end of the run.
    """
    parameter = nn.Parameter(minitorch.zeros(1))
    with blame("optimizer", cfg):
        optimizer = instantiate(cfg.optimizer, _convert_="all")([parameter])
    with blame("scheduler", cfg):
        schedule = make_schedule(cfg.scheduler, optimizer, STEPS_PER_EPOCH)
    if trainer.average is not None:
        with blame("trainer", cfg):
            trainer.average(nn.PReLU(), 1)  # draws no random numbers
    if schedule is None:
        return
    _check_interval(cfg, trainer, schedule)
    if trainer.max_steps is None and cfg.scheduler.get("steps_per_epoch") is None:
        check_length(cfg, trainer, schedule, STEPS_PER_EPOCH)
    if not isinstance(schedule, optim.lr_scheduler.ReduceLROnPlateau):
        with blame("scheduler", cfg):
            _try_steps(optimizer, schedule, trainer)


def _check_interval(cfg: DictConfig, trainer: Trainer, schedule: Any) -> None:
    """Whether the schedule counts what ``trainer.scheduler_interval`` says that it counts."""
    by_step = trainer.scheduler_interval == "step"
    if isinstance(schedule, optim.lr_scheduler.ReduceLROnPlateau) and by_step:
        raise ConfigError(
            "trainer.scheduler_interval=step: scheduler=plateau moves after an evaluation; it must "
            "be epoch"
        )
    if "steps_per_epoch" in cfg.scheduler and not by_step:
        raise ConfigError(
            "trainer.scheduler_interval=epoch: this schedule counts steps; it must be step"
        )


def check_length(cfg: DictConfig, trainer: Trainer, schedule: Any, steps_per_epoch: int) -> None:
    """Refuse a schedule that is planned to an end before the end of the run.

    Args:
        cfg: the configuration, for the keys to name.
        trainer: says how long the run is.
        schedule: what :func:`make_schedule` made.
        steps_per_epoch: batches in an epoch of the run.

    Raises:
        ConfigError: it names the keys of the schedule.
    """
    end = getattr(schedule, "total_steps", None)
    by_step = trainer.scheduler_interval == "step"
    planned = trainer.max_epochs * (steps_per_epoch if by_step else 1)
    if by_step and trainer.max_steps is not None:
        planned = min(planned, trainer.max_steps)
    if end is None or end >= planned:
        return
    keys = ("total_steps", "epochs", "steps_per_epoch")
    given = {key: cfg.scheduler.get(key) for key in keys}
    named = ", ".join(f"scheduler.{key}={value}" for key, value in given.items() if value)
    limit = f"trainer.max_epochs={trainer.max_epochs}"
    if given["steps_per_epoch"] is not None:
        limit += f" of {steps_per_epoch} steps"
    raise ConfigError(f"{named}: the schedule ends before the run, which has {limit}")


def _try_steps(optimizer: optim.Optimizer, schedule: Any, trainer: Trainer) -> None:
    """Move the schedule through the run, or its beginning, and look at the rates."""
    unit, count = trainer.scheduler_interval, trainer.max_epochs
    if unit == "step":
        count = min(count * STEPS_PER_EPOCH, trainer.max_steps or LONGEST)
        count = min(count, getattr(schedule, "total_steps", count))
    for moved in range(1, min(count, LONGEST)):
        optimizer.step()
        schedule.step()
        for group in optimizer.param_groups:
            if not math.isfinite(group["lr"]) or group["lr"] < -1e-9:
                raise ValueError(f"after {moved} {unit}s the learning rate is {group['lr']:g}")
