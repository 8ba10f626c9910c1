"""What several optimizers begin with: checked options, and the direction of descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_LABELS = {"lr": "learning rate", "eps": "epsilon value"}


def check_not_negative(**options: Any) -> None:
    """Raise ValueError, in torch's words, for the first option that is negative or NaN."""
    for name, value in options.items():
        if not value >= 0:
            raise ValueError(f"Invalid {_LABELS.get(name, f'{name} value')}: {value}")


def check_betas(betas: Any) -> None:
    """Raise ValueError, in torch's words, unless both betas are in [0, 1)."""
    for i in range(2):
        if not 0.0 <= betas[i] < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")


def descent(p: np.ndarray, g: np.ndarray, group: dict[str, Any]) -> np.ndarray:
    """Return the gradient to descend: turned round to maximize, and with the L2 penalty's share."""
    if group["maximize"]:
        g = -g
    weight_decay = group["weight_decay"]
    return g + weight_decay * p if weight_decay else g


def decayed(p: np.ndarray, g: np.ndarray, group: dict[str, Any]) -> np.ndarray:
    """Return what `descent` does, or shrink the parameter instead if the decay is decoupled."""
    if not group["decoupled_weight_decay"]:
        return descent(p, g, group)
    p *= 1 - group["lr"] * group["weight_decay"]
    return -g if group["maximize"] else g
