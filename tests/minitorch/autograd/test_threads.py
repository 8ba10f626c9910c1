"""Threads record and differentiate side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import minitorch


def test_independent_graphs_in_two_threads():
    def work(seed: int) -> list[float]:
        x = minitorch.tensor([0.1 * seed, 0.5], requires_grad=True)
        results = []
        for _ in range(200):
            y = x
            for _ in range(10):
                y = (y * x).sin() + x
            (g,) = minitorch.autograd.grad(y.sum(), x)
            results.append(g.sum().item())
        return results

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(work, [1, 2]))
    assert together == [work(1), work(2)]


def test_modes_belong_to_a_thread():
    barrier = Barrier(2)

    @minitorch.no_grad()
    def off() -> bool:
        barrier.wait()
        barrier.wait()
        return minitorch.is_grad_enabled()

    def on() -> bool:
        barrier.wait()
        enabled = minitorch.is_grad_enabled()
        barrier.wait()
        return enabled

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(off), pool.submit(on)
        assert (first.result(10), second.result(10)) == (False, True)


def test_decorated_function_in_two_threads():
    barrier = Barrier(2)

    @minitorch.no_grad()
    def inside() -> bool:
        barrier.wait()
        return minitorch.is_grad_enabled()

    def call() -> tuple[bool, bool]:
        return inside(), minitorch.is_grad_enabled()

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(call) for _ in range(2)]
        assert [f.result(10) for f in futures] == [(False, True)] * 2


def test_graph_made_here_differentiated_there():
    x = minitorch.ones(3, requires_grad=True)
    y = (x * x).sum()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(y.backward).result(10)
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
