"""What all normalizations check, and what they make of nothing."""

from __future__ import annotations

import numpy as np

from minitorch import ops
from minitorch.dtypes import dtype_name
from minitorch.tensor import Tensor


def check_types(function: str, input: Tensor, *parameters: Tensor | None) -> None:
    """Raise torch's error unless all are floats of one type, or the input alone is half as wide."""
    dtype = input._array.dtype
    if dtype.kind != "f":
        raise NotImplementedError(
            f"\"{function}\" not implemented for '{dtype_name(input._array.dtype)}'"
        )
    found = {p._array.dtype for p in parameters if p is not None}
    if not found <= {dtype} and not (dtype == np.float16 and found == {np.dtype(np.float32)}):
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")


def affine_of_nothing(input: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Return an empty input; the gradients of its parameters are zero."""
    out = ops.clone(input) if weight is None else input * weight
    return out if bias is None else out + bias
