"""How many threads the matrix products use."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from minitorch.kernels import blas


@cache
def _openblas() -> tuple[Any, Any] | None:
    """Return the set and get functions of the OpenBLAS that NumPy brought, or None."""
    names = (
        "scipy_openblas_{}_num_threads64_",
        "openblas_{}_num_threads64_",
        "openblas_{}_num_threads",
    )
    functions = [blas.function(*(name.format(verb) for name in names)) for verb in ("set", "get")]
    return None if None in functions else (functions[0], functions[1])


class _State:
    """What this module says of the threads; BLAS says so only while it is not limited."""

    def __init__(self) -> None:
        self.count = 0  # 0 until somebody asks
        self.limited = False


_state = _State()


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
    _state.count = n
    if not _state.limited:  # else the end of the work in hand sets it
        functions[0](n)


def get_num_threads() -> int:
    """Return the number of threads that are used, in a split by all its parts together."""
    if not _state.count:
        _state.count = blas_threads()
    return _state.count


def blas_threads() -> int:
    """Return the number of threads that a matrix product uses at this moment."""
    functions = _openblas()
    return int(functions[1]()) if functions else (os.cpu_count() or 1)


def limit() -> None:
    """Let each matrix product use one thread, until `unlimit`."""
    functions = _openblas()
    if functions is not None:
        get_num_threads()
        _state.limited = True
        functions[0](1)


def unlimit() -> None:
    """Undo `limit`."""
    functions = _openblas()
    if functions is not None and _state.limited:
        _state.limited = False
        functions[0](_state.count)
