"""What a message says of a value or a name in a file, which may have no end, or mislead."""

from __future__ import annotations

from typing import Any

_LONGEST = 80  # letters
_MOST = 8  # parts


def fits(number: int) -> bool:
    """Return whether an integer takes at most 64 bits, as all do that count or name something."""
    return number.bit_length() <= 64


def shown(value: Any) -> str:
    """Return a value for a message: few plain values, few letters of a text, else the type.

    Example:
        >>> shown((1, "a", (2, 3)))
        "(1, 'a', tuple)"
    """
    if not isinstance(value, (list, tuple)):
        return _shown_plain(value)
    parts = [_shown_plain(part) for part in value[:_MOST]] + ["..."] * (len(value) > _MOST)
    if isinstance(value, list):
        return f"[{', '.join(parts)}]"
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def label(text: str) -> str:
    r"""Return a name for a message: on one line, and short.

    Example:
        >>> print(label("data/0"), label("two\nlines"))
        data/0 'two\nlines'
    """
    short = text[:_LONGEST] + "..." * (len(text) > _LONGEST)
    return short if short.isprintable() else repr(short)


def _shown_plain(value: Any) -> str:
    if isinstance(value, (str, bytes)):
        return repr(value[:_LONGEST]) + "..." * (len(value) > _LONGEST)
    if isinstance(value, int) and not fits(value):
        return f"an integer of {value.bit_length():,} bits"
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    return type(value).__name__
