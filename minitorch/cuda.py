"""``minitorch.cuda``: there is none, and programs may ask."""

from __future__ import annotations

__all__ = ["device_count", "is_available"]


def is_available() -> bool:
    """Return False: everything is computed on the CPU."""
    return False


def device_count() -> int:
    """Return 0."""
    return 0
