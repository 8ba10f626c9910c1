"""The named image data sets, one function a file of ``conf/data``."""

from __future__ import annotations

from typing import Any

from zoo.data.cifar import CIFAR10, CIFAR100
from zoo.data.folder import ImageFolder
from zoo.data.images import ImageData
from zoo.data.sources import MNIST, Digits, FashionMNIST


def digits(**settings: Any) -> ImageData:
    """The 8x8 digits inside scikit-learn; ``settings`` are those of :class:`ImageData`.

    Example::

        >>> digits(batch_size=64).shape
        (1, 8, 8)
    """
    return ImageData(Digits(), **settings)


def mnist(root: str = "data", **settings: Any) -> ImageData:
    """MNIST under ``root``; ``settings`` are those of :class:`ImageData`."""
    return ImageData(MNIST(root), **settings)


def fashion_mnist(root: str = "data", **settings: Any) -> ImageData:
    """Fashion-MNIST under ``root``; ``settings`` are those of :class:`ImageData`."""
    return ImageData(FashionMNIST(root), **settings)


def cifar10(root: str = "data", **settings: Any) -> ImageData:
    """CIFAR-10 under ``root``; ``settings`` are those of :class:`ImageData`."""
    return ImageData(CIFAR10(root), **settings)


def cifar100(root: str = "data", **settings: Any) -> ImageData:
    """CIFAR-100 under ``root``; ``settings`` are those of :class:`ImageData`."""
    return ImageData(CIFAR100(root), **settings)


def image_folder(
    root: str = "data",
    size: int = 32,
    channels: int = 3,
    fit: str = "crop",
    test_fraction: float = 0.2,
    **settings: Any,
) -> ImageData:
    """Images under ``root``, one folder a class; see :class:`ImageFolder`, :class:`ImageData`."""
    split_seed = settings.get("split_seed", 0)
    source = ImageFolder(root, size, channels, fit, test_fraction, split_seed)
    return ImageData(source, **settings)
