"""Images, signals and volumes in another size."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from minitorch import ops
from minitorch.dtypes import dtype_name
from minitorch.kernels import Table
from minitorch.nn.functional.adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d
from minitorch.nn.functional.pooling3d import adaptive_avg_pool3d
from minitorch.tensor import Tensor

_DIMENSIONS = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}
# An output so many times the size lies where that number says, not where the scale does.
_WHOLE = {
    ("nearest", 4): (1, 2),
    ("linear", 3): (1,),
    ("bilinear", 4): (1,),
    ("trilinear", 5): (1,),
}
_CUBIC = -0.75  # the free parameter of the cubic kernel


def interpolate(
    input: Tensor,
    size: int | tuple[int, ...] | list[int] | None = None,
    scale_factor: float | tuple[float, ...] | list[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    r"""Return `input` with its spatial dimensions in another size.

    Element i of the output lies at :math:`(i + 1/2) / s - 1/2` in the input, s being the scale.

    Args:
        input: a batch of signals, images or volumes.
        size: of the output, for each spatial dimension, or one number for all.
        scale_factor: what the size is multiplied by, instead of `size`.
        mode: ``"nearest"``, the element at :math:`\lfloor i / s \rfloor`; ``"nearest-exact"``, the
            nearest one; ``"linear"``, ``"bilinear"`` and ``"trilinear"``, for one, two and three
            dimensions; ``"bicubic"``; ``"area"``, the mean over the bins of adaptive pooling.
        align_corners: for the linear modes and the cubic one, whether the centers of the outermost
            elements keep their places, instead of the outer edges.
        recompute_scale_factor: whether positions are computed from the scale that the rounded size
            gives, instead of from `scale_factor`.
        antialias: not supported.

    Shape:
        - input :math:`(N, C, *)` with one, two or three spatial dimensions. Output: the same number
          of dimensions.

    Raises:
        ValueError: for arguments that contradict each other.
        NotImplementedError: for a mode that the number of dimensions does not fit, and for
            `antialias`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html

    Example:
        >>> import minitorch
        >>> row = minitorch.tensor([[[1.0, 2.0]]])
        >>> minitorch.nn.functional.interpolate(row, scale_factor=2)
        tensor([[[1., 1., 2., 2.]]])
        >>> minitorch.nn.functional.interpolate(row, scale_factor=2, mode="linear")
        tensor([[[1.0000, 1.2500, 1.7500, 2.0000]]])
    """
    if antialias:
        raise NotImplementedError("interpolate: antialias=True is not supported")
    if align_corners is not None and mode not in _DIMENSIONS:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear "
            "| bicubic | trilinear"
        )
    sizes, scales = _sizes(input, size, scale_factor, bool(recompute_scale_factor))
    _check(input, mode)
    if mode == "area":
        return _area(input, sizes)
    _check_sizes(input, sizes)
    kind = mode if mode in ("nearest", "nearest-exact", "bicubic") else "linear"
    whole = _WHOLE.get((mode, input.ndim), ())
    out = input
    for dim, n, scale in zip(range(2, input.ndim), sizes, scales, strict=True):
        size = input.shape[dim]
        counts = None if any(n == size * times for times in whole) else scale
        options = (kind, bool(align_corners), counts, input._array.dtype.char)
        out = ops.resample(out, dim, _table(size, n, *options))
    return out


def _sizes(
    input: Tensor, size: Any, scale_factor: Any, recompute: bool
) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
    """Return for each spatial dimension the size of the output, and the scale if it counts."""
    count = input.ndim - 2
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None:
        if recompute:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
        if isinstance(size, tuple | list):
            _check_count(input, len(size) == count, f"output size of {size}", "output size", "o")
            return tuple(int(n) for n in size), (None,) * count
        return (int(size),) * count, (None,) * count
    if isinstance(scale_factor, tuple | list):
        given = f"scale_factor of shape {scale_factor}"
        _check_count(input, len(scale_factor) == count, given, "scale_factor", "s")
        scales = tuple(float(s) for s in scale_factor)
    else:
        scales = (float(scale_factor),) * count
    pairs = zip(input.shape[2:], scales, strict=True)
    sizes = tuple(math.floor(float(n) * s) for n, s in pairs)
    return sizes, ((None,) * count if recompute else scales)


def _check_count(input: Tensor, fits: bool, given: str, name: str, letter: str) -> None:
    """Raise torch's ValueError unless there is a number for each spatial dimension."""
    if not fits:
        subject = "Input and output" if letter == "o" else "Input and scale_factor"
        raise ValueError(
            f"{subject} must have the same number of spatial dimensions, but got input with "
            f"spatial dimensions of {list(input.shape[2:])} and {given}. Please provide input "
            f"tensor in (N, C, d1, d2, ...,dK) format and {name} in ({letter}1, {letter}2, ..."
            f",{letter}K) format."
        )


