"""Whether operations are recorded: `no_grad`, `enable_grad`, `inference_mode`, `set_grad_enabled`.

Reference: https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation
"""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from typing import Any

GRAD, NO_GRAD, INFERENCE_MODE = 0, 1, 2


class _State(threading.local):
    mode = GRAD


state = _State()


def is_grad_enabled() -> bool:
    """Return whether operations are recorded now, in this thread."""
    return state.mode == GRAD


def is_inference_mode_enabled() -> bool:
    """Return whether `inference_mode` is on in this thread."""
    return state.mode == INFERENCE_MODE


class _Mode(ContextDecorator):
    """A context manager, and a decorator, that sets the mode; it may be entered again inside itself."""

    _mode = GRAD

    def __init__(self) -> None:
        self._previous: list[int] = []

    def __call__(self, func: Any) -> Any:
        if not callable(func):
            raise TypeError(f"{type(self).__name__}: expected a function, got {func!r}")
        return super().__call__(func)

    def __enter__(self) -> None:
        self._previous.append(state.mode)
        state.mode = self._mode

    def __exit__(self, *exc_info: object) -> None:
        state.mode = self._previous.pop()


class no_grad(_Mode):  # noqa: N801 - torch's name
    """Record nothing inside the block; what is computed there does not require grad.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(2, requires_grad=True)
        >>> with minitorch.no_grad():
        ...     (x * 2).requires_grad
        False
    """

    _mode = NO_GRAD

    def __new__(cls, func: Any = None) -> Any:
        """Allow ``@no_grad`` beside ``@no_grad()``."""
        self = super().__new__(cls)
        if func is None:
            return self
        self.__init__()  # type: ignore[misc]
        return self(func)


class enable_grad(_Mode):  # noqa: N801
    """Record inside the block even where an outer `no_grad` switched recording off."""

    _mode = GRAD


class set_grad_enabled(_Mode):  # noqa: N801
    """Switch recording on or off: at once when called, until the end of the block as a context.

    Args:
        mode: True to record, False not to.
    """

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self._mode = GRAD if mode else NO_GRAD
        self._previous.append(state.mode)
        state.mode = self._mode

    def __call__(self, func: Any) -> Any:
        state.mode = self._previous.pop()  # as a decorator it acts inside the function only
        return super().__call__(func)

    def __enter__(self) -> None:
        state.mode = self._mode

    def __exit__(self, *exc_info: object) -> None:
        state.mode = self._previous[-1]

    def _recreate_cm(self) -> set_grad_enabled:
        return set_grad_enabled(self._mode == GRAD)


class inference_mode(_Mode):  # noqa: N801
    """Like `no_grad`; besides, tensors made inside can never enter a recorded computation.

    Args:
        mode: False makes the block a plain one, with recording as it was outside.
    """

    def __new__(cls, mode: Any = True) -> Any:
        """Allow ``@inference_mode`` beside ``@inference_mode()``."""
        self = super().__new__(cls)
        if isinstance(mode, bool):
            return self
        self.__init__()  # type: ignore[misc]
        return self(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self._on = mode

    def __enter__(self) -> None:
        self._previous.append(state.mode)
        if self._on:
            state.mode = INFERENCE_MODE
