"""Work shared between threads, and scratch memory that each of them keeps.

NumPy lets go of the interpreter's lock inside its loops and matrix products, so Python threads
compute side by side. Two of them over a batch, each with one BLAS thread, beat one of them with two
BLAS threads: the sweeps between the products run in parallel too.
"""

from __future__ import annotations

import math
import os
import threading
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


class _Worker:
    """A thread that runs one call after the other; two locks say whose turn it is.

    A pool of the standard library takes half as long again to hand a call over.
    """

    def __init__(self) -> None:
        self.begin, self.end = threading.Lock(), threading.Lock()
        self.begin.acquire()
        self.end.acquire()
        self.call: tuple[Any, ...] = ()
        self.error: BaseException | None = None
        threading.Thread(target=self._serve, name="minitorch", daemon=True).start()

    def start(self, *call: Any) -> None:
        """Begin to run ``call[0](*call[1:])``."""
        self.call = call
        self.begin.release()

    def wait(self) -> BaseException | None:
        """Wait for the end of the call; return what it raised."""
        self.end.acquire()
        error, self.error, self.call = self.error, None, ()
        return error

    def _serve(self) -> None:
        while True:
            self.begin.acquire()
            try:
                _run(*self.call)
            except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
                self.error = error
            self.end.release()


_own = _Own()
_team: list[_Worker] = []
_lock = threading.Lock()  # one split at a time: the number of BLAS threads is the process's


def split(work: Callable[[int, int, int], None], n: int, least: int = 1) -> int:
    """Call ``work(start, stop, part)`` for parts that together cover ``range(n)``, on all threads.

    The parts are the same whenever the number of threads is, so that sums made of one partial
    result for each part are reproducible. Inside, matrix products use one thread. The first
    exception of a part is raised.

    Args:
        work: writes its results to memory of its own part.
        n: how many items there are.
        least: fewer items than this are not worth a thread; a dispatch costs 50 to 100 us.

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
        others = _workers(parts - 1)
        for part, worker in enumerate(others, 1):
            worker.start(work, bounds[part], bounds[part + 1], part)
        try:
            _run(work, 0, bounds[1], 0)
        finally:
            errors = _wait_for(others)
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


def _workers(number: int) -> list[_Worker]:
    """Return so many idle workers."""
    while len(_team) < number:
        _team.append(_Worker())
    return _team[:number]


def _wait_for(workers: list[_Worker]) -> list[BaseException | None]:
    """Return what each worker's call raised, after all of them have ended."""
    try:
        return [worker.wait() for worker in workers]
    except BaseException:  # Ctrl-C: somebody may still be at work, so let others do the next
        _team.clear()
        raise


def _after_fork() -> None:
    """Forget the threads of the parent process, which a child does not have."""
    global _lock
    _team.clear()
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
