"""`GradScaler` by its old name."""

from __future__ import annotations

from minitorch import amp
from minitorch.notices import warn


class GradScaler(amp.GradScaler):
    """`minitorch.amp.GradScaler` for ``"cuda"``, which there is none of: it disables itself.

    Args:
        init_scale: the first scale.
        growth_factor: what it is multiplied by after `growth_interval` good steps.
        backoff_factor: what it is multiplied by after a bad one.
        growth_interval: see `growth_factor`.
        enabled: False passes everything through, without the warning that there is no CUDA.

    Reference: https://docs.pytorch.org/docs/stable/amp.html#torch.cuda.amp.GradScaler
    """

    def __init__(
        self,
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        warn(
            "`minitorch.cuda.amp.GradScaler(args...)` is deprecated. "
            "Please use `minitorch.amp.GradScaler('cuda', args...)` instead.",
            FutureWarning,
        )
        super().__init__(
            "cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled
        )
