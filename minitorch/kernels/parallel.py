"""Work shared between threads, and scratch memory that each of them keeps.

NumPy lets go of the interpreter's lock inside its loops and matrix products, so Python threads
compute side by side. Two of them over a batch, each with one BLAS thread, beat one of them with two
BLAS threads: the sweeps between the products run in parallel too.
"""

from __future__ import annotations

import math
import os
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.kernels import threads
from minitorch.kernels.memory import fresh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Elements of a piece. One thread is fastest while operands, result and scratch stay in its cache.
# Where several compute, the end of each NumPy call costs some 10 us, for it must wait for the
# interpreter's lock; a call should take several times that, and cheap ones need large pieces.
ALONE = 64 * 1024
SHARED = 512 * 1024
# The share of `least`, the smallest part worth a thread, that the first part has beyond the others:
# what it does while they wake up, so that it need not fall asleep to wait for them in the end.
_LEAD = 0.25
_BEYOND = 64  # elements behind the scratch that was asked for


class _Own(threading.local):
    """What a thread has to itself."""

    def __init__(self) -> None:
        self.busy = False  # inside `split`
        self.scratch: dict[Any, np.ndarray] = {}


class _Call:
    """A part of some work, on its way to a worker and back."""

    __slots__ = ("arguments", "ended", "error", "lock", "started")

    def __init__(self, *arguments: Any) -> None:
        self.arguments = [arguments]
        self.error: BaseException | None = None
        self.started = self.ended = False
        self.lock = threading.Lock()
        self.lock.acquire()

    def run(self) -> None:
        """Do it, unless it was cancelled, note what was raised, and tell who waits."""
        self.started = True
        try:
            if self.arguments:
                _run(*self.arguments.pop())
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            self.error = error
        self.ended = True
        self.lock.release()

    def cancel(self) -> None:
        """Let it not be done if it has not been begun."""
        self.arguments.clear()
        if not self.started:
            self.ended = True

    def wait(self) -> BaseException | None:
        """Return when it has ended: not before, as it writes to memory that others will read.

        Returns:
            What interrupted the waiting (Ctrl-C), or what the work raised.
        """
        interrupt = None
        while not self.ended:
            try:
                self.lock.acquire()
            except BaseException as error:  # noqa: BLE001 - raised again by `split`
                interrupt = error
        return interrupt or self.error


_own = _Own()
_team: list[SimpleQueue[_Call]] = []  # what the workers take their calls from
_turn: dict[str, int] = {}  # the thread whose split is in hand


def split(work: Callable[[int, int, int], None], n: int, least: int = 1) -> int:
    """Call ``work(start, stop, part)`` for parts that together cover ``range(n)``, on all threads.

    The parts are the same whenever the number of threads is, so that sums made of one partial
    result for each part are reproducible; while another thread's split is in hand, they run one
    after the other. Inside, matrix products use one thread. The first exception of a part is
    raised, after all parts have ended; Ctrl-C too.

    Args:
        work: writes its results to memory of its own part.
        n: how many items there are.
        least: fewer items than this are not worth a thread; a dispatch costs 50 to 100 us.

    Returns:
        The number of parts.
    """
    parts = count(n, least)
    if parts == 1:
        work(0, n, 0)
        return 1
    shares = _shares(n, parts, least)
    threads.one_for_blas()
    me = threading.get_ident()
    calls = [_Call(work, *share) for share in shares[1:]]
    whole = False
    try:
        team = _workers(parts - 1) if _turn.setdefault("owner", me) == me else []
        if len(team) == len(calls):
            for worker, call in zip(team, calls, strict=True):
                worker.put(call)
            _run(work, *shares[0])
            whole = True
        else:
            for share in shares:
                _run(work, *share)
    finally:
        _finish(calls, me, whole)
    return parts


