"""What a benchmark is: a title, and for each library the ways to set its step up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Step = Callable[[], float | None]
"""One unit of work. It is timed from outside, unless it returns its own time in seconds."""

Setup = Callable[[], Step]


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes:
        name: Key in the recorded results, and what ``--only`` selects by.
        title: What a reader of the table sees.
        setups: For each library one or more labelled ways to do the same work; the fastest is
            taken and its label recorded. A library that is absent here has "n/a" in its column.
        seconds: How long one turn should last.
        rounds: How many rounds at most (a case that starts processes asks for few).
        memory: Whether peak memory means anything here.
    """

    name: str
    title: str
    setups: Mapping[str, Mapping[str, Setup]]
    seconds: float = 0.06
    rounds: int = 1_000
    memory: bool = True
