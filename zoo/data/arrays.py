"""Images and labels as arrays: subsets, splits, and the numbers that normalise them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SUBSETS = ("random", "first", "balanced")


@dataclass(frozen=True)
class ImageArrays:
    """Images (N, C, H, W), uint8, and their labels (N,), int64."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or len(self.images) != len(self.labels):
            raise ValueError(
                "expected images (N, C, H, W) and as many labels, got shapes "
                f"{self.images.shape} and {self.labels.shape}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[np.int64]) -> ImageArrays:
        """The examples at ``index``."""
        return ImageArrays(self.images[index], self.labels[index])


@dataclass(frozen=True)
class ImageSet:
    """What a source delivers: examples to learn from, a test set, and a validation set or None."""

    train: ImageArrays
    test: ImageArrays
    val: ImageArrays | None = None


@dataclass(frozen=True)
class Normalization:
    """The mean and the standard deviation of each channel, (C,), of the training examples."""

    mean: NDArray[np.float32]
    std: NDArray[np.float32]

    @classmethod
    def of(cls, images: NDArray[np.uint8]) -> Normalization:
        """Measure ``images`` (N, C, H, W).

        Example::

            >>> import numpy as np
            >>> Normalization.of(np.array([[[[0, 2]]]], dtype=np.uint8)).mean
            array([1.], dtype=float32)
        """
        levels = np.arange(256, dtype=np.float64)
        counts = np.stack(
            [np.bincount(images[:, c].ravel(), minlength=256) for c in range(images.shape[1])]
        )  # (C, 256)
        shares = counts / counts.sum(axis=1, keepdims=True)
        mean = shares @ levels
        variance = (shares * (levels - mean[:, None]) ** 2).sum(axis=1)
        return cls(mean.astype(np.float32), np.sqrt(variance + 1e-12).astype(np.float32))

    def __call__(self, images: NDArray[np.generic]) -> NDArray[np.float32]:
        """``(images - mean) / std`` of images (N, C, H, W), in float32 and their memory order."""
        scale = 1.0 / self.std  # (C,)
        shift = self.mean * scale
        last = images.transpose(0, 2, 3, 1)  # (N, H, W, C)
        if not last.flags.c_contiguous:
            out = np.multiply(images, scale[:, None, None], dtype=np.float32)
            out -= shift[:, None, None]
            return out
        pixels = math.prod(last.shape[1:3])  # whole images at a time, for C is small
        rows = np.multiply(last.reshape(len(last), -1), np.tile(scale, pixels), dtype=np.float32)
        rows -= np.tile(shift, pixels)
        return rows.reshape(last.shape).transpose(0, 3, 1, 2)


def split(count: int, fraction: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut ``range(count)`` at random into a part to train on and a ``fraction`` to validate on.

    Example::

        >>> train, val = split(10, 0.2, seed=0)
        >>> len(train), len(val), sorted([*train, *val]) == list(range(10))
        (8, 2, True)
    """
    order = np.random.default_rng(seed).permutation(count)
    held_out = round(count * fraction)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def choose(labels: NDArray[np.int64], count: int, how: str, seed: int) -> NDArray[np.int64]:
    """The numbers of ``count`` examples, in ascending order.

    Args:
        labels: the class of each example.
        count: how many to choose.
        how: ``random`` ones, the ``first``, or ``balanced``: the first of each class, in turn.
        seed: of ``random``.

    Example::

        >>> import numpy as np
        >>> choose(np.array([0, 0, 0, 1, 0, 1]), 4, "balanced", seed=0)
        array([0, 1, 3, 5])
    """
    if how == "random":
        return np.sort(np.random.default_rng(seed).permutation(len(labels))[:count])
    if how == "first":
        return np.arange(count)
    by_class = np.argsort(labels, kind="stable")
    sorted_labels = labels[by_class]
    rank = np.arange(len(labels)) - np.searchsorted(sorted_labels, sorted_labels)  # in its class
    return np.sort(by_class[np.argsort(rank, kind="stable")[:count]])
