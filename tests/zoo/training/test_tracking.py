import pytest

from zoo.training.tracking import Tracker


def test_min_delta_has_to_be_exceeded():
    tracker = Tracker("val/accuracy", "max", min_delta=0.1)
    assert [tracker.update(value, i) for i, value in enumerate([0.5, 0.55, 0.7])] == [
        True,
        False,
        True,
    ]


def test_patience_counts_from_the_last_improvement_and_survives_saving():
    tracker = Tracker("val/loss", "min", patience=2)
    for step, value in enumerate([1.0, 1.5, 0.5, 0.6]):
        tracker.update(value, step)
    copy = Tracker("val/loss", "min", patience=2)
    copy.load_state_dict(tracker.state_dict())
    assert not copy.exhausted
    copy.update(0.6, 4)
    assert copy.exhausted
    assert copy.best == 0.5
    assert copy.best_step == 2


@pytest.mark.parametrize("mode", ["min", "max"])
def test_nan_is_never_better(mode):
    assert not Tracker("val/loss", mode).update(float("nan"), 0)
