"""CIFAR-10 and CIFAR-100, through ``torchvision.datasets``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from zoo.data.arrays import ImageArrays
from zoo.data.fetched import FetchedImages


class CIFAR10(FetchedImages):
    """50,000 + 10,000 colour photographs of 32x32 pixels in ten classes.

    Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.

    Args:
        root: the folder that holds ``cifar-10-batches-py``; what is missing there is downloaded to
            it.
    """

    name = "cifar10"
    shape = (3, 32, 32)
    folder = "cifar-10-batches-py"
    files: ClassVar[tuple[str, ...]] = (
        *(f"data_batch_{number}" for number in range(1, 6)),
        "test_batch",
        "batches.meta",
    )
    files_in_words = ", ".join(files)
    torchvision_class = "CIFAR10"
    architecture = "resnet"
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

    def _damage(self, error: Exception) -> str:
        return ", its MD5 sum is not the published one"  # torchvision only says that it may be so

    def _arrays(self, dataset: Any, folder: Path) -> ImageArrays:
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
    files_in_words = ", ".join(files)
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
