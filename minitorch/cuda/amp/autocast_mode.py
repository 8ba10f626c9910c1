"""`autocast` and its companions by their old names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitorch import amp
from minitorch.dtypes import dtype as _dtype
from minitorch.dtypes import float16
from minitorch.notices import warn


class autocast(amp.autocast):
    """`minitorch.amp.autocast` for ``"cuda"``, which there is none of: it disables itself.

    Args:
        enabled: False does nothing, without the warning that there is no CUDA.
        dtype: what operations would run in.
        cache_enabled: whether converted weights would be kept.

    Reference: https://docs.pytorch.org/docs/stable/amp.html#torch.cuda.amp.autocast
    """

    def __init__(
        self, enabled: bool = True, dtype: _dtype = float16, cache_enabled: bool = True
    ) -> None:
        _deprecated("autocast(args...)", "autocast('cuda', args...)")
        super().__init__("cuda", dtype, enabled, cache_enabled)


def custom_fwd(
    fwd: Callable[..., Any] | None = None, *, cast_inputs: _dtype | None = None
) -> Callable[..., Any]:
    """Mark the forward of a `Function`, as `minitorch.amp.custom_fwd` does for ``"cuda"``.

    Args:
        fwd: the forward; None returns a decorator.
        cast_inputs: of no effect outside `autocast`.
    """
    _deprecated("custom_fwd(args...)", "custom_fwd(args..., device_type='cuda')")
    return amp.custom_fwd(fwd, device_type="cuda", cast_inputs=cast_inputs)


def custom_bwd(bwd: Callable[..., Any]) -> Callable[..., Any]:
    """Mark the backward of a `Function`, as `minitorch.amp.custom_bwd` does for ``"cuda"``.

    Args:
        bwd: the backward.
    """
    _deprecated("custom_bwd(args...)", "custom_bwd(args..., device_type='cuda')")
    return amp.custom_bwd(bwd, device_type="cuda")


def _deprecated(old: str, new: str) -> None:
    warn(
        f"`minitorch.cuda.amp.{old}` is deprecated. Please use `minitorch.amp.{new}` instead.",
        FutureWarning,
    )
