"""Language modelling: foretell each token from those before it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch import nn
from minitorch.nn import functional as F
from zoo.training.metrics import Metric, RunningLoss, StepResult, TopK
from zoo.training.task import Evaluation, Prediction

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class LanguageModeling:
    r"""Cross-entropy of the next token; a batch is ``(inputs, targets)``, both (N, S).

    Beside the loss, in nats a token, it measures the perplexity :math:`e^{loss}` and the bits a
    character, :math:`loss / \ln 2` times tokens a character, which does not depend on what a token
    is.

    Args:
        classes: what each token adds to a text; the length is how many characters begin in it.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self.characters = np.array([len(token) for token in classes])

    def step(self, model: nn.Module, batch: Any) -> StepResult:
        """Scores and mean cross-entropy of a batch; its examples are its tokens."""
        inputs, targets = batch
        scores = model(inputs).flatten(0, 1)  # (N * S, vocabulary)
        expected = targets.reshape(-1)
        loss = F.cross_entropy(scores, expected)
        return StepResult(
            loss=loss,
            value=float(loss.item()),
            count=len(expected),
            scores=scores.detach().numpy(),
            targets=expected.numpy(),
            inputs=inputs,
        )

    def training_metrics(self) -> dict[str, Metric]:
        """The loss."""
        return {"loss": RunningLoss()}

    def evaluation_metrics(self) -> dict[str, Metric]:
        """Loss, perplexity, bits a character, and how often the likeliest token is right."""
        return {
            "loss": RunningLoss(),
            "perplexity": Perplexity(),
            "bits_per_character": BitsPerCharacter(self.characters),
            "accuracy": TopK(1),
        }

    def predictions(self, result: StepResult, limit: int) -> list[Prediction]:
        """None: a token alone says nothing."""
        return []

    def mistakes(self, result: StepResult, limit: int) -> list[Prediction]:
        """None: most tokens cannot be foretold."""
        return []

    def details(self, evaluation: Evaluation) -> dict[str, float]:
        """Nothing beyond the figures."""
        return {}

    def figures(self, evaluation: Evaluation) -> dict[str, Callable[[], Figure]]:
        """Nothing to draw."""
        return {}


class Perplexity(RunningLoss):
    """How many tokens the model hesitates between: the exponential of the mean loss."""

    def value(self) -> float:
        """The figure over all the batches so far; NaN before the first."""
        mean = super().value()
        return math.exp(mean) if mean < 700 else math.inf


class BitsPerCharacter(Metric):
    """The loss in bits, divided by the characters that were foretold.

    Args:
        characters: how many characters begin in each token, (vocabulary,).
    """

    def __init__(self, characters: Any) -> None:
        self.characters = characters
        self.bits = 0.0
        self.count = 0

    def update(self, result: StepResult) -> None:
        """Take one more batch into account."""
        self.bits += result.value * result.count / math.log(2)
        self.count += int(self.characters[result.targets].sum())

    def value(self) -> float:
        """The figure over all the batches so far; NaN before the first."""
        return self.bits / self.count if self.count else float("nan")

    def state_dict(self) -> dict[str, Any]:
        """What is needed to continue."""
        return {"bits": self.bits, "count": self.count}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``."""
        self.bits, self.count = state["bits"], state["count"]
