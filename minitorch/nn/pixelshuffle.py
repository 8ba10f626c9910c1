"""Layers that turn channels into pixels, pixels into channels, and mix channels."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class PixelShuffle(Module):
    r"""Make images r times as large out of their channels, :math:`r^2` of which become one.

    Args:
        upscale_factor: r.

    Shape:
        - Input: :math:`(*, C r^2, H, W)`. Output: :math:`(*, C, r H, r W)`.

    Reference: Shi et al., "Real-time single image and video super-resolution using an efficient
    sub-pixel convolutional neural network", 2016.

    Example:
        >>> import minitorch
        >>> minitorch.nn.PixelShuffle(3)(minitorch.zeros(1, 9, 4, 4)).shape
        minitorch.Size([1, 1, 12, 12])
    """

    upscale_factor: int

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Return the larger images."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    r"""Undo `PixelShuffle`: r by r pixels become :math:`r^2` channels.

    Args:
        downscale_factor: r.

    Shape:
        - Input: :math:`(*, C, r H, r W)`. Output: :math:`(*, C r^2, H, W)`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.PixelUnshuffle(3)(minitorch.zeros(1, 1, 12, 12)).shape
        minitorch.Size([1, 9, 4, 4])
    """

    downscale_factor: int

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Return the smaller images."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Divide the channels into groups, and take one of each in turn.

    Args:
        groups: how many groups.

    Shape:
        - Input: :math:`(N, C, *)`. Output: the same.

    Reference: Zhang et al., "ShuffleNet: an extremely efficient convolutional neural network for
    mobile devices", 2018.

    Example:
        >>> import minitorch
        >>> x = minitorch.arange(4.0).reshape(1, 4, 1)
        >>> minitorch.nn.ChannelShuffle(2)(x).flatten()
        tensor([0., 2., 1., 3.])
    """

    groups: int

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with its channels in another order."""
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"groups={self.groups}"
