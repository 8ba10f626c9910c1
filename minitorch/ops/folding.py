"""Images as columns of windows, and back: two linear maps, each the other's gradient."""

from __future__ import annotations

from typing import Any

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.kernels import Windows

__all__ = ["fold", "unfold"]

_unfold: Operation = primitive(
    "im2col",
    lambda x, *, rows, columns: kernels.unfold(x, rows, columns),
    x=lambda g, rows, columns: _fold(g, rows=rows, columns=columns),
)
_fold: Operation = primitive(
    "col2im",
    lambda x, *, rows, columns: kernels.fold(x, rows, columns),
    x=lambda g, rows, columns: _unfold(g, rows=rows, columns=columns),
)


def unfold(input: Any, rows: Windows, columns: Windows) -> Any:
    """Return each window as a column, ``(N, C, H, W) -> (N, C kh kw, Ho Wo)``."""
    return _unfold(input, rows=rows, columns=columns)


def fold(input: Any, rows: Windows, columns: Windows) -> Any:
    """Return the sum of windows put where they lie, ``(N, C kh kw, Ho Wo) -> (N, C, H, W)``."""
    return _fold(input, rows=rows, columns=columns)
