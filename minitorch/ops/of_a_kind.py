"""Making tensors of the dtype of another: the methods ``x.new_zeros(...)`` and their like."""

from __future__ import annotations

from typing import Any

from minitorch.ops.creation import empty, full, ones, tensor, zeros
from minitorch.tensor import Tensor


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
