"""``python -m benchmarks``: measure every case, print the tables, write them to the results."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import machine, table
from benchmarks.case import Case
from benchmarks.cases import CASES
from benchmarks.contenders import CONTENDERS, UNTUNED
from benchmarks.session import Remote, add_memory, measure, workers

QUICK_ROUNDS, ROUNDS = 3, 40
BUSY = 0.5


def options() -> argparse.ArgumentParser:
    """What the command line accepts, here and in ``benchmarks.compare``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="TEXT", default="", help="cases whose name contains TEXT")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="interleaved rounds (%(default)s)"
    )
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds, rough figures"
    )
    parser.add_argument("--no-memory", action="store_true", help="leave peak memory out")
    parser.add_argument("--list", action="store_true", help="list the cases and stop")
    return parser


def selected(text: str) -> list[Case]:
    """The cases asked for."""
    cases = [case for case in CASES.values() if text in case.name]
    if not cases:
        sys.exit(f"no case is called like {text!r}; there are: {', '.join(CASES)}")
    return cases


def run(arguments: argparse.Namespace) -> table.Results:
    """Measure what was asked for; progress goes to standard error."""
    if machine.load() > BUSY:
        print(f"the machine is busy (load {machine.load():.1f}): expect noise", file=sys.stderr)
    rounds = QUICK_ROUNDS if arguments.quick else arguments.rounds
    results: table.Results = {"machine": machine.state(), "rounds": rounds, "rows": {}}
    with workers(CONTENDERS) as remotes:
        results["versions"] = {
            remote.contender.library: remote.version for remote in remotes if remote.version
        }
        report_missing(remotes)
        for case in selected(arguments.only):
            print(f"{case.title} ...", end=" ", file=sys.stderr, flush=True)
            row = measure(case, remotes, rounds)
            if case.memory and not arguments.no_memory:
                add_memory(case, row, UNTUNED, repeats=1 if arguments.quick else 3)
            results["rows"][case.name] = row
            print(summary(row), file=sys.stderr, flush=True)
    return results


def report_missing(remotes: list[Remote]) -> None:
    """Say which columns will read n/a, and why."""
    for remote in remotes:
        if remote.unavailable:
            print(f"{remote.contender.name}: n/a ({remote.unavailable})", file=sys.stderr)


def summary(row: dict[str, dict[str, float]]) -> str:
    """One line for the impatient."""
    cells = {c.name: table.time_cell(row[c.name]).replace("**", "") for c in CONTENDERS}
    return "  ".join(f"{name} {cell}" for name, cell in cells.items() if cell != "n/a")


def main() -> None:
    """Measure, print, and write unless only some cases or rough figures were asked for."""
    arguments = options().parse_args()
    if arguments.list:
        print(*(f"{case.name:20} {case.title}" for case in CASES.values()), sep="\n")
        return
    results = run(arguments)
    print(table.markdown(results))
    if arguments.only or arguments.quick:
        print("Not written: the recorded table comes from all cases in full.", file=sys.stderr)
    else:
        table.save(results)
        print(f"Written to {table.RESULTS.relative_to(Path.cwd())}", file=sys.stderr)


if __name__ == "__main__":
    main()
