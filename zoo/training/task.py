"""A task: what is computed on a batch, what is measured, and what is drawn.

The loop knows models and optimizers; a task knows what the batches mean. Classification of images
and of sentences are the same task on other inputs; another one, language modelling say, implements
the same methods.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from minitorch import nn
from zoo.checks import check_choice
from zoo.training.figures import confusion_figure, images_figure
from zoo.training.metrics import ConfusionMatrix, Metric, RunningLoss, StepResult, TopK
from zoo.training.views import LEVELS, scores_of_views

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass
class Evaluation:
    """The figures of one pass over held-out data, and what can be drawn from it.

    ``count`` is how many examples were read, and ``whole`` whether these are all there are.
    """

    values: dict[str, float]
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    mistakes: Sequence[Prediction] = ()
    predictions: Sequence[Prediction] = ()
    count: int = 0
    whole: bool = True


@dataclass(frozen=True)
class Prediction:
    """An example, its class, and the class it was taken for."""

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

    def predictions(self, result: StepResult, limit: int) -> list[Prediction]:
        """The first ``limit`` examples of a batch; none where they cannot be shown."""

    def mistakes(self, result: StepResult, limit: int) -> list[Prediction]:
        """At most ``limit`` examples of a batch that the model got wrong."""

    def details(self, evaluation: Evaluation) -> dict[str, float]:
        """Figures of an evaluation that are too many for the console."""

    def figures(self, evaluation: Evaluation) -> dict[str, Callable[[], Figure]]:
        """What can be drawn of an evaluation, by name; drawn only where it is wanted."""


class Classification:
    """Cross-entropy over classes; a batch is ``(inputs, targets)``.

    Args:
        classes: the names of the classes.
        label_smoothing: how much of each target is spread evenly over all classes.
        views: what evaluations average the scores of an image over: 0 is the image alone; 1 it and
            its mirror image; 2 these also moved by a pixel in two directions.

    Raises:
        ValueError: when ``label_smoothing`` is not between 0 and 1 or ``views`` is unknown.
    """

    def __init__(
        self, classes: Sequence[str], label_smoothing: float = 0.0, views: int = 0
    ) -> None:
        if not 0.0 <= label_smoothing <= 1.0:
            raise ValueError(f"label_smoothing must be between 0 and 1, got {label_smoothing}")
        check_choice("views", views, LEVELS)
        self.classes = tuple(classes)
        self.views = views
        self.criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)

    def step(self, model: nn.Module, batch: Any) -> StepResult:
        """Scores and mean cross-entropy of a batch; targets are classes or shares of classes."""
        inputs, targets = batch
        level = 0 if model.training else self.views
        scores = scores_of_views(model, inputs, level)  # (N, classes)
        loss = self.criterion(scores, targets)
        labels = targets.numpy()
        return StepResult(
            loss=loss,
            value=float(loss.item()),
            count=len(targets),
            scores=scores.detach().numpy(),
            targets=labels if labels.ndim == 1 else labels.argmax(axis=1),
            inputs=inputs,
        )

    def training_metrics(self) -> dict[str, Metric]:
        """Loss and top-1 accuracy."""
        return {"loss": RunningLoss(), "accuracy": TopK(1)}

    def evaluation_metrics(self) -> dict[str, Metric]:
        """Loss, top-1, top-5 and the confusion matrix, whose figure is the balanced accuracy.

        Among five classes or fewer, the best five are all of them and say nothing.
        """
        return {
            "loss": RunningLoss(),
            "accuracy": TopK(1),
            **({"top5": TopK(5)} if len(self.classes) > 5 else {}),
            "balanced_accuracy": ConfusionMatrix(len(self.classes)),
        }

    def predictions(self, result: StepResult, limit: int) -> list[Prediction]:
        """The first examples of a batch."""
        return _predictions(result, np.arange(min(limit, result.count)))

    def mistakes(self, result: StepResult, limit: int) -> list[Prediction]:
        """The first examples of a batch whose highest score is not their class."""
        wrong = result.scores.argmax(axis=1) != result.targets
        return _predictions(result, np.flatnonzero(wrong)[:limit])

    def details(self, evaluation: Evaluation) -> dict[str, float]:
        """The accuracy of each class, ``accuracy_of/cat`` say."""
        confusion = evaluation.metrics.get("balanced_accuracy")
        if not isinstance(confusion, ConfusionMatrix):
            return {}
        counts = confusion.counts
        shares = counts.diagonal() / np.maximum(counts.sum(axis=1), 1)
        return {
            f"accuracy_of/{name}": float(share)
            for name, share in zip(self.classes, shares, strict=True)
        }

    def figures(self, evaluation: Evaluation) -> dict[str, Callable[[], Figure]]:
        """The confusion matrix and, when the inputs are images, some predictions and mistakes."""
        figures: dict[str, Callable[[], Figure]] = {}
        confusion = evaluation.metrics.get("balanced_accuracy")
        if isinstance(confusion, ConfusionMatrix):
            figures["confusion"] = lambda: confusion_figure(confusion.counts, self.classes)
        for name in ("predictions", "mistakes"):
            images = [one for one in getattr(evaluation, name) if one.inputs.ndim == 3]
            if images:
                figures[name] = functools.partial(self._images_figure, images)
        return figures

    def _images_figure(self, images: Sequence[Prediction]) -> Figure:
        """Images under their class and, where it is another one, what they were taken for."""
        titles = []
        for one in images:
            title = self.classes[one.target]
            if one.prediction != one.target:
                title += f"\ntaken for {self.classes[one.prediction]}"
            titles.append(title)
        return images_figure([one.inputs for one in images], titles)


def _predictions(result: StepResult, index: NDArray[np.int64]) -> list[Prediction]:
    """The examples of a batch at ``index``."""
    inputs, guesses = result.inputs.numpy(), result.scores.argmax(axis=1)
    return [Prediction(np.array(inputs[i]), int(result.targets[i]), int(guesses[i])) for i in index]
