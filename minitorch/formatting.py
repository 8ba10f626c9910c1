"""How a tensor prints: as torch prints it.

Reference: torch/_tensor_str.py, whose rules (four decimals, a common width, scientific notation
where the range asks for it, three elements at each end of a long dimension) are followed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class PrintOptions:
    """What `set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


OPTIONS = PrintOptions()
_PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how tensors print; what is not given stays as it is, except `sci_mode`.

    Args:
        precision: digits after the point.
        threshold: tensors with more elements show only their edges.
        edgeitems: how many elements an edge has.
        linewidth: characters in a line.
        profile: ``"default"``, ``"short"`` or ``"full"``, from which the other arguments depart.
        sci_mode: True or False for scientific notation always or never; None chooses by the range.

    Example:
        >>> import minitorch
        >>> minitorch.set_printoptions(precision=2)
        >>> minitorch.tensor([1.12345])
        tensor([1.12])
        >>> minitorch.set_printoptions(profile="default")
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"profile must be one of {', '.join(_PROFILES)}, got {profile!r}")
    start = OPTIONS if profile is None else _PROFILES[profile]
    OPTIONS.precision = start.precision if precision is None else precision
    OPTIONS.threshold = start.threshold if threshold is None else threshold
    OPTIONS.edgeitems = start.edgeitems if edgeitems is None else edgeitems
    OPTIONS.linewidth = start.linewidth if linewidth is None else linewidth
    OPTIONS.sci_mode = sci_mode


class Style:
    """How the elements of one tensor are written: all in the same width."""

    def __init__(self, shown: np.ndarray) -> None:
        self.is_float = shown.dtype.kind == "f"
        self.scientific, self.whole, self.width = False, True, 1
        measured = shown
        if self.is_float:
            measured = shown[np.isfinite(shown) & (shown != 0)].astype(np.float64)
            if measured.size:
                self._choose_notation(measured)
        self.width = max((len(self.plain(v)) for v in measured.tolist()), default=1)

    def _choose_notation(self, values: np.ndarray) -> None:
        low, high = float(np.abs(values).min()), float(np.abs(values).max())
        self.whole = bool((values == np.ceil(values)).all())
        by_range = high > 1000.0 * low or high > 1.0e8 or low < 1.0e-4
        self.scientific = by_range if OPTIONS.sci_mode is None else OPTIONS.sci_mode

    def plain(self, value: Any) -> str:
        """Return an element as text, not padded."""
        if not self.is_float:
            return str(value)
        if self.scientific:
            return f"{value:.{OPTIONS.precision}e}"
        if self.whole:
            return f"{value:.0f}." if math.isfinite(value) else f"{value}"
        return f"{value:.{OPTIONS.precision}f}"

    def padded(self, value: Any) -> str:
        """Return an element as text, right-aligned."""
        return self.plain(value).rjust(self.width)


def _edges(array: np.ndarray) -> np.ndarray:
    """Return the elements that a summary shows."""
    for axis, n in enumerate(array.shape):
        if n > 2 * OPTIONS.edgeitems:
            ends = np.r_[0 : OPTIONS.edgeitems, n - OPTIONS.edgeitems : n]
            array = array.take(ends, axis)
    return array


def _brackets(array: np.ndarray, indent: int, summarize: bool, style: Style) -> str:
    """Return nested brackets; lines after the first begin after `indent` columns."""
    edge = OPTIONS.edgeitems
    cut = summarize and len(array) > 2 * edge
    if array.ndim == 1:
        parts = [style.padded(v) for v in (array[:edge] if cut else array).tolist()]
        if cut:
            parts += [" ...", *(style.padded(v) for v in array[len(array) - edge :].tolist())]
        count = max(1, (OPTIONS.linewidth - indent) // (style.width + 2))
        lines = [", ".join(parts[i : i + count]) for i in range(0, len(parts), count)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    rows = [_brackets(x, indent + 1, summarize, style) for x in (array[:edge] if cut else array)]
    if cut:
        last = array[len(array) - edge :]
        rows += ["...", *(_brackets(x, indent + 1, summarize, style) for x in last)]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(rows) + "]"


def _dtype_suffixes(array: np.ndarray, default: Any) -> list[str]:
    """Return what the elements do not show: the shape of an empty tensor, an unusual dtype."""
    suffixes = []
    if array.size == 0 and array.ndim != 1:
        suffixes.append(f"size={tuple(array.shape)}")
    usual = (default,) if array.size == 0 else (default, np.dtype(np.int64), np.dtype(bool))
    if array.dtype not in usual:
        suffixes.append(f"dtype=minitorch.{array.dtype.name}")
    return suffixes


def tensor_text(
    array: np.ndarray, default: np.dtype[Any], suffixes: list[str], name: str = "tensor"
) -> str:
    """Return ``tensor([...], suffix, ...)``.

    Args:
        array: the elements.
        default: the floating dtype that goes without saying.
        suffixes: what to add to those that the dtype and the shape ask for.
        name: what stands before the bracket.
    """
    indent = len(name) + 1
    if array.size == 0:
        text = f"{name}([]"
    else:
        summarize = array.size > OPTIONS.threshold
        style = Style((_edges(array) if summarize else array).reshape(-1))
        body = (
            _brackets(array, indent, summarize, style) if array.ndim else style.padded(array.item())
        )
        text = f"{name}({body}"
    used = len(text) - text.rfind("\n") + 1
    for suffix in [*_dtype_suffixes(array, default), *suffixes]:
        if used + len(suffix) + 2 > OPTIONS.linewidth:
            text += ",\n" + " " * indent + suffix
            used = indent + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"
