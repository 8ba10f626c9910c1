"""What the tape itself costs: 1,000 additions of scalars, forward and backward."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

from benchmarks.case import Case, Step

LENGTH = 1_000


def chain(library: str) -> Step:
    """Record the chain and walk it back."""
    module: Any = importlib.import_module(library)
    leaf = {"requires_grad": True} if library != "mygrad" else {}
    x = module.tensor(1.0, **leaf)

    def step() -> None:
        y = x
        for _ in range(LENGTH):
            y = y + x
        y.backward()

    return step


CASES = [
    Case(
        name="tape",
        title="tape: 1,000 scalar additions, forward and backward",
        setups={name: {"": partial(chain, name)} for name in ("minitorch", "torch", "mygrad")},
        memory=False,
    )
]
