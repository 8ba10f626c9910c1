"""Whether convolutions may trade a digit for speed: the process's choice."""

from __future__ import annotations

_reduced = False


def is_reduced() -> bool:
    """Return whether tiles may be used that lose a digit."""
    return _reduced


def set_reduced(value: bool) -> None:
    """Say whether tiles may be used that lose a digit."""
    global _reduced
    _reduced = value
