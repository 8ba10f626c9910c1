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
