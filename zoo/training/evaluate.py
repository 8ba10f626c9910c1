"""One pass over held-out data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sized
from typing import Any

import minitorch
from minitorch import nn
from zoo.training.modes import evaluation_mode
from zoo.training.task import Evaluation, Prediction, Task

SHOWN = 16  # predictions, and mistakes
PARTS = {"train": "training ", "val": "validation ", "test": ""}  # what people call them


def evaluate(
    model: nn.Module, task: Task, batches: Iterable[Any], limit: int | None = None
) -> Evaluation:
    """Measure ``model`` on ``batches`` in evaluation mode, recording no gradients.

    Args:
        model: each of its modules is left in the mode in which it came, after an error, too.
        task: says what is measured.
        batches: a data loader, read once.
        limit: reads only so many batches.

    Raises:
        ValueError: when there is no batch to read.
    """
    metrics = task.evaluation_metrics()
    mistakes: list[Prediction] = []
    predictions: list[Prediction] = []
    seen = count = 0
    with evaluation_mode(model), minitorch.no_grad():
        for batch in itertools.islice(batches, limit):
            result = task.step(model, batch)
            for metric in metrics.values():
                metric.update(result)
            if len(mistakes) < SHOWN:
                mistakes += task.mistakes(result, SHOWN - len(mistakes))
            if len(predictions) < SHOWN:
                predictions += task.predictions(result, SHOWN - len(predictions))
            seen += 1
            count += result.count
    if seen == 0:
        raise ValueError("there is nothing to evaluate: the data loader is empty")
    values = {name: metric.value() for name, metric in metrics.items()}
    whole = limit is None or (isinstance(batches, Sized) and len(batches) <= limit)
    return Evaluation(values, metrics, mistakes, predictions, count, whole)


def judging_part(data: Any) -> str:
    """The part of ``data`` that judges the chosen model: ``test``, or where there is none, another.

    Example::

        >>> from zoo.data import digits
        >>> judging_part(digits()), judging_part(digits(overfit_batches=1))
        ('test', 'train')
    """
    if getattr(data, "overfit_batches", None) is not None:
        return "train"
    return str(getattr(data, "judging_part", "test"))


def reservation(data: Any, test: Evaluation) -> str:
    """What must be said beside the final figures where they are not those of a whole test set."""
    part = judging_part(data)
    if not test.whole:
        return f"of {test.count:,} {PARTS[part]}examples"
    return "" if part == "test" else f"of the {test.count:,} {PARTS[part]}examples"


def describe_sizes(data: Any, limit: int | None = None) -> str:
    """How many examples the parts of ``data`` have, and what evaluations read of them.

    Args:
        data: after ``prepare``.
        limit: as of :func:`evaluate`.
    """
    sizes, part = data.sizes(), judging_part(data)
    shared = {"train": ("val", "test"), "val": ("test",)}.get(part, ())
    texts = []
    for name, size in sizes.items():
        if name not in shared:
            too = (
                f", which is the {' and the '.join(shared)}, too" if name == part != "test" else ""
            )
            texts.append(f"{size:,} {name}{too}")
    if limit is not None:
        texts.append(f"of which an evaluation reads {limit:,} batch{'' if limit == 1 else 'es'}")
    return ", ".join(texts)
