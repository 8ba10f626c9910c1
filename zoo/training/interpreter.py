"""Programs as a person has to type them: those of an environment that need not be active."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def interpreter() -> str:
    """Return ``python`` if that is this interpreter, else the path to it."""
    return _typed("python", Path(sys.executable))


def script(name: str) -> str:
    """Return the name of a script beside this interpreter, with its path if it needs one."""
    return _typed(name, Path(sys.executable).parent / name)


def curves(folder: Path | str) -> str:
    """Return what a person types to look at the curves of a run or a sweep."""
    return f"{script('tensorboard')} --logdir {shlex.quote(str(folder))}"


def _typed(name: str, path: Path) -> str:
    found = shutil.which(name)
    if not path.exists() or (found and Path(found).absolute() == path.absolute()):
        return name
    below = os.path.relpath(path)
    return shlex.quote(str(path) if below.startswith("..") else below)
