"""Random affine transforms of whole batches of images, in NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class RandomAffine:
    r"""Rotate, shift, scale and shear each image of a batch by an amount of its own, bilinearly.

    The output pixel at :math:`p`, measured from the centre of the image, is read at

    .. math:: q = (R(\theta) \, S)^{-1} (p - t), \qquad
        S = s \begin{pmatrix} 1 & \tan\phi \\ 0 & 1 \end{pmatrix}

    and what lies outside the image is zero. The arguments are those of torchvision's
    ``RandomAffine``.

    Args:
        degrees: the angle :math:`\theta` is uniform in ``[-degrees, degrees]``.
        translate: the largest shift, as fractions of the width and of the height.
        scale: the smallest and the largest factor :math:`s`.
        shear: the angle :math:`\phi` is uniform in ``[-shear, shear]``, in degrees.

    Shape:
        - Input: :math:`(N, H, W)` or :math:`(N, C, H, W)`, uint8 or floating.
        - Output: the same shape, float32.

    Raises:
        ValueError: when a range is empty or a fraction lies outside ``[0, 1]``.

    Example::

        >>> import numpy as np
        >>> images = np.zeros((2, 5, 5), dtype=np.uint8)
        >>> images[:, 2, 2] = 255
        >>> turned = RandomAffine(degrees=90)(images, np.random.default_rng(0))
        >>> turned.shape, float(turned[0, 2, 2])
        ((2, 5, 5), 255.0)
    """

    degrees: float
    translate: tuple[float, float]
    scale: tuple[float, float]
    shear: float

    def __init__(
        self,
        degrees: float,
        translate: Sequence[float] = (0.0, 0.0),
        scale: Sequence[float] = (1.0, 1.0),
        shear: float = 0.0,
    ) -> None:
        if not (0 <= degrees < math.inf and 0 <= shear < math.inf):
            raise ValueError(f"degrees and shear must not be negative, got {degrees} and {shear}")
        if len(translate) != 2 or not all(0.0 <= fraction <= 1.0 for fraction in translate):
            raise ValueError(f"translate must be two fractions within [0, 1], got {translate}")
        if len(scale) != 2 or not 0.0 < scale[0] <= scale[1] < math.inf:
            raise ValueError(f"scale must be two factors, 0 < low <= high, got {scale}")
        self.degrees = float(degrees)
        self.translate = (float(translate[0]), float(translate[1]))
        self.scale = (float(scale[0]), float(scale[1]))
        self.shear = float(shear)

    def __repr__(self) -> str:
        return (
            f"RandomAffine(degrees={self.degrees}, translate={self.translate}, "
            f"scale={self.scale}, shear={self.shear})"
        )

    def __call__(
        self, images: NDArray[np.generic], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """Return transformed copies of ``images``, with random amounts drawn from ``rng``."""
        height, width = images.shape[-2:]
        matrices, shifts = self.draw(len(images), (height, width), rng)
        if images.ndim == 3:
            return warp(images, matrices, shifts)
        channels = [warp(images[:, c], matrices, shifts) for c in range(images.shape[1])]
        return np.stack(channels, axis=1)  # (N, C, H, W)

    def draw(
        self, count: int, size: tuple[int, int], rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw ``count`` inverse matrices (count, 2, 2) and shifts (count, 2) in pixels, (x, y)."""
        angle = np.deg2rad(rng.uniform(-self.degrees, self.degrees, count))
        factor = rng.uniform(*self.scale, count)
        slant = np.tan(np.deg2rad(rng.uniform(-self.shear, self.shear, count)))
        limits = np.array(self.translate) * (size[1], size[0])
        shifts = rng.uniform(-limits, limits, (count, 2))
        cos, sin = np.cos(angle) / factor, np.sin(angle) / factor
        inverse = np.empty((count, 2, 2), np.float32)  # S^-1 R(-angle)
        inverse[:, 0, 0], inverse[:, 0, 1] = cos + slant * sin, sin - slant * cos
        inverse[:, 1, 0], inverse[:, 1, 1] = -sin, cos
        return inverse, shifts.astype(np.float32)


def warp(
    images: NDArray[np.generic], matrices: NDArray[np.float32], shifts: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Read image ``i`` at ``matrices[i] @ (p - shifts[i])``, bilinearly, with zeros outside.

    A pixel and the step to its right neighbour travel as one complex number, so that four
    neighbours cost two gathers.
    """
    count, height, width = images.shape
    padded = np.zeros((count, height + 3, width + 3), np.float32)
    padded[:, 1 : height + 1, 1 : width + 1] = images
    pairs = np.empty((count, height + 3, width + 2), np.complex64)
    pairs.real = padded[:, :, :-1]
    np.subtract(padded[:, :, 1:], padded[:, :, :-1], out=pairs.imag)

    x, y = _positions(matrices, shifts, height, width)  # (N, H, W), in the padded image
    column, row = x.astype(np.int32), y.astype(np.int32)
    x -= column
    y -= row
    row *= width + 2
    row += column
    index = row.astype(np.intp)
    index += (np.arange(count) * ((height + 3) * (width + 2)))[:, None, None]
    flat = pairs.reshape(-1)
    above = flat.take(index, mode="clip")
    index += width + 2
    below = flat.take(index, mode="clip")

    top = above.imag * x
    top += above.real
    bottom = below.imag * x
    bottom += below.real
    bottom -= top
    bottom *= y
    bottom += top
    return bottom


def _positions(
    matrices: NDArray[np.float32], shifts: NDArray[np.float32], height: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each output pixel is read, as x and y (N, H, W) in an image with a border of one."""
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    across = np.arange(width, dtype=np.float32) - np.float32(middle_x)  # (W,)
    down = np.arange(height, dtype=np.float32)[:, None] - np.float32(middle_y)  # (H, 1)
    a, b = matrices[:, 0, 0, None, None], matrices[:, 0, 1, None, None]
    c, d = matrices[:, 1, 0, None, None], matrices[:, 1, 1, None, None]
    start = np.einsum("nij,nj->ni", matrices, -shifts) + np.array(
        [middle_x + 1, middle_y + 1], np.float32
    )
    x = a * across + (b * down + start[:, 0, None, None])
    y = c * across + (d * down + start[:, 1, None, None])
    np.clip(x, 0, width + 1, out=x)
    np.clip(y, 0, height + 1, out=y)
    return x, y
