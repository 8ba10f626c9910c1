"""Samplers: what they draw, how often, and from which generator."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from minitorch.random import Generator, default_generator, manual_seed
from minitorch.tensor import wrap
from minitorch.utils.data import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

RANDOM: dict[str, Any] = {
    "permutation": lambda g: RandomSampler(range(20), generator=g),
    "more": lambda g: RandomSampler(range(20), num_samples=50, generator=g),
    "replacement": lambda g: RandomSampler(range(20), True, 50, generator=g),
    "subset": lambda g: SubsetRandomSampler(list(range(5, 25)), generator=g),
    "weighted": lambda g: WeightedRandomSampler(np.arange(20.0), 40, generator=g),
    "weighted-once": lambda g: WeightedRandomSampler(np.ones(20), 20, False, generator=g),
}


def test_the_base_class_is_abstract() -> None:
    with pytest.raises(NotImplementedError):
        iter(Sampler())


def test_in_order() -> None:
    sampler = SequentialSampler("abc")
    assert list(sampler) == list(sampler) == [0, 1, 2]
    assert len(sampler) == 3


@pytest.mark.parametrize("name", RANDOM)
def test_random_samplers_draw_when_iterating_begins(name: str) -> None:
    """Changing the generator later does not change the order any more."""
    generator = Generator()
    orders = []
    for disturb in (False, True):
        iterator = iter(RANDOM[name](generator.manual_seed(3)))
        if disturb:
            generator.manual_seed(99)
        orders.append(list(iterator))
    assert orders[0] == orders[1]


@pytest.mark.parametrize("name", RANDOM)
def test_random_samplers_use_the_generator_given_or_the_default(name: str) -> None:
    state = default_generator.get_state()._array.tolist()
    sampler = RANDOM[name](Generator().manual_seed(1))
    first, second = list(sampler), list(sampler)
    assert first != second
    assert len(first) == len(sampler)
    assert default_generator.get_state()._array.tolist() == state
    manual_seed(5)
    first = list(RANDOM[name](None))
    assert first != list(RANDOM[name](None))
    manual_seed(5)
    assert first == list(RANDOM[name](None))


def test_permutations() -> None:
    assert sorted(RandomSampler(range(20))) == list(range(20))
    drawn = list(RandomSampler(range(20), num_samples=50))
    assert sorted(drawn[:20]) == sorted(drawn[20:40]) == list(range(20))
    assert len(set(drawn[40:])) == 10
    assert sorted(SubsetRandomSampler([7, 3, 5])) == [3, 5, 7]


def test_replacement_is_uniform() -> None:
    counts = Counter(RandomSampler(range(4), replacement=True, num_samples=4000))
    assert all(abs(counts[i] - 1000) < 150 for i in range(4))


def test_weights_are_probabilities() -> None:
    counts = Counter(WeightedRandomSampler(wrap(np.array([1.0, 3.0, 0.0])), 4000))
    assert abs(counts[1] - 3000) < 150
    assert counts[2] == 0
    assert sorted(WeightedRandomSampler([1, 0, 2], 2, replacement=False)) == [0, 2]


@pytest.mark.parametrize(
    ("size", "drop_last", "expected"), [(2, False, 3), (2, True, 2), (5, True, 1)]
)
def test_batches(size: int, drop_last: bool, expected: int) -> None:
    sampler = BatchSampler(SequentialSampler(range(5)), size, drop_last)
    batches = list(sampler)
    assert len(batches) == len(sampler) == expected
    assert [i for batch in batches for i in batch] == list(range(5))[
        : 5 if not drop_last else 4 + size % 2
    ]


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (
            lambda: RandomSampler([]),
            ValueError,
            "num_samples should be a positive integer value, but got num_samples=0",
        ),
        (lambda: RandomSampler("a", num_samples=0), ValueError, "num_samples=0"),
        (lambda: RandomSampler("a", replacement=1), TypeError, "replacement should be a boolean"),
        (lambda: WeightedRandomSampler([1.0], True), ValueError, "num_samples=True"),
        (lambda: WeightedRandomSampler([1.0], 1, 1), ValueError, "replacement should be a boolean"),
        (lambda: WeightedRandomSampler([[1.0]], 1), ValueError, r"1d sequence .* shape \(1, 1\)"),
        (lambda: WeightedRandomSampler([-1.0, 2.0], 1), ValueError, "not negative"),
        (lambda: WeightedRandomSampler([0.0], 1), ValueError, "at least one positive"),
        (lambda: WeightedRandomSampler([1.0, 0.0], 2, False), ValueError, "but there are 1"),
        (lambda: BatchSampler("abc", 0, False), ValueError, "batch_size=0"),
        (lambda: BatchSampler("abc", 1.5, False), ValueError, "batch_size=1.5"),
        (lambda: BatchSampler("abc", 1, None), ValueError, "drop_last=None"),
    ],
)
def test_what_is_refused(make: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        make()
