"""``python -m benchmarks.products``: what NumPy's matrix products alone take of PyTorch's time.

A step cannot be faster than its products, however little everything else costs. They are recorded
while minitorch takes one step, and then computed by themselves: again and again, by NumPy, with as
many threads of its BLAS as PyTorch has. Below 1 is what is left for the tape, the layers and the
optimizer.

    python -m benchmarks.products --only mlp --rounds 20
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
from benchmarks.contenders import THREADS, Contender, load
from benchmarks.session import Remote
from benchmarks.worker import block, steps_in

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
STEPS = "mlp", "encoder", "gpt", "inference"
SECONDS = 0.06  # of a turn


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

    def run() -> None:
        for function, arguments, named in calls:
            function(*arguments, **named)

    assert functions, "this NumPy has another BLAS"
    functions[0](THREADS)
    return run


def main() -> None:
    """Print a line for each case: both times, and their ratio."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.products",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", metavar="TEXT[,TEXT]", default=",".join(STEPS))
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    load("minitorch")
    remote = Remote(Contender("torch"))
    if remote.unavailable:
        sys.exit(f"PyTorch is needed: {remote.unavailable}")
    print("| | products, NumPy | step, PyTorch | ratio |\n| --- | ---: | ---: | ---: |")
    for case in selected(arguments.only):
        remote.ask("setup", name=case.name)
        run = products(case.name)
        count = steps_in(run, SECONDS)
        pairs = [
            (block(run, count), remote.ask("turn")["seconds"]) for _ in range(arguments.rounds)
        ]
        ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        cells = table.duration(ours), table.duration(theirs), f"{ratio:.2f}"
        print(f"| {case.title} | {' | '.join(cells)} |", flush=True)
        remote.ask("drop")
        time.sleep(0.02)
    remote.close()


if __name__ == "__main__":
    main()
