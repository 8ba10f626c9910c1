"""How a tensor prints: as torch prints it.

Reference: torch/_tensor_str.py, whose rules (four decimals, a common width, scientific notation where the
range asks for it, three elements at each end of a long dimension) are followed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PRECISION, THRESHOLD, EDGE_ITEMS, LINE_WIDTH = 4, 1000, 3, 80


def _shown(array: np.ndarray) -> np.ndarray:
    """Return the elements that will be printed, flat."""
    if array.size <= THRESHOLD:
        return array.reshape(-1)
    for axis, n in enumerate(array.shape):
        if n > 2 * EDGE_ITEMS:
            ends = np.r_[0:EDGE_ITEMS, n - EDGE_ITEMS : n]
            array = array.take(ends, axis)
    return array.reshape(-1)


def _float_style(values: np.ndarray) -> Callable[[Any], str]:
    """Return the function that prints a float: whole numbers, fixed or scientific, padded alike."""
    finite = np.abs(values[np.isfinite(values) & (values != 0)].astype(np.float64))
    if finite.size == 0:
        return lambda v: f"{v:.0f}." if np.isfinite(v) else f"{v}"
    low, high = float(finite.min()), float(finite.max())
    if bool(np.all(finite == np.ceil(finite))):
        if high / low > 1000.0 or high > 1.0e8:
            return lambda v: f"{v:.{PRECISION}e}"
        return lambda v: f"{v:.0f}." if np.isfinite(v) else f"{v}"
    if high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4:
        return lambda v: f"{v:.{PRECISION}e}"
    return lambda v: f"{v:.{PRECISION}f}"


def _style(array: np.ndarray) -> Callable[[Any], str]:
    shown = _shown(array)
    text: Callable[[Any], str] = _float_style(shown) if array.dtype.kind == "f" else str
    width = max((len(text(v)) for v in shown.tolist()), default=0)
    return lambda v: text(v.item() if hasattr(v, "item") else v).rjust(width)


def array_text(array: np.ndarray, indent: int) -> str:
    """Return the nested brackets of an array, wrapped after `indent` columns."""
    if array.ndim == 0:
        text = _float_style(array.reshape(-1)) if array.dtype.kind == "f" else str
        return text(array.item())
    if array.size == 0:
        return "[]"
    style = _style(array)
    return np.array2string(
        array,
        max_line_width=LINE_WIDTH,
        separator=", ",
        prefix=" " * indent,
        formatter={"all": style},  # type: ignore[typeddict-item]
        threshold=THRESHOLD,
        edgeitems=EDGE_ITEMS,
    )


def tensor_text(array: np.ndarray, suffixes: list[str], name: str = "tensor") -> str:
    """Return ``tensor([...], suffix, ...)``."""
    body = array_text(array, len(name) + 1)
    return f"{name}({', '.join([body, *suffixes])})"