def _check(input: Tensor, mode: str) -> None:
    """Raise torch's NotImplementedError unless the mode fits the dimensions and the type."""
    known = (*_DIMENSIONS, "nearest", "nearest-exact", "area")
    if input.ndim not in (3, 4, 5) or mode not in known:
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D) for the "
            "modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | "
            f"nearest-exact (got {mode})"
        )
    needed = _DIMENSIONS.get(mode, input.ndim)
    if input.ndim != needed:
        raise NotImplementedError(f"Got {input.ndim}D input, but {mode} mode needs {needed}D input")
    whole = mode.startswith("nearest") and input._array.dtype == np.uint8
    if input._array.dtype.kind != "f" and not whole:
        name = f"interpolate(mode={mode!r})"
        raise NotImplementedError(f"{name} not implemented for '{dtype_name(input._array.dtype)}'")


def _check_sizes(input: Tensor, sizes: tuple[int, ...]) -> None:
    """Raise torch's RuntimeError unless there is something to interpolate."""
    letters = "DHW"[-len(sizes) :] if len(sizes) > 1 else "W"
    ours, theirs = (
        ", ".join(f"{letter}: {n}" for letter, n in zip(letters, shape, strict=True))
        for shape in (input.shape[2:], sizes)
    )
    if min(*input.shape[2:], *sizes) <= 0:
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({ours}) output "
            f"({theirs})"
        )
    if input.shape[1] == 0:
        raise RuntimeError(
            f"Non-empty {input.ndim}D data tensor expected but got a tensor with sizes "
            f"{list(input.shape)}"
        )


def _area(input: Tensor, sizes: tuple[int, ...]) -> Tensor:
    if input.ndim == 3:
        return adaptive_avg_pool1d(input, sizes[0])
    if input.ndim == 4:
        return adaptive_avg_pool2d(input, sizes)
    return adaptive_avg_pool3d(input, sizes)


@lru_cache(maxsize=64)
def _table(
    size: int, out: int, kind: str, align_corners: bool, scale: float | None, char: str
) -> Table:
    """Return which elements an output is made of, with torch's rounding in the type `char`."""
    real = np.promote_types(char, np.float32).type if char in "efd" else np.float32
    if align_corners:
        step = real(size - 1) / real(out - 1) if out > 1 else real(0)
    else:
        step = real(1 / scale) if scale else real(size) / real(out)
    places = np.arange(out).astype(real)
    if kind == "nearest":
        index = np.floor((places * step).astype(np.float32)).astype(np.int64)
        return Table(np.minimum(index, size - 1)[None], None, size)
    if not align_corners:
        centers = (places + real(0.5)) * step - real(0.5)
    else:
        centers = places * step
    if kind == "nearest-exact":
        index = np.floor((centers + real(0.5)).astype(np.float32)).astype(np.int64)
        return Table(np.minimum(index, size - 1)[None], None, size)
    if kind == "linear":
        centers = np.maximum(centers, 0)
        low = np.minimum(np.floor(centers).astype(np.int64), size - 1)
        share = np.clip(centers - low, 0, 1)
        return Table(
            np.stack([low, np.minimum(low + 1, size - 1)]), np.stack([1 - share, share]), size
        )
    low = np.floor(centers).astype(np.int64)
    index = np.clip(low + np.arange(-1, 3)[:, None], 0, size - 1)
    return Table(index, _cubic(centers - low), size)


def _cubic(t: np.ndarray) -> np.ndarray:
    """Return the weights of the four neighbours of a place, t behind the second of them.

    Reference: Keys, "Cubic convolution interpolation for digital image processing", 1981.
    """

    def near(x: np.ndarray) -> np.ndarray:
        return ((_CUBIC + 2) * x - (_CUBIC + 3)) * x * x + 1

    def far(x: np.ndarray) -> np.ndarray:
        return ((_CUBIC * x - 5 * _CUBIC) * x + 8 * _CUBIC) * x - 4 * _CUBIC

    return np.stack([far(t + 1), near(t), near(1 - t), far(2 - t)])
