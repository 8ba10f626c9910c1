"""Splits, normalisation and batches of an image pipeline."""

import numpy as np
import pytest

from zoo.data import ImageArrays, ImageData, Normalization, RandomAffine
from zoo.data.arrays import split


def prepared(source, **settings):
    data = ImageData(source, **{"batch_size": 8, **settings})
    data.prepare()
    return data


def collect(loader):
    batches = list(loader)
    return [np.concatenate([batch[i].numpy() for batch in batches]) for i in (0, 1)]


def test_normalization_agrees_with_numpy():
    images = np.random.default_rng(0).integers(0, 256, (50, 3, 5, 4)).astype(np.uint8)
    measured = Normalization.of(images)
    np.testing.assert_allclose(measured.mean, images.mean((0, 2, 3)), rtol=1e-6)
    np.testing.assert_allclose(measured.std, images.std((0, 2, 3)), rtol=1e-6)
    out = measured(images)
    np.testing.assert_allclose(out.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(out.std((0, 2, 3)), 1, atol=1e-5)


def test_statistics_come_from_the_training_split_alone(blobs):
    data = prepared(blobs, val_fraction=0.3)
    images, _ = collect(data.train_batches(0))
    assert abs(images.mean()) < 1e-5
    assert abs(collect(data.val_batches())[0].mean()) > 1e-4


def test_the_parts_are_disjoint_and_complete(blobs):
    data = prepared(blobs, val_fraction=0.2)
    assert data.sizes() == {"train": 48, "val": 12, "test": 30}
    rows = np.concatenate([collect(data.train_batches(0))[0], collect(data.val_batches())[0]])
    assert len({row.tobytes() for row in rows}) == 60


def test_n_train_counts_before_the_split_and_is_the_same_for_every_seed(blobs):
    data = prepared(blobs, n_train=20, val_fraction=0.1)
    assert data.sizes()["train"] == 18
    assert data.sizes()["val"] == 2
    first, second = collect(data.train_batches(0))[0], collect(data.train_batches(1))[0]
    assert not np.array_equal(first, second)
    assert {row.tobytes() for row in first} == {row.tobytes() for row in second}


def test_a_tiny_split_still_has_something_to_validate_on(blobs):
    assert prepared(blobs, n_train=3, val_fraction=0.01).sizes()["val"] == 1


def test_overfitting_uses_the_same_batch_everywhere(blobs):
    data = prepared(blobs, overfit_batches=1)
    assert data.sizes() == {"train": 8, "val": 8, "test": 8}


@pytest.mark.parametrize("threads", [0, 1])
def test_augmentation_differs_between_epochs_and_repeats_with_the_seed(blobs, threads):
    data = prepared(blobs, augment=RandomAffine(15.0), num_workers=threads)
    loader = data.train_batches(0)
    first, second = collect(loader)[0], collect(loader)[0]
    again = collect(prepared(blobs, augment=RandomAffine(15.0)).train_batches(0))[0]
    np.testing.assert_array_equal(first, again)
    assert not {row.tobytes() for row in first} & {row.tobytes() for row in second}


def test_validation_is_in_order_and_never_augmented(blobs):
    plain = prepared(blobs)
    augmented = prepared(blobs, augment=RandomAffine(15.0))
    for left, right in zip(
        collect(plain.val_batches()), collect(augmented.val_batches()), strict=True
    ):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(("count", "fraction"), [(10, 0.3), (7, 0.5), (100, 0.01)])
def test_split_is_a_partition(count, fraction):
    train, val = split(count, fraction, seed=1)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, val])), np.arange(count))
    assert len(val) == round(count * fraction)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"n_train": 1}, "n_train"),
        ({"val_fraction": 1.0}, "val_fraction"),
        ({"num_workers": -1}, "num_workers must not be negative, got -1"),
        ({"split_seed": -2}, "split_seed must not be negative, got -2"),
        ({"overfit_batches": 0}, "overfit_batches"),
    ],
)
def test_impossible_settings_name_their_key(blobs, settings, key):
    with pytest.raises(ValueError, match=key):
        ImageData(blobs, **settings)


def test_nothing_is_loaded_before_prepare(blobs, monkeypatch):
    monkeypatch.setattr(blobs, "load", lambda: pytest.fail("loaded"))
    data = ImageData(blobs)
    assert data.shape == (1, 6, 6)
    assert data.classes == blobs.classes


def test_arrays_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="as many labels"):
        ImageArrays(np.zeros((2, 1, 3, 3), np.uint8), np.zeros(3, np.int64))


@pytest.mark.parametrize("channels", [1, 3])
def test_normalization_is_the_same_in_any_memory_order(channels):
    images = np.random.default_rng(0).integers(0, 256, (5, channels, 4, 6)).astype(np.uint8)
    last = np.ascontiguousarray(images.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    normalize = Normalization.of(images)
    expected = (images - images.mean((0, 2, 3), keepdims=True)) / images.std(
        (0, 2, 3), keepdims=True
    )
    for order in (images, last):
        np.testing.assert_allclose(normalize(order), expected, rtol=1e-4, atol=1e-5)
    if channels > 1:
        assert normalize(last).transpose(0, 2, 3, 1).flags.c_contiguous
        assert normalize(images).flags.c_contiguous
