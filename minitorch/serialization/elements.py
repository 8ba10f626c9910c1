"""Numbers as files hold them, and as NumPy does."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.serialization.files import Source

# NumPy has no bfloat16, the upper half of a float32: it is read as a field of that name.
BFLOAT16 = np.dtype([("bfloat16", "<u2")])


def read_elements(source: Source, start: int, dtype: Any, count: int) -> np.ndarray:
    """Return `count` numbers of a file, writable; bfloat16 becomes float32.

    The caller has made sure that the file has them.
    """
    kind = np.dtype(dtype)
    if kind.names == BFLOAT16.names:
        return _from_bfloat16(source.array(start, kind["bfloat16"], count))
    if kind.kind == "b":  # a byte that is neither 0 nor 1 is true
        return source.array(start, np.uint8, count) != 0
    return source.array(start, kind, count)


def _from_bfloat16(halves: np.ndarray) -> np.ndarray:
    """Return float32 numbers, given their upper halves as uint16."""
    bits = halves.astype(np.uint32)
    bits <<= np.uint32(16)
    return bits.view(np.float32)
