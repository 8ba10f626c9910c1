"""Crops, holes, flips and mixtures of whole batches, against twins of a few lines."""

import numpy as np
import pytest

import minitorch
from minitorch.utils.data import DataLoader
from zoo.data import Compose, Cutout, ImageData, RandomCrop
from zoo.data.examples import mix


def images(count=6, channels=3, size=8, seed=0, dtype=np.uint8):
    """Pixels as CIFAR's come: channels last in memory, under the shape (N, C, H, W)."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, size, size, channels)).astype(dtype).transpose(0, 3, 1, 2)


@pytest.mark.parametrize("mode", ["reflect", "symmetric", "edge", "constant"])
def test_a_crop_is_a_window_of_the_padded_image(mode):
    batch = images()
    out = RandomCrop(2, mode)(batch, np.random.default_rng(0))
    assert out.dtype == np.uint8
    assert out.shape == batch.shape
    for image, crop in zip(batch, out, strict=True):
        padded = np.pad(image, ((0, 0), (2, 2), (2, 2)), mode)
        windows = [padded[:, i : i + 8, j : j + 8] for i in range(5) for j in range(5)]
        assert any(np.array_equal(window, crop) for window in windows)


def test_crops_are_at_all_places_and_repeat_with_the_seed():
    batch = np.arange(64, dtype=np.uint8).reshape(1, 1, 8, 8).repeat(300, axis=0)
    crop = RandomCrop(1)
    out = crop(batch, np.random.default_rng(3))
    assert len({image.tobytes() for image in out}) == 9
    np.testing.assert_array_equal(out, crop(batch, np.random.default_rng(3)))


def test_batches_stay_channels_last_in_memory():
    batch = images()
    for transform in (RandomCrop(2), Cutout(3), Compose([RandomCrop(1), Cutout(2)])):
        out = transform(batch, np.random.default_rng(0))
        assert out.transpose(0, 2, 3, 1).flags.c_contiguous, transform


def test_a_hole_has_the_mean_colour_and_at_most_its_size():
    batch = images(count=40, dtype=np.float64)
    out = Cutout(4)(batch, np.random.default_rng(0))
    mean = batch.mean((0, 2, 3))
    changed = (out != batch.astype(np.float32)).any(axis=1)  # (N, H, W)
    for hole in changed:
        rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
        assert 2 <= len(rows) <= 4
        assert 2 <= len(columns) <= 4
        assert hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    filled = np.moveaxis(out, 1, -1)[changed]
    np.testing.assert_allclose(filled, np.broadcast_to(mean, filled.shape), rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: RandomCrop(0), "padding"),
        (lambda: RandomCrop(1, "wrap"), "reflect"),
        (lambda: Cutout(0), "size"),
    ],
)
def test_impossible_settings_name_their_key(make, key):
    with pytest.raises(ValueError, match=key):
        make()


# --------------------------------------------------------------------------------- in the pipeline


def prepared(source, **settings):
    data = ImageData(source, **{"batch_size": 8, **settings})
    data.prepare()
    return data


def test_an_alternating_flip_shows_each_side_in_every_second_epoch(blobs):
    loader = prepared(blobs, flip="alternating").train_batches(0)
    originals = prepared(blobs).train_batches(0).dataset.images
    seen = []
    for epoch in range(3):
        loader.set_epoch(epoch)
        seen.append(loader.dataset.__getitems__(range(len(originals)))[0])
    flipped = [not np.array_equal(a, b) for a, b in zip(seen[0], originals, strict=True)]
    assert 0.25 < np.mean(flipped) < 0.75
    np.testing.assert_array_equal(seen[0][flipped], originals[flipped][..., ::-1])
    np.testing.assert_array_equal(seen[1], seen[0][..., ::-1])
    np.testing.assert_array_equal(seen[2], seen[0])


def test_a_random_flip_mirrors_about_half_of_the_images(blobs):
    data, plain = prepared(blobs, flip="random"), prepared(blobs)
    flipped = np.concatenate([batch[0].numpy() for batch in data.train_batches(0)])
    straight = np.concatenate([batch[0].numpy() for batch in plain.train_batches(0)])
    same = [np.array_equal(a, b) for a, b in zip(flipped, straight, strict=True)]
    mirrored = [np.array_equal(a, b[..., ::-1]) for a, b in zip(flipped, straight, strict=True)]
    assert all(a or b for a, b in zip(same, mirrored, strict=True))
    assert 0.25 < np.mean(same) < 0.75


def test_an_interrupted_epoch_goes_on_with_the_same_images(blobs):
    settings = {"flip": "alternating", "augment": RandomCrop(1), "mixup": 0.3, "num_workers": 1}
    whole = prepared(blobs, **settings).train_batches(5)
    whole.set_epoch(1)
    expected = [batch[0].numpy() for batch in whole]
    broken = prepared(blobs, **settings).train_batches(5)
    broken.set_epoch(1)
    batches = iter(broken)
    next(batches), next(batches)
    state = broken.state_dict()
    resumed = prepared(blobs, **settings).train_batches(5)
    resumed.load_state_dict(state)
    resumed.set_epoch(1)
    for one, other in zip(expected[2:], resumed, strict=True):
        np.testing.assert_array_equal(one, other[0].numpy())


def test_mixed_images_and_targets_have_the_same_shares():
    rng = np.random.default_rng(2)
    pixels = rng.standard_normal((5, 1, 3, 3)).astype(np.float32)
    labels = np.array([0, 1, 2, 1, 0])
    mixed, targets = mix(pixels, labels, 3, 0.4, np.random.default_rng(9))
    twin = np.random.default_rng(9)
    share, others = twin.beta(0.4, 0.4), twin.permutation(5)
    for i, j in enumerate(others):
        np.testing.assert_allclose(mixed[i], share * pixels[i] + (1 - share) * pixels[j], rtol=1e-5)
        expected = np.zeros(3)
        expected[labels[i]] += share
        expected[labels[j]] += 1 - share
        np.testing.assert_allclose(targets[i], expected, rtol=1e-5)


def test_mixed_targets_are_learnt_from(blobs):
    from zoo.training import Classification

    batch = next(iter(prepared(blobs, mixup=0.5).train_batches(0)))
    assert batch[1].shape == (8, 3)
    model = minitorch.nn.Sequential(minitorch.nn.Flatten(), minitorch.nn.Linear(36, 3))
    result = Classification(blobs.classes).step(model, batch)
    assert result.targets.tolist() == batch[1].numpy().argmax(1).tolist()
    assert result.value > 0


def test_a_smaller_last_batch_can_be_left_out(blobs):
    data = prepared(blobs, drop_last=True, val_fraction=0.1)
    assert data.sizes()["train"] == 54
    assert [len(batch[1]) for batch in data.train_batches(0)] == [8] * 6
    assert isinstance(data.val_batches(), DataLoader)


def test_nothing_held_out_leaves_nothing_to_validate_on(blobs):
    data = prepared(blobs, val_fraction=0.0)
    assert data.sizes() == {"train": 60, "val": 0, "test": 30}
    assert data.val_batches() is None


def test_which_examples_are_kept(blobs):
    labels = blobs.load().train.labels

    def kept(**settings):
        batches = prepared(blobs, n_train=20, val_fraction=0.0, **settings).train_batches(0)
        return np.bincount(batches.dataset.labels, minlength=3).tolist()

    assert kept(subset="first") == np.bincount(labels[:20], minlength=3).tolist()
    assert kept(subset="balanced") == [7, 7, 6]


@pytest.mark.parametrize(
    ("settings", "key"),
    [({"flip": "upside"}, "flip"), ({"subset": "last"}, "subset"), ({"mixup": -1}, "mixup")],
)
def test_impossible_choices_name_their_key(blobs, settings, key):
    with pytest.raises(ValueError, match=key):
        ImageData(blobs, **settings)
