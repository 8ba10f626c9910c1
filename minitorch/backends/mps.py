"""``minitorch.backends.mps``: the GPU of a Mac, which is not used here."""

from __future__ import annotations


def is_available() -> bool:
    """Return False."""
    return False


def is_built() -> bool:
    """Return False."""
    return False
