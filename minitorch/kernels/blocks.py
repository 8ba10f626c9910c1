"""Elementwise updates in blocks that stay in the cache, on all threads.

A parameter of millions of elements, its gradient and its optimizer state do not fit in the cache
together; a dozen sweeps over them would each fetch them from memory again. Here the whole update
runs on one piece of all of them, then on the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.kernels import parallel

if TYPE_CHECKING:
    from collections.abc import Callable


def walk(
    update: Callable[..., None],
    p: np.ndarray,
    g: np.ndarray,
    state: dict[str, np.ndarray],
    *args: Any,
) -> None:
    """Call ``update(p, g, state, *args)``, block by block and on all threads if they are large.

    Args:
        update: an elementwise function that changes `p` and the arrays of `state` in place, and
            nothing else: it is called for several blocks at once.
        p: the parameter, in any memory order.
        g: its gradient, of the same shape, in any memory order.
        state: arrays of the same shape; blocks are used when their memory order is the parameter's.
        args: handed on unchanged.
    """
    if p.size <= parallel.ALONE:
        update(p, g, state, *args)
        return
    flat = flatten_alike(p, state.values())
    if flat is None:
        update(p, g, state, *args)
        return
    p_flat, state_flat = flat[0], dict(zip(state, flat[1:], strict=True))
    g_flat = (g if same_order(g, p) else copy_in_order(g, p)).ravel(order="K")

    def work(piece: slice) -> None:
        part = {name: array[piece] for name, array in state_flat.items()}
        update(p_flat[piece], g_flat[piece], part, *args)

    parallel.walk(work, p.size, 1, dear=True)


def flatten_alike(p: np.ndarray, others: Any) -> list[np.ndarray] | None:
    """Return 1-D views of `p` and the others in the order of memory, or None if there are none.

    There are none if `p` has gaps (a slice), or if another array is ordered differently.
    """
    views = [p.ravel(order="K")]
    if views[0].base is None:  # a copy
        return None
    for array in others:
        if not same_order(array, p):
            return None
        views.append(array.ravel(order="K"))
    return views


def same_order(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays of one shape and type have the same steps in memory."""
    if a.strides == b.strides:
        return True
    steps = zip(a.shape, a.strides, b.strides, strict=True)
    return all(x == y for size, x, y in steps if size > 1)


def copy_in_order(array: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return a copy of `array` with the type and the memory order of `like`."""
    copy = np.empty_like(like, subok=False)
    copy[...] = array
    return copy
