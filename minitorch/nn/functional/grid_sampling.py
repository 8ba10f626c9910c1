"""Images read at the places of a grid, and the grids of affine maps."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from minitorch import ops
from minitorch.nn.functional._pooling_arguments import check_kind
from minitorch.notices import warn
from minitorch.ops.arguments import require_dtype
from minitorch.tensor import Tensor, wrap

_DEFAULT = (
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. "
    "Please specify align_corners=True if the old behavior is desired. See the documentation of "
    "grid_sample for details."
)


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    r"""Return what lies in images at the places that a grid names.

    The places are (x, y), from (-1, -1) at the upper left of the image to (1, 1) at the lower
    right.

    Args:
        input: images.
        grid: the places, one for each pixel of the output.
        mode: ``"bilinear"``, the mean of the four neighbours, each weighted by its nearness; or
            ``"nearest"``, the nearest pixel. ``"bicubic"`` is not supported.
        padding_mode: what lies beyond the image: ``"zeros"``; ``"border"``, its outermost pixels;
            or ``"reflection"``, the image mirrored, as often as needed.
        align_corners: whether -1 and 1 are the centers of the outermost pixels, instead of their
            outer edges. Leaving it out means False, with a warning.

    Shape:
        - input :math:`(N, C, H, W)`, grid :math:`(N, H', W', 2)`. Output: :math:`(N, C, H', W')`.

    Raises:
        ValueError: for an unknown mode.
        RuntimeError: if the sizes do not fit.
        NotImplementedError: for ``"bicubic"``, and for volumes.

    Reference: Jaderberg et al., "Spatial transformer networks", 2015.

    Example:
        >>> import minitorch
        >>> image = minitorch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        >>> places = minitorch.tensor([[[[0.0, 0.0], [-1.0, 1.0]]]])
        >>> minitorch.nn.functional.grid_sample(image, places, align_corners=True)
        tensor([[[[2.5000, 3.0000]]]])
    """
    _check_modes(mode, padding_mode)
    if align_corners is None:
        warn(_DEFAULT)
    _check(input, grid, mode)
    x, y = (
        _pixel(grid[..., i], input.shape[3 - i], padding_mode, bool(align_corners)) for i in (0, 1)
    )
    if mode == "bilinear":
        return _bilinear(input, x, y)
    out = _read(input, np.rint(x._array), np.rint(y._array))
    # Nothing of the second operand is taken: its gradient is zero, as in torch, instead of none.
    return ops.where(ops.tensor(True), out, ops.unsqueeze(x, 1)) if grid.requires_grad else out


def _bilinear(input: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return the sum of the neighbours times their nearness; x and y are ``(N, H', W')``."""
    left, top = np.floor(x._array), np.floor(y._array)
    across, down = x - wrap(left), y - wrap(top)
    out: Any = 0
    for i, j in itertools.product((0, 1), repeat=2):
        weight = (down if i else 1 - down) * (across if j else 1 - across)
        out = out + _read(input, left + j, top + i) * ops.unsqueeze(weight, 1)
    return out


def _read(input: Tensor, x: np.ndarray, y: np.ndarray) -> Tensor:
    """Return the pixels at whole places, zeros beyond the image: ``(N, C, H', W')``."""
    n, channels, height, width = input.shape
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)  # not where a place is NaN
    row, column = (np.where(inside, place, 0).astype(np.int64) for place in (y, x))
    count = math.prod(x.shape[1:])
    index = np.broadcast_to((row * width + column).reshape(n, 1, count), (n, channels, count))
    pixels = ops.gather(ops.flatten(input, 2), 2, wrap(index))
    out = ops.reshape(pixels, (n, channels, *x.shape[1:]))
    return out if inside.all() else ops.where(wrap(inside[:, None]), out, 0.0)


def _pixel(place: Tensor, size: int, padding_mode: str, align_corners: bool) -> Tensor:
    """Return places from -1 to 1 in pixels, and for other modes than zeros within the image."""
    x = (place + 1) * ((size - 1) / 2) if align_corners else (place + 1) * (size / 2) - 0.5
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        x = _reflected(x, size - 1) if align_corners else _reflected(x + 0.5, size) - 0.5
    inside = (x._array > 0) & (x._array < size - 1)  # at the border itself the gradient is zero
    return x if inside.all() else ops.where(wrap(inside), x, wrap(x._array.clip(0, size - 1)))


def _reflected(x: Tensor, span: int) -> Tensor:
    """Return places mirrored at 0 and at `span` until they lie between."""
    if span == 0:
        return ops.zeros_like(x)
    x = ops.abs(x)
    rest = x - wrap(np.floor(x._array / (2 * span)) * (2 * span))
    return ops.where(rest > span, 2 * span - rest, rest)


