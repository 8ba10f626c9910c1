"""Old names of `interpolate`, which warn that they are deprecated."""

from __future__ import annotations

from typing import Any

from minitorch.nn.functional.interpolation import interpolate
from minitorch.notices import warn
from minitorch.tensor import Tensor


def _deprecate(name: str) -> None:
    warn(f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.")


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """Return `interpolate` with the same arguments, and warn of the new name."""
    _deprecate("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Return `interpolate` with the nearest elements, and warn of the new name."""
    _deprecate("upsample_nearest")
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Return `interpolate`, bilinear with aligned corners, and warn of the new name."""
    _deprecate("upsample_bilinear")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)
