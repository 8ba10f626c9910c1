"""Masks of attention layers, in which True hides, as numbers to add to the scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.notices import warn
from minitorch.tensor import Tensor, wrap


def additive_mask(
    mask: Tensor | None, name: str, dtype: Any, other: Tensor | None = None, other_name: str = ""
) -> Tensor | None:
    """Return a boolean mask as minus infinity where it is True, else 0; a floating one as it is.

    Args:
        mask: boolean, floating, or None.
        name: what the caller calls it.
        dtype: the NumPy dtype of the result for a boolean mask.
        other: another mask, which should be of the same type.
        other_name: what the caller calls that.

    Raises:
        AssertionError: for a mask of integers.
    """
    if mask is None:
        return None
    array = mask._array
    if array.dtype != bool and array.dtype.kind != "f":
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if other is not None and other._array.dtype != array.dtype:
        warn(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same type for "
            "both instead.",
        )
    if array.dtype != bool:
        return mask
    zero = np.dtype(dtype).type(0)
    return wrap(np.where(array, -np.inf, zero).astype(zero.dtype, copy=False))
