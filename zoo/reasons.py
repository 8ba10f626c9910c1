"""What another library's error says, as a part of a sentence."""

from __future__ import annotations


def first_line(error: BaseException) -> str:
    r"""Return what an error says at first, without the full stop; its type if it says nothing.

    Example:
        >>> first_line(ValueError("no such key:\n  it is not there")), first_line(EOFError())
        ('no such key', 'EOFError')
    """
    return _lines(error)[0].rstrip(" .:")


def last_line(error: BaseException) -> str:
    r"""Return what an error says in the end; its type if it says nothing.

    Example:
        >>> last_line(RuntimeError("cannot load:\n    size mismatch for weight"))
        'size mismatch for weight'
    """
    return _lines(error)[-1]


def _lines(error: BaseException) -> list[str]:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines or [type(error).__name__]
