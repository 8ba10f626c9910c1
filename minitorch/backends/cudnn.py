"""``minitorch.backends.cudnn``: the settings of a library for GPUs, which is not here."""

from __future__ import annotations

enabled = True
benchmark = False
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """Return False."""
    return False


def version() -> None:
    """Return None."""
