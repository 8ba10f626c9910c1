"""Examples cut into batches by whole arrays, as they are or changed at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor
from minitorch.utils.data import DataLoader, Dataset, batch_generator
from zoo.data.arrays import ImageArrays

Augmentation = Callable[[NDArray[Any], np.random.Generator], NDArray[Any]]
Normalize = Callable[[NDArray[Any]], NDArray[np.float32]]

FLIPS = ("none", "random", "alternating")


class Examples(Dataset[Any]):
    """Normalised images (N, C, H, W) and labels (N,)."""

    def __init__(self, images: NDArray[Any], labels: NDArray[np.int64]) -> None:
        self.images = images
        self.labels = labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Any:
        images, labels = self.__getitems__([index])
        return images[0], labels[0]

    def __getitems__(self, index: Sequence[int]) -> Any:
        return self.images[index], self.labels[index]


class AugmentedExamples(Examples):
    """Images of 0 to 255 that are flipped, changed at random, normalised and mixed, by batches.

    Args:
        part: the images and labels.
        normalize: makes of pixels what the model sees.
        flip: ``none``; ``random`` tosses a coin for each image in each epoch; ``alternating``
            tosses one for each image, and flips those that lost it in the even epochs and the
            others in the odd ones.
        augment: what else is done to the pixels.
        mixup: the parameter :math:`a` of the distribution Beta(a, a) that shares are drawn from; 0
            does not mix.
        classes: how many there are.
        seed: of the coins of ``alternating``.

    Attributes:
        epoch: counted from 0; set by whoever trains.

    References: K. Jordan, arXiv:2404.00498 (alternating flip); H. Zhang et al., mixup: beyond
    empirical risk minimization, arXiv:1710.09412.
    """

    def __init__(
        self,
        part: ImageArrays,
        normalize: Normalize,
        flip: str,
        augment: Augmentation | None,
        mixup: float,
        classes: int,
        seed: int,
    ) -> None:
        super().__init__(part.images, part.labels)
        self.normalize = normalize
        self.flip = flip
        self.augment = augment
        self.mixup = mixup
        self.classes = classes
        self.coins = np.random.default_rng(seed).random(len(part)) < 0.5
        self.epoch = 0

    def __getitems__(self, index: Sequence[int]) -> Any:
        images, labels = super().__getitems__(index)
        rng = batch_generator().numpy
        if self.flip != "none":
            flipped = self._flipped(np.asarray(index), rng)
            images[flipped] = images[flipped, :, :, ::-1]
        if self.augment is not None:
            images = self.augment(images, rng)
        images = self.normalize(images)
        if self.mixup > 0:
            return mix(images, labels, self.classes, self.mixup, rng)
        return images, labels

    def _flipped(self, index: NDArray[Any], rng: np.random.Generator) -> NDArray[np.bool_]:
        """Which images of a batch are seen in the mirror."""
        if self.flip == "random":
            return rng.random(len(index)) < 0.5
        flipped: NDArray[np.bool_] = self.coins[index] ^ bool(self.epoch % 2)
        return flipped


def mix(
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    a: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    r"""Add to each image a share of another one of its batch, and of its class.

    .. math:: \tilde x = \lambda x + (1 - \lambda) x', \quad
        \tilde y = \lambda y + (1 - \lambda) y', \quad \lambda \sim \mathrm{Beta}(a, a)

    Example::

        >>> import numpy as np
        >>> images, labels = np.ones((4, 1, 2, 2), np.float32), np.array([0, 1, 2, 0])
        >>> mixed, shares = mix(images, labels, classes=3, a=0.2, rng=np.random.default_rng(0))
        >>> shares.shape, bool(np.allclose(shares.sum(1), 1))
        ((4, 3), True)
    """
    share = np.float32(rng.beta(a, a))
    others = rng.permutation(len(labels))
    hot = np.eye(classes, dtype=np.float32)[labels]  # (N, classes)
    targets = share * hot + (1 - share) * hot[others]
    return share * images + (1 - share) * images[others], targets


class TrainingLoader(DataLoader[Any]):
    """A data loader that tells its examples which epoch it is."""

    def set_epoch(self, epoch: int) -> None:
        """Set the number of the epoch, counted from 0, before it begins."""
        if isinstance(self.dataset, AugmentedExamples):
            self.dataset.epoch = epoch


def as_tensors(batch: tuple[NDArray[Any], NDArray[Any]]) -> tuple[Tensor, Tensor]:
    """A batch of arrays as a batch of tensors, without a copy."""
    images, targets = batch
    return minitorch.from_numpy(images), minitorch.from_numpy(targets)
