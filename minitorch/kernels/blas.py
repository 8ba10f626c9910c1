"""The OpenBLAS that NumPy's own wheels bring, for what NumPy does not offer of it."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np


@cache
def library() -> ctypes.CDLL | None:
    """Return NumPy's OpenBLAS, or None if it uses another BLAS."""
    folder = Path(np.__file__).parent.parent
    for path in sorted(
        [*folder.glob("numpy.libs/*openblas*"), *folder.glob("numpy/.dylibs/*openblas*")]
    ):
        try:
            return ctypes.CDLL(str(path))
        except OSError:
            continue
    return None


def function(*names: str) -> Any:
    """Return the first function of the library that exists, or None."""
    found = library()
    return next((getattr(found, name) for name in names if hasattr(found, name)), None)
