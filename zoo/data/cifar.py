"""CIFAR-10 and CIFAR-100, through ``torchvision.datasets``."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from zoo.data.arrays import ImageArrays, ImageSet
from zoo.data.errors import DataError
from zoo.data.sources import torchvision_dataset, without_traces
from zoo.reasons import first_line


class CIFAR10:
    """50,000 + 10,000 colour photographs of 32x32 pixels in ten classes.

    Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.

    Args:
        root: the folder that holds ``cifar-10-batches-py``; what is missing there is downloaded to
            it.
    """

    name = "cifar10"
    shape = (3, 32, 32)
    folder: ClassVar[str] = "cifar-10-batches-py"
    files: ClassVar[tuple[str, ...]] = (
        *(f"data_batch_{number}" for number in range(1, 6)),
        "test_batch",
        "batches.meta",
    )
    torchvision_class: ClassVar[str] = "CIFAR10"
    classes: tuple[str, ...] = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )

    def __init__(self, root: str = "data") -> None:
        self.root = root

    def load(self) -> ImageSet:
        """Read both parts, downloading them first when ``root`` does not hold them.

        Raises:
            DataError: when the files are missing, or their MD5 sums are not the published ones.
        """
        return ImageSet(self._part(train=True), self._part(train=False))

    def _part(self, train: bool) -> ImageArrays:
        constructor = torchvision_dataset(self.torchvision_class, self.name, "resnet")
        folder = Path(self.root) / self.folder
        complete = all((folder / name).is_file() for name in self.files)
        try:
            with without_traces(folder):
                dataset = constructor(self.root, train=train, download=not complete)
        except (OSError, RuntimeError, ValueError, EOFError, KeyError) as error:
            if complete:
                raise DataError(
                    f"data={self.name}: a file in {folder} is damaged, its MD5 sum is not the "
                    "published one; delete that folder to download it again, or point data.root "
                    "at a good copy"
                ) from error
            raise DataError(
                f"data={self.name}: the files are not in {folder} and could not be downloaded "
                f"({first_line(error)}); put {', '.join(self.files)} there, or point data.root at "
                f"a folder that holds {self.folder}"
            ) from error
        images = np.asarray(dataset.data).transpose(0, 3, 1, 2)  # (N, H, W, C) -> (N, C, H, W)
        return ImageArrays(images, np.asarray(dataset.targets, dtype=np.int64))


class CIFAR100(CIFAR10):
    """50,000 + 10,000 colour photographs of 32x32 pixels in a hundred classes.

    Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.

    Args:
        root: the folder that holds ``cifar-100-python``; what is missing there is downloaded to it.
    """

    name = "cifar100"
    folder = "cifar-100-python"
    files = ("train", "test", "meta")
    torchvision_class = "CIFAR100"
    # fmt: off
    classes: tuple[str, ...] = (
        "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle",
        "bottle", "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle",
        "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch",
        "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest",
        "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower",
        "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain",
        "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear",
        "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit",
        "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk",
        "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower",
        "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train",
        "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
    )
    # fmt: on
