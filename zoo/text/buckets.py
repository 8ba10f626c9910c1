"""Batches of texts of about the same length, so that little of a batch is padding."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor
from minitorch.utils.data import Sampler


class BucketBatchSampler(Sampler[list[int]]):
    """Shuffle, sort stretches of many batches by length, cut them, and shuffle the batches.

    All random numbers are drawn when an epoch begins, so that a data loader can be restored in the
    middle of one.

    Args:
        lengths: of the texts.
        batch_size: texts in a batch.
        generator: where the order comes from.
        stretch: how many batches are sorted together; more means less padding and less shuffling.

    Raises:
        ValueError: when there are no texts.

    Example::

        >>> import minitorch
        >>> sampler = BucketBatchSampler([5, 1, 4, 2], 2, minitorch.Generator().manual_seed(0))
        >>> sorted(sorted(batch) for batch in sampler)
        [[0, 2], [1, 3]]
    """

    def __init__(
        self,
        lengths: Sequence[int] | NDArray[np.int64],
        batch_size: int,
        generator: minitorch.Generator,
        stretch: int = 50,
    ) -> None:
        if len(lengths) == 0:
            raise ValueError("there are no texts to make batches of")
        self.lengths = np.asarray(lengths)
        self.batch_size = batch_size
        self.generator = generator
        self.stretch = stretch

    def __len__(self) -> int:
        return math.ceil(len(self.lengths) / self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        rng = self.generator.numpy
        order = rng.permutation(len(self.lengths))
        size = self.batch_size * self.stretch
        for start in range(0, len(order), size):
            piece = order[start : start + size]
            order[start : start + size] = piece[np.argsort(self.lengths[piece], kind="stable")]
        batches = [
            order[start : start + self.batch_size].tolist()
            for start in range(0, len(order), self.batch_size)
        ]
        return iter([batches[i] for i in rng.permutation(len(batches))])


def pad(sequences: Sequence[Sequence[int] | NDArray[np.int64]], padding: int = 0) -> Tensor:
    """Token ids of several texts as one tensor (N, S), filled up at the end.

    Example::

        >>> pad([[4, 2], [7]])
        tensor([[4, 2],
                [7, 0]])
    """
    longest = max(map(len, sequences))
    ids = np.full((len(sequences), longest), padding, np.int64)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = sequence
    return minitorch.from_numpy(ids)
