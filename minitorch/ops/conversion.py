"""Copies, dtypes, and leaving the tape."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np

from minitorch import dtypes
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.autograd.views import refresh
from minitorch.devices import device as device_type
from minitorch.devices import require_cpu
from minitorch.memory_order import share
from minitorch.modes import INFERENCE_MODE, state
from minitorch.ops.pointwise import clone as copy_of
from minitorch.tensor import INFERENCE, Tensor, wrap

__all__ = [
    "clone",
    "contiguous",
    "detach",
    "is_floating_point",
    "is_tensor",
    "numel",
    "result_type",
    "to",
]

_contiguous = primitive("contiguous", np.ascontiguousarray, x=lambda g: g)


def detach(input: Tensor) -> Tensor:
    """Return a tensor off the tape with the same memory: both see changes in place."""
    out = wrap(input._array)
    out._counter = input._counter
    share(out, input)
    return out


def detach_(input: Tensor) -> Tensor:
    """Take the tensor itself off the tape, and return it."""
    if input._view is not None:
        raise RuntimeError("Can't detach views in-place. Use detach() instead.")
    input._node = None
    input._requires_grad = False
    return input


def clone(input: Tensor) -> Tensor:
    """Return a copy, through which gradients flow."""
    out = copy_of(input)
    if state.mode != INFERENCE_MODE and out._counter is INFERENCE:
        out._counter = [0]
    return out


def contiguous(input: Tensor) -> Tensor:
    """Return the tensor itself if its memory is in row-major order, otherwise such a copy."""
    return input if input._array.flags.c_contiguous else _contiguous(input)


def to(
    input: Tensor,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    copy: bool = False,
    non_blocking: bool = False,  # noqa: ARG001 - everything is here already
) -> Tensor:
    """Return the tensor with another dtype, or itself if it has that already.

    Args:
        input: the tensor.
        *args: a dtype, a device (only the CPU) or a tensor whose dtype to take, in torch's orders.
        dtype: the dtype.
        device: only the CPU.
        copy: copy even if nothing changes.
        non_blocking: has no effect on the CPU, as in torch.
    """
    for argument in args:
        if isinstance(argument, dtypes.dtype):
            dtype = argument
        elif isinstance(argument, Tensor):
            dtype = argument.dtype
        elif isinstance(argument, (str, device_type)):
            device = argument
        elif not isinstance(argument, bool):
            raise TypeError(f"to() received an invalid argument: {argument!r}")
    require_cpu(device, "to")
    if dtype is None or input._array.dtype == dtype.numpy:
        return clone(input) if copy else input
    return cast(input, dtype=dtype.numpy)


def is_tensor(obj: object) -> TypeGuard[Tensor]:
    """Return whether `obj` is a Tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Return whether the dtype of `input` is a floating one."""
    return input.is_floating_point()


def numel(input: Tensor) -> int:
    """Return the number of elements of `input`."""
    return input.numel()


def result_type(tensor1: Any, tensor2: Any) -> dtypes.dtype:
    """Return the dtype of an operation on two tensors or numbers.

    Example:
        >>> import minitorch
        >>> minitorch.result_type(minitorch.tensor([1, 2]), 1.0)
        minitorch.float32
    """
    operands = tuple(getattr(x, "_array", x) for x in (tensor1, tensor2))
    return dtypes.from_numpy_dtype(dtypes.result_type(operands))


def _caster(d: dtypes.dtype) -> Any:
    def convert(input: Tensor) -> Tensor:
        return to(input, d)

    convert.__name__ = d.name
    convert.__doc__ = f"Return the tensor as {d.name}; itself if it is that already."
    return convert


to_float, to_double, to_half = map(_caster, (dtypes.float32, dtypes.float64, dtypes.float16))
to_long, to_int, to_short = map(_caster, (dtypes.int64, dtypes.int32, dtypes.int16))
to_bool, to_byte, to_char = map(_caster, (dtypes.bool, dtypes.uint8, dtypes.int8))


def cpu(input: Tensor) -> Tensor:
    """Return the tensor: it is on the CPU."""
    return input


def type_as(input: Tensor, tensor: Tensor) -> Tensor:
    """Return `input` with the dtype of `tensor`."""
    return to(input, tensor.dtype)


def grad_fn(tensor: Tensor) -> Any:
    """The node that made the tensor; None for a leaf."""
    if tensor._view is not None:
        refresh(tensor)
    return tensor._node
