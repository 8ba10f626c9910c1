"""Schedules that need more than a constructor: built from partials, or from a formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitorch import optim


def sequential(
    optimizer: optim.Optimizer,
    schedulers: Sequence[Callable[[optim.Optimizer], Any]],
    milestones: Sequence[int],
) -> optim.lr_scheduler.SequentialLR:
    """A ``SequentialLR`` of schedulers that still wait for their optimizer.

    Args:
        optimizer: given to each scheduler.
        schedulers: partial schedulers, as configuration files hold them.
        milestones: when the next scheduler takes over.

    Raises:
        ValueError: when there is not one milestone fewer than schedulers.
    """
    built = [scheduler(optimizer) for scheduler in schedulers]
    return optim.lr_scheduler.SequentialLR(optimizer, schedulers=built, milestones=list(milestones))


class InverseSquareRoot:
    r"""The factor :math:`1 / \sqrt{1 + t / o}` after a linear warmup of :math:`w` epochs.

    Args:
        offset: :math:`o`, after how many epochs the factor has fallen to :math:`1/\sqrt{2}`.
        warmup: :math:`w`.

    Example::

        >>> factor = InverseSquareRoot(offset=1.0, warmup=2)
        >>> factor(0), factor(2), factor(5)
        (0.5, 1.0, 0.5)
    """

    def __init__(self, offset: float, warmup: int = 0) -> None:
        if offset <= 0 or warmup < 0:
            raise ValueError(
                f"offset must be positive and warmup not negative, got {offset} and {warmup}"
            )
        self.offset = offset
        self.warmup = warmup

    def __call__(self, epoch: int) -> float:
        r"""The factor at ``epoch``."""
        rise = min(1.0, (epoch + 1) / self.warmup) if self.warmup else 1.0
        since = max(0, epoch - self.warmup)
        return float(rise / (1.0 + since / self.offset) ** 0.5)


class Triangle:
    """A factor that rises along a straight line to 1 and falls along another.

    Args:
        total_steps: when the end is reached; afterwards nothing changes.
        pct_start: the share of the steps in which it rises.
        start_factor: where it begins.
        end_factor: where it ends.

    Raises:
        ValueError: when ``pct_start`` is not a share, or a number is negative.

    Example::

        >>> factor = Triangle(total_steps=10, pct_start=0.2, start_factor=0.5, end_factor=0.0)
        >>> factor(0), factor(1), factor(2), factor(6), factor(10)
        (0.5, 0.75, 1.0, 0.5, 0.0)
    """

    def __init__(
        self,
        total_steps: int,
        pct_start: float = 0.23,
        start_factor: float = 0.2,
        end_factor: float = 0.07,
    ) -> None:
        if not 0.0 <= pct_start <= 1.0:
            raise ValueError(f"pct_start must lie between 0 and 1, got {pct_start}")
        if total_steps < 1 or start_factor < 0 or end_factor < 0:
            raise ValueError(
                "total_steps must be positive and factors not negative, got "
                f"{total_steps}, {start_factor} and {end_factor}"
            )
        self.total_steps = total_steps
        self.rise = int(total_steps * pct_start)
        self.start_factor = start_factor
        self.end_factor = end_factor

    def __call__(self, step: int) -> float:
        """The factor after ``step`` steps."""
        if step < self.rise:
            return self.start_factor + (1.0 - self.start_factor) * step / self.rise
        fall = max(1, self.total_steps - self.rise)
        progress = min(1.0, (step - self.rise) / fall)
        return 1.0 + (self.end_factor - 1.0) * progress


def triangular(
    optimizer: optim.Optimizer,
    epochs: int,
    steps_per_epoch: int,
    pct_start: float = 0.23,
    start_factor: float = 0.2,
    end_factor: float = 0.07,
) -> optim.lr_scheduler.LambdaLR:
    """A ``LambdaLR`` that moves every rate along a :class:`Triangle`, step by step.

    Args:
        optimizer: its rates are those of the peak.
        epochs: of the run.
        steps_per_epoch: batches in an epoch.
        pct_start: the share of the steps in which the rates rise.
        start_factor: where they begin.
        end_factor: where they end.
    """
    triangle = Triangle(epochs * steps_per_epoch, pct_start, start_factor, end_factor)
    return optim.lr_scheduler.LambdaLR(optimizer, triangle)
