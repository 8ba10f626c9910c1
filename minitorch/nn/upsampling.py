"""Layers that bring images, signals and volumes to another size."""

from __future__ import annotations

from typing import Any

from minitorch.nn import functional as F
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class Upsample(Module):
    """Return the input with its spatial dimensions in another size.

    Args:
        size: of the output, for each spatial dimension, or one number for all.
        scale_factor: what the size is multiplied by, instead of `size`.
        mode: ``"nearest"``, ``"nearest-exact"``, ``"linear"``, ``"bilinear"``, ``"bicubic"``,
            ``"trilinear"`` or ``"area"``.
        align_corners: for the linear modes and the cubic one, whether the centers of the outermost
            elements keep their places, instead of the outer edges.
        recompute_scale_factor: whether positions are computed from the scale that the rounded size
            gives, instead of from `scale_factor`.

    Shape:
        - Input: :math:`(N, C, *)` with one, two or three spatial dimensions. Output: the same
          number of dimensions.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Upsample(scale_factor=2)(minitorch.tensor([[[1.0, 2.0]]]))
        tensor([[[1., 1., 2., 2.]]])
    """

    size: Any
    scale_factor: Any
    mode: str
    align_corners: bool | None
    recompute_scale_factor: bool | None

    def __init__(
        self,
        size: int | tuple[int, ...] | None = None,
        scale_factor: float | tuple[float, ...] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        if isinstance(scale_factor, tuple):
            self.scale_factor = tuple(float(s) for s in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Return the input in another size."""
        return F.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor!r}, mode={self.mode!r}"
        return f"size={self.size!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Return images in another size, each pixel being the nearest one.

    Args:
        size: height and width of the output, or one number for both.
        scale_factor: what the size is multiplied by, instead of `size`.

    Shape:
        - Input: :math:`(N, C, H, W)`. Output: :math:`(N, C, H', W')`.
    """

    def __init__(
        self,
        size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None,
    ) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Return images in another size by bilinear interpolation, the corners keeping their places.

    Args:
        size: height and width of the output, or one number for both.
        scale_factor: what the size is multiplied by, instead of `size`.

    Shape:
        - Input: :math:`(N, C, H, W)`. Output: :math:`(N, C, H', W')`.
    """

    def __init__(
        self,
        size: int | tuple[int, int] | None = None,
        scale_factor: float | tuple[float, float] | None = None,
    ) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
