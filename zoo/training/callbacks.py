"""What watches a run without taking part in it: the console, TensorBoard, a profiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.training.metrics import StepResult
from zoo.training.task import Evaluation

if TYPE_CHECKING:
    from zoo.training.loop import Fit


class Callback:
    """Override what you need; the loop calls the methods in the order below.

    Only a checkpoint inside an epoch, such as the last one where ``max_steps`` ends training there,
    comes before the ``on_epoch_end`` of that epoch.
    """

    def on_start(self, fit: Fit) -> None:
        """Training is about to start, or to continue."""

    def on_epoch_start(self, fit: Fit) -> None:
        """An epoch starts, or continues in its middle."""

    def on_step(self, fit: Fit, result: StepResult) -> None:
        """A step is done; ``fit.progress.step`` counts it already."""

    def on_epoch_end(
        self, fit: Fit, values: dict[str, float], evaluation: Evaluation | None
    ) -> None:
        """An epoch is done; ``values`` has its figures, ``train/loss`` and ``val/accuracy`` say."""

    def on_checkpoint(self, fit: Fit) -> None:
        """A checkpoint is about to be written: make sure that what came before it is on disk."""

    def on_end(self, fit: Fit) -> None:
        """Training is over, for whatever reason; always called, once."""
