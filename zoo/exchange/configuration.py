"""What a configuration may say, and what it may not."""

from __future__ import annotations

from typing import Any

from minitorch import Tensor
from zoo.pretrained.errors import PretrainedError


def require(config: dict[str, Any], **allowed: tuple[Any, ...]) -> None:
    """Refuse a configuration whose values are not among those allowed; the first is the default.

    Raises:
        PretrainedError: naming the key and its value.
    """
    for key, choices in allowed.items():
        value = config.get(key, choices[0])
        if value not in choices:
            shown = " or ".join(map(repr, choices))
            raise PretrainedError(f"config.json: {key}={value!r} is not supported, only {shown} is")


def sizes(config: dict[str, Any], **names: str) -> dict[str, Any]:
    """Return the numbers of a configuration under other names.

    Raises:
        PretrainedError: if one is missing or is no positive integer.
    """
    found = {}
    for ours, theirs in names.items():
        value = config.get(theirs)
        if type(value) is not int or value < 1:
            raise PretrainedError(f"config.json: {theirs} must be a positive integer, got {value}")
        found[ours] = value
    return found


def architecture(config: dict[str, Any], choices: tuple[str, ...]) -> str:
    """Return the class that the folder was saved from.

    Raises:
        PretrainedError: if it is none of `choices`.
    """
    given = config.get("architectures") or [choices[0]]
    if given[0] not in choices:
        raise PretrainedError(
            f"config.json: architectures={given} is not supported, only {', '.join(choices)} are"
        )
    return str(given[0])


def without_prefix(weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return weights without a prefix that some have."""
    return {name.removeprefix(prefix): tensor for name, tensor in weights.items()}
