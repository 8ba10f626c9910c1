"""A whole run: build, train, choose, test, and leave a receipt."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

import minitorch
from minitorch import kernels
from zoo.training import receipt
from zoo.training.build import InitializeModel, Parts, build
from zoo.training.callbacks import Callback
from zoo.training.checkpoint import Checkpoints, load_weights
from zoo.training.console import ConsoleReport, chosen, console, print_table, summary
from zoo.training.errors import ConfigError
from zoo.training.evaluate import describe_sizes, evaluate, reservation
from zoo.training.interpreter import curves
from zoo.training.loop import Fit
from zoo.training.profiler import Profiler
from zoo.training.resume import continue_settings, continue_training, record
from zoo.training.task import Evaluation
from zoo.training.tensorboard import TensorBoard, chosen_settings
from zoo.training.workplace import Workplace, settings

log = logging.getLogger(__name__)


Watch = Callable[[Parts, Path, TensorBoard | None], Sequence[Callback]]


@dataclass(frozen=True)
class Hooks:
    """What an architecture adds to a run.

    ``initialize`` is called with the model and the data, once they are read, before training;
    ``watch`` makes callbacks of the parts, the run folder and the TensorBoard log.
    """

    initialize: InitializeModel | None = None
    watch: Watch | None = None


def run_experiment(cfg: DictConfig, place: Workplace, hooks: Hooks) -> float:
    """Train and test what ``cfg`` describes, and return the best value of ``trainer.monitor``.

    Args:
        cfg: the composed configuration.
        place: the run folder, and whether the job is part of a sweep.
        hooks: what the architecture adds.

    Raises:
        ConfigError: before any data are read, when a value is impossible.
        DataError: when data are missing or damaged.
        TrainingError: when the run cannot go on.
    """
    changed = continue_settings(cfg, place) if cfg.resume is not None else []
    earlier = place.finished_result(cfg)
    if earlier is not None:
        console.print(f"{place.shown_folder}: {earlier['status']} before, not run again")
        return _metric(earlier, cfg)
    parts = build(cfg)
    _prepare_machine(parts, place)
    parts.data.prepare()
    if hooks.initialize is not None and cfg.pretrained is None:
        hooks.initialize(parts.learner.model, parts.data)
    board = _tensorboard(cfg, parts, place)
    own = hooks.watch(parts, place.folder, board) if hooks.watch is not None else ()
    fit = _fit(cfg, parts, place, board, own)
    if cfg.resume is not None:
        record(cfg, place.folder)
    if changed:
        log.info("settings that are new: %s", ", ".join(changed))
    receipt.write_result(place.folder, _opening(cfg))
    _announce(cfg, parts, place)
    try:
        fit.run()
        test = _test(fit, parts, board)
    finally:
        if board is not None:
            board.close()
    result = _opening(cfg) | _closing(fit, parts, test)
    receipt.write_result(place.folder, result)
    _show(result, place, reservation(parts.data, test))
    return _metric(result, cfg)


def _metric(result: dict[str, Any], cfg: DictConfig) -> float:
    """What a sweep hears of a finished run."""
    return worst_metric(cfg) if result["metric"] is None else float(result["metric"])


def worst_metric(cfg: DictConfig) -> float:
    """A finite number worse than any run's: what a sweep hears of a run that came to nothing."""
    return -1e9 if cfg.trainer.mode == "max" else 1e9


def failure(cfg: DictConfig, status: str, error: BaseException) -> dict[str, Any]:
    """The receipt of a run that ended early."""
    return _opening(cfg) | {
        "status": status,
        "metric": worst_metric(cfg),
        "error": str(error) or type(error).__name__,
    }


def _prepare_machine(parts: Parts, place: Workplace) -> None:
    """Set the number of threads, what happens to freed memory, and how exact convolutions are."""
    threads = parts.trainer.num_threads or place.threads
    if threads is not None:
        minitorch.set_num_threads(threads)
    kernels.one_for_blas()  # its own threads are no faster here, and far slower on busy cores
    if parts.trainer.keep_memory:
        kernels.keep_memory()
    minitorch.backends.conv.allow_reduced_precision = parts.trainer.allow_reduced_precision


