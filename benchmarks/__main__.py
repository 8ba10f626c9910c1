"""``python -m benchmarks``: measure every case, or some, and write them into the recorded tables.

Each row is written as soon as it is measured and says when that was, so a run may be interrupted,
and rows may be measured again by themselves: they must come from the same machine and libraries.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import machine, table
from benchmarks.case import Case
from benchmarks.cases import CASES
from benchmarks.contenders import CONTENDERS, UNTUNED
from benchmarks.session import Remote, add_memory, measure, workers

QUICK_ROUNDS, ROUNDS = 3, 40
MANY = 20  # rounds: with more, peak memory too is the median of several processes
BUSY = 0.5


def options() -> argparse.ArgumentParser:
    """What the command line accepts, here and in ``benchmarks.compare``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", metavar="TEXT[,TEXT]", default="", help="cases whose name contains a TEXT"
    )
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="interleaved rounds (%(default)s)"
    )
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds, rough figures"
    )
    parser.add_argument("--no-memory", action="store_true", help="leave peak memory out")
    parser.add_argument(
        "--memory-only", action="store_true", help="peak memory alone, of rows that are recorded"
    )
    parser.add_argument("--list", action="store_true", help="list the cases and stop")
    return parser


def selected(text: str) -> list[Case]:
    """The cases asked for."""
    texts = text.split(",")
    cases = [case for case in CASES.values() if any(part in case.name for part in texts)]
    if not cases:
        sys.exit(f"no case is called like {text!r}; there are: {', '.join(CASES)}")
    return cases


def run(arguments: argparse.Namespace, keep: Callable[[table.Results], None]) -> table.Results:
    """Measure what was asked for; ``keep`` gets the results so far after each row.

    Progress goes to standard error.
    """
    if machine.load() > BUSY:
        print(f"the machine is busy (load {machine.load():.1f}): expect noise", file=sys.stderr)
    rounds = QUICK_ROUNDS if arguments.quick else arguments.rounds
    results: table.Results = {"machine": machine.state(), "rows": {}}
    with workers(CONTENDERS) as remotes:
        results["versions"] = {
            remote.contender.library: remote.version for remote in remotes if remote.version
        }
        report_missing(remotes)
        for case in selected(arguments.only):
            print(f"{case.title} ...", end=" ", file=sys.stderr, flush=True)
            measured = machine.moment()
            row = measure(case, remotes, rounds)
            row["measured"] = measured | {"rounds": min(rounds, case.rounds)}
            if case.memory and not arguments.no_memory:
                add_memory(case, row, UNTUNED, repeats=3 if rounds > MANY else 1)
            results["rows"][case.name] = row
            print(summary(row), file=sys.stderr, flush=True)
            keep(results)
    return results


def measure_memory(cases: list[Case], folder: Path = table.RESULTS) -> None:
    """Measure the peak memory of recorded rows again; their times stay, and so does their date."""
    results = table.load(folder)
    if results["machine"] != machine.state():
        sys.exit("not written: the recorded table was measured on another machine")
    for case in cases:
        row = results["rows"].get(case.name)
        if row is None or not case.memory:
            continue
        print(f"{case.title} ...", end=" ", file=sys.stderr, flush=True)
        add_memory(case, row, UNTUNED, repeats=1)
        row["measured"]["memory"] = machine.moment()["date"]
        cells = {c.name: table.memory_cell(table.with_ratio(row, c.name)) for c in UNTUNED}
        print(*(f"{name} {cell}" for name, cell in cells.items()), sep="  ", file=sys.stderr)
        table.save(results, folder)


def report_missing(remotes: list[Remote]) -> None:
    """Say which columns will read n/a, and why."""
    for remote in remotes:
        if remote.unavailable:
            print(f"{remote.contender.name}: n/a ({remote.unavailable})", file=sys.stderr)


def summary(row: dict[str, dict[str, float]]) -> str:
    """One line for the impatient."""
    cells = {c.name: table.time_cell(row[c.name]).replace("**", "") for c in CONTENDERS}
    return "  ".join(f"{name} {cell}" for name, cell in cells.items() if cell != "n/a")


def recorder(all_cases: bool, folder: Path = table.RESULTS) -> Callable[[table.Results], None]:
    """What writes rows into the recorded tables of a folder.

    Where those come from another machine or other libraries, all cases begin new tables, and
    single ones cannot be added. The results of another machine are kept beside them.
    """

    def record(results: table.Results) -> None:
        try:
            before = table.load(folder)
        except FileNotFoundError:
            before = results
        if not table.comparable(before, results):
            if not all_cases:
                sys.exit(
                    "not written: the recorded table was measured on another machine or with other "
                    "libraries; measure all cases, or look with --quick"
                )
            table.set_aside(before, results, folder)
            before = results
        table.save(table.merged(before, results, CASES), folder)

    return record


def main() -> None:
    """Measure, record unless only rough figures were asked for, and print."""
    arguments = options().parse_args()
    if arguments.list:
        print(*(f"{case.name:20} {case.title}" for case in CASES.values()), sep="\n")
        return
    if arguments.memory_only:
        measure_memory(selected(arguments.only))
        return
    rough = arguments.quick or arguments.no_memory
    results = run(arguments, (lambda _: None) if rough else recorder(not arguments.only))
    print(table.markdown(results))
    if rough:
        print("Not written: the recorded table has no rough or partial figures.", file=sys.stderr)
    else:
        print(f"Written to {os.path.relpath(table.RESULTS)}", file=sys.stderr)


if __name__ == "__main__":
    main()
