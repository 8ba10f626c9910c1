"""How far an optimizer has come with its gradients, and dividing them by the scale."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np

from minitorch.autograd import no_grad
from minitorch.dtypes import float16
from minitorch.tensor import Tensor


class OptState(Enum):
    """How far an optimizer has come since the last `GradScaler.update`."""

    READY = 0
    UNSCALED = 1
    STEPPED = 2


def ready() -> dict[str, Any]:
    """Return what is known of an optimizer at first."""
    return {"stage": OptState.READY, "found_inf": None}  # None: no gradient was looked at


def unscaled(optimizer: Any, factor: float) -> bool | None:
    """Multiply the gradients, and return whether one was not finite; None if there are none."""
    grads = []
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            grad = parameter.grad
            if grad is None:
                continue
            if grad.dtype == float16:
                raise ValueError("Attempting to unscale FP16 gradients.")
            grads.append(grad)
    if not grads:
        return None
    finite = all(bool(np.isfinite(grad._array).all()) for grad in grads)
    with no_grad():
        for grad in grads:
            grad.mul_(factor)
    return not finite


def as_number(new_scale: float | Tensor) -> float:
    """Return a scale that a user gives."""
    if isinstance(new_scale, float):
        return new_scale
    if not isinstance(new_scale, Tensor) or new_scale.numel() != 1 or new_scale.requires_grad:
        raise AssertionError(
            "new_scale should be a float or a 1-element minitorch.cuda.FloatTensor or "
            "minitorch.FloatTensor with requires_grad=False."
        )
    return float(new_scale.item())
