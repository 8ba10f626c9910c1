"""One session: every contender's worker kept alive, and asked in turn, round after round."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.case import Case
from benchmarks.contenders import THREADS, Contender, environment

Row = dict[str, Any]
"""``{contender: {"seconds": ..., "bytes": ..., "setting": ..., "ratio": ...}}`` and a title."""

PAUSE = 0.02
"""Seconds between two turns: the threads of the last one stop spinning in the meantime."""


class WorkerError(RuntimeError):
    """A worker ended without an answer."""


class Remote:
    """A contender's process, seen from the session."""

    def __init__(self, contender: Contender, threads: int = THREADS) -> None:
        self.contender = contender
        self.process = subprocess.Popen(
            command(contender),
            env=environment(threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        greeting = self.answer()
        self.version: str | None = greeting.get("version")
        self.unavailable: str | None = greeting.get("unavailable")

    def ask(self, do: str, **arguments: object) -> dict[str, Any]:
        """Send one command and wait for its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next line the worker says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise WorkerError(
                f"the worker of {self.contender.name} ended with {self.process.wait()}; "
                "its own message is above"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Let the worker end."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait()


def command(contender: Contender, *case: str) -> list[str]:
    keep = "keep" if contender.keep_memory else "default"
    return [sys.executable, "-m", "benchmarks.worker", contender.library, keep, *case]


@contextmanager
def workers(contenders: Iterable[Contender]) -> Iterator[list[Remote]]:
    """The contenders' processes, for as long as the block lasts."""
    with ExitStack() as stack:
        remotes = []
        for contender in contenders:
            remote = Remote(contender)
            stack.callback(remote.close)
            remotes.append(remote)
        yield remotes


def measure(
    case: Case, remotes: list[Remote], rounds: int, tick: Callable[[], None] = lambda: None
) -> Row:
    """One row: the median time of every contender, and its ratio to the first one's.

    A ratio is the median of the rounds' own ratios, so that a machine that slows down halfway
    does not tilt it.
    """
    row: Row = {"title": case.title}
    present: dict[str, Remote] = {}
    for remote in remotes:
        setup = {"unavailable": remote.unavailable}
        if remote.unavailable is None:
            setup = remote.ask("setup", name=case.name)
        row[remote.contender.name] = setup
        if "unavailable" not in setup:
            present[remote.contender.name] = remote
    times: dict[str, list[float]] = {name: [] for name in present}
    for number in range(min(rounds, case.rounds)):
        order = list(present)
        turn = number % len(order)
        for name in order[turn:] + order[:turn]:
            time.sleep(PAUSE)
            times[name].append(present[name].ask("turn")["seconds"])
        tick()
    for name, remote in present.items():
        row[name]["seconds"] = statistics.median(times[name])
        remote.ask("drop")
    add_ratios(row, times)
    return row


def add_ratios(row: Row, times: dict[str, list[float]]) -> None:
    """Write ours / theirs beside each peer: minitorch under the same allocator setting."""
    for name, theirs in times.items():
        library, _, keep = name.partition("+")
        ours = times.get("minitorch+keep" if keep else "minitorch")
        if library != "minitorch" and ours is not None:
            ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
            row[name]["ratio"] = statistics.median(ratios)


def add_memory(case: Case, row: Row, contenders: Iterable[Contender], repeats: int) -> None:
    """Write each contender's peak memory into the row, each in fresh processes of its own."""
    for contender in contenders:
        entry = row[contender.name]
        if "unavailable" in entry:
            continue
        answers = [peak_memory(contender, case) for _ in range(repeats)]
        if None not in answers:
            entry["bytes"] = statistics.median(answer for answer in answers if answer is not None)


def peak_memory(contender: Contender, case: Case) -> int | None:
    """One fresh process's figure; None where the system does not tell it."""
    done = subprocess.run(
        command(contender, case.name),
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WorkerError(f"measuring {case.name} of {contender.name} ended with {done.returncode}")
    answer: int | None = json.loads(done.stdout).get("bytes")
    return answer
