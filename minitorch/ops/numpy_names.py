"""NumPy's names for two arguments, which PyTorch's functions take too: ``x.sum(axis=0)``."""

from __future__ import annotations

import functools
from types import FunctionType
from typing import Any

_NAMES = {"axis": "dim", "keepdims": "keepdim"}
_WITHOUT = ("norm", "split", "unique")  # those of PyTorch are written in Python


def named(functions: dict[str, Any]) -> dict[str, Any]:
    """Return those functions that have an argument `dim` or `keepdim`, with NumPy's names for it.

    Args:
        functions: under their names; what is no function is left out.
    """
    return {
        name: _named(function)
        for name, function in functions.items()
        if isinstance(function, FunctionType) and name not in _WITHOUT and _has_dim(function)
    }


def _has_dim(function: FunctionType) -> bool:
    code = function.__code__
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return "dim" in arguments or "keepdim" in arguments


def _named(function: FunctionType) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **given: Any) -> Any:
        if given and ("axis" in given or "keepdims" in given):
            given = _renamed(function.__name__, given)
        return function(*args, **given)

    call.__module__ = "minitorch"
    return call


def _renamed(function: str, given: dict[str, Any]) -> dict[str, Any]:
    for alias, name in _NAMES.items():
        if alias in given and name in given:
            raise TypeError(f"{function}() got an unexpected keyword argument '{alias}'")
    return {_NAMES.get(name, name): value for name, value in given.items()}
