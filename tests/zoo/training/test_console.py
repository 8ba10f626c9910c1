"""What a person reads while a run trains, and at its end."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from minitorch import optim
from zoo.data import digits
from zoo.text import Corpus
from zoo.training import Fit, console, evaluate
from zoo.training.console import ConsoleReport, describe, speed, summary
from zoo.training.evaluate import describe_sizes, reservation
from zoo.training.task import Evaluation

MakeFit = Callable[..., Fit]


def lines_of(fit: Fit, caplog: pytest.LogCaptureFixture) -> list[str]:
    with caplog.at_level(logging.INFO):
        fit.run()
    return [text for text in caplog.messages if text.startswith("epoch")]


def test_the_line_of_an_epoch(
    make_fit: MakeFit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = lines_of(make_fit(tmp_path, (ConsoleReport(bar=False),)), caplog)
    figures = r"train \d\.\d{4} [\d.]+ %  val \d\.\d{4} [\d.]+ %  lr [\d.]+  [\d,.]+/s(  best)?"
    for number, line in enumerate(lines, start=1):
        assert re.fullmatch(rf"epoch {number}/3  {figures}", line)
        assert len(line) <= 85


def test_a_run_that_stops_inside_an_epoch(
    make_fit: MakeFit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Seven steps are an epoch."""
    fit = make_fit(tmp_path, (ConsoleReport(bar=False),), max_steps=10)
    first, second = lines_of(fit, caplog)
    assert first.startswith("epoch 1/3  train")
    assert second.startswith("epoch 2/3, stopped at step 10  train")
    assert len(second) <= 105


@pytest.mark.parametrize(
    ("epochs", "steps", "moment"),
    [
        ([0], [1], "(step 1)"),
        ([1], [7], "(epoch 1)"),
        ([1, 2], [7, 14], "(epoch 2)"),
        ([1, 1], [7, 10], "(step 10)"),
    ],
)
def test_the_table_says_when_the_weights_were_chosen(
    epochs: list[int], steps: list[int], moment: str
) -> None:
    history = [{"epoch": e, "step": s} for e, s in zip(epochs, steps, strict=True)]
    assert summary(result_of(history))["chosen by"] == f"val/accuracy 97.22 % {moment}"


def result_of(history: list[dict[str, int]]) -> dict[str, Any]:
    return {
        "test": {"loss": 0.25, "accuracy": 0.5},
        "monitor": "val/accuracy",
        "metric": 0.9722,
        "best": history[-1],
        "history": history,
        "steps": 3,
        "samples": 96,
        "seconds": 6.0,
    }


def test_the_table_says_of_what_its_figures_are() -> None:
    rows = summary(result_of([{"epoch": 1, "step": 3}]), "of 500 examples")
    assert rows["test loss"] == "0.2500 (of 500 examples)"
    assert rows["test accuracy"] == "50.00 % (of 500 examples)"
    assert rows["speed"] == "2.00 s/step, 16.0 samples/s"


@pytest.mark.parametrize(
    ("count", "seconds", "text"),
    [
        (1, 3000, "3,000 s/step"),
        (3, 2, "1.50 steps/s"),
        (77, 1, "77.0 steps/s"),
        (250, 2, "125 steps/s"),
        (24690, 2, "12,345 steps/s"),
        (0, 1, "0 steps/s"),
    ],
)
def test_a_speed_has_three_digits(count: float, seconds: float, text: str) -> None:
    assert speed(count, seconds, " steps") == text


def test_the_speeds_of_the_epochs_are_that_of_the_run(make_fit: MakeFit, tmp_path: Path) -> None:
    """All the time between two lines counts, so that together they are the whole."""
    heard: list[tuple[int, float]] = []

    class Listening(ConsoleReport):
        def on_epoch_end(self, fit: Fit, *rest: Any) -> None:
            samples, seconds = self._said
            super().on_epoch_end(fit, *rest)
            heard.append((fit.progress.samples - samples, fit.progress.seconds - seconds))

    fit = make_fit(tmp_path, (Listening(bar=False),))
    fit.run()
    assert sum(samples for samples, _ in heard) == fit.progress.samples
    assert sum(seconds for _, seconds in heard) == pytest.approx(fit.history[-1]["seconds"])


def test_the_rate_is_that_of_the_last_step(
    make_fit: MakeFit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A one-cycle schedule ends at a 250,000th of its peak; the step after it would rise again."""
    fit = make_fit(tmp_path, (ConsoleReport(bar=False),), scheduler_interval="step")
    fit.learner.scheduler = optim.lr_scheduler.OneCycleLR(
        fit.learner.optimizer, max_lr=0.1, total_steps=21
    )
    last = lines_of(fit, caplog)[-1]
    assert fit.learning_rates == {"lr": pytest.approx(4e-7)}
    assert "  lr 4e-07  " in last


def test_the_bar_shows_no_loss_before_there_is_one(
    make_fit: MakeFit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(console, "console", Console(file=terminal, force_terminal=True, width=90))
    report = ConsoleReport()
    make_fit(tmp_path, (report,), max_epochs=1).run()
    assert "nan" not in terminal.getvalue()
    assert "epoch 1/1" in terminal.getvalue()


def test_figures_without_a_loss_are_named() -> None:
    assert (
        describe({"val/top5": 0.5, "val/perplexity": 7.0})
        == "val top5 50.00 %  val perplexity 7.0000"
    )


# ---------------------------------------------------------------------- of what a figure is


def test_an_evaluation_counts_its_examples(make_fit: MakeFit, tmp_path: Path) -> None:
    fit = make_fit(tmp_path)
    batches = fit.train_batches
    whole = evaluate(fit.learner.model, fit.learner.task, batches)
    assert (whole.count, whole.whole) == (len(batches.dataset), True)
    part = evaluate(fit.learner.model, fit.learner.task, batches, limit=2)
    assert (part.count, part.whole) == (16, False)
    assert evaluate(fit.learner.model, fit.learner.task, batches, limit=len(batches)).whole


def corpus(**settings: Any) -> Corpus:
    data = Corpus(lambda: "the cat sat on the mat. " * 100, context=8, **settings)
    data.prepare()
    return data


def test_a_limited_evaluation_says_so() -> None:
    data = digits()
    data.prepare()
    part = Evaluation({}, count=500, whole=False)
    assert reservation(data, part) == "of 500 examples"
    assert reservation(data, Evaluation({}, count=359)) == ""
    assert describe_sizes(data) == "1,294 train, 144 val, 359 test"
    assert describe_sizes(data, 2).endswith("359 test, of which an evaluation reads 2 batches")


def test_a_test_on_what_was_learnt_says_so() -> None:
    data = digits(overfit_batches=1)
    data.prepare()
    assert reservation(data, Evaluation({}, count=32)) == "of the 32 training examples"
    assert describe_sizes(data) == "32 train, which is the val and the test, too"


def test_a_test_on_what_chose_the_model_says_so() -> None:
    data = corpus()
    assert describe_sizes(data) == "2,160 train, 240 val, which is the test, too"
    assert reservation(data, Evaluation({}, count=232)) == "of the 232 validation examples"
    part = Evaluation({}, count=80, whole=False)
    assert reservation(data, part) == "of 80 validation examples"
    assert reservation(corpus(test_fraction=0.1), Evaluation({}, count=9)) == ""
    assert reservation(corpus(overfit_batches=1), Evaluation({}, count=9)).endswith(
        "training examples"
    )
