"""The loop: how long it runs, what it keeps, how it stops, and that it continues exactly."""

import os
import signal
import time

import numpy as np
import pytest

import minitorch
from minitorch import kernels
from zoo.training import (
    Callback,
    CheckpointError,
    DivergedError,
    Interrupted,
    Trainer,
    evaluate,
    load_state,
    load_weights,
)
from zoo.training.task import Classification


class PowerCut(BaseException):
    """Ends a process without giving anybody a chance to clean up."""


class CutAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_step(self, fit, result):
        if fit.progress.step == self.step:
            raise PowerCut


class SignalAt(CutAt):
    def on_step(self, fit, result):
        if fit.progress.step == self.step:
            os.kill(os.getpid(), signal.SIGTERM)


STEPS = 21  # 54 examples in batches of 8, three epochs


def test_it_learns(make_fit, tmp_path):
    fit = make_fit(tmp_path, augment=False, max_epochs=12)
    fit.run()
    assert fit.tracker.best == 1.0
    assert fit.history[-1]["train/loss"] < 0.5 * fit.history[0]["train/loss"]


def test_epochs_steps_and_history(make_fit, tmp_path):
    fit = make_fit(tmp_path)
    fit.run()
    assert (fit.progress.epoch, fit.progress.step, fit.progress.samples) == (3, STEPS, 162)
    assert [entry["step"] for entry in fit.history] == [7, 14, 21]
    assert [entry["lr"] for entry in fit.history] == pytest.approx([0.01, 0.009, 0.0081])
    assert fit.finished
    assert fit.progress.seconds > 0


@pytest.mark.parametrize(("max_steps", "epochs"), [(3, 0), (7, 1), (10, 1)])
def test_max_steps_ends_training_wherever_it_falls(make_fit, tmp_path, max_steps, epochs):
    fit = make_fit(tmp_path, max_steps=max_steps)
    fit.run()
    assert (fit.progress.step, fit.progress.epoch) == (max_steps, epochs)
    assert "val/accuracy" in fit.history[-1]
    assert fit.checkpoints.best.is_file()
    assert fit.checkpoints.last.is_file()


def test_the_best_weights_are_those_of_the_best_evaluation(make_fit, tmp_path):
    fit = make_fit(tmp_path, max_epochs=5, monitor="val/loss", mode="min")
    fit.run()
    best = min(fit.history, key=lambda entry: entry["val/loss"])
    assert fit.tracker.best == best["val/loss"]
    fit.learner.model.load_state_dict(load_weights(fit.checkpoints.best))
    again = evaluate(fit.learner.model, fit.learner.task, fit.val_batches)
    assert again.values["loss"] == best["val/loss"]


def test_patience_stops_early(make_fit, tmp_path):
    fit = make_fit(tmp_path, max_epochs=50, patience=2, min_delta=10.0)
    fit.run()
    assert fit.progress.epoch == 3  # the first is the best, for nothing can be better by 10


def test_evaluation_can_be_rare_but_is_always_done_at_the_end(make_fit, tmp_path):
    fit = make_fit(tmp_path, max_epochs=5, evaluate_every_epochs=2)
    fit.run()
    assert ["val/loss" in entry for entry in fit.history] == [False, True, False, True, True]


def norm_of_gradients(model):
    return np.sqrt(sum(np.square(p.grad.numpy(), dtype=float).sum() for p in model.parameters()))


@pytest.fixture
def norms_with(make_fit, tmp_path):
    """The norms of the gradients that the optimizer saw, one a step."""

    def run(**settings):
        norms = []

        class Watch(Callback):
            def on_step(self, fit, result):
                norms.append(norm_of_gradients(fit.learner.model))

        make_fit(tmp_path, (Watch(),), max_epochs=1, **settings).run()
        return norms

    return run


def test_gradients_are_clipped_by_their_norm(norms_with):
    assert min(norms_with()) > 0.01
    assert norms_with(clip_grad_norm=0.01) == pytest.approx([0.01] * 7, rel=1e-3)


def test_gradients_below_the_limit_are_left_alone(norms_with):
    assert norms_with(clip_grad_norm=1e6) == norms_with()


