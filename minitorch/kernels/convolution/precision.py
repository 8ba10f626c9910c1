"""Whether convolutions may be less exact for speed: the process's choice."""

from __future__ import annotations

_reduced = False


def is_reduced() -> bool:
    """Return whether the larger tiles may be used: `minitorch.backends` says what they lose."""
    return _reduced


def set_reduced(value: bool) -> None:
    """Say whether the larger tiles may be used."""
    global _reduced
    _reduced = value
