"""How many threads the matrix products use."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np


@cache
def _openblas() -> tuple[Any, Any] | None:
    """Return the set and get functions of the OpenBLAS that NumPy brought, or None."""
    folder = Path(np.__file__).parent.parent
    names = (
        "scipy_openblas_{}_num_threads64_",
        "openblas_{}_num_threads64_",
        "openblas_{}_num_threads",
    )
    for library in sorted(
        [*folder.glob("numpy.libs/*openblas*"), *folder.glob("numpy/.dylibs/*openblas*")]
    ):
        try:
            handle = ctypes.CDLL(str(library))
        except OSError:
            continue
        for name in names:
            if hasattr(handle, name.format("set")):
                return getattr(handle, name.format("set")), getattr(handle, name.format("get"))
    return None


def set_num_threads(n: int) -> None:
    """Use `n` threads for matrix products; ValueError unless n is at least 1.

    Needs the OpenBLAS of NumPy's own wheels. With another BLAS, RuntimeError says which environment
    variable to set instead.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"set_num_threads expects a positive integer, got {n!r}")
    functions = _openblas()
    if functions is None:
        raise RuntimeError(
            "set_num_threads: this NumPy does not use its bundled OpenBLAS. Set "
            "OPENBLAS_NUM_THREADS or MKL_NUM_THREADS before starting Python."
        )
    functions[0](n)


def get_num_threads() -> int:
    """Return the number of threads that matrix products use."""
    functions = _openblas()
    return int(functions[1]()) if functions else (os.cpu_count() or 1)
