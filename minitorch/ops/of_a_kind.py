"""Making tensors of the dtype of another: the methods ``x.new_zeros(...)`` and their like."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.ops.creation import empty, full, ones, tensor, zeros
from minitorch.ops.shape import as_shape
from minitorch.size import Size
from minitorch.tensor import Tensor


def new(input: Tensor, *args: Any, device: Any = None) -> Tensor:
    """Return a tensor of the dtype of `input`: PyTorch's old form of `new_tensor` and `new_empty`.

    Args:
        input: the tensor.
        *args: a sequence or an array of numbers, which are copied; a tensor, of which the result is
            a view; or a size, in numbers or as a `Size`, for elements that are not set. With
            nothing, the result has no elements.
        device: only the CPU.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([1.5])
        >>> x.new([1, 2]), x.new(2, 3).shape
        (tensor([1., 2.]), minitorch.Size([2, 3]))
    """
    only = args[0] if len(args) == 1 else None
    if isinstance(only, Tensor):
        if only.dtype != input.dtype:
            raise TypeError(f"new(): expected a tensor of {input.dtype} (got {only.dtype})")
        return as_shape(only, shape=tuple(only.shape))
    if isinstance(only, (list, tuple, np.ndarray)) and not isinstance(only, Size):
        return tensor(only, dtype=input.dtype, device=device)
    if isinstance(only, str):
        raise TypeError("new(): invalid data type 'str'")
    if isinstance(only, float):
        raise TypeError("new(): data must be a sequence (got float)")
    size = only if isinstance(only, Size) else args or (0,)
    return empty(size=size, dtype=input.dtype, device=device)


def new_tensor(
    input: Tensor,
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of `data` with the dtype of `input`."""
    kind = input.dtype if dtype is None else dtype
    return tensor(data, dtype=kind, device=device, requires_grad=requires_grad)


def new_zeros(
    input: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return zeros with the dtype of `input`."""
    kind = input.dtype if dtype is None else dtype
    return zeros(*sizes, size=size, dtype=kind, device=device, requires_grad=requires_grad)


def new_ones(
    input: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ones with the dtype of `input`."""
    kind = input.dtype if dtype is None else dtype
    return ones(*sizes, size=size, dtype=kind, device=device, requires_grad=requires_grad)


def new_empty(
    input: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return an unset tensor with the dtype of `input`."""
    kind = input.dtype if dtype is None else dtype
    return empty(*sizes, size=size, dtype=kind, device=device, requires_grad=requires_grad)


def new_full(
    input: Tensor,
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a filled tensor with the dtype of `input`."""
    kind = input.dtype if dtype is None else dtype
    return full(size, fill_value, dtype=kind, device=device, requires_grad=requires_grad)
