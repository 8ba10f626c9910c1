"""One pass over held-out data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import minitorch
from minitorch import nn
from zoo.training.task import Evaluation, Prediction, Task

SHOWN = 16  # predictions, and mistakes


def evaluate(
    model: nn.Module, task: Task, batches: Iterable[Any], limit: int | None = None
) -> Evaluation:
    """Measure ``model`` on ``batches`` in evaluation mode, recording no gradients.

    Args:
        model: left in the mode in which it came.
        task: says what is measured.
        batches: a data loader, read once.
        limit: reads only so many batches.

    Raises:
        ValueError: when there is no batch to read.
    """
    metrics = task.evaluation_metrics()
    mistakes: list[Prediction] = []
    predictions: list[Prediction] = []
    was_training = model.training
    model.eval()
    seen = 0
    with minitorch.no_grad():
        for batch in itertools.islice(batches, limit):
            result = task.step(model, batch)
            for metric in metrics.values():
                metric.update(result)
            if len(mistakes) < SHOWN:
                mistakes += task.mistakes(result, SHOWN - len(mistakes))
            if len(predictions) < SHOWN:
                predictions += task.predictions(result, SHOWN - len(predictions))
            seen += 1
    model.train(was_training)
    if seen == 0:
        raise ValueError("there is nothing to evaluate: the data loader is empty")
    values = {name: metric.value() for name, metric in metrics.items()}
    return Evaluation(values, metrics, mistakes, predictions)
