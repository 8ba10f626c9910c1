"""The files of `torch.save`, written here; `tests/parity` has torch read and write them."""

from __future__ import annotations

import io
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch
from minitorch import nn
from minitorch.serialization import load, save
from minitorch.serialization.storages import Storages
from minitorch.tensor import Tensor, wrap


def through_a_file(obj: Any) -> Any:
    file = io.BytesIO()
    save(obj, file, format="torch")
    file.seek(0)
    return load(file)


DTYPES = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)


@st.composite
def views(draw: Any) -> np.ndarray:
    """An array in any memory order, with steps and from the end too."""
    array = draw(ARRAYS)
    array = array.transpose(draw(st.permutations(range(array.ndim))))
    index = tuple(slice(None, None, draw(st.sampled_from([1, 2, -1]))) for _ in array.shape)
    return np.asarray(array[index])


@given(st.lists(views(), max_size=3))
def test_every_type_and_layout(arrays: list[np.ndarray]) -> None:
    for array, tensor in zip(arrays, through_a_file([wrap(a) for a in arrays]), strict=True):
        assert tensor._array.dtype == array.dtype
        np.testing.assert_array_equal(tensor._array, array)
        assert tensor._array.flags.writeable


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
KEYS = st.text(max_size=3) | st.integers(-(2**64) + 1, 2**64 - 1) | st.none()
NESTS = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3).map(OrderedDict)
    ),
    max_leaves=10,
)


@given(NESTS)
def test_any_containers(obj: Any) -> None:
    result = through_a_file(obj)
    assert result == obj
    assert type(result) is type(obj)


def test_classes_that_a_checkpoint_holds() -> None:
    obj = {
        "size": minitorch.Size([2, 3]),
        "dtype": minitorch.float16,
        "device": minitorch.device("cpu:1"),
        "milestones": Counter({10: 1, 15: 2}),
        "number": np.float64(0.5),
        "parameter": nn.Parameter(minitorch.ones(2), requires_grad=False),
        "leaf": minitorch.ones(2, requires_grad=True),
    }
    result = through_a_file(obj)
    for key in ("size", "dtype", "device", "milestones"):
        assert result[key] == obj[key]
        assert type(result[key]) is type(obj[key])
    assert result["number"] == 0.5
    assert type(result["parameter"]) is nn.Parameter
    assert not result["parameter"].requires_grad
    assert type(result["leaf"]) is Tensor
    assert result["leaf"].requires_grad


def test_a_state_dict_keeps_the_versions_of_its_modules() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    result = through_a_file(model.state_dict())
    assert result._metadata == model.state_dict()._metadata
    other = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    assert str(other.load_state_dict(result)) == "<All keys matched successfully>"
    x = minitorch.ones(1, 3)
    assert other(x).item() == model(x).item()


def test_tensors_that_share_memory_share_it_again() -> None:
    base = np.arange(24.0, dtype=np.float32).reshape(4, 6)
    obj = {"w": wrap(base), "tied": wrap(base), "T": wrap(base.T), "part": wrap(base[1:, ::2])}
    result = through_a_file(obj)
    for name, tensor in obj.items():
        np.testing.assert_array_equal(result[name]._array, tensor._array)
    result["w"]._array[1, 2] = -1
    assert result["tied"]._array[1, 2] == result["T"]._array[2, 1] == -1
    assert result["part"]._array[0, 1] == -1


def test_a_small_view_of_much_memory_is_a_small_file() -> None:
    file = io.BytesIO()
    save({"x": wrap(np.zeros((1000, 1000))[:2, :2])}, file, format="torch")
    assert file.tell() < 4_000


def test_overlapping_parts_without_a_whole_are_written_each() -> None:
    base = np.arange(10.0)
    result = through_a_file([wrap(base[:6]), wrap(base[4:])])
    np.testing.assert_array_equal(result[0]._array, base[:6])
    np.testing.assert_array_equal(result[1]._array, base[4:])


def test_a_reversed_part_of_a_whole() -> None:
    base = np.arange(10.0)
    result = through_a_file([wrap(base), wrap(base[::-1])])
    np.testing.assert_array_equal(result[1]._array, base[::-1])


def test_neighbours_in_memory_are_strangers() -> None:
    base = np.arange(10.0)
    storages = Storages([base[:5], base[5:]])
    assert [len(a) for a in storages.arrays()] == [5, 5]
    assert storages.find(base[5:]).storage == 1


def test_storages_begin_at_multiples_of_64_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    save([wrap(np.arange(n)) for n in range(1, 6)], path, format="torch")
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            extra = int.from_bytes(
                data[info.header_offset + 28 : info.header_offset + 30], "little"
            )
            assert (info.header_offset + 30 + len(info.filename) + extra) % 64 == 0
            assert info.compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize("mmap", [True, False, None])
def test_a_file_may_be_mapped(mmap: bool | None, tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    save({"w": minitorch.ones(1000)}, path, format="torch")
    before = path.read_bytes()
    result = load(path, mmap=mmap)
    result["w"]._array += 1
    save({"w": minitorch.zeros(3)}, path, format="torch")
    assert (result["w"]._array == 2).all()
    assert path.read_bytes() != before


@pytest.mark.parametrize(
    ("obj", "place"),
    [
        ({"a": [np.ones(2)]}, r"the object\['a'\]\[0\] is of type ndarray"),
        ({"a": {1, 2}}, r"the object\['a'\] is of type set"),
        ({"a": {(1, 2): 3}}, r"the object\['a'\] has a key of type tuple"),
        (2 ** (8 * 300), "too long"),
    ],
)
def test_what_cannot_be_saved_is_named(obj: Any, place: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=place):
        save(obj, tmp_path / "x", format="torch")
    assert not list(tmp_path.iterdir())


def test_arguments() -> None:
    with pytest.raises(ValueError, match="format must be 'safetensors' or 'torch', got 'h5'"):
        save({}, io.BytesIO(), format="h5")
    with pytest.raises(NotImplementedError, match="save: metadata with format='torch'"):
        save({}, io.BytesIO(), {"a": "b"}, format="torch")
