"""Memory used again is memory that nobody holds."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import minitorch
from minitorch.kernels import memory
from minitorch.kernels.memory import empty

FLOAT = np.dtype(np.float32)
SHAPE = (300, 200)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_kept", memory._Kept())


def address(array: np.ndarray) -> int:
    return array.ctypes.data


def test_what_nobody_holds_is_used_again() -> None:
    first = empty(SHAPE, FLOAT)
    place = address(first)
    del first
    assert address(empty(SHAPE, FLOAT)) == place
    assert address(empty(SHAPE[::-1], FLOAT)) == place


@pytest.mark.parametrize(
    "hold",
    [
        lambda x: x,
        lambda x: x.T,
        lambda x: x[5:7, ::2],
        lambda x: x.reshape(-1)[:1].view(np.int32),
        lambda x: memoryview(x),
        lambda x: iter(x),
        lambda x: minitorch.from_numpy(x)[0],
        lambda x: np.from_dlpack(x),
    ],
)
def test_what_somebody_holds_is_left_alone(hold) -> None:
    array = empty(SHAPE, FLOAT)
    array[...] = 1
    held = hold(array)
    place = address(array)
    del array
    others = [empty(SHAPE, FLOAT) for _ in range(3)]
    assert place not in [address(other) for other in others]
    assert len({address(other) for other in others}) == 3
    del held, others
    assert place in [address(x) for x in [empty(SHAPE, FLOAT) for _ in range(4)]]


def test_sizes_and_types_are_kept_apart() -> None:
    seen = set()
    for shape, dtype in ((SHAPE, FLOAT), ((300, 201), FLOAT), (SHAPE, np.dtype(np.float64))):
        array = empty(shape, dtype)
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous
        assert address(array) % 64 == 0
        del array
        seen.add(len(memory._kept.stock.rooms))
    assert seen == {1, 2, 3}


@pytest.mark.parametrize("shape", [(), (0, 5), (10, 10), (4_000, 3_000)])
def test_small_and_huge_arrays_are_not_kept(shape: tuple[int, ...]) -> None:
    assert empty(shape, FLOAT).shape == shape
    assert not memory._kept.stock.rooms


def test_no_more_is_kept_than_the_limit() -> None:
    held = [empty((4 << 20,), FLOAT) for _ in range(40)]
    for i, array in enumerate(held):
        array[...] = i
    assert memory._kept.nbytes <= memory._LIMIT
    assert sum(len(rooms.entries) for rooms in memory._kept.stock.rooms.values()) < 40
    assert all((array == i).all() for i, array in enumerate(held))


def test_what_is_free_makes_place_for_other_sizes() -> None:
    held = [empty((1 << 20,), FLOAT) for _ in range(60)]
    kept = held[7]
    kept[...] = 7
    held.clear()
    others = [empty((2 << 20,), FLOAT) for _ in range(20)]
    assert sum(len(rooms.entries) for rooms in memory._kept.stock.rooms.values()) == 21
    assert memory._kept.nbytes <= memory._LIMIT
    for other in others:
        other[...] = 0
    assert (kept == 7).all()


def test_a_long_tape_is_not_searched() -> None:
    held = [empty((40_000,), FLOAT) for _ in range(3 * memory._MOST)]
    (rooms,) = memory._kept.stock.rooms.values()
    assert len(rooms.entries) == memory._MOST
    assert rooms.free() is None
    places = {address(array) for array in held}
    assert len(places) == 3 * memory._MOST
    held.clear()
    assert address(empty((40_000,), FLOAT)) in places


def test_a_thread_keeps_little() -> None:
    kept = []

    def other() -> None:
        for i in range(60):
            empty((1_000_000 + i,), FLOAT)
        kept.append(memory._kept.nbytes)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert 0 < kept[0] <= memory._LIMIT_ELSEWHERE


def test_an_operation_in_place_takes_over_memory_that_is_kept() -> None:
    x = minitorch.ones(600, 400, requires_grad=True)
    y = minitorch.nn.functional.silu(x)
    assert id(y._array.base) in memory._kept.stock.owners
    place = address(y._array)
    y.add_(1)
    assert address(y._array) != place
    held = y.detach()
    place = address(y._array)
    y.add_(1)
    assert address(y._array) == address(held._array) == place


def test_each_thread_has_its_own() -> None:
    place = address(empty(SHAPE, FLOAT))
    found = []

    def other() -> None:
        array = empty(SHAPE, FLOAT)
        found.append(address(array) == place)

    mine = empty(SHAPE, FLOAT)
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert address(mine) == place
    assert found == [False]


def test_a_gradient_that_is_held_survives_the_next_step() -> None:
    layer = minitorch.nn.Linear(300, 200, bias=False)
    x = minitorch.ones(2, 300)
    layer(x).sum().backward()
    first = layer.weight.grad
    layer.weight.grad = None
    (3 * layer(x)).sum().backward()
    assert (first == 2).all()
    assert (layer.weight.grad == 6).all()
