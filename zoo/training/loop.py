"""The one training loop: epochs, steps, evaluation, checkpoints, and how to continue."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from minitorch import kernels, nn, optim
from zoo.reasons import last_line
from zoo.training.callbacks import Callback
from zoo.training.checkpoint import Checkpoints, load_state
from zoo.training.errors import CheckpointError, DivergedError, Interrupted
from zoo.training.evaluate import evaluate
from zoo.training.learner import Learner
from zoo.training.metrics import StepResult
from zoo.training.seeds import random_state, set_random_state
from zoo.training.signals import StopSignals
from zoo.training.task import Evaluation
from zoo.training.tracking import Progress, Tracker
from zoo.training.trainer import Trainer

log = logging.getLogger(__name__)


class Fit:
    """One training run in progress.

    Args:
        trainer: the settings.
        learner: model, task, optimizer and schedule.
        train_batches: a data loader with ``state_dict`` and ``load_state_dict``.
        val_batches: a data loader over the validation split; None when nothing is held out.
        checkpoints: where to save.
        callbacks: what watches.
        resume_command: what a person types to continue this run; shown when it is interrupted.
    """

    def __init__(
        self,
        trainer: Trainer,
        learner: Learner,
        train_batches: Any,
        val_batches: Iterable[Any] | None,
        checkpoints: Checkpoints,
        callbacks: Sequence[Callback] = (),
        resume_command: str = "",
    ) -> None:
        self.trainer = trainer
        self.learner = learner
        self.train_batches = train_batches
        self.val_batches = val_batches
        self.checkpoints = checkpoints
        self.callbacks = callbacks
        self.resume_command = resume_command
        self.progress = Progress()
        self.tracker = Tracker(trainer.monitor, trainer.mode, trainer.patience, trainer.min_delta)
        self.metrics = learner.task.training_metrics()
        self.history: list[dict[str, float]] = []
        self.grad_norm: float | None = None
        self.learning_rates = learner.learning_rates()  # those of the last step
        self._parameters = [p for p in learner.model.parameters() if p.requires_grad]
        self._clock = time.perf_counter()

    # The loop, from the outside in.

    def run(self) -> None:
        """Train until the epochs, the steps or the patience are used up.

        Raises:
            DivergedError: when the loss or a weight is NaN or infinite.
            Interrupted: after Ctrl-C or SIGTERM, once the step in hand is done and saved.
            CheckpointError: when a checkpoint cannot be written.
        """
        self._clock = time.perf_counter()
        try:
            # What overflows is noticed where the loss is read, and said in one sentence.
            with StopSignals() as signals, np.errstate(over="ignore", invalid="ignore"):
                self._notify("on_start")
                while not self.finished:
                    self._epoch(signals)
        finally:
            self._tick()
            self._notify("on_end")

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return (
            self.progress.epoch >= self.trainer.max_epochs
            or self._steps_used_up()
            or self.tracker.exhausted
        )

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one pass over the training examples."""
        return len(self.train_batches)

    def _epoch(self, signals: StopSignals) -> None:
        """Run one epoch, or the rest of one."""
        self.learner.begin_epoch(self.progress.epoch)
        if hasattr(self.train_batches, "set_epoch"):
            self.train_batches.set_epoch(self.progress.epoch)
        self._notify("on_epoch_start")
        for batch in self.train_batches:
            result = self._step(batch)
            for callback in self.callbacks:
                callback.on_step(self, result)
            if self._steps_used_up():
                break
            if self.progress.batch == self.steps_per_epoch:
                continue  # the end of the epoch stops and saves by itself
            if signals.received is not None:
                self._stop(signals.received)
            if self._checkpoint_is_due():
                self.save()
        if self.progress.batch == self.steps_per_epoch:
            self._end_epoch()
        else:  # max_steps fell inside the epoch
            self.save()
            self._measure()
        if signals.received is not None and not self.finished:
            self._stop(signals.received)

    def _step(self, batch: Any) -> StepResult:
        """One batch: forward, backward, and a step of the optimizer."""
        learner = self.learner
        learner.optimizer.zero_grad()
        result = learner.task.step(learner.model, batch)
        if not math.isfinite(result.value):
            raise DivergedError(self._divergence(f"the loss is {result.value}"))
        result.loss.backward()
        self.finish_gradients()
        learner.optimizer.step()
        self.learning_rates = learner.learning_rates()
        if learner.scheduler is not None and self.trainer.scheduler_interval == "step":
            learner.scheduler.step()
        self.progress.step += 1
        self.progress.batch += 1
        self.progress.samples += result.count
        if learner.averaging is not None:
            learner.averaging.update(self.progress.step)
        for metric in self.metrics.values():
            metric.update(result)
        return result

    def finish_gradients(self) -> None:
        """Measure and clip the gradients.

        This is the one place where gradients are complete and not yet used: data-parallel training
        averages them over the processes at the top of this method.
        """
        trainer = self.trainer
        self.grad_norm = None
        if trainer.clip_grad_norm is not None:
            norm = nn.utils.clip_grad_norm_(self._parameters, trainer.clip_grad_norm)
            self.grad_norm = float(norm.item())
        elif (self.progress.step + 1) % trainer.log_every_steps == 0:
            gradients = [p.grad for p in self._parameters if p.grad is not None]
            self.grad_norm = float(nn.utils.get_total_norm(gradients).item())
        if trainer.clip_grad_value is not None:
            nn.utils.clip_grad_value_(self._parameters, trainer.clip_grad_value)

    def _end_epoch(self) -> None:
        """Close a complete epoch: evaluate, move the schedule, save."""
        self.progress.epoch += 1
        self.progress.batch = 0
        values = self._measure()
        self._step_scheduler(values)
        self.metrics = self.learner.task.training_metrics()
        self.save()

    # What is measured.

    def _measure(self) -> dict[str, float]:
        """Compute the epoch's figures, evaluate if it is time to, and keep the best weights."""
        self._tick()
        values = {f"train/{name}": metric.value() for name, metric in self.metrics.items()}
        with self.learner.averaged():
            evaluation = self._evaluate_if_due()
            if evaluation is not None:
                values |= {f"val/{name}": value for name, value in evaluation.values.items()}
                if not math.isfinite(evaluation.values["loss"]):
                    raise DivergedError(self._divergence("the validation loss is not finite"))
            if evaluation is not None or self.val_batches is None:
                self._keep_if_best(values)
        self._tick()
        self.history.append(
            {
                "epoch": self.progress.epoch,
                "step": self.progress.step,
                **values,
                **self.learner.learning_rates(),
                "seconds": self.progress.seconds,
            }
        )
        for callback in self.callbacks:
            callback.on_epoch_end(self, values, evaluation)
        return values

    def _evaluate_if_due(self) -> Evaluation | None:
        every = self.trainer.evaluate_every_epochs
        if self.val_batches is None or (self.progress.epoch % every != 0 and not self.finished):
            return None
        return evaluate(
            self.learner.model,
            self.learner.task,
            self.val_batches,
            self.trainer.limit_eval_batches,
        )

    def _keep_if_best(self, values: dict[str, float]) -> None:
        """Save the weights as ``best`` when the monitored figure, if there is one, has improved."""
        monitor = self.trainer.monitor
        figure = None if monitor is None else values[monitor]
        if self.tracker.update(figure, self.progress.step):
            figures = {"epoch": self.progress.epoch, "step": self.progress.step, **values}
            classes = getattr(self.learner.task, "classes", None)
            self.checkpoints.save_best(self.learner.model.state_dict(), figures, classes)

    def _step_scheduler(self, values: dict[str, float]) -> None:
        scheduler = self.learner.scheduler
        if scheduler is None or self.trainer.scheduler_interval == "step":
            return
        if isinstance(scheduler, optim.lr_scheduler.ReduceLROnPlateau):
            if self.trainer.monitor is not None and self.trainer.monitor in values:
                scheduler.step(values[self.trainer.monitor])
        else:
            scheduler.step()

    # Stopping, saving, continuing.

    def save(self) -> None:
        """Write the checkpoint that this run can resume from."""
        if not self.learner.is_finite():
            raise DivergedError(self._divergence("a weight is NaN or infinite"))
        self._tick()
        self._notify("on_checkpoint")
        self.checkpoints.save_last(self.state_dict())

    def state_dict(self) -> dict[str, Any]:
        """Everything that decides how the run goes on."""
        return {
            "progress": asdict(self.progress),
            "learner": self.learner.state_dict(),
            "loader": self.train_batches.state_dict(),
            "random": random_state(),
            "work_is_shared": kernels.work_is_shared(),  # decides how products round
            "tracker": self.tracker.state_dict(),
            "metrics": {name: metric.state_dict() for name, metric in self.metrics.items()},
            "history": self.history,
        }

    def resume(self, path: Any) -> None:
        """Continue exactly where the checkpoint at ``path`` was written.

        Raises:
            CheckpointError: when it is damaged, or belongs to a run with other parts.
        """
        state = load_state(path)
        try:
            self.load_state_dict(state)
        except (KeyError, ValueError, RuntimeError, TypeError) as error:
            reason = last_line(error)
            raise CheckpointError(f"{path} does not fit these settings: {reason}") from error

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Undo :meth:`state_dict`."""
        self.progress = Progress(**state["progress"])
        self.learner.load_state_dict(state["learner"])
        self.train_batches.load_state_dict(state["loader"])
        set_random_state(state["random"])
        if state["work_is_shared"]:
            kernels.one_for_blas()
        else:
            kernels.start_over()
        self.tracker.load_state_dict(state["tracker"])
        for name, metric in self.metrics.items():
            metric.load_state_dict(state["metrics"][name])
        self.history = state["history"]

    def _stop(self, signal_number: int) -> None:
        """Save and leave, because somebody asked."""
        self.save()
        raise Interrupted(
            f"stopped after step {self.progress.step}, which is saved in {self.checkpoints.last}; "
            f"continue with: {self.resume_command}",
            signal_number,
        )

    def _divergence(self, what: str) -> str:
        saved = self.checkpoints.newest()
        good = f"the last good checkpoint is {saved}" if saved else "no checkpoint was written yet"
        return f"{what} at step {self.progress.step + 1}; {good}"

    def _steps_used_up(self) -> bool:
        limit = self.trainer.max_steps
        return limit is not None and self.progress.step >= limit

    def _checkpoint_is_due(self) -> bool:
        every = self.trainer.checkpoint_every_steps
        return every is not None and self.progress.step % every == 0

    def _tick(self) -> None:
        """Add the time since the last call to the run's clock."""
        now = time.perf_counter()
        self.progress.seconds += now - self._clock
        self._clock = now

    def _notify(self, event: str) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self)
