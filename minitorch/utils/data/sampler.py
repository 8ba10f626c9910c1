"""Samplers: in which order, and in which batches, samples are drawn.

Every random sampler here draws all its numbers at the moment when iterating begins. So the order
of an epoch depends on the state of the generator at its start alone, which is what makes a
`DataLoader` restorable.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

import numpy as np

from minitorch.random import Generator, numpy_generator
from minitorch.tensor import Tensor, wrap

T_co = TypeVar("T_co", covariant=True)

_AT_ONCE = 1 << 20  # numbers drawn at the beginning; of more, a generator of their own is


class Sampler(Generic[T_co]):
    """Base class: a subclass writes ``__iter__`` and, if it is known, ``__len__``.

    Example:
        >>> from minitorch.utils.data import Sampler
        >>> class Backwards(Sampler):
        ...     def __init__(self, data):
        ...         self.data = data
        ...     def __iter__(self):
        ...         return reversed(range(len(self.data)))
        >>> list(Backwards("abc"))
        [2, 1, 0]
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """All samples in their order.

    Args:
        data_source: anything with a length.
    """

    data_source: Sized

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """All samples in a random order, or as many as are asked for.

    Args:
        data_source: anything with a length.
        replacement: draw each sample independently of the others.
        num_samples: how many to draw; the length of `data_source` by default. Without
            replacement, more than that means one permutation after the other.
        generator: where the numbers come from; the default generator by default.

    Raises:
        ValueError: if `num_samples` is not positive, as with an empty dataset.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import RandomSampler
        >>> sorted(RandomSampler(range(4), generator=minitorch.Generator()))
        [0, 1, 2, 3]
    """

    data_source: Sized
    replacement: bool

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(
                f"replacement should be a boolean value, but got replacement={replacement}"
            )
        _require_positive("num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many samples an epoch has."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        rng = numpy_generator(self.generator)
        size, count = len(self.data_source), self.num_samples
        if self.replacement and count > _AT_ONCE:
            return _stream(np.random.default_rng(rng.integers(1 << 63)), size, count)
        if self.replacement:
            return iter(rng.integers(size, size=count).tolist())
        rounds = -(-count // size)
        order = np.concatenate([rng.permutation(size) for _ in range(rounds)])
        return iter(order[:count].tolist())

    def __len__(self) -> int:
        return self.num_samples


def _stream(rng: np.random.Generator, size: int, count: int) -> Iterator[int]:
    """Yield `count` numbers below `size`, drawn as they are asked for."""
    for start in range(0, count, _AT_ONCE):
        yield from rng.integers(size, size=min(_AT_ONCE, count - start)).tolist()


class SubsetRandomSampler(Sampler[int]):
    """Some samples in a random order.

    Args:
        indices: their numbers.
        generator: where the order comes from; the default generator by default.
    """

    indices: Sequence[int]

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        order = numpy_generator(self.generator).permutation(len(self.indices))
        return map(self.indices.__getitem__, order.tolist())

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Sample i with a probability in proportion to ``weights[i]``.

    Args:
        weights: one for each sample; they need not sum to 1.
        num_samples: how many to draw.
        replacement: whether a sample can be drawn again.
        generator: where the numbers come from; the default generator by default.

    Raises:
        ValueError: for weights that are not a sequence of numbers, negative or all zero; or for
            more samples without replacement than there are weights above zero.

    Example:
        >>> from minitorch.utils.data import WeightedRandomSampler
        >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], num_samples=3))
        [1, 1, 1]
    """

    weights: Tensor

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        _require_positive("num_samples", num_samples)
        if not isinstance(replacement, bool):
            raise ValueError(
                f"replacement should be a boolean value, but got replacement={replacement}"
            )
        array = np.array(weights, dtype=np.float64)
        if array.ndim != 1:
            raise ValueError(
                f"weights should be a 1d sequence but given weights have shape {array.shape}"
            )
        if not (np.isfinite(array).all() and (array >= 0).all() and array.any()):
            raise ValueError("weights should be finite and not negative, and at least one positive")
        if not replacement and num_samples > np.count_nonzero(array):
            raise ValueError(
                f"num_samples={num_samples} without replacement needs as many weights above zero, "
                f"but there are {np.count_nonzero(array)}"
            )
        self.weights = wrap(array)
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        probabilities = self.weights._array / self.weights._array.sum()
        drawn = numpy_generator(self.generator).choice(
            len(probabilities), self.num_samples, self.replacement, probabilities
        )
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of the numbers that another sampler gives.

    Args:
        sampler: anything that yields numbers.
        batch_size: numbers in a list.
        drop_last: leave out a last list that is shorter.

    Example:
        >>> from minitorch.utils.data import BatchSampler, SequentialSampler
        >>> list(BatchSampler(SequentialSampler(range(5)), batch_size=2, drop_last=False))
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool) -> None:
        _require_positive("batch_size", batch_size)
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler: Iterable[int] = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        return self._batches(iter(self.sampler))  # a random sampler draws its numbers here

    def _batches(self, numbers: Iterator[int]) -> Iterator[list[int]]:
        while batch := list(itertools.islice(numbers, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def _require_positive(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{name} should be a positive integer value, but got {name}={value}")
