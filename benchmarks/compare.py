"""``python -m benchmarks.compare``: measure again; what became more than 10 % slower?

Machines differ from day to day, so where PyTorch ran both times the ratio to PyTorch is compared;
elsewhere the time itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.__main__ import options, run

TOLERANCE = 1.10
COLUMNS = {"minitorch": "torch", "minitorch+keep": "torch+keep"}


def committed() -> table.Results:
    """The table of the last commit; before there is one, the table on disk."""
    path = (table.RESULTS / "table.json").relative_to(Path(__file__).parents[1])
    shown = subprocess.run(
        ["git", "show", f"HEAD:{path.as_posix()}"], capture_output=True, text=True, check=False
    )
    if shown.returncode == 0:
        results: table.Results = json.loads(shown.stdout)
        return results
    try:
        return table.load()
    except FileNotFoundError:
        sys.exit("there is no recorded table yet: run `make bench` first")


def change(before: dict[str, Any], after: dict[str, Any], ours: str) -> float | None:
    """How many times as slow a row became for one of our columns."""
    theirs = COLUMNS[ours]
    ratios = [row.get(theirs, {}).get("ratio") for row in (before, after)]
    times = [row.get(ours, {}).get("seconds") for row in (before, after)]
    for old, new in (ratios, times):
        if old is not None and new is not None:
            return float(new / old)
    return None


def report(before: table.Results, after: table.Results) -> tuple[list[str], list[str]]:
    """A line for each row measured both times, and the lines of those that became slower."""
    lines, slower = [], []
    for name, row in after["rows"].items():
        for ours in COLUMNS:
            factor = change(before["rows"].get(name, {}), row, ours)
            if factor is None:
                continue
            line = f"{factor:5.2f}  {row['title']} ({ours})"
            lines.append(line)
            if factor > TOLERANCE:
                slower.append(line)
    return lines, slower


def main() -> None:
    """Print the comparison; nobody's build fails by it."""
    parser = options()
    parser.prog, parser.description = "python -m benchmarks.compare", __doc__
    before = committed()
    lines, slower = report(before, run(parser.parse_args(), lambda _: None))
    print("now / recorded (relative to PyTorch's time where it ran; below 1 is faster)")
    print(*lines, sep="\n")
    print()
    if slower:
        print(f"More than {TOLERANCE - 1:.0%} slower than recorded:")
        print(*slower, sep="\n")
    else:
        print("Nothing became more than 10 % slower.")


if __name__ == "__main__":
    main()
