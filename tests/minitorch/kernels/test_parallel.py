import os
import signal
import threading

import numpy as np
import pytest

from minitorch import kernels
from minitorch.kernels import parallel, products, threads


@pytest.fixture(params=[1, 2, 3])
def number_of_threads(request):
    before = threads.get_num_threads()
    threads.set_num_threads(request.param)
    yield request.param
    threads.set_num_threads(before)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 100])
def test_the_parts_cover_every_item_once(number_of_threads, n):
    visits = np.zeros(n, int)

    def work(start, stop, part):
        visits[start:stop] += part + 1 > 0

    parts = parallel.split(work, n)
    assert (visits == 1).all()
    assert parts == max(1, min(number_of_threads, n)) == parallel.count(n)


def test_few_items_stay_in_one_part(number_of_threads):
    assert parallel.split(lambda start, stop, part: None, 9, least=10) == 1


@pytest.mark.parametrize(("n", "least"), [(100, 20), (7, 2), (3, 1), (1000, 333)])
def test_the_first_part_is_larger_by_a_quarter_of_the_least(number_of_threads, n, least):
    sizes = {}
    parts = parallel.split(lambda start, stop, part: sizes.update({part: stop - start}), n, least)
    first, *others = (sizes[part] for part in range(parts))
    assert first + sum(others) == n
    for other in others:
        assert abs(first - other - round(least / 4)) <= 1


def test_once_work_is_shared_matrix_products_use_one_thread(number_of_threads):
    inside = []
    parallel.split(lambda *_: inside.append(threads.blas_threads()), 6)
    assert set(inside) == {1}
    assert threads.blas_threads() == 1
    assert threads.get_num_threads() == number_of_threads


def test_until_work_is_shared_matrix_products_use_all_threads(number_of_threads):
    x = np.ones((512, 512), np.float32)
    assert threads.blas_threads() == number_of_threads
    kernels.matmul(x, x)
    assert threads.blas_threads() == number_of_threads
    assert not threads.work_is_shared()
    parallel.split(lambda *_: None, 6)
    assert threads.work_is_shared() == (number_of_threads > 1)
    threads.start_over()
    assert threads.blas_threads() == number_of_threads


@pytest.mark.parametrize("shared", [False, True])
def test_threads_of_ours_take_products_once_they_take_other_work(monkeypatch, shared):
    calls = []
    monkeypatch.setattr(products, "product", lambda *_: calls.append("ours"))
    x = np.ones((512, 512), np.float32)
    (threads.one_for_blas if shared else threads.start_over)()
    kernels.matmul(x, x)
    threads.start_over()
    assert bool(calls) == shared


@pytest.mark.parametrize(("rows", "size"), [(0, 5), (1, 1), (7, 3), (100, 1), (3, 50), (11, 0)])
@pytest.mark.parametrize("dear", [False, True])
def test_a_walk_takes_every_row_once_and_in_order(
    number_of_threads, monkeypatch, rows: int, size: int, dear: bool
):
    monkeypatch.setattr(parallel, "ALONE", 8)
    monkeypatch.setattr(parallel, "SHARED", 20)
    pieces = parallel.walk(lambda piece: piece, rows, size, dear=dear)
    covered = [i for piece in pieces for i in range(rows)[piece]]
    assert covered == list(range(rows))
    shared = number_of_threads > 1 and rows * size >= (20 if dear else 40) and rows > 1
    assert shared or all((p.stop - p.start) * size <= max(8, size) for p in pieces)


def test_a_split_inside_a_split_is_one_part(number_of_threads):
    parts = []
    parallel.split(lambda *_: parts.append(parallel.split(lambda *_: None, 6)), 6)
    assert set(parts) == {1}


def test_an_error_of_any_part_is_raised_and_the_threads_are_as_before(number_of_threads):
    def work(start, stop, part):
        if stop == 6:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        parallel.split(work, 6)
    assert threads.get_num_threads() == number_of_threads
    assert parallel.split(lambda *_: None, 6) == number_of_threads


