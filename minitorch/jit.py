"""What programs say to a compiler, where there is none: Python runs them.

`script` and `compile` return what they are given. PyTorch does the same where its compilers are
switched off (``PYTORCH_JIT=0``, ``TORCH_COMPILE_DISABLE=1``): a program computes the same numbers
with a compiler and without.

Reference: https://docs.pytorch.org/docs/stable/jit.html#disable-jit-for-debugging
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

__all__ = [
    "Final",
    "compile",
    "export",
    "ignore",
    "is_scripting",
    "is_tracing",
    "script",
    "script_if_tracing",
    "unused",
]

T = TypeVar("T")


def script(obj: T, *_args: Any, **_settings: Any) -> T:
    """Return a function, class or module as it is."""
    return obj


def _unchanged(function: T) -> T:
    """Return a function as it is: the mark is for a compiler."""
    return function


export = unused = script_if_tracing = _unchanged
_overload = _overload_method = _unchanged


def ignore(drop: Any = False, **_settings: Any) -> Any:
    """Return a function as it is, or with arguments what does so."""
    return drop if callable(drop) else _unchanged


def is_scripting() -> bool:
    """Return False."""
    return False


def is_tracing() -> bool:
    """Return False."""
    return False


def compile(model: Callable[..., Any] | None = None, **_settings: Any) -> Any:
    """Return a module or a function as it is, or without one what does so."""
    return _unchanged if model is None else model


def check(condition: Any, message: Any) -> None:
    """Raise AssertionError with `message` unless `condition` is true: ``torch._assert``."""
    if not condition:
        raise AssertionError(message)
