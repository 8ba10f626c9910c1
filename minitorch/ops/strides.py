"""Where the elements of a tensor lie: its place in the memory it views, and views by strides."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.memory_order import lay_out
from minitorch.ops.arguments import sizes
from minitorch.tensor import Tensor

__all__ = ["as_strided"]


def place(input: Tensor) -> int:
    """Return how many elements of the tensor's memory lie before its first.

    Raises:
        NotImplementedError: the tensor shows a part of an array or, after ``detach()`` or ``data``,
            of a tensor. These do not know where the memory begins.
    """
    array = input._array
    if input._view is not None:
        whole = input._view.base._array
        return int(array.ctypes.data - whole.ctypes.data) // array.itemsize
    if not kernels.is_whole(array):
        raise NotImplementedError(
            "storage_offset: of a part of an array or of a detached view is not supported; ask the "
            "view before it is detached"
        )
    return 0


def _window(x: np.ndarray, *, size: Any, stride: Any, offset: int) -> np.ndarray:
    flat = x.reshape(-1)
    steps = [s * x.itemsize for s in stride]
    window: np.ndarray = np.ndarray(size, x.dtype, flat, offset * x.itemsize, steps)
    if _overlaps(size, stride):
        window.flags.writeable = False
    return window


def _overlaps(size: Any, stride: Any) -> bool:
    """Return whether two places may be one element."""
    reach = 0  # of the inner dimensions
    for step, n in sorted((s, n) for s, n in zip(stride, size, strict=True) if n > 1):
        if step <= reach:
            return True
        reach += step * (n - 1)
    return False


def _add_up(g: np.ndarray, *, shape: Any, stride: Any, offset: int) -> np.ndarray:
    out = np.zeros(shape, g.dtype)
    places = np.full((1,) * g.ndim, offset)
    for axis, (n, step) in enumerate(zip(g.shape, stride, strict=True)):
        places = places + step * np.arange(n).reshape(
            [-1 if d == axis else 1 for d in range(g.ndim)]
        )
    np.add.at(out.reshape(-1), places, g)
    return out


_as_strided = primitive(
    "as_strided",
    _window,
    view=True,
    x=lambda g, x_shape, stride, offset: _as_strided_backward(
        g, shape=x_shape, stride=stride, offset=offset
    ),
)
_as_strided_backward: Operation = primitive(
    "as_strided_backward",
    _add_up,
    g=lambda g, g_shape, stride, offset: _as_strided(g, size=g_shape, stride=stride, offset=offset),
)


def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """Return a view of the memory of `input`: element i lies at ``storage_offset + i * stride``.

    Elements that lie on each other share a gradient, and cannot be changed in place.

    Args:
        input: the tensor, a view of memory in row-major order.
        size: of the view.
        stride: the step of each dimension, in elements of the memory.
        storage_offset: the place of the first element. Default: that of `input`.

    Raises:
        NotImplementedError: the window leaves the elements of a view that requires grad.

    Example:
        >>> import minitorch
        >>> minitorch.arange(6).as_strided((2, 3), (2, 1))
        tensor([[0, 1, 2],
                [2, 3, 4]])
    """
    size, stride = sizes((size,)), sizes((stride,))
    _check_window(size, stride, storage_offset)
    length = 0 if 0 in size else 1 + sum(s * (n - 1) for n, s in zip(size, stride, strict=True))
    if storage_offset is None and input.is_contiguous() and length <= input.numel():
        return _as_strided(input, size=size, stride=stride, offset=0)
    base = input if input._view is None else input._view.base
    if not base.is_contiguous() and not lay_out(base):
        raise NotImplementedError("as_strided: the memory of the tensor is not in row-major order")
    own = place(input)
    start = own if storage_offset is None else storage_offset
    if start + length > base.numel() and length:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {start}, and "
            f"itemsize {input.itemsize} requiring a storage size of "
            f"{(start + length) * input.itemsize} are out of bounds for storage of size "
            f"{base.nbytes}"
        )
    if input.is_contiguous() and own <= start and start + length <= own + input.numel():
        return _as_strided(input, size=size, stride=stride, offset=start - own)
    if input.requires_grad:
        raise NotImplementedError(
            "as_strided: a view that requires grad and is not contiguous, or does not hold all "
            "elements that are asked for, is not supported; call contiguous() before"
        )
    return _as_strided(base, size=size, stride=stride, offset=start if length else 0)


def _check_window(size: Any, stride: Any, storage_offset: int | None) -> None:
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if min(stride, default=0) < 0:
        raise RuntimeError(
            "as_strided: Negative strides are not supported at the moment, got strides: "
            f"{list(stride)}"
        )
    if min(size, default=0) < 0:
        raise RuntimeError(f"as_strided: Negative sizes are not supported, got sizes: {list(size)}")
    if storage_offset is not None and storage_offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {storage_offset}")
