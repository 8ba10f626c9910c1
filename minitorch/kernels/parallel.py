"""Work shared between threads, and scratch memory that each of them keeps.

NumPy lets go of the interpreter's lock inside its loops and matrix products, so Python threads
compute side by side. Two of them over a batch, each with one BLAS thread, beat one of them with two
BLAS threads: the sweeps between the products run in parallel too.
"""

from __future__ import annotations

import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.kernels import threads
from minitorch.kernels.memory import empty

if TYPE_CHECKING:
    from collections.abc import Callable


class _Own(threading.local):
    """What a thread has to itself."""

    def __init__(self) -> None:
        self.busy = False  # inside `split`
        self.scratch: dict[Any, np.ndarray] = {}


_own = _Own()
_pool: ThreadPoolExecutor | None = None
_lock = threading.Lock()  # one split at a time: the number of BLAS threads is the process's


def split(work: Callable[[int, int, int], None], n: int, least: int = 1) -> int:
    """Call ``work(start, stop, part)`` for parts that together cover ``range(n)``, on all threads.

    The parts are the same whenever the number of threads is, so that sums made of one partial
    result for each part are reproducible. Inside, matrix products use one thread. The first
    exception of a part is raised.

    Args:
        work: writes its results to memory of its own part.
        n: how many items there are.
        least: fewer items than this are not worth a thread; a dispatch costs some 50 us.

    Returns:
        The number of parts.
    """
    parts = 1 if _own.busy else count(n, least)
    if parts == 1 or not _lock.acquire(blocking=False):
        work(0, n, 0)
        return 1
    blas = threads.get_num_threads()
    threads.set_num_threads(1)
    try:
        bounds = [n * part // parts for part in range(parts + 1)]
        others = [
            _workers(parts).submit(_run, work, bounds[part], bounds[part + 1], part)
            for part in range(1, parts)
        ]
        try:
            _run(work, 0, bounds[1], 0)
        finally:
            errors = [future.exception() for future in others]  # waits for each
        for error in errors:
            if error is not None:
                raise error
    finally:
        threads.set_num_threads(blas)
        _lock.release()
    return parts


def count(n: int, least: int = 1) -> int:
    """Return into how many parts `split` would divide `n` items, if no other thread computes."""
    return max(1, min(threads.get_num_threads(), n // max(least, 1)))


def scratch(name: str, shape: tuple[int, ...], dtype: Any = np.float32) -> np.ndarray:
    """Return memory of this thread for `name`, at a cache line, as the last caller left it.

    It is valid until the same thread asks for the same name again. Keep it to a few megabytes: it
    is never given back.
    """
    size = math.prod(shape)
    key = name, np.dtype(dtype)
    buffer = _own.scratch.get(key)
    if buffer is None or buffer.size < size:
        buffer = _own.scratch[key] = empty((size,), dtype)
    return buffer[:size].reshape(shape)


def _run(work: Callable[[int, int, int], None], start: int, stop: int, part: int) -> None:
    before = _own.busy
    _own.busy = True
    try:
        work(start, stop, part)
    finally:
        _own.busy = before


def _workers(parts: int) -> ThreadPoolExecutor:
    """Return the pool, with at least ``parts - 1`` threads."""
    global _pool
    if _pool is None or _pool._max_workers < parts - 1:
        _pool = ThreadPoolExecutor(parts - 1, thread_name_prefix="minitorch")
    return _pool


def _after_fork() -> None:
    """Forget the threads of the parent process, which a child does not have."""
    global _pool, _lock
    _pool = None
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
