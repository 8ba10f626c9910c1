"""How many threads there are, for work that is shared and for NumPy's matrix products."""

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
    """What this module was told."""

    def __init__(self) -> None:
        self.count = 0  # 0 until somebody asks
        self.shared = False  # whether BLAS was told to use one thread, as ours compute too


_state = _State()


def set_num_threads(n: int) -> None:
    """Share large work between `n` threads; ValueError unless n is at least 1.

    The matrix products of NumPy itself use as many, until other work is shared between threads:
    see `one_for_blas`.

    Needs the OpenBLAS of NumPy's own wheels. With another BLAS, RuntimeError says which environment
    variable to set instead.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"set_num_threads expects a positive integer, got {n!r}")
    if _openblas() is None:
        raise RuntimeError(
            "set_num_threads: this NumPy does not use its bundled OpenBLAS. Set "
            "OPENBLAS_NUM_THREADS or MKL_NUM_THREADS before starting Python."
        )
    _state.count = n
    start_over()


def get_num_threads() -> int:
    """Return the number of threads that large work is shared between: at first that of BLAS."""
    if not _state.count:
        _state.count = blas_threads()
    return _state.count


def blas_threads() -> int:
    """Return the number of threads that a matrix product of NumPy uses at this moment."""
    functions = _openblas()
    return int(functions[1]()) if functions else (os.cpu_count() or 1)


def one_for_blas() -> None:
    """Let each matrix product of NumPy use one thread, from now on.

    OpenBLAS' threads stay awake for some 25 ms after a product, waiting for the next. On the cores
    where they do that, threads of ours get half of the time: steps took twice as long. As long as
    nothing but products is worth several threads, BLAS' own are the faster ones.
    """
    if not _state.shared:
        get_num_threads()
        _state.shared = True
        _let_blas_use(1)


def work_is_shared() -> bool:
    """Return whether work has been shared between threads of ours, and BLAS uses one thread."""
    return _state.shared


def start_over() -> None:
    """Let NumPy's products use all threads again, until work is shared the next time.

    Products round differently with one thread and with several. Two programs that start here, in
    whatever process, compute the same numbers.
    """
    _let_blas_use(get_num_threads())
    _state.shared = False


def _let_blas_use(n: int) -> None:
    functions = _openblas()
    if functions is not None:
        functions[0](n)
