"""The named image data sets, one function a file of ``conf/data``."""

from __future__ import annotations

from typing import Any

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
