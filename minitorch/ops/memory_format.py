"""The orders of memory that can be asked for by name."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["channels_last", "contiguous_format", "memory_format", "preserve_format"]


class memory_format:
    """An order in which the elements of a tensor lie in memory.

    Example:
        >>> import minitorch
        >>> x = minitorch.zeros(1, 2, 3, 4)
        >>> x.clone(memory_format=minitorch.channels_last).stride()
        (24, 1, 8, 2)
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"minitorch.{self._name}"

    def __reduce__(self) -> str:
        return self._name


contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")

_NHWC, _NCHW = (0, 2, 3, 1), (0, 3, 1, 2)


def check_format(where: str, chosen: Any, ndim: int) -> None:
    """Raise an error unless an argument `memory_format` of `where` fits so many dimensions."""
    if not isinstance(chosen, memory_format):
        raise TypeError(
            f"{where}(): argument 'memory_format' must be minitorch.memory_format, not "
            f"{type(chosen).__name__}"
        )
    if chosen is channels_last and ndim != 4:
        raise RuntimeError("required rank 4 tensor to use channels_last format")


def is_laid_out(x: np.ndarray, chosen: memory_format) -> bool:
    """Return whether `x` lies in memory in the order `chosen`."""
    if chosen is channels_last:
        x = x.transpose(_NHWC)
    return chosen is preserve_format or x.flags.c_contiguous


def laid_out(x: np.ndarray, chosen: memory_format) -> np.ndarray:
    """Return a copy of `x` in the order `chosen`."""
    if chosen is channels_last:
        return x.transpose(_NHWC).copy(order="C").transpose(_NCHW)
    return x.copy(order="K" if chosen is preserve_format else "C")


def empty_laid_out(x: np.ndarray, dtype: Any, chosen: memory_format) -> np.ndarray:
    """Return an array of the shape of `x`, not set, in the order `chosen`."""
    if chosen is channels_last:
        return np.empty_like(x.transpose(_NHWC), dtype, order="C").transpose(_NCHW)
    return np.empty_like(x, dtype, order="K" if chosen is preserve_format else "C")
