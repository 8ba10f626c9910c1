"""Nonlinearities that draw what is small to zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.primitive import primitive
from minitorch.dtypes import dtype_name
from minitorch.ops._linked import linked
from minitorch.ops.arguments import require_floating
from minitorch.ops.comparison import where

__all__ = ["hardshrink", "softshrink"]


def _gradient(g: Any, x: Any, limit: float) -> Any:
    return linked(where((x >= -limit) & (x <= limit), 0.0, g), x)


def _hard(x: np.ndarray, *, limit: float) -> np.ndarray:
    require_floating("hardshrink_cpu", x.dtype)
    return np.where((x >= -limit) & (x <= limit), x.dtype.type(0), x)


_hardshrink = primitive("hardshrink", _hard, x=_gradient)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """Return 0 where `input` is in ``[-lambd, lambd]``, and `input` elsewhere."""
    return _hardshrink(input, limit=lambd)


def _soft(x: np.ndarray, *, limit: float) -> np.ndarray:
    require_floating("softshrink_check", x.dtype)
    largest = float(np.finfo(x.dtype).max)
    if not 0 <= limit <= largest:
        raise RuntimeError(
            f"lambda must be in range [0, {largest:g}] for input dtype {dtype_name(x.dtype)}, "
            f"but found {limit:g}"
        )
    inside = (x >= -limit) & (x <= limit)
    return np.where(inside, np.copysign(x.dtype.type(0), x), x - np.clip(x, -limit, limit))


_softshrink = primitive("softshrink", _soft, x=_gradient)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """Return `input` brought nearer to 0 by `lambd`, and 0 where it is in ``[-lambd, lambd]``."""
    return _softshrink(input, limit=lambd)