def test_two_callers_at_once_do_not_wait_for_each_other():
    threads_before = threads.get_num_threads()
    threads.set_num_threads(2)
    meet = threading.Barrier(2, timeout=20)

    def caller():
        parallel.split(lambda start, stop, part: meet.wait() if part == 0 else None, 2)

    others = [threading.Thread(target=caller) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join(30)
    assert not meet.broken
    assert threads.get_num_threads() == 2
    threads.set_num_threads(threads_before)


def test_scratch_is_kept_by_name_and_by_thread():
    first = parallel.scratch("test", (4, 4))
    first[:] = 7
    assert (parallel.scratch("test", (2, 4)) == 7).all()
    assert not np.shares_memory(parallel.scratch("other", (4, 4)), first)
    assert parallel.scratch("test", (4,), np.float64).dtype == np.float64
    elsewhere = []
    thread = threading.Thread(target=lambda: elsewhere.append(parallel.scratch("test", (4, 4))))
    thread.start()
    thread.join()
    assert not np.shares_memory(elsewhere[0], first)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_process_makes_threads_of_its_own(number_of_threads):
    parallel.split(lambda *_: None, 6)
    child = os.fork()
    if child == 0:
        parallel.split(lambda *_: None, 6)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


# An exception in a callback of the garbage collector (Hypothesis has one) is reported and dropped.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers on this system")
def test_ctrl_c_at_any_moment_spoils_no_later_split():
    before = threads.get_num_threads()
    threads.set_num_threads(2)
    source = np.ones(100_000, np.float32)

    def fill(out):
        def work(start, stop, part):
            np.exp(source[start:stop], out=out[start:stop])

        return parallel.split(work, len(out))

    def interrupt(*_):
        raise KeyboardInterrupt

    handler = signal.signal(signal.SIGALRM, interrupt)
    delays = np.random.default_rng(0).uniform(1e-6, 1e-3, 100)
    try:
        for delay in delays:
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, delay)
                    fill(np.zeros(100_000, np.float32))
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                pass
            out = np.zeros(100_000, np.float32)
            assert fill(out) == 2
            assert out.all()
        assert threads.get_num_threads() == 2
    finally:
        signal.signal(signal.SIGALRM, handler)
        threads.set_num_threads(before)


def test_sums_of_parts_are_the_same_while_another_thread_computes():
    before = threads.get_num_threads()
    threads.set_num_threads(2)
    numbers = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    stop = threading.Event()

    def total():
        sums = np.zeros(parallel.count(1000), np.float32)

        def work(start, end, part):
            sums[part] = numbers[start:end].sum()

        assert parallel.split(work, 1000) == len(sums)
        return sums.sum()

    def others():
        while not stop.is_set():
            parallel.split(lambda *_: None, 2)

    expected = total()
    thread = threading.Thread(target=others)
    thread.start()
    try:
        assert all(total() == expected for _ in range(500))
    finally:
        stop.set()
        thread.join()
        threads.set_num_threads(before)


def test_threads_set_during_a_split_count_after_it(number_of_threads):
    parallel.split(lambda *_: threads.set_num_threads(3), 6)
    assert threads.get_num_threads() == 3


def test_a_part_that_is_cancelled_is_not_done_and_not_waited_for():
    done = []
    call = parallel._Call(lambda *share: done.append(share), 0, 1, 0)
    call.cancel()
    assert call.wait() is None
    call.run()  # a worker comes to it later
    assert not done


def test_a_part_that_was_begun_is_waited_for():
    begun, go, done = threading.Event(), threading.Event(), []

    def work(*share):
        begun.set()
        go.wait(20)
        done.append(share)

    call = parallel._Call(work, 0, 1, 0)
    thread = threading.Thread(target=call.run)
    thread.start()
    begun.wait(20)
    call.cancel()
    assert not call.ended
    go.set()
    assert call.wait() is None
    assert done == [(0, 1, 0)]
    thread.join()
