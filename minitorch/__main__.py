"""Run a program that was written for torch: ``python -m minitorch FILE [ARGUMENT ...]``."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from minitorch.alias import as_torch

USAGE = "usage: python -m minitorch FILE [ARGUMENT ...]\n"


def main(arguments: list[str]) -> int:
    """Run the program, which finds itself and its arguments as if Python had been given them."""
    if arguments in (["-h"], ["--help"]):
        sys.stdout.write(f"{USAGE}\nRun FILE with minitorch wherever it imports torch.\n")
        return 0
    if not arguments or arguments[0].startswith("-"):
        sys.stderr.write(USAGE)
        return 2
    file = Path(arguments[0])
    if not file.is_file():
        sys.stderr.write(f"python -m minitorch: there is no file {file}\n")
        return 2
    as_torch()
    sys.argv = arguments
    sys.path[0] = str(file.resolve().parent)
    runpy.run_path(str(file), run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
