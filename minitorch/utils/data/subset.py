"""Parts of a dataset, chosen or drawn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from minitorch.notices import warn
from minitorch.random import Generator, default_generator
from minitorch.utils.data.dataset import Dataset, T_co


class Subset(Dataset[T_co]):
    """Some samples of a dataset.

    Args:
        dataset: the whole.
        indices: the numbers of the samples, in the order of the subset.

    Example:
        >>> from minitorch.utils.data import Subset
        >>> list(Subset("abcdef", [5, 0]))
        ['f', 'a']
    """

    dataset: Any
    indices: Sequence[int]

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices
        own = type(self)
        if own.__getitem__ is not Subset.__getitem__ and own.__getitems__ is Subset.__getitems__:
            raise NotImplementedError(
                f"{own.__name__} overrides __getitem__ but not __getitems__. When subclassing "
                "Subset and overriding __getitem__, you must also override __getitems__ to ensure "
                "DataLoader works correctly with your custom logic. A simple implementation:\n\n"
                "def __getitems__(self, indices):\n"
                "    return [self.__getitem__(idx) for idx in indices]"
            )

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: Sequence[int]) -> Any:
        chosen = list(map(self.indices.__getitem__, indices))
        whole = getattr(self.dataset, "__getitems__", None)
        return whole(chosen) if whole is not None else [self.dataset[i] for i in chosen]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(
    dataset: Any,
    lengths: Sequence[int | float],
    generator: Generator | None = default_generator,
) -> list[Subset[Any]]:
    """Split a dataset at random into subsets that do not overlap.

    Args:
        dataset: the whole.
        lengths: how many samples each part gets; or fractions that sum to 1, where what rounding
            down leaves goes to the first parts, one each.
        generator: where the permutation comes from.

    Raises:
        ValueError: if the lengths do not sum to the length of the dataset.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import random_split
        >>> parts = random_split(range(10), [0.75, 0.25], minitorch.Generator().manual_seed(0))
        >>> [len(part) for part in parts]
        [8, 2]
    """
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        lengths = _lengths_of_fractions(len(dataset), lengths)
    if sum(lengths) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    source = default_generator if generator is None else generator
    order = source.numpy.permutation(len(dataset)).tolist()
    ends = itertools.accumulate(lengths)
    return [
        Subset(dataset, order[int(end) - int(length) : int(end)])
        for end, length in zip(ends, lengths, strict=True)
    ]


def _lengths_of_fractions(total: int, fractions: Sequence[float]) -> list[int]:
    for i, fraction in enumerate(fractions):
        if fraction < 0 or fraction > 1:
            raise ValueError(f"Fraction at index {i} is not between 0 and 1")
    lengths = [math.floor(total * fraction) for fraction in fractions]
    for i in range(total - sum(lengths)):
        lengths[i % len(lengths)] += 1
    for i, length in enumerate(lengths):
        if length == 0:
            warn(
                f"Length of split at index {i} is 0. This might result in an empty dataset.",
            )
    return lengths
