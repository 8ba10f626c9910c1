"""What learns: a model, its task, the optimizer, the schedule and the average of the weights."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import minitorch
from minitorch import nn, optim
from zoo.training.averaging import Averaging
from zoo.training.groups import GroupedParameters
from zoo.training.task import Task


@dataclass
class Learner:
    """The parts of a run that change while it trains, and the task that says what to learn."""

    model: nn.Module
    task: Task
    optimizer: optim.Optimizer
    scheduler: Any | None = None
    averaging: Averaging | None = None
    groups: GroupedParameters | None = None

    def begin_epoch(self, epoch: int) -> None:
        """Put the model into training mode, and let those parameters learn whose epoch it is."""
        self.model.train()
        if self.groups is not None:
            self.groups.begin_epoch(epoch)

    def averaged(self) -> contextlib.AbstractContextManager[None]:
        """Inside the block the model has its averaged weights, if they are averaged at all."""
        return contextlib.nullcontext() if self.averaging is None else self.averaging.applied()

    def learning_rates(self) -> dict[str, float]:
        """The learning rate of each parameter group: ``lr``, or ``lr/0``, ``lr/1``, ..."""
        rates = [float(group["lr"]) for group in self.optimizer.param_groups]
        if len(rates) == 1:
            return {"lr": rates[0]}
        return {f"lr/{i}": rate for i, rate in enumerate(rates)}

    def is_finite(self) -> bool:
        """Whether no weight is NaN or infinite."""
        return all(
            bool(minitorch.isfinite(parameter.detach()).all())
            for parameter in self.model.parameters()
        )

    def state_dict(self) -> dict[str, Any]:
        """Everything that is needed to continue."""
        return {
            "model": dict(self.model.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "averaging": None if self.averaging is None else self.averaging.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None and state["scheduler"] is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        if self.averaging is not None and state["averaging"] is not None:
            self.averaging.load_state_dict(state["averaging"])
