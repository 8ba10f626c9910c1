"""Warnings that name the user's own line."""

from __future__ import annotations

import sys
import warnings
from types import FrameType


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


def is_ours(frame: FrameType) -> bool:
    """Return whether a frame runs code of this library."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "minitorch"