def _shares(n: int, parts: int, least: int) -> list[tuple[int, int, int]]:
    """Return start, stop and number of each part of `n` items.

    This thread begins first, and would sleep if it had to wait for the others: they get less.
    """
    lead = round(least * _LEAD)
    bounds = [0, *(lead + (n - lead) * part // parts for part in range(1, parts + 1))]
    return [(bounds[part], bounds[part + 1], part) for part in range(parts)]


def _finish(calls: list[_Call], owner: int, whole: bool) -> None:
    """Wait for all calls, whatever interrupts that, then raise the first of what was raised.

    Args:
        calls: what other threads were given to do, if it came to that.
        owner: the thread that waits.
        whole: whether its own part is done; if not, theirs need not be begun.
    """
    first = None
    while calls:
        try:
            if not whole:
                calls[0].cancel()
            error = calls[0].wait()
            first = first or error
            del calls[0]
        except BaseException as interrupt:  # noqa: BLE001 - raised below
            first = first or interrupt
    _own.busy = False
    if _turn.get("owner") == owner:
        _turn.clear()
    if first is not None:
        raise first


def walk(work: Callable[[slice], Any], rows: int, size: int, *, dear: bool = False) -> list[Any]:
    """Return what ``work(piece)`` says of pieces that together are all rows, in their order.

    Args:
        work: writes its results to its own rows, and may return more.
        rows: how many there are.
        size: elements of a row.
        dear: whether an element takes exponentials or the like: half as many are worth a thread.
    """
    if rows * size <= ALONE:
        return [work(slice(0, rows))]
    shared = SHARED // 2 if dear else SHARED
    least = -(-shared // max(size, 1))
    parts = count(rows, least)
    pieces = max(1, round(rows * size / (parts * shared)))
    step = max(1, ALONE // max(size, 1)) if parts == 1 else -(-rows // (parts * pieces))
    results: dict[int, list[Any]] = {}

    def run(start: int, stop: int, part: int) -> None:
        rows = stop - start
        width = step if parts == 1 else -(-rows // max(1, round(rows / step)))
        results[part] = [work(slice(i, min(i + width, stop))) for i in range(start, stop, width)]

    split(run, rows, least)
    return [result for part in sorted(results) for result in results[part]]


def piece(elements: int) -> int:
    """Return how many elements a piece should have of the work on so many."""
    return SHARED if count(elements, SHARED) > 1 else ALONE


def each(work: Callable[[Any], Any], items: Sequence[Any], elements: int) -> list[Any]:
    """Return what `work` says of each item, in their order.

    Args:
        work: writes its results to memory of its own item, and may return more.
        items: pieces of about the size that `piece` returned.
        elements: how many they have in all.
    """
    results: list[Any] = [None] * len(items)

    def run(start: int, stop: int, _part: int) -> None:
        for i in range(start, stop):
            results[i] = work(items[i])

    split(run, len(items), -(-SHARED * len(items) // max(elements, 1)))
    return results


def count(n: int, least: int = 1) -> int:
    """Return into how many parts `split` divides `n` items; inside a part, there is but one."""
    if _own.busy:
        return 1
    return max(1, min(threads.get_num_threads(), n // max(least, 1)))


def total(sums: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
    """Return the sum over the parts of a split, ``(parts, ...) -> (...)``; the first is changed."""
    result: np.ndarray = sums[0]
    for other in sums[1:]:
        result += other
    return result


def scratch(name: str, shape: tuple[int, ...], dtype: Any = np.float32) -> np.ndarray:
    """Return memory of this thread for `name`, at a cache line, as the last caller left it.

    It is valid until the same thread asks for the same name again. Keep it to a few megabytes: it
    is never given back.
    """
    size = math.prod(shape)
    key = name, np.dtype(dtype)
    buffer = _own.scratch.get(key)
    if buffer is None or buffer.size < size + _BEYOND:
        # BLAS looks at a few numbers beyond the end, and warns of those that are not finite.
        buffer = _own.scratch[key] = fresh((size + _BEYOND,), dtype)
        buffer[...] = 0
    return buffer[:size].reshape(shape)


def _run(work: Callable[[int, int, int], None], start: int, stop: int, part: int) -> None:
    try:
        _own.busy = True
        work(start, stop, part)
    finally:
        _own.busy = False


def _workers(number: int) -> list[SimpleQueue[_Call]]:
    """Return so many workers, or fewer if the system has no more threads for us."""
    try:
        while len(_team) < number:
            calls: SimpleQueue[_Call] = SimpleQueue()
            threading.Thread(target=_serve, args=(calls,), name="minitorch", daemon=True).start()
            _team.append(calls)
    except RuntimeError:  # no threads left, or the interpreter is about to end
        _turn.clear()
    return _team[:number]


def _serve(calls: SimpleQueue[_Call]) -> None:
    """Run one call after the other, for good."""
    while True:
        calls.get().run()


def _after_fork() -> None:
    """Forget the threads of the parent process, which a child does not have."""
    _team.clear()
    _turn.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
