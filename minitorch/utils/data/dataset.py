"""Datasets: what has samples, by number or one after the other."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from minitorch.tensor import Tensor, wrap

T_co = TypeVar("T_co", covariant=True)


class Dataset(Generic[T_co]):
    """Samples by number: a subclass writes ``__getitem__`` and, nearly always, ``__len__``.

    It may also write ``__getitems__(indices)``, which returns the samples of a batch at once; the
    `DataLoader` prefers it.

    Example:
        >>> from minitorch.utils.data import Dataset
        >>> class Squares(Dataset):
        ...     def __getitem__(self, index):
        ...         return index**2
        ...     def __len__(self):
        ...         return 10
        >>> Squares()[3], len(Squares() + Squares())
        (9, 20)
    """

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co], Iterable[T_co]):
    """Samples one after the other: a subclass writes ``__iter__``.

    Example:
        >>> from minitorch.utils.data import IterableDataset, DataLoader
        >>> class Count(IterableDataset):
        ...     def __iter__(self):
        ...         return iter(range(5))
        >>> [batch.tolist() for batch in DataLoader(Count(), batch_size=2)]
        [[0, 1], [2, 3], [4]]
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError("Subclasses of IterableDataset should implement __iter__.")

    def __add__(self, other: Dataset[Any]) -> Any:
        return ChainDataset([self, other])


class TensorBatch(Sequence[tuple[Tensor, ...]]):
    """The samples of a batch, cut out of tensors at once.

    It is a sequence of samples; `default_collate` takes the `tensors` as they are.

    Args:
        tensors: each of shape (batch, ...).
    """

    def __init__(self, tensors: tuple[Tensor, ...]) -> None:
        self.tensors = tensors

    def __getitem__(self, index: Any) -> Any:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors whose first dimension counts the samples.

    Args:
        *tensors: of the same size in the first dimension.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import TensorDataset
        >>> data = TensorDataset(minitorch.tensor([[1.0], [2.0]]), minitorch.tensor([0, 1]))
        >>> data[1]
        (tensor([2.]), tensor(1))
    """

    tensors: tuple[Tensor, ...]

    def __init__(self, *tensors: Tensor) -> None:
        if any(tensors[0].size(0) != tensor.size(0) for tensor in tensors):
            raise AssertionError("Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __getitems__(self, indices: Sequence[int]) -> TensorBatch:
        rows = np.asarray(indices, dtype=np.intp)
        return TensorBatch(tuple(_take(tensor, rows) for tensor in self.tensors))

    def __len__(self) -> int:
        return len(self.tensors[0])


def _take(tensor: Tensor, rows: np.ndarray) -> Tensor:
    if tensor.requires_grad:
        return tensor[wrap(rows)]
    return wrap(tensor._array.take(rows, 0))


class StackDataset(Dataset[Any]):
    """Several datasets side by side: a sample is a tuple, or a dict, of a sample of each.

    Args:
        *args: datasets of one length; samples are tuples.
        **kwargs: datasets of one length by name; samples are dicts.

    Example:
        >>> from minitorch.utils.data import StackDataset
        >>> StackDataset(image=["a", "b"], text=["x", "y"])[1]
        {'image': 'b', 'text': 'y'}
    """

    datasets: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ValueError(
                "Supported either ``tuple``- (via ``args``) or``dict``- (via ``kwargs``) "
                "like input/output, but both types are given."
            )
        if not args and not kwargs:
            raise ValueError("At least one dataset should be passed")
        self.datasets = args or kwargs
        lengths = {len(dataset) for dataset in args or kwargs.values()}
        if len(lengths) > 1:
            raise ValueError("Size mismatch between datasets")
        self._length = lengths.pop()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset[T_co]):
    """Several datasets one behind the other.

    Args:
        datasets: none of them iterable-style.

    Example:
        >>> from minitorch.utils.data import ConcatDataset
        >>> both = ConcatDataset([["a", "b"], ["c"]])
        >>> both[2], both[-3], both.cumulative_sizes
        ('c', 'a', [2, 3])
    """

    datasets: list[Any]
    cumulative_sizes: list[int]

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset")
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __getitem__(self, index: Any) -> Any:
        if index < 0:
            if -index > len(self):
                raise ValueError("absolute value of index should not exceed dataset length")
            index += len(self)
        which = bisect.bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - before]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset[Any]):
    """Several iterable-style datasets, one read after the other.

    Args:
        datasets: all of them iterable-style.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def __iter__(self) -> Iterator[Any]:
        for dataset in self._checked():
            yield from dataset

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self._checked())

    def _checked(self) -> Iterator[Any]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise AssertionError("ChainDataset only supports IterableDataset")
            yield dataset
