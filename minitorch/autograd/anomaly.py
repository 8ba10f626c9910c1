"""Anomaly mode: find the forward line whose gradient became NaN."""

from __future__ import annotations

import traceback
from contextlib import ContextDecorator
from pathlib import Path
from typing import Any

import numpy as np

enabled = False  # read by every node when it is made
check_nan = True

_LIBRARY = str(Path(__file__).resolve().parent.parent)


def describe_stack() -> str:
    """Return the stack of the call in progress, without the frames inside this library."""
    frames = [f for f in traceback.extract_stack() if not f.filename.startswith(_LIBRARY)]
    return "".join(traceback.format_list(frames))


def raise_if_nan(node: Any, gradients: Any) -> None:
    """Raise RuntimeError, with the forward stack of `node`, if one of its gradients has a NaN."""
    if not check_nan:
        return
    for index, gradient in enumerate(gradients):
        if gradient is None:
            continue
        if np.isnan(getattr(gradient, "_array", gradient)).any():
            where = f" The forward call:\n{node.trace}" if node.trace else (
                " No forward call is known: it ran before anomaly mode was switched on."
            )
            raise RuntimeError(
                f"Function '{node.name()}' returned nan values in its {index}th output.{where}"
            )


class set_detect_anomaly(ContextDecorator):  # noqa: N801 - torch's name
    """Switch anomaly mode on or off: at once when called, until the end of the block as a context.

    Args:
        mode: whether to record each forward call's stack and to name it when something fails.
        check_nan: whether a NaN in a gradient is an error.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        global enabled
        self._previous = (enabled, globals()["check_nan"])
        enabled = mode
        globals()["check_nan"] = check_nan

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc_info: object) -> None:
        global enabled
        enabled, globals()["check_nan"] = self._previous


class detect_anomaly(set_detect_anomaly):  # noqa: N801
    """In this block a gradient that becomes NaN raises an error that shows the forward line.

    Example:
        >>> import minitorch
        >>> x = minitorch.zeros(1, requires_grad=True)
        >>> with minitorch.autograd.detect_anomaly():
        ...     (x / x).sum().backward()
        Traceback (most recent call last):
        ...
        RuntimeError: Function 'DivBackward0' returned nan values in its 0th output...
    """

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(True, check_nan)


def is_anomaly_enabled() -> bool:
    """Return whether anomaly mode is on."""
    return enabled