def _tensorboard(cfg: DictConfig, parts: Parts, place: Workplace) -> TensorBoard | None:
    if not parts.trainer.tensorboard:
        return None
    text = OmegaConf.to_yaml(cfg, resolve=True)
    return TensorBoard(place.folder, chosen_settings(cfg), text, parts.data.example())


def _fit(
    cfg: DictConfig,
    parts: Parts,
    place: Workplace,
    board: TensorBoard | None,
    own: Sequence[Callback],
) -> Fit:
    """The training run, at its start or where an earlier life of it has saved itself."""
    train_batches = parts.data.train_batches(cfg.seed)
    parts.finish(len(train_batches))
    callbacks: list[Callback] = [] if board is None else [board]
    callbacks.append(ConsoleReport(bar=parts.trainer.progress and not place.in_sweep))
    callbacks += own
    if parts.trainer.profile:
        callbacks.append(Profiler(place.folder))
    checkpoints = Checkpoints(place.folder / "checkpoints")
    val_batches = parts.data.val_batches()
    if val_batches is None and str(cfg.trainer.monitor).startswith("val/"):
        raise ConfigError(
            f"trainer.monitor={cfg.trainer.monitor}: nothing is held out to measure it on; "
            "trainer.monitor=null chooses the weights of the last epoch"
        )
    fit = Fit(
        parts.trainer,
        parts.learner,
        train_batches,
        val_batches,
        checkpoints,
        callbacks,
        place.resume_command,
    )
    if place.continues(cfg):
        continue_training(fit, place)
    return fit


def _announce(cfg: DictConfig, parts: Parts, place: Workplace) -> None:
    sizes = describe_sizes(parts.data, parts.trainer.limit_eval_batches)
    count = sum(parameter.numel() for parameter in parts.learner.model.parameters())
    log.info("%s: %s parameters; examples: %s", cfg.zoo, f"{count:,}", sizes)
    log.info("run folder: %s", place.shown_folder)


def _test(fit: Fit, parts: Parts, board: TensorBoard | None) -> Evaluation:
    """Measure the chosen weights on the test set, which nothing has read before."""
    if fit.tracker.best_step:
        fit.learner.model.load_state_dict(load_weights(fit.checkpoints.best))
    evaluation = evaluate(
        fit.learner.model,
        fit.learner.task,
        parts.data.test_batches(),
        parts.trainer.limit_eval_batches,
    )
    if board is not None:
        board.test("test", fit.learner.task, evaluation, fit.progress.step)
    return evaluation


def _opening(cfg: DictConfig) -> dict[str, Any]:
    """The part of a receipt that is known before training."""
    return {
        "status": receipt.RUNNING,
        "zoo": cfg.zoo,
        "seed": cfg.seed,
        "tags": list(cfg.tags),
        "monitor": cfg.trainer.monitor,
        "mode": cfg.trainer.mode,
        "metric": worst_metric(cfg),
        "config": settings(cfg),
        "environment": receipt.environment(),
    }


def _closing(fit: Fit, parts: Parts, test: Evaluation) -> dict[str, Any]:
    """The part of a receipt that training decides."""
    progress, best = fit.progress, fit.tracker
    chosen = [entry for entry in fit.history if entry["step"] == best.best_step]
    closing = {
        "status": receipt.FINISHED,
        "best": chosen[-1] if chosen else None,
        "test": test.values,
        "epochs": progress.epoch,
        "steps": progress.step,
        "samples": progress.samples,
        "seconds": progress.seconds,
        "steps_per_second": progress.step / max(progress.seconds, 1e-9),
        "samples_per_second": progress.samples / max(progress.seconds, 1e-9),
        "parameters": sum(p.numel() for p in parts.learner.model.parameters()),
        "examples": parts.data.sizes(),
        "history": fit.history,
    }
    if best.monitor is None:
        closing["metric"] = None
    elif math.isfinite(best.best):
        closing["metric"] = best.best
    return closing


def _show(result: dict[str, Any], place: Workplace, reserved: str) -> None:
    """Print the final table; a job of a sweep says one line."""
    if place.in_sweep:
        console.print(f"{place.folder.name}: {chosen(result)}, {result['seconds']:.1f} s")
        return
    print_table(f"{result['zoo']}, seed {result['seed']}", summary(result, reserved))
    console.print(f"run folder:  {place.shown_folder}", markup=False, soft_wrap=True)
    console.print(f"curves:      {curves(place.shown_folder)}", markup=False, soft_wrap=True)
