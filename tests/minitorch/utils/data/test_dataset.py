"""Datasets and splits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minitorch.random import Generator
from minitorch.tensor import Tensor, wrap
from minitorch.utils.data import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)


class Counting(IterableDataset[int]):
    def __init__(self, *values: int) -> None:
        self.values = values

    def __iter__(self) -> Any:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)


def tensors(count: int = 10) -> TensorDataset:
    return TensorDataset(wrap(np.arange(2.0 * count).reshape(count, 2)), wrap(np.arange(count)))


def test_a_dataset_must_be_written() -> None:
    with pytest.raises(NotImplementedError, match="should implement __getitem__"):
        Dataset()[0]
    with pytest.raises(NotImplementedError, match="should implement __iter__"):
        iter(IterableDataset())


def test_tensors_of_different_sizes() -> None:
    with pytest.raises(AssertionError, match="Size mismatch between tensors"):
        TensorDataset(wrap(np.ones(3)), wrap(np.ones(2)))


def test_a_batch_of_tensors_is_a_sequence_of_samples() -> None:
    data = tensors()
    batch = data.__getitems__([3, 0, 9])
    assert len(data) == 10
    assert len(batch) == 3
    assert [tensor._array.tolist() for tensor in batch.tensors] == [
        [[6, 7], [0, 1], [18, 19]],
        [3, 0, 9],
    ]


def test_a_batch_does_not_share_memory() -> None:
    data = tensors()
    batch = data.__getitems__([0, 1])
    batch.tensors[0]._array[...] = -1
    assert data.tensors[0]._array.min() == 0


def test_gradients_flow_through_a_batch_of_tensors() -> None:
    table = wrap(np.ones((3, 2)))
    table.requires_grad = True
    TensorDataset(table).__getitems__([0, 2, 2]).tensors[0].sum().backward()
    assert table.grad._array.tolist() == [[1, 1], [0, 0], [2, 2]]


def test_an_index_out_of_range() -> None:
    with pytest.raises(IndexError):
        tensors(3).__getitems__([3])


def test_concatenation() -> None:
    both = Dataset.__add__("ab", "cde")  # type: ignore[arg-type]
    assert isinstance(both, ConcatDataset)
    assert [both[i] for i in range(-5, 5)] == list("abcdeabcde")
    assert len(both) == 5
    assert both.cumulative_sizes == [2, 5]
    with pytest.raises(ValueError, match="absolute value of index"):
        both[-6]
    with pytest.raises(AssertionError, match="should not be an empty iterable"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="does not support IterableDataset"):
        ConcatDataset([Counting(1)])


def test_chains() -> None:
    chain = Counting(1, 2) + Counting(3)
    assert isinstance(chain, ChainDataset)
    assert list(chain) == [1, 2, 3]
    assert len(chain) == 3
    with pytest.raises(AssertionError, match="only supports IterableDataset"):
        list(ChainDataset(["ab"]))


def test_stacks() -> None:
    assert StackDataset("ab", [1, 2])[1] == ("b", 2)
    assert StackDataset(x="ab", y=[1, 2])[0] == {"x": "a", "y": 1}
    assert len(StackDataset("ab")) == 2
    for args, kwargs in (((), {}), (("a",), {"b": "b"}), (("ab", "c"), {})):
        with pytest.raises(ValueError, match=r"dataset|given"):
            StackDataset(*args, **kwargs)


def test_subsets_of_subsets_are_cut_at_once() -> None:
    subset = Subset(Subset(tensors(), [9, 8, 7, 6]), np.array([1, 3]))
    batch = subset.__getitems__([1, 0])
    assert batch.tensors[1]._array.tolist() == [6, 8]
    assert len(subset) == 2
    assert Subset("abc", [2, 0]).__getitems__([0, 1, 0]) == ["c", "a", "c"]


def test_a_subset_that_overrides_one_method_only() -> None:
    class Upper(Subset[str]):
        def __getitem__(self, index: Any) -> str:
            return super().__getitem__(index).upper()

    with pytest.raises(NotImplementedError, match="overrides __getitem__ but not __getitems__"):
        Upper("abc", [0])


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([6, 4], [6, 4]), ([0.6, 0.4], [6, 4]), ([0.33, 0.33, 0.34], [4, 3, 3]), ([10], [10])],
)
def test_splits_cover_everything_once(lengths: Any, expected: list[int]) -> None:
    parts = random_split(range(10), lengths)
    assert [len(part) for part in parts] == expected
    assert sorted(index for part in parts for index in part.indices) == list(range(10))


def test_a_split_depends_on_the_generator() -> None:
    def split(seed: int) -> list[int]:
        return list(random_split(range(50), [50], Generator().manual_seed(seed))[0].indices)

    assert split(1) == split(1) != split(2)
    assert random_split(range(50), [50], None)[0].indices != list(range(50))


def test_impossible_splits() -> None:
    with pytest.raises(ValueError, match="Sum of input lengths does not equal"):
        random_split(range(10), [3, 3])
    with pytest.raises(ValueError, match="Fraction at index 0 is not between 0 and 1"):
        random_split(range(10), [1.5, -0.5])
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        random_split(range(1), [0.5, 0.5])


def test_datasets_hold_tensors() -> None:
    assert all(isinstance(tensor, Tensor) for tensor in tensors().tensors)
