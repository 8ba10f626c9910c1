"""Warnings that name the user's own line."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from types import FrameType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def warn(message: str, category: type[Warning] = UserWarning, *, further: int = 0) -> None:
    """Warn of the line outside minitorch that led here, however deep inside it was noticed.

    Args:
        message: what to say.
        category: its kind.
        further: so many calls further out, for functions that are wrapped.
    """
    frame, level = sys._getframe(1), 2 + further
    while frame.f_back is not None and is_ours(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def renamed(function: Callable[P, R], message: str) -> Callable[P, R]:
    """Return `function` under its old name, without the last underscore, at which it warns.

    Args:
        function: what is called.
        message: what the FutureWarning says.
    """

    def old(*args: P.args, **kwargs: P.kwargs) -> R:
        warn(message, FutureWarning)
        return function(*args, **kwargs)

    old.__name__ = old.__qualname__ = function.__name__.removesuffix("_")
    old.__doc__ = f"Call `{function.__name__}`, of which this is the deprecated old name."
    return old


def is_ours(frame: FrameType) -> bool:
    """Return whether a frame runs code of this library."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "minitorch"
