"""Which epoch was the best, and when to stop waiting for a better one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


class Tracker:
    """Remembers the best value of one figure; early stopping counts evaluations without a better one.

    Args:
        monitor: the name of the figure, ``val/accuracy`` say.
        mode: ``max`` when higher is better, ``min`` when lower is.
        patience: how many evaluations without improvement end the run; None waits for ever.
        min_delta: how much better counts as better.

    Example::

        >>> tracker = Tracker("val/loss", "min", patience=2)
        >>> [tracker.update(value, step) for step, value in enumerate([1.0, 0.5, 0.7, 0.6])]
        [True, True, False, False]
        >>> tracker.best, tracker.best_step, tracker.exhausted
        (0.5, 1, True)
    """

    def __init__(
        self, monitor: str, mode: str, patience: int | None = None, min_delta: float = 0.0
    ) -> None:
        self.monitor = monitor
        self.mode = mode
        self.patience = patience
        self.min_delta = min_delta
        self.best = self.worst
        self.best_step = 0
        self.waited = 0

    @property
    def worst(self) -> float:
        """What any value is better than."""
        return -math.inf if self.mode == "max" else math.inf

    @property
    def exhausted(self) -> bool:
        """Whether patience has run out."""
        return self.patience is not None and self.waited >= self.patience

    def update(self, value: float, step: int) -> bool:
        """Take the value at ``step`` into account; returns whether it is the best so far."""
        gain = value - self.best if self.mode == "max" else self.best - value
        if gain > self.min_delta:
            self.best, self.best_step, self.waited = value, step, 0
            return True
        self.waited += 1
        return False

    def state_dict(self) -> dict[str, Any]:
        """What is needed to continue."""
        return {"best": self.best, "best_step": self.best_step, "waited": self.waited}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``."""
        self.best, self.best_step = state["best"], state["best_step"]
        self.waited = state["waited"]
