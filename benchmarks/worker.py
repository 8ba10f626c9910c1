"""One process that holds one library and does as it is told, a JSON line at a time.

``python -m benchmarks.worker LIBRARY KEEP`` answers to ``setup``, ``turn`` and ``drop`` on its
standard input. ``python -m benchmarks.worker LIBRARY KEEP CASE`` measures one case's peak memory
and ends.
"""

from __future__ import annotations

import gc
import json
import math
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from benchmarks import contenders
from benchmarks.case import Case, Step
from benchmarks.cases import CASES

MEMORY_STEPS = 20
MEMORY_SECONDS = 2.0
TRIALS = 8


def timed(step: Step) -> float:
    """Seconds that one step took."""
    start = time.perf_counter()
    own_time = step()
    return time.perf_counter() - start if own_time is None else own_time


def block(step: Step, count: int) -> float:
    """The median time of ``count`` steps."""
    return statistics.median([timed(step) for _ in range(count)])


def steps_in(step: Step, seconds: float) -> int:
    """How many steps fill a turn of so many seconds."""
    timed(step)
    once = min(timed(step) for _ in range(3))
    return max(1, min(2_000, round(seconds / once)))


def fastest(ways: dict[str, Step], seconds: float) -> str:
    """The label of the way whose best turn is the shortest; the ways take turns."""
    counts = {label: steps_in(step, seconds) for label, step in ways.items()}
    times = dict.fromkeys(ways, math.inf)
    for _ in range(TRIALS):
        for label, step in ways.items():
            times[label] = min(times[label], block(step, counts[label]))
    return min(times, key=times.__getitem__)


class Worker:
    """The state between two commands: the current case's step."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.step: Step | None = None
        self.count = 0

    def setup(self, name: str) -> dict[str, Any]:
        """Build every way this library has for a case and keep the fastest."""
        case = CASES[name]
        ways = case.setups.get(self.library, {})
        if not ways:
            return {"unavailable": f"no {name} case is written for {self.library}"}
        built = {label: setup() for label, setup in ways.items()}
        best = fastest(built, case.seconds) if len(built) > 1 else next(iter(built))
        self.step = built[best]
        self.count = steps_in(self.step, case.seconds)
        return {"setting": best, "steps": self.count}

    def turn(self) -> dict[str, Any]:
        """Warm up, then time one turn: the library's threads may have gone to sleep."""
        if self.step is None:
            raise RuntimeError("a turn was asked for before a setup")
        gc.collect()
        for _ in range(self.count // 3):
            self.step()
        return {"seconds": block(self.step, self.count)}

    def drop(self) -> dict[str, Any]:
        """Forget the current case."""
        self.step = None
        gc.collect()
        return {}


def serve(library: str, answers: TextIO) -> None:
    """Answer commands until the session closes the pipe."""
    module = contenders.load(library)
    say(answers, {"version": module.__version__})
    worker = Worker(library)
    for line in sys.stdin:
        command = json.loads(line)
        say(answers, getattr(worker, command.pop("do"))(**command))


def say(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


# ----------------------------------------------------------------------------------------- memory


def resident(field: str) -> int:
    """``VmRSS`` (now) or ``VmHWM`` (the peak since the last reset) of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}")


def of_libraries() -> int:
    """Bytes of this process's resident memory that are shared libraries: code and its tables."""
    total, counts = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, *words = line.split()
        if not name.endswith(":"):  # the range of addresses that begins a mapping
            counts = len(words) == 5 and ".so" in words[4]
        elif counts and name == "Rss:":
            total += int(words[0]) * 1024
    return total


def peak_memory(case: Case, library: str) -> int:
    """By how much resident memory grows, at its peak, over the first steps.

    There are twenty of them, or as many as two seconds hold, but three at least. The library is
    imported and its threads are awake, model, optimizer and data exist: what is counted is
    gradients, optimizer state, activations and whatever the library sets aside. Code that the first
    step reads from disk is not: of a library of a gigabyte those are megabytes.
    """
    contenders.load(library)
    step = next(iter(case.setups[library].values()))()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
    before, code = resident("VmRSS"), of_libraries()
    end = time.perf_counter() + MEMORY_SECONDS
    for number in range(MEMORY_STEPS):
        if number >= 3 and time.perf_counter() > end:
            break
        step()
    return max(0, resident("VmHWM") - before - (of_libraries() - code))


def main() -> None:
    library, keep, *case = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    contenders.pin_to_cores()
    try:
        if keep == "keep":
            contenders.keep_memory()
        if case:
            say(answers, {"bytes": peak_memory(CASES[case[0]], library)})
        else:
            serve(library, answers)
    except (ImportError, OSError) as reason:
        say(answers, {"unavailable": f"{type(reason).__name__}: {reason}"})


if __name__ == "__main__":
    main()
