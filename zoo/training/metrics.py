"""Metrics that add up over batches: each is an accumulator over arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitorch import Tensor


@dataclass(frozen=True)
class StepResult:
    """What one batch gave.

    ``loss`` is where the backward pass starts and ``value`` is its number, the mean over ``count``
    examples; ``scores`` (count, classes) and ``targets`` (count,) are arrays.
    """

    loss: Tensor
    value: float
    count: int
    scores: NDArray[Any]
    targets: NDArray[Any]
    inputs: Any


class Metric(ABC):
    """Adds up what batches give; ``state_dict`` lets it continue in the middle of an epoch."""

    @abstractmethod
    def update(self, result: StepResult) -> None:
        """Take one more batch into account."""

    @abstractmethod
    def value(self) -> float:
        """The figure over all the batches so far; NaN before the first."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """What is needed to continue."""

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``."""


class _Ratio(Metric):
    """A sum over examples divided by how many there were."""

    def __init__(self) -> None:
        self.total: float = 0.0
        self.count = 0

    def value(self) -> float:
        """The mean over the examples so far; NaN before the first."""
        return self.total / self.count if self.count else float("nan")

    def state_dict(self) -> dict[str, Any]:
        """What is needed to continue."""
        return {"total": self.total, "count": self.count}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``."""
        self.total, self.count = state["total"], state["count"]


class RunningLoss(_Ratio):
    """The mean loss over all examples, whatever the sizes of their batches."""

    def update(self, result: StepResult) -> None:
        """Take one more batch into account."""
        self.total += result.value * result.count
        self.count += result.count


class TopK(_Ratio):
    """The share of examples whose true class is among the ``k`` highest scores.

    As in ``sklearn.metrics.top_k_accuracy_score``; with fewer than ``k`` classes it is 1.

    Example::

        >>> import numpy as np
        >>> count_correct(np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), np.array([2, 0]), k=1)
        1
    """

    def __init__(self, k: int = 1) -> None:
        super().__init__()
        self.k = k

    def update(self, result: StepResult) -> None:
        """Take one more batch into account."""
        self.total += count_correct(result.scores, result.targets, self.k)
        self.count += len(result.targets)


def count_correct(scores: NDArray[Any], targets: NDArray[Any], k: int) -> int:
    """How many rows of ``scores`` (N, C) have their target among the ``k`` highest."""
    if k == 1:
        return int(np.count_nonzero(scores.argmax(axis=1) == targets))
    if k >= scores.shape[1]:
        return len(targets)
    best = np.argpartition(scores, -k, axis=1)[:, -k:]  # (N, k)
    return int(np.count_nonzero((best == targets[:, None]).any(axis=1)))


class ConfusionMatrix(Metric):
    """``counts[i, j]``: how many examples of class ``i`` were taken for class ``j``."""

    def __init__(self, classes: int) -> None:
        self.counts = np.zeros((classes, classes), np.int64)

    def update(self, result: StepResult) -> None:
        """Take one more batch into account."""
        classes = len(self.counts)
        pairs = result.targets * classes + result.scores.argmax(axis=1)
        self.counts += np.bincount(pairs, minlength=classes**2).reshape(classes, classes)

    def value(self) -> float:
        """The mean over classes of the share that was recognised (balanced accuracy)."""
        sizes = self.counts.sum(axis=1)
        if not sizes.any():
            return float("nan")
        return float(np.mean(self.counts.diagonal()[sizes > 0] / sizes[sizes > 0]))

    def state_dict(self) -> dict[str, Any]:
        """What is needed to continue."""
        return {"counts": self.counts.copy()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``."""
        self.counts = np.array(state["counts"], np.int64)
