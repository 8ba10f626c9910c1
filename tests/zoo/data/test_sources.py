"""Where images come from; a module of a few lines stands in for torchvision."""

import sys
import types

import numpy as np
import pytest

from zoo.data import MNIST, DataError, Digits, FashionMNIST


def torchvision_with(monkeypatch, constructor):
    package, datasets = types.ModuleType("torchvision"), types.ModuleType("torchvision.datasets")
    datasets.MNIST = datasets.FashionMNIST = constructor
    package.datasets = datasets
    monkeypatch.setitem(sys.modules, "torchvision", package)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", datasets)


class Fake:
    def __init__(self, root, train, download):
        count = 6 if train else 4
        self.data = np.full((count, 28, 28), 7, np.uint8)
        self.targets = np.arange(count)


def test_digits_split_once_and_for_all():
    first, second = Digits().load(), Digits().load()
    assert first.train.images.shape == (1438, 1, 8, 8)
    assert len(first.test) == 359
    assert first.train.images.max() == 255
    assert first.train.images.dtype == np.uint8
    np.testing.assert_array_equal(first.test.labels, second.test.labels)
    together = np.concatenate([first.train.labels, first.test.labels])
    np.testing.assert_array_equal(
        np.bincount(together), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )


def test_digits_are_scikit_learn_s():
    from sklearn.datasets import load_digits

    found, bunch = Digits().load(), load_digits()
    images = np.concatenate([found.train.images, found.test.images])[:, 0]
    labels = np.concatenate([found.train.labels, found.test.labels])
    theirs = np.round(bunch.images * (255 / 16)).astype(np.uint8)
    own = [(image.tobytes(), label) for image, label in zip(images, labels, strict=True)]
    other = [(image.tobytes(), label) for image, label in zip(theirs, bunch.target, strict=True)]
    assert sorted(own) == sorted(other)


def test_digits_come_through_scikit_learn_where_their_file_has_moved(monkeypatch):
    here = Digits().load()
    monkeypatch.setattr("pathlib.Path.is_file", lambda _: False)
    there = Digits().load()
    np.testing.assert_array_equal(here.train.images, there.train.images)
    np.testing.assert_array_equal(here.test.labels, there.test.labels)


def test_without_scikit_learn_one_sentence_says_what_to_install(monkeypatch):
    for name in ("sklearn", "sklearn.datasets"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(DataError, match="pip install scikit-learn"):
        Digits().load()


def test_mnist_reads_what_torchvision_delivers(monkeypatch):
    torchvision_with(monkeypatch, Fake)
    parts = MNIST("somewhere").load()
    assert parts.train.images.shape == (6, 1, 28, 28)
    assert parts.test.labels.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("have_files", [False, True])
def test_torchvision_is_asked_to_download_only_what_is_missing(monkeypatch, tmp_path, have_files):
    asked = []

    class Recorder(Fake):
        def __init__(self, root, train, download):
            super().__init__(root, train, download)
            asked.append(download)

    torchvision_with(monkeypatch, Recorder)
    folder = tmp_path / "FashionMNIST" / "raw"
    folder.mkdir(parents=True)
    for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        if have_files:
            (folder / f"{part}-ubyte").touch()
    FashionMNIST(str(tmp_path)).load()
    assert asked == [not have_files] * 2


def test_without_torchvision_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(DataError, match=r'make train-mlp ARGS="data=mnist".*\[vision\]'):
        MNIST("data").load()


def test_a_failed_download_names_the_folder(monkeypatch, tmp_path):
    def fail(root, train, download):
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz:\nno route")

    torchvision_with(monkeypatch, fail)
    with pytest.raises(
        DataError, match=r"MNIST.raw and could not be downloaded.*data\.root"
    ) as error:
        MNIST(str(tmp_path)).load()
    assert "\n" not in str(error.value)


def test_files_that_do_not_belong_together_are_refused(monkeypatch):
    class Broken(Fake):
        def __init__(self, root, train, download):
            super().__init__(root, train, download)
            self.targets = self.targets[:-1]

    torchvision_with(monkeypatch, Broken)
    with pytest.raises(DataError, match="do not belong together"):
        MNIST("data").load()


def test_labels_out_of_range_are_refused(monkeypatch):
    class Broken(Fake):
        def __init__(self, root, train, download):
            super().__init__(root, train, download)
            self.targets = self.targets + 8

    torchvision_with(monkeypatch, Broken)
    with pytest.raises(DataError, match="expected 0 to 9; delete that folder"):
        MNIST("data").load()
