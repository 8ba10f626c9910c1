"""`autocast`, which is never on: there is no bfloat16, and no CUDA."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from minitorch.dtypes import bfloat16, float16
from minitorch.dtypes import dtype as _dtype
from minitorch.notices import warn


class autocast:
    """A context manager and decorator that leaves operations in the dtype of their inputs.

    Programs written for a GPU run: for ``"cuda"`` it warns that there is none and is off. On the
    CPU torch computes in bfloat16, which minitorch has not.

    Args:
        device_type: ``"cuda"`` or ``"cpu"``.
        dtype: what operations would run in. Default: float16 for ``"cuda"``.
        enabled: False does nothing.
        cache_enabled: whether converted weights would be kept.

    Raises:
        NotImplementedError: for ``"cpu"`` switched on, and for other devices.
        ValueError: if `device_type` is no string.

    Reference: https://docs.pytorch.org/docs/stable/amp.html#torch.autocast

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(2, 2)
        >>> with minitorch.autocast("cpu", enabled=False):
        ...     (x @ x).dtype
        minitorch.float32
    """

    def __init__(
        self,
        device_type: str,
        dtype: _dtype | None = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        _check_device_type(device_type)
        if device_type not in ("cpu", "cuda"):
            raise NotImplementedError(f"autocast: device_type={device_type!r} is not supported")
        if enabled and device_type == "cuda":
            warn("CUDA is not available or torch_xla is imported. Disabling autocast.")
        elif enabled and dtype not in (None, float16, bfloat16):
            warn(
                "In CPU autocast, but the target dtype is not supported. Disabling autocast.\n"
                "CPU Autocast only supports dtypes of minitorch.bfloat16, minitorch.float16 "
                "currently."
            )
        elif enabled:
            raise NotImplementedError(
                f"autocast: enabled=True is not supported for device_type='cpu' and dtype={dtype}; "
                "there is no bfloat16"
            )

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *exc_info: object) -> None:
        return None

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`, made to run in this context."""
        if not callable(func):
            raise TypeError(
                f"autocast()(func) requires a callable, but got {type(func).__name__}. "
                "Did you mean to use autocast as a context manager? For example:\n"
                "    with minitorch.autocast(device_type=...):\n"
                "        output = model(input)"
            )
        return _wrapped(func)


def is_autocast_enabled(device_type: str | None = None) -> bool:  # noqa: ARG001
    """Return False: there is nothing to cast to.

    Args:
        device_type: the device to ask about; torch's default is ``"cuda"``.
    """
    return False


def is_autocast_available(device_type: str) -> bool:  # noqa: ARG001
    """Return False; torch has an `autocast` for its CPU.

    Args:
        device_type: the device to ask about.
    """
    return False


def custom_fwd(
    fwd: Callable[..., Any] | None = None,
    *,
    device_type: str,
    cast_inputs: _dtype | None = None,  # noqa: ARG001
) -> Callable[..., Any]:
    """Mark the forward of a `Function` as one that may run inside `autocast`.

    Args:
        fwd: the forward; None returns a decorator.
        device_type: ``"cuda"`` or ``"cpu"``.
        cast_inputs: what floating tensors are converted to inside `autocast`; of no effect outside.

    Raises:
        ValueError: if `device_type` is no string.

    Reference: https://docs.pytorch.org/docs/stable/amp.html#torch.amp.custom_fwd
    """
    _check_device_type(device_type)
    return _wrapped if fwd is None else _wrapped(fwd)


def custom_bwd(bwd: Callable[..., Any] | None = None, *, device_type: str) -> Callable[..., Any]:
    """Mark the backward of a `Function` as one that runs as its forward did.

    Args:
        bwd: the backward; None returns a decorator.
        device_type: ``"cuda"`` or ``"cpu"``.

    Raises:
        ValueError: if `device_type` is no string.

    Reference: https://docs.pytorch.org/docs/stable/amp.html#torch.amp.custom_bwd
    """
    _check_device_type(device_type)
    return _wrapped if bwd is None else _wrapped(bwd)


def _wrapped(func: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(func)
    def function(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return function


def _check_device_type(device_type: Any) -> None:
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