def test_gradients_are_clipped_by_value(make_fit, tmp_path):
    largest = []

    class Watch(Callback):
        def on_step(self, fit, result):
            grads = [p.grad.numpy() for p in fit.learner.model.parameters()]
            largest.append(max(np.abs(grad).max() for grad in grads))

    make_fit(tmp_path, (Watch(),), clip_grad_value=1e-3, max_epochs=1).run()
    assert max(largest) <= 1e-3 * 1.001


def test_the_norm_of_the_gradients_is_the_one_clipping_sees(make_fit, tmp_path):
    pairs = []

    class Watch(Callback):
        def on_step(self, fit, result):
            pairs.append((fit.grad_norm, norm_of_gradients(fit.learner.model)))

    make_fit(tmp_path, (Watch(),), clip_grad_norm=1e9, max_epochs=1).run()
    for reported, measured in pairs:
        assert reported == pytest.approx(measured, rel=1e-5)


@pytest.mark.parametrize("cut", range(1, STEPS + 1))
def test_a_run_cut_off_at_any_step_ends_with_the_same_bytes(make_fit, weights_of, tmp_path, cut):
    whole = make_fit(tmp_path / "whole")
    whole.run()
    with pytest.raises(PowerCut):
        make_fit(tmp_path / "cut", (CutAt(cut),), checkpoint_every_steps=3).run()
    second = make_fit(tmp_path / "cut", checkpoint_every_steps=3)
    newest = second.checkpoints.newest()
    assert (newest is None) == (cut <= 3)
    if newest is not None:
        second.resume(newest)
        assert cut - 4 <= second.progress.step < cut
    second.run()
    assert weights_of(second) == weights_of(whole)
    assert [drop_time(e) for e in second.history] == [drop_time(e) for e in whole.history]
    assert second.checkpoints.best.read_bytes() == whole.checkpoints.best.read_bytes()


@pytest.mark.parametrize("shared", [False, True])
def test_products_go_on_with_the_threads_they_had(make_fit, tmp_path, shared):
    class Share(Callback):
        def on_step(self, fit, result):
            if shared:
                kernels.one_for_blas()

    kernels.start_over()
    make_fit(tmp_path, (Share(),), max_epochs=1).run()
    (kernels.start_over if shared else kernels.one_for_blas)()  # as another process may be
    second = make_fit(tmp_path)
    second.resume(second.checkpoints.newest())
    assert kernels.work_is_shared() is shared


def drop_time(entry):
    return {key: value for key, value in entry.items() if key != "seconds"}


@pytest.mark.parametrize("step", [2, 7, 10])
def test_sigterm_finishes_the_step_saves_and_says_how_to_go_on(
    make_fit, weights_of, tmp_path, step
):
    whole = make_fit(tmp_path / "whole")
    whole.run()
    before = signal.getsignal(signal.SIGTERM)
    fit = make_fit(tmp_path / "stopped", (SignalAt(step),))
    with pytest.raises(Interrupted, match=rf"after step {step}.*train again") as stop:
        fit.run()
    assert stop.value.signal_number == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before
    second = make_fit(tmp_path / "stopped")
    second.resume(second.checkpoints.newest())
    assert second.progress.step == step
    second.run()
    assert weights_of(second) == weights_of(whole)


def test_a_second_ctrl_c_is_not_waited_for(make_fit, tmp_path):
    class Twice(Callback):
        def on_step(self, fit, result):
            noting = signal.getsignal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            # While another thread is busy, Python may call the handler a little later.
            while signal.getsignal(signal.SIGINT) == noting:
                time.sleep(0.001)
            signal.raise_signal(signal.SIGINT)
            for _ in range(1_000):
                time.sleep(0.001)

    # A shell starts what runs in the background with Ctrl-C ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            make_fit(tmp_path, (Twice(),)).run()
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("steps", [5, 7, 14])
def test_a_finished_run_can_go_further_as_if_it_had_never_ended(
    make_fit, weights_of, tmp_path, steps
):
    whole = make_fit(tmp_path / "whole")
    whole.run()
    make_fit(tmp_path / "short", max_steps=steps).run()
    longer = make_fit(tmp_path / "short")
    longer.resume(longer.checkpoints.newest())
    longer.run()
    assert weights_of(longer) == weights_of(whole)


