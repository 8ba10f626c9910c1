"""``python -m benchmarks.bounds``: what a row of the table could be at best.

Three estimates, beside PyTorch and minitorch, in turns:

- **one thread, halved**: minitorch's time with one thread, divided by two. No way to share the work
  of its kernels between two cores is faster than that.
- **products alone**: a step's matrix products, recorded while minitorch takes one step, and then
  computed again and again by NumPy, with as many threads of its BLAS as PyTorch has. Below 1 is
  what is left for the tape, the layers and the optimizer.
- **by hand**: the whole step of the MLP written in NumPy, without a library. What is between it and
  minitorch's is the price of the library.

    python -m benchmarks.bounds --only mlp,softmax --rounds 20
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmarks import table
from benchmarks.__main__ import selected
from benchmarks.cases.by_hand import ByHand
from benchmarks.contenders import THREADS, Contender, load
from benchmarks.session import PAUSE, Remote
from benchmarks.worker import block, steps_in

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
STEPS = "mlp", "encoder", "gpt", "inference"  # made of products that NumPy computes at once
LAYERS = "norm", "softmax", "gelu-tanh", "max-pool", "adamw-large", "conv-layer", "resnet20"
SECONDS = 0.06  # of a turn
BY_HAND = {
    f"mlp-b{size}-{optimizer.lower()}": (optimizer, size)
    for size in (32, 128, 4096)
    for optimizer in ("SGD", "Adam")
}


@contextmanager
def recorded(calls: list[Call]) -> Iterator[None]:
    """Append the products that are computed inside the block, with their operands.

    Those written with the operator ``@`` go unseen; the kernels write few, of small matrices.
    """
    originals = {name: getattr(np, name) for name in ("matmul", "dot")}

    def recorder(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            calls.append((function, arguments, named))
            return function(*arguments, **named)

        return run

    for name, function in originals.items():
        setattr(np, name, recorder(function))
    try:
        yield
    finally:
        for name, function in originals.items():
            setattr(np, name, function)


def products(name: str) -> Callable[[], None]:
    """The products of one step of minitorch's way to do a case."""
    from minitorch.kernels import threads

    (case,) = (case for case in selected(name) if case.name == name)
    step = next(iter(case.setups["minitorch"].values()))()
    step()
    calls: list[Call] = []
    threads.set_num_threads(1)  # products in one piece, as they would be without threads of ours
    with recorded(calls):
        step()
    functions = threads._openblas()

    @np.errstate(all="ignore")  # what scratch memory holds by now may be anything
    def run() -> None:
        for function, arguments, named in calls:
            function(*arguments, **named)

    assert functions, "this NumPy has another BLAS"
    functions[0](THREADS)
    return run


def main() -> None:
    """Print a line for each case: the times, and their ratios to PyTorch's."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bounds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", metavar="TEXT[,TEXT]", default=",".join((*STEPS, *LAYERS)))
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    load("minitorch")
    remote = Remote(Contender("torch"))
    if remote.unavailable:
        sys.exit(f"PyTorch is needed: {remote.unavailable}")
    ours, alone = Remote(Contender("minitorch")), Remote(Contender("minitorch"), threads=1)
    titles = "PyTorch", "minitorch", "one thread, halved", "products alone", "by hand"
    print(f"| step | {' | '.join(titles)} |\n| --- |{' ---: |' * len(titles)}")
    for case in selected(arguments.only):
        for other in (remote, ours, alone):
            other.ask("setup", name=case.name)
        ways: dict[str, Callable[[], None]] = {}
        if any(name in case.name for name in STEPS):
            ways["products alone"] = products(case.name)
        if case.name in BY_HAND:
            ways["by hand"] = ByHand(*BY_HAND[case.name])
        counts = {title: steps_in(way, SECONDS) for title, way in ways.items()}
        times: dict[str, list[float]] = {title: [] for title in titles}
        for _ in range(arguments.rounds):
            times["PyTorch"].append(remote.ask("turn")["seconds"])
            times["minitorch"].append(ours.ask("turn")["seconds"])
            times["one thread, halved"].append(alone.ask("turn")["seconds"] / THREADS)
            for title, way in ways.items():
                time.sleep(PAUSE)
                way()
                times[title].append(block(way, counts[title]))
        print(f"| {case.title} | {' | '.join(cells(times))} |", flush=True)
        for other in (remote, ours, alone):
            other.ask("drop")
    for other in (remote, ours, alone):
        other.close()


def cells(times: dict[str, list[float]]) -> Iterator[str]:
    """The median of each column, and of its ratios to PyTorch's in the same round."""
    for title, column in times.items():
        if not column:
            yield "n/a"
            continue
        median = table.duration(statistics.median(column))
        pairs = zip(column, times["PyTorch"], strict=True)
        ratio = statistics.median([own / theirs for own, theirs in pairs])
        yield median if title == "PyTorch" else f"{median} (**{ratio:.2f}**)"


if __name__ == "__main__":
    main()