def _check_modes(mode: str, padding_mode: str) -> None:
    """Raise torch's ValueError for an unknown mode."""
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', "
            f"but got: '{mode}'"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or "
            f"'reflection', but got: '{padding_mode}'"
        )


def _check(input: Tensor, grid: Tensor, mode: str) -> None:
    """Raise torch's errors unless the grid fits the images."""
    sizes = f"input with sizes {list(input.shape)} and grid with sizes {list(grid.shape)}"
    start = "grid_sampler(): expected"
    if input.shape[:1] != grid.shape[:1]:
        raise RuntimeError(f"{start} grid and input to have same batch size, but got {sizes}")
    if not grid.ndim or grid.shape[-1] != input.ndim - 2:
        raise RuntimeError(
            f"{start} grid to have size {input.ndim - 2} in last dimension, but got grid with "
            f"sizes {list(grid.shape)}"
        )
    if 0 in input.shape[2:]:
        raise RuntimeError(
            f"{start} input to have non-empty spatial dimensions, but input has sizes "
            f"{list(input.shape)} with dimension {input.shape.index(0, 2)} being empty"
        )
    if input.ndim == grid.ndim == 5:
        raise NotImplementedError("grid_sample: an input of 5 dimensions is not supported")
    if input.ndim != 4 or grid.ndim != 4:
        count = 4 if input.ndim == 4 else 5
        raise RuntimeError(
            f"{start} {count}D input and grid with same number of dimensions, but got {sizes}"
        )
    if mode == "bicubic":
        raise NotImplementedError("grid_sample: mode='bicubic' is not supported")
    require_dtype(input._array.dtype, grid._array.dtype)
    check_kind("grid_sampler_2d_cpu_kernel_impl", input)


def affine_grid(
    theta: Tensor, size: tuple[int, ...] | list[int], align_corners: bool | None = None
) -> Tensor:
    r"""Return the places to which affine maps take those of an image, a grid for `grid_sample`.

    Args:
        theta: matrices, :math:`(x, y, 1) \mapsto (x', y')`.
        size: of the output of `grid_sample`, :math:`(N, C, H, W)` or :math:`(N, C, D, H, W)`.
        align_corners: what `grid_sample` is given. Leaving it out means False, with a warning.

    Shape:
        - theta :math:`(N, 2, 3)` or :math:`(N, 3, 4)`.
        - Output: :math:`(N, H, W, 2)` or :math:`(N, D, H, W, 3)`.

    Raises:
        ValueError: if theta does not fit the size, or is not of floating type.
        NotImplementedError: for another number of dimensions.

    Reference: Jaderberg et al., "Spatial transformer networks", 2015.

    Example:
        >>> import minitorch
        >>> identity = minitorch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
        >>> minitorch.nn.functional.affine_grid(identity, (1, 1, 1, 2), align_corners=False)
        tensor([[[[-0.5000,  0.0000],
                  [ 0.5000,  0.0000]]]])
    """
    if theta._array.dtype.kind != "f":
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if align_corners is None:
        warn(_DEFAULT)
    size = tuple(size)
    _check_affine(theta, size, bool(align_corners))
    n, _, *spatial = size
    count = len(spatial)
    lines = [_line(length, bool(align_corners)) for length in spatial]
    places = np.meshgrid(*lines, indexing="ij")[::-1]  # x first
    base = np.stack([*places, np.ones(spatial)], -1).astype(theta._array.dtype)
    rows = np.broadcast_to(base.reshape(1, -1, count + 1), (n, places[0].size, count + 1))
    return ops.reshape(ops.bmm(wrap(rows), ops.transpose(theta, 1, 2)), (n, *spatial, count))


def _line(length: int, align_corners: bool) -> np.ndarray:
    """Return the places of the pixels of one dimension, from -1 to 1."""
    if length == 1:
        return np.zeros(1)
    return np.linspace(-1, 1, length) * (1 if align_corners else (length - 1) / length)


def _check_affine(theta: Tensor, size: tuple[int, ...], align_corners: bool) -> None:
    """Raise torch's errors unless the maps fit the size."""
    if len(size) not in (4, 5):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
            f"respectively. Got size {size}."
        )
    count = len(size) - 2
    if theta.ndim != 3 or theta.shape[1:] != (count, count + 1):
        raise ValueError(
            f"Expected a batch of {count}D affine matrices of shape Nx{count}x{count + 1} for size "
            f"{size}. Got {theta.shape}."
        )
    if align_corners and min(size[2:]) == 1:
        warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when "
            "align_corners=True. This is not an intended use case of affine_grid. See the "
            "documentation of affine_grid for details."
        )
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