def test_a_loss_that_is_not_finite_ends_the_run_and_names_the_last_good_checkpoint(
    make_fit, tmp_path
):
    class Poison(Callback):
        def on_step(self, fit, result):
            if fit.progress.step == 9:
                with minitorch.no_grad():
                    next(fit.learner.model.parameters()).fill_(float("nan"))

    fit = make_fit(tmp_path, (Poison(),))
    with pytest.raises(DivergedError, match=r"nan at step 10; the last good checkpoint is .*last"):
        fit.run()
    saved = load_state(fit.checkpoints.last)
    assert saved["progress"]["step"] == 7
    assert all(np.isfinite(w.numpy()).all() for w in saved["learner"]["model"].values())


def test_weights_that_are_not_finite_are_never_saved(make_fit, tmp_path):
    class Poison(Callback):
        def on_step(self, fit, result):
            if fit.progress.step == 2:
                with minitorch.no_grad():
                    next(fit.learner.model.parameters()).fill_(float("inf"))

    fit = make_fit(tmp_path, (Poison(),), checkpoint_every_steps=2)
    with pytest.raises(DivergedError, match="no checkpoint was written yet"):
        fit.run()
    assert fit.checkpoints.newest() is None


def test_a_disk_that_is_full_leaves_the_previous_checkpoint_whole(make_fit, tmp_path, monkeypatch):
    fit = make_fit(tmp_path, max_epochs=1)
    fit.run()
    before = fit.checkpoints.last.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match=r"No space left on device; the previous .* is whole"):
        fit.save()
    assert fit.checkpoints.last.read_bytes() == before
    assert {path.name for path in fit.checkpoints.folder.iterdir()} == {
        "last.safetensors",
        "best.safetensors",
    }


def test_callbacks_hear_of_everything_in_order(make_fit, tmp_path):
    heard = []

    class Recorder(Callback):
        def __getattribute__(self, name):
            if name.startswith("on_"):
                return lambda *args: heard.append(name)
            return super().__getattribute__(name)

    make_fit(tmp_path, (Recorder(),), max_steps=2).run()
    assert heard == [
        "on_start",
        "on_epoch_start",
        "on_step",
        "on_step",
        "on_checkpoint",
        "on_epoch_end",
        "on_end",
    ]


def test_evaluation_leaves_the_mode_and_the_random_state_alone(make_fit, tmp_path):
    fit = make_fit(tmp_path)
    fit.learner.model.train()
    state = minitorch.get_rng_state().numpy().copy()
    evaluation = evaluate(fit.learner.model, fit.learner.task, fit.val_batches)
    assert fit.learner.model.training
    np.testing.assert_array_equal(minitorch.get_rng_state().numpy(), state)
    assert set(evaluation.values) >= {"loss", "accuracy", "balanced_accuracy"}
    assert all(m.prediction != m.target for m in evaluation.mistakes)


def test_there_must_be_something_to_evaluate(make_fit, tmp_path):
    fit = make_fit(tmp_path)
    with pytest.raises(ValueError, match="nothing to evaluate"):
        evaluate(fit.learner.model, fit.learner.task, [])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_epochs": 0}, "max_epochs must be positive"),
        ({"clip_grad_norm": -1.0}, "clip_grad_norm must be positive"),
        ({"clip_grad_norm": float("inf")}, "clip_grad_norm must be positive"),
        ({"min_delta": -1.0}, "min_delta must not be negative"),
        ({"mode": "best"}, "mode must be one of max, min"),
        ({"scheduler_interval": "batch"}, "scheduler_interval must be one of epoch, step"),
    ],
)
def test_impossible_settings_name_their_key(settings, message):
    with pytest.raises(ValueError, match=message):
        Trainer(**settings)


@pytest.mark.parametrize(
    ("classes", "measured"), [("ab", False), ("abcde", False), ("abcdef", True)]
)
def test_the_best_five_are_measured_among_more_than_five(classes, measured):
    assert ("top5" in Classification(classes).evaluation_metrics()) == measured
