"""The data that residual networks are trained on, and what they say about the network."""

from __future__ import annotations

from typing import Any

from minitorch import nn
from zoo.data import ImageData, cifar10, cifar100, digits, fashion_mnist, image_folder, mnist
from zoo.resnet.resnet9 import ResNet9

__all__ = [
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "image_folder",
    "mnist",
    "network_sizes",
    "whiten",
]

WHITENED = 5000  # images that set a whitening layer


def network_sizes(data: ImageData) -> dict[str, Any]:
    """The arguments of the networks that follow from the data.

    Example::

        >>> network_sizes(digits())
        {'in_channels': 1, 'num_classes': 10}
    """
    return {"in_channels": data.shape[0], "num_classes": len(data.classes)}


def whiten(model: nn.Module, data: ImageData) -> None:
    """Set the whitening layer of a model, if it has one, from training images."""
    if isinstance(model, ResNet9):
        model.whiten(data.train_images(WHITENED))
