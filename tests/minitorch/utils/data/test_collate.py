"""From samples to batches."""

from __future__ import annotations

import types
from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest

from minitorch.tensor import Tensor, wrap
from minitorch.utils.data import default_collate, default_convert

Point = namedtuple("Point", "x y")


def numbers(batch: Any) -> tuple[str, Any]:
    assert isinstance(batch, Tensor)
    return batch._array.dtype.name, batch._array.tolist()


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([1, 2], ("int64", [1, 2])),
        ([1.5, 2], ("float64", [1.5, 2.0])),
        ([True, False], ("bool", [True, False])),
        ([np.float32(1), np.float32(2)], ("float32", [1.0, 2.0])),
        ([np.uint8(1)], ("uint8", [1])),
        ([np.ones(2, np.float32)] * 2, ("float32", [[1.0, 1.0], [1.0, 1.0]])),
        ([wrap(np.zeros((1, 2)))] * 3, ("float64", [[[0.0, 0.0]]] * 3)),
        ([wrap(np.array(3))], ("int64", [3])),
        ([1, 0.5], ("float32", [1.0, 0.5])),
        ([True, 2], ("int64", [1, 2])),
        ([1, np.float32(0.5)], ("float32", [1.0, 0.5])),
        ([1, np.float64(0.5)], ("float64", [1.0, 0.5])),
        ([np.int64(1), 0.5], ("float32", [1.0, 0.5])),
        ([0.5, wrap(np.array(1))], ("float64", [0.5, 1.0])),
        ([np.array([1]), np.array([0.5], np.float32)], ("float32", [[1.0], [0.5]])),
        ([wrap(np.array([1])), wrap(np.array([0.5], np.float16))], ("float16", [[1.0], [0.5]])),
    ],
)
def test_numbers_and_arrays(samples: list[Any], expected: tuple[str, Any]) -> None:
    assert numbers(default_collate(samples)) == expected


def test_strings_stay() -> None:
    assert default_collate(["a", "b"]) == ["a", "b"]
    assert default_collate([np.str_("a")]) == ["a"]
    assert default_collate([b"a"]) == [b"a"]


def test_fields() -> None:
    batch = default_collate([(1, [2.0, "a"], {"k": 3}), (4, [5.0, "b"], {"k": 6})])
    assert isinstance(batch, list)
    assert numbers(batch[0])[1] == [1, 4]
    assert numbers(batch[1][0])[1] == [2.0, 5.0]
    assert tuple(batch[1][1]) == ("a", "b")
    assert numbers(batch[2]["k"])[1] == [3, 6]
    point = default_collate([Point(1, 2), Point(3, 4)])
    assert isinstance(point, Point)
    assert numbers(point.y)[1] == [2, 4]


def test_mappings_keep_their_type() -> None:
    assert isinstance(default_collate([OrderedDict(a=1)]), OrderedDict)
    assert isinstance(default_collate([types.MappingProxyType({"a": 1})]), types.MappingProxyType)


@pytest.mark.parametrize(
    ("samples", "error", "text"),
    [
        ([np.ones(2), np.ones(3)], RuntimeError, r"got \[2\] at entry 0 and \[3\] at entry 1"),
        ([[1, 2], [1]], RuntimeError, "each element in list of batch should be of equal size"),
        (
            [object()],
            TypeError,
            "default_collate: batch must contain tensors.*found <class 'object'>",
        ),
        ([None], TypeError, "NoneType"),
        ([1, "2"], TypeError, "found <class 'str'>"),
        ([wrap(np.ones(1)), 1], TypeError, "expected Tensor as element 1 in argument 0, .* int"),
        ([np.array(["a"])], TypeError, "<U1"),
        ([np.ones(1, complex)], TypeError, "complex128"),
    ],
)
def test_what_is_refused(samples: list[Any], error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        default_collate(samples)


def test_gradients_flow_through_a_batch() -> None:
    x = wrap(np.ones(2))
    x.requires_grad = True
    default_collate([x * 2, x * 3]).sum().backward()
    assert x.grad._array.tolist() == [5, 5]


def test_converting_one_sample() -> None:
    sample = (
        np.ones(2, np.float32),
        {"a": np.float64(2)},
        "text",
        [np.int64(1)],
        Point(np.ones(1), 3),
    )
    array, mapping, text, listed, point = default_convert(sample)
    assert numbers(array) == ("float32", [1.0, 1.0])
    assert numbers(mapping["a"]) == ("float64", 2.0)
    assert text == "text"
    assert numbers(listed[0]) == ("int64", 1)
    assert isinstance(point, Point)
    assert point.y == 3
    words = np.array(["a"])
    assert default_convert(words) is words
    assert default_convert(None) is None
