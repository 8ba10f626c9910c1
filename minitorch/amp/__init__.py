"""Mixed precision: the scale of the loss, and the `autocast` that a CPU has no use for."""

from minitorch.amp.autocast_mode import (
    autocast,
    custom_bwd,
    custom_fwd,
    is_autocast_available,
    is_autocast_enabled,
)
from minitorch.amp.grad_scaler import GradScaler

__all__ = [
    "GradScaler",
    "autocast",
    "custom_bwd",
    "custom_fwd",
    "is_autocast_available",
    "is_autocast_enabled",
]
