"""A task: what is computed on a batch, what is measured, and what is drawn.

The loop knows models and optimizers; a task knows what the batches mean. Classification of images
and of sentences are the same task on other inputs; another one, language modelling say, implements
the same five methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from minitorch import nn
from zoo.training.figures import confusion_figure, mistakes_figure
from zoo.training.metrics import ConfusionMatrix, Metric, RunningLoss, StepResult, TopK

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass
class Evaluation:
    """The figures of one pass over held-out data, and what can be drawn from it."""

    values: dict[str, float]
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    mistakes: Sequence[Mistake] = ()


@dataclass(frozen=True)
class Mistake:
    """An example that was taken for another class."""

    inputs: NDArray[Any]
    target: int
    prediction: int


class Task(Protocol):
    """What the loop asks of a task."""

    def step(self, model: nn.Module, batch: Any) -> StepResult:
        """Run ``model`` on ``batch`` and compute the loss."""

    def training_metrics(self) -> dict[str, Metric]:
        """New accumulators for an epoch of training; cheap, for they are updated every step."""

    def evaluation_metrics(self) -> dict[str, Metric]:
        """New accumulators for a pass over held-out data."""

    def mistakes(self, result: StepResult, limit: int) -> list[Mistake]:
        """At most ``limit`` examples of a batch that the model got wrong."""

    def figures(self, evaluation: Evaluation) -> dict[str, Callable[[], Figure]]:
        """What can be drawn of an evaluation, by name; drawn only where it is wanted."""


class Classification:
    """Cross-entropy over classes; a batch is ``(inputs, targets)``.

    Args:
        classes: the names of the classes.
        label_smoothing: how much of each target is spread evenly over all classes.

    Raises:
        ValueError: when ``label_smoothing`` is not between 0 and 1.
    """

    def __init__(self, classes: Sequence[str], label_smoothing: float = 0.0) -> None:
        if not 0.0 <= label_smoothing <= 1.0:
            raise ValueError(f"label_smoothing must be between 0 and 1, got {label_smoothing}")
        self.classes = tuple(classes)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)

    def step(self, model: nn.Module, batch: Any) -> StepResult:
        """Scores and mean cross-entropy of a batch."""
        inputs, targets = batch
        scores = model(inputs)  # (N, classes)
        loss = self.criterion(scores, targets)
        return StepResult(
            loss=loss,
            value=float(loss.item()),
            count=len(targets),
            scores=scores.detach().numpy(),
            targets=targets.numpy(),
            inputs=inputs,
        )

    def training_metrics(self) -> dict[str, Metric]:
        """Loss and top-1 accuracy."""
        return {"loss": RunningLoss(), "accuracy": TopK(1)}

    def evaluation_metrics(self) -> dict[str, Metric]:
        """Loss, top-1, top-5 and the confusion matrix, whose figure is the balanced accuracy."""
        return {
            "loss": RunningLoss(),
            "accuracy": TopK(1),
            "top5": TopK(5),
            "balanced_accuracy": ConfusionMatrix(len(self.classes)),
        }

    def mistakes(self, result: StepResult, limit: int) -> list[Mistake]:
        """The first examples of a batch whose highest score is not their class."""
        predictions = result.scores.argmax(axis=1)
        wrong = np.flatnonzero(predictions != result.targets)[:limit]
        inputs = result.inputs.numpy()
        return [
            Mistake(np.array(inputs[i]), int(result.targets[i]), int(predictions[i])) for i in wrong
        ]

    def figures(self, evaluation: Evaluation) -> dict[str, Callable[[], Figure]]:
        """The confusion matrix and, when the inputs are images, a grid of mistakes."""
        figures: dict[str, Callable[[], Figure]] = {}
        confusion = evaluation.metrics.get("balanced_accuracy")
        if isinstance(confusion, ConfusionMatrix):
            figures["confusion"] = lambda: confusion_figure(confusion.counts, self.classes)
        images = [mistake for mistake in evaluation.mistakes if mistake.inputs.ndim == 3]
        if images:
            figures["mistakes"] = lambda: mistakes_figure(
                [mistake.inputs for mistake in images],
                [
                    f"{self.classes[mistake.target]}, taken for {self.classes[mistake.prediction]}"
                    for mistake in images
                ],
            )
        return figures
