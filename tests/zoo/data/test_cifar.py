"""CIFAR through torchvision; a module of a few lines stands in for it."""

import hashlib
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from zoo.data import CIFAR10, CIFAR100, DataError


def torchvision_with(monkeypatch, constructor):
    package, datasets = types.ModuleType("torchvision"), types.ModuleType("torchvision.datasets")
    datasets.CIFAR10 = datasets.CIFAR100 = constructor
    package.datasets = datasets
    monkeypatch.setitem(sys.modules, "torchvision", package)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", datasets)


class Fake:
    def __init__(self, root, train, download):
        self.data = np.arange((6 if train else 4) * 3072, dtype=np.uint32).astype(np.uint8)
        self.data = self.data.reshape(-1, 32, 32, 3)
        self.targets = list(range(len(self.data)))


@pytest.mark.parametrize("source", [CIFAR10, CIFAR100])
def test_images_come_with_the_channels_first_and_last_in_memory(monkeypatch, source):
    torchvision_with(monkeypatch, Fake)
    parts = source("somewhere").load()
    assert parts.train.images.shape == (6, 3, 32, 32)
    assert parts.test.labels.tolist() == [0, 1, 2, 3]
    assert parts.train.images.transpose(0, 2, 3, 1).flags.c_contiguous
    assert parts.train.images[0, :, 0, 1].tolist() == [3, 4, 5]


def test_class_names():
    assert len(CIFAR10.classes) == 10
    assert len(CIFAR100.classes) == len(set(CIFAR100.classes)) == 100
    assert list(CIFAR100.classes) == sorted(CIFAR100.classes)


def test_only_what_is_missing_is_downloaded(monkeypatch, tmp_path):
    asked = []

    class Recorder(Fake):
        def __init__(self, root, train, download):
            super().__init__(root, train, download)
            asked.append(download)

    torchvision_with(monkeypatch, Recorder)
    CIFAR10(str(tmp_path)).load()
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in CIFAR10.files:
        (folder / name).touch()
    CIFAR10(str(tmp_path)).load()
    assert asked == [True, True, False, False]


def test_a_wrong_checksum_is_one_sentence(monkeypatch, tmp_path):
    def refuse(root, train, download):
        raise RuntimeError("Dataset not found or corrupted. You can use download=True to download")

    torchvision_with(monkeypatch, refuse)
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in CIFAR10.files:
        (folder / name).touch()
    with pytest.raises(DataError, match=r"damaged, its MD5 sum is not.*delete that folder"):
        CIFAR10(str(tmp_path)).load()


def test_a_failed_download_names_the_folder(monkeypatch, tmp_path):
    def fail(root, train, download):
        raise OSError("no route to host\nsecond line")

    torchvision_with(monkeypatch, fail)
    with pytest.raises(DataError, match=r"could not be downloaded.*no route") as error:
        CIFAR100(str(tmp_path)).load()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("leave", [False, True])
def test_a_failed_download_leaves_no_empty_folders(monkeypatch, tmp_path, leave):
    root = tmp_path / "new" / "data"

    def fail(root, train, download):
        Path(root).mkdir(parents=True)
        if leave:
            (Path(root) / "half").touch()
        raise OSError("no route to host")

    torchvision_with(monkeypatch, fail)
    with pytest.raises(DataError, match="could not be downloaded"):
        CIFAR10(str(root)).load()
    assert root.exists() == leave
    assert (tmp_path / "new").exists() == leave


def test_without_torchvision_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(DataError, match=r'make train-resnet ARGS="data=cifar10"'):
        CIFAR10("data").load()


@pytest.mark.data
@pytest.mark.slow
def test_the_real_files(data_root, tmp_path):
    parts = CIFAR10(str(data_root)).load()
    assert np.bincount(parts.train.labels).tolist() == [5000] * 10
    assert np.bincount(parts.test.labels).tolist() == [1000] * 10
    mean = parts.train.images.mean((0, 2, 3)) / 255
    np.testing.assert_allclose(mean, [0.4914, 0.4822, 0.4465], atol=1e-4)

    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in CIFAR10.files:
        (folder / name).symlink_to(data_root / "cifar-10-batches-py" / name)
    (folder / "test_batch").unlink()
    damaged = bytearray((data_root / "cifar-10-batches-py" / "test_batch").read_bytes())
    damaged[1000] ^= 1
    (folder / "test_batch").write_bytes(damaged)
    assert hashlib.md5(damaged).hexdigest() != "40351d587109b95175f43aff81a1287e"
    with pytest.raises(DataError, match="damaged"):
        CIFAR10(str(tmp_path)).load()
