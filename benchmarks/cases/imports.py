"""How long ``import`` takes in a fresh process, beyond NumPy's own."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from benchmarks.case import Case, Step
from benchmarks.contenders import LIBRARIES

PROGRAM = """
import time, numpy
start = time.perf_counter()
import {library}
print(time.perf_counter() - start)
"""


def fresh_import(library: str) -> Step:
    """A step that starts a process and returns the time the import took in it."""
    program = PROGRAM.format(library=library)

    def step() -> float:
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True
        )
        return float(done.stdout)

    return step


CASES = [
    Case(
        name="import",
        title="import, beyond NumPy's",
        setups={name: {"": partial(fresh_import, name)} for name in LIBRARIES},
        seconds=0.0,
        rounds=7,
        memory=False,
    )
]
