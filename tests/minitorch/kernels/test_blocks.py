"""Updates in blocks change what updates at once change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minitorch import kernels
from minitorch.kernels import blocks
from minitorch.kernels.parallel import ALONE as BLOCK

SIZES = [1, 7, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5]


def update(p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], rate: float) -> None:
    state["sum"] += g * g
    p -= rate * g / (1 + state["sum"])


def arrays(shape: Any, order: Any = "C") -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(0)
    p, g, s = (np.array(rng.random(shape), order=order) for _ in range(3))
    return p, g, {"sum": s}


def check(p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray]) -> None:
    p_once, state_once = p.copy(), {"sum": state["sum"].copy()}
    update(p_once, g, state_once, 0.1)
    blocks.walk(update, p, g, state, 0.1)
    np.testing.assert_array_equal(p, p_once)
    np.testing.assert_array_equal(state["sum"], state_once["sum"])


@pytest.mark.parametrize("size", SIZES)
def test_sizes(size: int) -> None:
    check(*arrays(size))


@pytest.mark.parametrize("axes", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 1, 0), (1, 0, 3, 2)])
@pytest.mark.parametrize("gradient_order", ["same", "C", "F"])
def test_memory_orders(axes: tuple[int, ...], gradient_order: Any) -> None:
    p, g, state = arrays((33, 17, 9, 11))
    p, s = p.transpose(axes), state["sum"].transpose(axes)
    g = g.transpose(axes)
    if gradient_order != "same":
        g = np.array(g, order=gradient_order)
    check(p, g, {"sum": s})


def test_unit_dimensions_with_odd_strides() -> None:
    p, g, state = arrays((2, BLOCK))
    p = np.lib.stride_tricks.as_strided(p[None], (1, *p.shape), (8, *p.strides))
    check(p, g[None], {"sum": state["sum"][None]})


def test_a_parameter_with_gaps() -> None:
    p, g, state = arrays((4, BLOCK))
    check(p[:, ::2], g[:, ::2], {"sum": state["sum"][:, ::2]})


def test_state_in_another_order() -> None:
    p, g, state = arrays((4, BLOCK))
    check(p, g, {"sum": np.asfortranarray(state["sum"])})


def test_threads_take_parts_of_like_size() -> None:
    seen: list[int] = []

    def record(p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray]) -> None:
        seen.append(p.size)

    before = kernels.get_num_threads()
    kernels.set_num_threads(1)
    p, g, state = arrays(8 * BLOCK + 1)
    blocks.walk(record, p, g, state)
    kernels.set_num_threads(2)
    whole, seen[:] = sum(seen), []
    blocks.walk(record, p, g, state)
    kernels.set_num_threads(before)
    assert whole == sum(seen) == p.size
    assert len(seen) == 2
    assert min(seen) > p.size // 3


def test_no_gradient_is_changed() -> None:
    p, g, state = arrays(BLOCK * 2)
    before = g.copy()
    blocks.walk(update, p, g, state, 0.1)
    np.testing.assert_array_equal(g, before)
