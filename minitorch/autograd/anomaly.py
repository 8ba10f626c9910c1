"""Anomaly mode: find the forward line whose gradient became NaN."""

from __future__ import annotations

import sys
import traceback
from contextlib import ContextDecorator
from typing import Any

import numpy as np

from minitorch.notices import is_ours

enabled = False  # read by every node when it is made
check_nan = True


def describe_stack() -> str:
    """Return the stack of the call in progress, without the frames inside this library."""
    walk = traceback.walk_stack(sys._getframe())  # innermost first
    stack = traceback.StackSummary.extract(step for step in walk if not is_ours(step[0]))
    stack.reverse()
    return "".join(stack.format())


def _raise_if_nan(node: Any, gradients: Any) -> None:
    """Raise RuntimeError, with the forward stack of `node`, if one of its gradients has a NaN."""
    if not check_nan:
        return
    for index, gradient in enumerate(gradients):
        values = getattr(gradient, "_array", gradient)
        if isinstance(values, (np.ndarray, np.generic)) and np.isnan(values).any():
            raise RuntimeError(
                f"Function '{node.name()}' returned nan values in its {index}th output. "
                f"{_where(node)}"
            )


def watch(node: Any, g: Any, recorded: bool) -> Any:
    """Return the gradients that `node` makes of `g`; an error names the forward call."""
    try:
        gradients = node.backward_tensors(g) if recorded else node.backward_arrays(g)
    except Exception as error:
        error.add_note(f"Error detected in {node.name()}. {_where(node)}")
        raise
    _raise_if_nan(node, gradients)
    return gradients


def _where(node: Any) -> str:
    if node.trace:
        return f"The forward call:\n{node.trace}"
    return "No forward call is known: it ran before anomaly mode was switched on."


class set_detect_anomaly:
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


class detect_anomaly(ContextDecorator):
    """In this block a gradient that becomes NaN raises an error that shows the forward line.

    Example:
        >>> import minitorch
        >>> import numpy as np
        >>> x = minitorch.zeros(1, requires_grad=True)
        >>> with minitorch.autograd.detect_anomaly(), np.errstate(all="ignore"):
        ...     (x / x).sum().backward()
        Traceback (most recent call last):
        ...
        RuntimeError: Function 'DivBackward0' returned nan values in its 1th output...
    """

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = check_nan
        self._switches: list[set_detect_anomaly] = []

    def __enter__(self) -> None:
        self._switches.append(set_detect_anomaly(True, self._check_nan))

    def __exit__(self, *exc_info: object) -> None:
        self._switches.pop().__exit__()


def is_anomaly_enabled() -> bool:
    """Return whether anomaly mode is on."""
    return enabled
