"""The receipt of a run, ``result.json``: what was asked, what came out, on what machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

RESULT = "result.json"
REFUSED = "refused.txt"
RUNNING, FINISHED, DIVERGED = "running", "finished", "diverged"
FAILED, INTERRUPTED, NOT_RUN = "failed", "interrupted", "refused"
ENDED = (FINISHED, DIVERGED)
SAVED = (FINISHED, INTERRUPTED)  # these have left a checkpoint


def write_result(folder: Path | str, result: dict[str, Any]) -> None:
    """Write ``result`` to the run folder, whole or not at all."""
    write_whole(Path(folder) / RESULT, json.dumps(result, indent=2) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Replace the file at ``path``, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def read_result(folder: Path | str) -> dict[str, Any] | None:
    """Read the receipt of a run folder; None when there is none, or none that can be read."""
    try:
        result = json.loads((Path(folder) / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return result if isinstance(result, dict) else None


def write_refusal(folder: Path | str, sentence: str) -> None:
    """Note why a job was not run, beside the receipt of the one that was run there before."""
    (Path(folder) / REFUSED).write_text(sentence + "\n", encoding="utf-8")


def take_back_refusal(folder: Path | str) -> None:
    """Forget an earlier note."""
    (Path(folder) / REFUSED).unlink(missing_ok=True)


def read_refusal(folder: Path | str) -> str | None:
    """Why a job was not run, if it was not."""
    path = Path(folder) / REFUSED
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def environment() -> dict[str, Any]:
    """The versions, the machine, the commit and the time of day."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "minitorch": _minitorch_version(),
        "platform": platform.platform(),
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "git": _git_state(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
    }


def _minitorch_version() -> str:
    import minitorch

    return str(getattr(minitorch, "__version__", "unknown"))


def _cpu_name() -> str:
    """The processor's own name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _git_state() -> dict[str, Any] | None:
    """The commit that this code was checked out from and whether it was changed since, if any."""
    here = Path(__file__).parent
    try:
        _git(
            here, "ls-files", "--error-unmatch", Path(__file__).name
        )  # not somebody else's repository
        commit = _git(here, "rev-parse", "HEAD")
        changed = bool(_git(here, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit, "changed": changed}


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()
