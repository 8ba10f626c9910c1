"""What constructors refuse, in one sentence each that names the key."""

from __future__ import annotations

from collections.abc import Collection


def check_positive(**numbers: int | None) -> None:
    """Raise ValueError for the first number below 1, with its name; None is not given.

    Example:
        >>> check_positive(batch_size=32, n_train=0)
        Traceback (most recent call last):
        ValueError: n_train must be at least 1, got 0
    """
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise ValueError(f"{name} must be at least 1, got {number}")


def check_choice(name: str, choice: object, choices: Collection[object]) -> None:
    """Raise ValueError for a choice that is none of ``choices``.

    Example:
        >>> check_choice("stem", "large", ("cifar", "imagenet"))
        Traceback (most recent call last):
        ValueError: stem must be one of cifar, imagenet, got 'large'
    """
    if choice not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(str, choices))}, got {choice!r}")
