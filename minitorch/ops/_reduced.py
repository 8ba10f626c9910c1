"""What the operations share that give one number for many."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch.autograd.coerce import cast, spread_to
from minitorch.ops.shape import as_shape


def count(shape: tuple[int, ...], axis: tuple[int, ...]) -> int:
    """Return how many elements there are along `axis`."""
    return math.prod(shape[d] for d in axis)


def spread(g: Any, shape: tuple[int, ...], axis: tuple[int, ...], keepdim: bool) -> Any:
    """Return a reduction's output, or the gradient of it, expanded over what was reduced."""
    if not keepdim and axis:
        g = as_shape(g, shape=tuple(1 if d in axis else n for d, n in enumerate(shape)))
    return spread_to(g, shape=shape)


def full_precision(x: Any) -> Any:
    """Return `x`, in float32 if it is in float16, whose sums soon round to a step or overflow."""
    half = getattr(x, "_array", x).dtype == np.float16
    return cast(x, dtype=np.dtype(np.float32)) if half else x


def in_dtype(x: Any, dtype: np.dtype[Any]) -> Any:
    """Return `x` in `dtype`: itself if it is."""
    return x if getattr(x, "_array", x).dtype == dtype else cast(x, dtype=dtype)
