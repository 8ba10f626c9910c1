"""Random crops and holes in whole batches of images, in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.checks import check_choice, check_positive

PADDING_MODES = ("constant", "edge", "reflect", "symmetric")


class RandomCrop:
    """Pad each image on all sides and cut it out again at a random place, at its former size.

    Args:
        padding: how many pixels are added on each side.
        padding_mode: ``constant`` adds zeros (black), ``edge`` repeats the border, ``reflect`` and
            ``symmetric`` mirror the image without and with its border; as in torchvision.

    Shape:
        - Input: :math:`(N, C, H, W)`, any type.
        - Output: the same shape, type and memory order.

    Raises:
        ValueError: when ``padding`` is not positive or the mode is unknown.

    Example::

        >>> import numpy as np
        >>> images = np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3)
        >>> RandomCrop(1)(images, np.random.default_rng(2))[0, 0]
        array([[4, 3, 4],
               [7, 6, 7],
               [4, 3, 4]], dtype=uint8)
    """

    def __init__(self, padding: int, padding_mode: str = "reflect") -> None:
        check_positive(padding=padding)
        check_choice("padding_mode", padding_mode, PADDING_MODES)
        self.padding = padding
        self.padding_mode = padding_mode

    def __repr__(self) -> str:
        return f"RandomCrop({self.padding}, {self.padding_mode!r})"

    def __call__(self, images: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Return crops of ``images`` at places drawn from ``rng``."""
        count, _, height, width = images.shape
        border = (self.padding, self.padding)
        mode: Any = self.padding_mode
        padded = np.pad(images, ((0, 0), (0, 0), border, border), mode)
        tops, lefts = rng.integers(0, 2 * self.padding + 1, (2, count)).tolist()
        out = np.empty_like(images)
        for number, (top, left) in enumerate(zip(tops, lefts, strict=True)):
            out[number] = padded[number, :, top : top + height, left : left + width]
        return out


class Cutout:
    """Fill a square at a random place of each image with the mean colour of the batch.

    The centre lies anywhere in the image, so that a part of the square may fall outside.

    Args:
        size: the side of the square, in pixels.

    Shape:
        - Input: :math:`(N, C, H, W)`, any type.
        - Output: the same shape, type and memory order.

    Raises:
        ValueError: when ``size`` is not positive.

    Reference: T. DeVries, G. W. Taylor, Improved regularization of convolutional neural networks
    with cutout, arXiv:1708.04552.

    Example::

        >>> import numpy as np
        >>> images = np.zeros((1, 1, 4, 4), np.uint8)
        >>> images[..., 0] = 8
        >>> int((Cutout(2)(images, np.random.default_rng(0)) == 2).sum())
        4
    """

    def __init__(self, size: int) -> None:
        check_positive(size=size)
        self.size = size

    def __repr__(self) -> str:
        return f"Cutout({self.size})"

    def __call__(self, images: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Return ``images`` with holes at places drawn from ``rng``."""
        out = images.copy(order="K")
        mean = images.mean((0, 2, 3))[:, None, None]  # (C, 1, 1)
        if np.issubdtype(images.dtype, np.integer):
            mean = np.rint(mean)
        count, _, height, width = out.shape
        corners = rng.integers(0, (height, width), (count, 2)) - self.size // 2
        for number, (top, left) in enumerate(corners.tolist()):
            rows = slice(max(top, 0), max(top + self.size, 0))
            columns = slice(max(left, 0), max(left + self.size, 0))
            out[number, :, rows, columns] = mean
        return out


class Compose:
    """One augmentation after the other.

    Args:
        transforms: each is called with a batch of images and a random generator.

    Example::

        >>> import numpy as np
        >>> both = Compose([RandomCrop(1), Cutout(2)])
        >>> both(np.zeros((2, 3, 8, 8), np.uint8), np.random.default_rng(0)).shape
        (2, 3, 8, 8)
    """

    def __init__(self, transforms: Sequence[Callable[..., NDArray[Any]]]) -> None:
        self.transforms = list(transforms)

    def __repr__(self) -> str:
        return f"Compose({self.transforms})"

    def __call__(self, images: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Return ``images`` changed by each transform in turn."""
        for transform in self.transforms:
            images = transform(images, rng)
        return images
