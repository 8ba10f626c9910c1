"""A data pipeline for image classification: load, split, normalise, augment, batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor
from minitorch.utils.data import DataLoader
from zoo.checks import check_choice, check_positive
from zoo.data.arrays import SUBSETS, ImageArrays, Normalization, choose, split
from zoo.data.errors import DataError
from zoo.data.examples import (
    FLIPS,
    Augmentation,
    AugmentedExamples,
    Examples,
    TrainingLoader,
    as_tensors,
)
from zoo.data.sources import ImageSource


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
        n_train: keeps only so many examples before the validation split is cut; None keeps all.
        subset: which ``n_train`` examples are kept: ``random`` ones, drawn with ``split_seed``, the
            ``first``, or the first of each class, as ``balanced`` as can be.
        val_fraction: the share of the training examples that is held out to choose the model; 0
            trains on all of them, and then there is nothing to validate on.
        flip: shows the mirror image of half the training images in each epoch: ``none``;
            ``random``, of those that lose a toss in that epoch; or ``alternating``, of those that
            lost one toss in every second epoch and of the others in the epochs between.
        augment: changes each training batch at random; called with uint8 images (N, C, H, W) and a
            generator of that batch's own.
        mixup: adds to each training image a share of another, drawn from Beta(mixup, mixup).
        drop_last: leaves out a last training batch that is smaller than the others.
        num_workers: threads that prepare training batches ahead of time.
        overfit_batches: trains, validates and tests on so many training batches, which are never
            changed, to see that a model can learn at all.
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
        subset: str = "random",
        val_fraction: float = 0.1,
        flip: str = "none",
        augment: Augmentation | None = None,
        mixup: float = 0.0,
        drop_last: bool = False,
        num_workers: int = 0,
        overfit_batches: int | None = None,
        split_seed: int = 0,
    ) -> None:
        check_positive(
            batch_size=batch_size,
            eval_batch_size=eval_batch_size,
            n_train=n_train,
            overfit_batches=overfit_batches,
        )
        if not 0.0 <= val_fraction < 1.0:
            raise ValueError(f"val_fraction must lie between 0 and 1, got {val_fraction}")
        if n_train == 1 and val_fraction > 0:
            raise ValueError(
                "n_train must be at least 2, for a validation split has to be cut off it"
            )
        for name, number in (("num_workers", num_workers), ("split_seed", split_seed)):
            if number < 0:
                raise ValueError(f"{name} must not be negative, got {number}")
        if not (mixup >= 0 and math.isfinite(mixup)):
            raise ValueError(f"mixup must be 0 or a positive number, got {mixup}")
        check_choice("subset", subset, SUBSETS)
        check_choice("flip", flip, FLIPS)
        self.source = source
        self.shape = source.shape
        self.classes: Sequence[str] = source.classes
        self.batch_size = batch_size
        self.eval_batch_size = eval_batch_size
        self.n_train = n_train
        self.subset = subset
        self.val_fraction = val_fraction
        self.flip = flip
        self.augment = augment
        self.mixup = mixup
        self.drop_last = drop_last
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
            pool = pool.take(choose(pool.labels, self.n_train, self.subset, self.split_seed))
        held_out = examples.val
        if held_out is None:
            train, val = split(len(pool), self.val_fraction, self.split_seed)
            if len(val) == 0 and self.val_fraction > 0:  # a few examples and a small fraction
                train, val = train[:-1], train[-1:]
            pool, held_out = pool.take(train), pool.take(val)
        parts = {"train": pool, "val": held_out, "test": examples.test}
        if self.drop_last and len(pool) < self.batch_size:
            raise DataError(
                f"data.drop_last=true leaves nothing to train on: {len(pool)} examples are fewer "
                f"than data.batch_size={self.batch_size}"
            )
        if self.overfit_batches is not None:
            few = parts["train"].take(
                np.arange(len(pool))[: self.overfit_batches * self.batch_size]
            )
            parts = dict.fromkeys(parts, few)
        self._parts = parts
        self._normalization = Normalization.of(parts["train"].images)

    def sizes(self) -> dict[str, int]:
        """How many examples each part has."""
        return {name: len(part) for name, part in self._parts.items()}

    def example(self) -> Tensor:
        """The inputs of one example, as a batch of one, (1, C, H, W)."""
        return self.train_images(1)

    @property
    def normalization(self) -> Normalization:
        """The means and standard deviations of the training images; known after `prepare`."""
        if self._normalization is None:
            raise RuntimeError("prepare() has not been called")
        return self._normalization

    @property
    def preprocessing(self) -> dict[str, Any]:
        """How an image becomes what a model sees, as cards tell it; known after `prepare`."""
        mean, std = self.normalization.mean.tolist(), self.normalization.std.tolist()
        return {"kind": "image", "shape": list(self.shape), "mean": mean, "std": std}

    def normalize(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """Images (N, C, H, W) of 0 to 255 as the model sees them."""
        return self.normalization(images)

    def train_images(self, count: int) -> Tensor:
        """The first ``count`` training images as the model sees them, not augmented."""
        return minitorch.from_numpy(self.normalize(self._parts["train"].images[:count]))

    def train_batches(self, seed: int) -> TrainingLoader:
        """Shuffled, augmented batches of ``(images, labels)``; ``seed`` decides how."""
        part = self._parts["train"]
        dataset: Examples
        changed = self.augment is not None or self.flip != "none" or self.mixup > 0
        if not changed or self.overfit_batches is not None:
            dataset = Examples(self.normalize(part.images), part.labels)
        else:
            classes = len(self.classes)
            dataset = AugmentedExamples(
                part, self.normalize, self.flip, self.augment, self.mixup, classes, seed
            )
        return TrainingLoader(
            dataset,
            batch_size=self.batch_size,
            shuffle=True,
            drop_last=self.drop_last,
            num_workers=self.num_workers,
            collate_fn=as_tensors,
            generator=minitorch.Generator().manual_seed(seed),
        )

    def val_batches(self) -> DataLoader[Any] | None:
        """The validation split, in order; None when nothing is held out."""
        return self._held_out("val") if len(self._parts["val"]) else None

    def test_batches(self) -> DataLoader[Any]:
        """The test set, in order; to be read once, after training."""
        return self._held_out("test")

    def _held_out(self, part: str) -> DataLoader[Any]:
        arrays = self._parts[part]
        return DataLoader(
            Examples(self.normalize(arrays.images), arrays.labels),
            batch_size=self.eval_batch_size,
            collate_fn=as_tensors,
            generator=minitorch.Generator(),
        )
