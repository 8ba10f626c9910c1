"""How far a run has come, which evaluation was the best, and when to stop waiting for a better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Progress:
    """How far a run has come; ``batch`` counts within the epoch, the others in all."""

    epoch: int = 0
    step: int = 0
    batch: int = 0
    samples: int = 0
    seconds: float = 0.0

    def is_due(self, every: int) -> bool:
        """Whether what is done every so many epochs is to be done now; 0 is never."""
        return every > 0 and self.epoch % every == 0


class Tracker:
    """Remembers the best value of one figure, and how long ago that was, to stop early.

    Of equal values the later one is the best: with a falling rate it has learnt more. Where no
    figure is watched, the last evaluation is the best.

    Args:
        monitor: the name of the figure, ``val/accuracy`` say; None watches none.
        mode: ``max`` when higher is better, ``min`` when lower is.
        patience: how many evaluations without an improvement end the run; None waits for ever.
        min_delta: how much better counts as an improvement.

    Example::

        >>> tracker = Tracker("val/loss", "min", patience=2)
        >>> [tracker.update(value, step) for step, value in enumerate([1.0, 0.5, 0.7, 0.5])]
        [True, True, False, True]
        >>> tracker.best, tracker.best_step, tracker.exhausted
        (0.5, 3, True)
    """

    def __init__(
        self, monitor: str | None, mode: str, patience: int | None = None, min_delta: float = 0.0
    ) -> None:
        self.monitor = monitor
        self.mode = mode
        self.patience = patience
        self.min_delta = min_delta
        self.best = -math.inf if mode == "max" else math.inf
        self.best_step = 0
        self.improved = self.best  # the value that the last improvement reached
        self.waited = 0

    @property
    def exhausted(self) -> bool:
        """Whether patience has run out."""
        return self.patience is not None and self.waited >= self.patience

    def update(self, value: float | None, step: int) -> bool:
        """Take the value at ``step`` into account; returns whether it is the best so far."""
        if value is None:
            self.best_step = step
            return True
        if self._gain(value, self.improved) > self.min_delta:
            self.improved, self.waited = value, 0
        else:
            self.waited += 1
        is_best = self._gain(value, self.best) >= 0
        if is_best:
            self.best, self.best_step = value, step
        return is_best

    def state_dict(self) -> dict[str, Any]:
        """What is needed to continue."""
        names = ("best", "best_step", "improved", "waited")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``."""
        self.best, self.best_step = state["best"], state["best_step"]
        self.improved, self.waited = state["improved"], state["waited"]

    def _gain(self, value: float, other: float) -> float:
        return value - other if self.mode == "max" else other - value
