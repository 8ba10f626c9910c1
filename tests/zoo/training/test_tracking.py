import pytest

from zoo.training.tracking import Tracker


def feed(tracker, *values):
    return [tracker.update(value, step) for step, value in enumerate(values)]


def test_of_equal_values_the_later_is_the_best_but_no_improvement():
    tracker = Tracker("val/accuracy", "max", patience=2)
    assert feed(tracker, 0.5, 0.9, 0.9, 0.8) == [True, True, True, False]
    assert (tracker.best, tracker.best_step) == (0.9, 2)
    assert tracker.exhausted


def test_small_steps_are_best_but_only_together_an_improvement():
    tracker = Tracker("val/accuracy", "max", patience=3, min_delta=0.1)
    assert feed(tracker, 0.5, 0.55, 0.59, 0.61) == [True, True, True, True]
    assert tracker.waited == 0
    assert tracker.best == 0.61


def test_patience_counts_from_the_last_improvement_and_survives_saving():
    tracker = Tracker("val/loss", "min", patience=2)
    feed(tracker, 1.0, 1.5, 0.5, 0.6)
    copy = Tracker("val/loss", "min", patience=2)
    copy.load_state_dict(tracker.state_dict())
    assert not copy.exhausted
    copy.update(0.6, 4)
    assert copy.exhausted
    assert (copy.best, copy.best_step) == (0.5, 2)


@pytest.mark.parametrize("mode", ["min", "max"])
def test_nan_is_never_better(mode):
    assert feed(Tracker("val/loss", mode), float("nan")) == [False]
