"""The accumulators, against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

import minitorch
from zoo.training import ConfusionMatrix, RunningLoss, StepResult, TopK


def results(rng, sizes=(5, 3, 8), classes=7):
    for size in sizes:
        scores = rng.normal(size=(size, classes))
        targets = rng.integers(0, classes, size)
        yield StepResult(minitorch.zeros(()), float(rng.random()), size, scores, targets, None)


@pytest.fixture
def batches():
    return list(results(np.random.default_rng(0)))


def joined(batches):
    scores = np.concatenate([batch.scores for batch in batches])
    return scores, np.concatenate([batch.targets for batch in batches])


@pytest.mark.parametrize("k", [1, 3, 5])
def test_top_k_agrees_with_sklearn(batches, k):
    metric = TopK(k)
    for batch in batches:
        metric.update(batch)
    scores, targets = joined(batches)
    expected = sk.top_k_accuracy_score(targets, scores, k=k, labels=range(7))
    assert metric.value() == pytest.approx(expected)


def test_top_k_with_fewer_classes_than_k_is_certain(batches):
    metric = TopK(9)
    metric.update(batches[0])
    assert metric.value() == 1.0


def test_confusion_matrix_agrees_with_sklearn(batches):
    metric = ConfusionMatrix(7)
    for batch in batches:
        metric.update(batch)
    scores, targets = joined(batches)
    predictions = scores.argmax(1)
    expected = sk.confusion_matrix(targets, predictions, labels=range(7))
    np.testing.assert_array_equal(metric.counts, expected)
    assert metric.value() == pytest.approx(sk.balanced_accuracy_score(targets, predictions))


def test_running_loss_weighs_batches_by_their_size(batches):
    metric = RunningLoss()
    for batch in batches:
        metric.update(batch)
    expected = np.average([b.value for b in batches], weights=[b.count for b in batches])
    assert metric.value() == pytest.approx(expected)


@pytest.mark.parametrize("make", [RunningLoss, TopK, lambda: ConfusionMatrix(7)])
def test_a_metric_continues_from_its_state(batches, make):
    whole, first, second = make(), make(), make()
    for batch in batches:
        whole.update(batch)
    first.update(batches[0])
    second.load_state_dict(first.state_dict())
    for batch in batches[1:]:
        second.update(batch)
    assert second.value() == whole.value()


@pytest.mark.parametrize("make", [RunningLoss, TopK, lambda: ConfusionMatrix(7)])
def test_nothing_seen_is_nan(make):
    assert np.isnan(make().value())
