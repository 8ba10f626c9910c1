"""Channels as pixels, pixels as channels, and channels in another order."""

from __future__ import annotations

from minitorch.ops.copies import rearrange
from minitorch.tensor import Tensor


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    r"""Make images r times as large out of their channels, :math:`r^2` of which become one.

    .. math:: out_{c, r h + i, r w + j} = input_{c r^2 + r i + j, h, w}

    Args:
        input: images.
        upscale_factor: r.

    Shape:
        - input :math:`(*, C r^2, H, W)`. Output: :math:`(*, C, r H, r W)`.

    Raises:
        RuntimeError: if the channels cannot be divided so.

    Reference: Shi et al., "Real-time single image and video super-resolution using an efficient
    sub-pixel convolutional neural network", 2016.

    Example:
        >>> import minitorch
        >>> four = minitorch.arange(4.0).reshape(4, 1, 1)
        >>> minitorch.nn.functional.pixel_shuffle(four, 2)
        tensor([[[0., 1.],
                 [2., 3.]]])
    """
    r = upscale_factor
    _check("pixel_shuffle", "upscale_factor", input, r)
    *batch, channels, height, width = (int(n) for n in input.shape)
    if channels % (r * r):
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor, but input.size(-3)={channels} is not divisible by {r * r}"
        )
    split = (*batch, channels // r**2, r, r, height, width)
    first = len(batch)
    order = (*range(first), first, first + 3, first + 1, first + 4, first + 2)
    shape = (*batch, channels // r**2, height * r, width * r)
    return rearrange(input, split=split, order=order, shape=shape)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    r"""Undo `pixel_shuffle`: r by r pixels become :math:`r^2` channels.

    Args:
        input: images.
        downscale_factor: r.

    Shape:
        - input :math:`(*, C, r H, r W)`. Output: :math:`(*, C r^2, H, W)`.

    Raises:
        RuntimeError: if the height or the width cannot be divided so.

    Example:
        >>> import minitorch
        >>> image = minitorch.arange(4.0).reshape(1, 2, 2)
        >>> minitorch.nn.functional.pixel_unshuffle(image, 2).flatten()
        tensor([0., 1., 2., 3.])
    """
    r = downscale_factor
    _check("pixel_unshuffle", "downscale_factor", input, r)
    *batch, channels, height, width = (int(n) for n in input.shape)
    for name, dim, size in (("height", -2, height), ("width", -1, width)):
        if size % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({dim})={size} is not divisible by {r}"
            )
    split = (*batch, channels, height // r, r, width // r, r)
    first = len(batch)
    order = (*range(first), first, first + 2, first + 4, first + 1, first + 3)
    shape = (*batch, channels * r**2, height // r, width // r)
    return rearrange(input, split=split, order=order, shape=shape)


def _check(name: str, argument: str, input: Tensor, factor: int) -> None:
    if input.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {input.ndim} "
            "dimension(s)"
        )
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive {argument}, but got {factor}")


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Divide the channels into groups, and take one of each in turn.

    Args:
        input: signals or images.
        groups: how many groups.

    Shape:
        - input :math:`(N, C, *)`. Output: the same.

    Raises:
        RuntimeError: if the channels cannot be divided so.

    Reference: Zhang et al., "ShuffleNet: an extremely efficient convolutional neural network for
    mobile devices", 2018.

    Example:
        >>> import minitorch
        >>> x = minitorch.arange(4.0).reshape(1, 4, 1)
        >>> minitorch.nn.functional.channel_shuffle(x, 2).flatten()
        tensor([0., 2., 1., 3.])
    """
    if input.ndim < 3:
        raise RuntimeError(
            f"channel_shuffle expects input with > 2 dims, but got input with sizes "
            f"{list(input.shape)}"
        )
    if groups <= 0:
        raise RuntimeError(
            f"Number of groups to divide channels in must be positive. Value of groups:{groups}"
        )
    count, channels, *places = (int(n) for n in input.shape)
    if channels % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {channels} channels and {groups} "
            "groups."
        )
    split = (count, groups, channels // groups, *places)
    order = (0, 2, 1, *range(3, len(split)))
    return rearrange(input, split=split, order=order, shape=tuple(input.shape))
