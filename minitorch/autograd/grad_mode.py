"""Whether operations are recorded: `no_grad`, `enable_grad`, `inference_mode`, `set_grad_enabled`.

Reference: https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator
from typing import Any, Self, TypeVar, cast, overload

from minitorch.modes import GRAD, INFERENCE_MODE, NO_GRAD, state

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _switch(grad: bool, inference: bool) -> None:
    """Set both switches; in inference mode nothing is recorded, whatever `grad` says."""
    state.grad = grad
    state.inference = inference
    state.mode = INFERENCE_MODE if inference else (GRAD if grad else NO_GRAD)


def is_grad_enabled() -> bool:
    """Return whether recording is switched on now, in this thread."""
    return state.grad


def is_inference_mode_enabled() -> bool:
    """Return whether `inference_mode` is on in this thread."""
    return state.inference


class _Mode:
    """A context manager and decorator that sets the mode; it may be entered inside itself."""

    def __init__(self) -> None:
        self._previous: list[tuple[bool, bool]] = []

    def __call__(self, func: Decorated) -> Decorated:
        """Return `func` made to run in this mode; a generator runs in it between its yields."""
        if not callable(func):
            raise TypeError(f"{type(self).__name__}: expected a function, got {func!r}")
        if inspect.isgeneratorfunction(func):

            @functools.wraps(func)
            def generator(*args: Any, **kwargs: Any) -> Any:
                return self._drive(func(*args, **kwargs))

            return cast(Decorated, generator)

        @functools.wraps(func)
        def function(*args: Any, **kwargs: Any) -> Any:
            with self._copy():
                return func(*args, **kwargs)

        return cast(Decorated, function)

    def _drive(self, inner: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Run `inner` in this mode and, while it waits at a yield, its caller in the caller's."""
        try:
            with self._copy():
                response = next(inner)
            while True:
                try:
                    request = yield response
                except GeneratorExit:
                    with self._copy():
                        inner.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - whatever the caller throws
                    with self._copy():
                        response = inner.throw(error)
                else:
                    with self._copy():
                        response = inner.send(request)
        except StopIteration as end:
            return end.value

    def _copy(self) -> _Mode:
        """Return a context of the same mode: a decorated function may run in several threads."""
        return type(self)()

    def _enter(self) -> None:
        """Switch."""
        raise NotImplementedError

    def __enter__(self) -> None:
        self._previous.append((state.grad, state.inference))
        self._enter()

    def __exit__(self, *exc_info: object) -> None:
        _switch(*self._previous.pop())


class _BareMode(_Mode):
    """A mode without arguments: ``@no_grad`` decorates as well as ``@no_grad()``."""

    @overload
    def __new__(cls, func: None = None) -> Self: ...
    @overload
    def __new__(cls, func: Any) -> Any: ...
    def __new__(cls, func: Any = None) -> Any:
        """Return the context, or `func` decorated."""
        self = super().__new__(cls)
        if func is None:
            return self
        self.__init__()  # type: ignore[misc]
        return self(func)


class no_grad(_BareMode):
    """Record nothing inside the block; what is computed there does not require grad.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(2, requires_grad=True)
        >>> with minitorch.no_grad():
        ...     (x * 2).requires_grad
        False
    """

    def _enter(self) -> None:
        _switch(False, state.inference)


class enable_grad(_BareMode):
    """Record inside the block even where an outer `no_grad` switched recording off."""

    def _enter(self) -> None:
        _switch(True, state.inference)


class set_grad_enabled(_Mode):
    """Switch recording on or off: at once when called, until the end of the block as a context.

    Args:
        mode: True to record, False not to.
    """

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self._on = bool(mode)
        self._before = state.grad
        _switch(self._on, state.inference)

    def __call__(self, func: Decorated) -> Decorated:
        """Return `func` made to run in this mode, and undo the switch made at once."""
        _switch(self._before, state.inference)
        return super().__call__(func)

    def _copy(self) -> set_grad_enabled:
        return set_grad_enabled(self._on)

    def __enter__(self) -> None:
        _switch(self._on, state.inference)

    def __exit__(self, *exc_info: object) -> None:
        _switch(self._before, state.inference)


class recording:
    """What `enable_grad` or `no_grad` is to users, for the engine: lighter, and no decorator.

    Args:
        mode: True to record, False not to.
    """

    __slots__ = ("_before", "_mode")

    def __init__(self, mode: bool) -> None:
        self._mode = mode

    def __enter__(self) -> None:
        self._before = state.grad
        _switch(self._mode, state.inference)

    def __exit__(self, *exc_info: object) -> None:
        _switch(self._before, state.inference)


class selecting:
    """Note, for the time of a backward pass, whether it asks for the gradients of some tensors.

    Args:
        mode: True if it does; a pass inside one that does is taken for one, too.
    """

    __slots__ = ("_before", "_mode")

    def __init__(self, mode: bool) -> None:
        self._mode = mode

    def __enter__(self) -> None:
        self._before = state.selective
        state.selective = self._before or self._mode

    def __exit__(self, *exc_info: object) -> None:
        state.selective = self._before


class inference_mode(_Mode):
    """Like `no_grad`; besides, tensors made inside can never enter a recorded computation.

    Args:
        mode: False leaves an outer `inference_mode`, and records.
    """

    @overload
    def __new__(cls, mode: bool = True) -> Self: ...
    @overload
    def __new__(cls, mode: Any) -> Any: ...
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

    def _copy(self) -> inference_mode:
        copy: inference_mode = inference_mode(self._on)
        return copy

    def _enter(self) -> None:
        _switch(not self._on, self._on)
