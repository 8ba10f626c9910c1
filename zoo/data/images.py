"""A data pipeline for image classification: load, split, normalise, augment, batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor
from minitorch.utils.data import DataLoader, Dataset, batch_generator
from zoo.data.arrays import ImageArrays, Normalization, split
from zoo.data.sources import ImageSource

Augmentation = Callable[[NDArray[Any], np.random.Generator], NDArray[np.float32]]


class ImageData:
    """Training, validation and test batches of one image source.

    Nothing is read before :meth:`prepare`; the shape and the classes are known from the start. The
    validation split is cut from the training examples with a seed of its own, so that every run of
    a sweep is judged on the same examples, and the pixels are normalised with the mean and the
    standard deviation of what is left to train on. The test set is only handed out.

    Args:
        source: where the examples come from.
        batch_size: examples in a training batch.
        eval_batch_size: examples in a batch of an evaluation.
        n_train: keeps only so many examples before the validation split is cut, drawn with
            ``split_seed``; None keeps all.
        val_fraction: the share of the training examples that is held out to choose the model.
        augment: changes each training batch at random; called with uint8 images (N, C, H, W) and a
            generator of that batch's own.
        num_workers: threads that prepare training batches ahead of time.
        overfit_batches: trains, validates and tests on so many training batches, to see that a
            model can learn at all.
        split_seed: decides which examples are held out.

    Raises:
        ValueError: when a number is impossible; the message names the key.
    """

    def __init__(
        self,
        source: ImageSource,
        batch_size: int = 32,
        eval_batch_size: int = 1024,
        n_train: int | None = None,
        val_fraction: float = 0.1,
        augment: Augmentation | None = None,
        num_workers: int = 0,
        overfit_batches: int | None = None,
        split_seed: int = 0,
    ) -> None:
        counts = {
            "batch_size": batch_size,
            "eval_batch_size": eval_batch_size,
            "n_train": n_train,
            "overfit_batches": overfit_batches,
        }
        for name, count in counts.items():
            if count is not None and count < 1:
                raise ValueError(f"{name} must be at least 1, got {count}")
        if n_train == 1:
            raise ValueError(
                "n_train must be at least 2, for a validation split has to be cut off it"
            )
        if not 0.0 < val_fraction < 1.0:
            raise ValueError(f"val_fraction must lie between 0 and 1, got {val_fraction}")
        if num_workers < 0 or split_seed < 0:
            raise ValueError("num_workers and split_seed must not be negative")
        self.source = source
        self.shape = source.shape
        self.classes: Sequence[str] = source.classes
        self.batch_size = batch_size
        self.eval_batch_size = eval_batch_size
        self.n_train = n_train
        self.val_fraction = val_fraction
        self.augment = augment
        self.num_workers = num_workers
        self.overfit_batches = overfit_batches
        self.split_seed = split_seed
        self._parts: dict[str, ImageArrays] = {}
        self._normalization: Normalization | None = None

    def prepare(self) -> None:
        """Load the examples and split them.

        Raises:
            DataError: when they are missing or damaged.
        """
        examples = self.source.load()
        pool = examples.train
        if self.n_train is not None and self.n_train < len(pool):
            order = np.random.default_rng(self.split_seed).permutation(len(pool))
            pool = pool.take(np.sort(order[: self.n_train]))
        train, val = split(len(pool), self.val_fraction, self.split_seed)
        if len(val) == 0:  # a few examples and a small fraction
            train, val = train[:-1], train[-1:]
        parts = {"train": pool.take(train), "val": pool.take(val), "test": examples.test}
        if self.overfit_batches is not None:
            few = parts["train"].take(
                np.arange(len(train))[: self.overfit_batches * self.batch_size]
            )
            parts = dict.fromkeys(parts, few)
        self._parts = parts
        self._normalization = Normalization.of(parts["train"].images)

    def sizes(self) -> dict[str, int]:
        """How many examples each part has."""
        return {name: len(part) for name, part in self._parts.items()}

    def example(self) -> Tensor:
        """The inputs of one example, as a batch of one, (1, C, H, W)."""
        return minitorch.from_numpy(self.normalize(self._parts["train"].images[:1]))

    def normalize(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """Images (N, C, H, W) of 0 to 255 as the model sees them."""
        if self._normalization is None:
            raise RuntimeError("prepare() has not been called")
        return self._normalization(images)

    def train_batches(self, seed: int) -> DataLoader[Any]:
        """Shuffled, augmented batches of ``(images, labels)``; ``seed`` decides how."""
        part = self._parts["train"]
        dataset: _Examples
        if self.augment is None:
            dataset = _Examples(self.normalize(part.images), part.labels)
        else:
            dataset = _AugmentedExamples(part, self.augment, self.normalize)
        return DataLoader(
            dataset,
            batch_size=self.batch_size,
            shuffle=True,
            num_workers=self.num_workers,
            collate_fn=_as_tensors,
            generator=minitorch.Generator().manual_seed(seed),
        )

    def val_batches(self) -> DataLoader[Any]:
        """The validation split, in order."""
        return self._held_out("val")

    def test_batches(self) -> DataLoader[Any]:
        """The test set, in order; to be read once, after training."""
        return self._held_out("test")

    def _held_out(self, part: str) -> DataLoader[Any]:
        arrays = self._parts[part]
        return DataLoader(
            _Examples(self.normalize(arrays.images), arrays.labels),
            batch_size=self.eval_batch_size,
            collate_fn=_as_tensors,
            generator=minitorch.Generator(),
        )


class _Examples(Dataset[Any]):
    """Normalised images and labels, cut into batches by whole arrays."""

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


class _AugmentedExamples(_Examples):
    """Images of 0 to 255 that are changed at random, then normalised, a batch at a time."""

    def __init__(
        self,
        part: ImageArrays,
        augment: Augmentation,
        normalize: Callable[[NDArray[Any]], NDArray[np.float32]],
    ) -> None:
        super().__init__(part.images, part.labels)
        self.augment = augment
        self.normalize = normalize

    def __getitems__(self, index: Sequence[int]) -> Any:
        images, labels = super().__getitems__(index)
        return self.normalize(self.augment(images, batch_generator().numpy)), labels


def _as_tensors(batch: tuple[NDArray[Any], NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    """A batch of arrays as a batch of tensors, without a copy."""
    images, labels = batch
    return minitorch.from_numpy(images), minitorch.from_numpy(labels)
