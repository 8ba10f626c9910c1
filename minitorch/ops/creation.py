"""Making tensors: from data, constant, in sequence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch.devices import require_cpu
from minitorch.dtypes import numpy_dtype
from minitorch.memory_order import fix
from minitorch.modes import INFERENCE_MODE, state
from minitorch.ops._data import from_data
from minitorch.ops.arguments import fitting, named_sizes
from minitorch.ops.memory_format import check_format, empty_laid_out, preserve_format
from minitorch.tensor import INFERENCE, Tensor, wrap

__all__ = [
    "arange", "as_tensor", "empty", "empty_like", "eye", "from_numpy", "full", "full_like",
    "linspace", "logspace", "one_hot", "ones", "ones_like", "tensor", "zeros", "zeros_like",
]  # fmt: skip


def finish(array: np.ndarray, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Return `array` as a new leaf."""
    require_cpu(device, "creating a tensor")
    out = wrap(array)
    if state.mode == INFERENCE_MODE:
        out._counter = INFERENCE
    if requires_grad:
        out.requires_grad = True
    return out


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a new leaf tensor with a copy of `data`.

    Args:
        data: nested sequences, a number, an ndarray or a tensor.
        dtype: default: that to which all are promoted; Python's numbers count as the default
            floating dtype, int64 and bool.
        device: only the CPU.
        requires_grad: whether operations on it are recorded.

    Example:
        >>> import minitorch
        >>> minitorch.tensor([[1, 2], [3, 4]])
        tensor([[1, 2],
                [3, 4]])
    """
    return finish(from_data(data, dtype), requires_grad, device)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Return `data` as a tensor, sharing its memory where the dtype allows it."""
    require_cpu(device, "as_tensor")
    if isinstance(data, Tensor):
        return data if dtype is None or data.dtype is dtype else data.to(dtype)
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == numpy_dtype(dtype)):
        return from_numpy(data)
    return tensor(data, dtype=dtype)


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """Return a tensor that shares the memory of `ndarray`."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    if not ndarray.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion "
            "between byte orders is currently not supported."
        )
    dtypes.from_numpy_dtype(ndarray.dtype)
    tensor = finish(ndarray)
    fix(tensor)
    return tensor


def empty(
    *sizes: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of the given size whose elements are not set."""
    return finish(np.empty(checked_size(sizes, size), numpy_dtype(dtype)), requires_grad, device)


def zeros(
    *sizes: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of zeros."""
    return finish(np.zeros(checked_size(sizes, size), numpy_dtype(dtype)), requires_grad, device)


def ones(
    *sizes: Any,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of ones."""
    return finish(np.ones(checked_size(sizes, size), numpy_dtype(dtype)), requires_grad, device)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor filled with a number, whose kind gives the default dtype."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    kind = np.dtype(numpy_dtype(dtype, dtypes.scalar_dtype(value)))
    return finish(np.full(checked_size((size,)), fitting(value, kind)), requires_grad, device)


def checked_size(given: tuple[Any, ...], size: Any = None) -> tuple[int, ...]:
    """Return a size given as ``(2, 3)`` or ``((2, 3),)``, or by keyword as `size`.

    RuntimeError if it is negative somewhere.
    """
    shape = named_sizes("size", given, size)
    if any(n < 0 for n in shape):
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}"
        )
    return shape


def like(
    name: str, input: Tensor, dtype: Any, device: Any, requires_grad: bool, memory_format: Any
) -> Tensor:
    """Return a new leaf of the shape of `input` whose elements are not set."""
    check_format(name, memory_format, input.ndim)
    array = empty_laid_out(input._array, numpy_dtype(dtype, input._array.dtype), memory_format)
    return finish(array, requires_grad, device)


def empty_like(
    input: Tensor,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = preserve_format,
) -> Tensor:
    """Return a tensor of the shape of `input` whose elements are not set."""
    return like("empty_like", input, dtype, device, requires_grad, memory_format)


def zeros_like(
    input: Tensor,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = preserve_format,
) -> Tensor:
    """Return zeros of the shape of `input`."""
    out = like("zeros_like", input, dtype, device, requires_grad, memory_format)
    out._array.fill(0)
    return out


def ones_like(
    input: Tensor,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = preserve_format,
) -> Tensor:
    """Return ones of the shape of `input`."""
    out = like("ones_like", input, dtype, device, requires_grad, memory_format)
    out._array.fill(1)
    return out


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = preserve_format,
) -> Tensor:
    """Return a tensor of the shape of `input` filled with a number."""
    out = like("full_like", input, dtype, device, requires_grad, memory_format)
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    out._array[...] = fitting(value, out._array.dtype)
    return out


def arange(
    start: Any = None,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the numbers from `start` (by default 0) up to `end`, exclusive, by `step`."""
    if end is None:
        start, end = None, start
    if end is None:
        raise TypeError("arange() missing 1 required argument: 'end'")
    start = 0 if start is None else start
    start, end, step = (v.item() if isinstance(v, Tensor) else v for v in (start, end, step))
    if not step or step != step:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) / step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(not isinstance(v, float) for v in (start, end, step))
    kind = np.dtype(numpy_dtype(dtype, dtypes.int64.numpy if whole else None))
    if kind.kind == "b":
        raise NotImplementedError("\"arange_cpu\" not implemented for 'Bool'")
    if kind.kind == "f" or whole:
        array = np.arange(start, end, step)
    else:
        array = int(start) + int(step) * np.arange(_count(start, end, step, kind))
    return finish(array.astype(kind, copy=False), requires_grad, device)


def _count(start: float, end: float, step: float, kind: np.dtype[Any]) -> int:
    """Return how many whole numbers there are: int64 cuts the fractions before it counts."""
    if kind == np.int64:
        start, end, step = int(start), int(end), int(step)
        if step == 0:
            raise RuntimeError("step must be nonzero")
    return math.ceil((end - start) / step)


def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `steps` numbers at equal distances from `start` to `end`, inclusive."""
    return finish(np.linspace(start, end, steps).astype(numpy_dtype(dtype)), requires_grad, device)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the identity matrix, ``(n, m)``, m being n by default."""
    return finish(np.eye(n, m, dtype=numpy_dtype(dtype)), requires_grad, device)


def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `steps` numbers from ``base^start`` to ``base^end`` with equally spaced exponents."""
    powers = np.power(base, np.linspace(start, end, steps))
    return finish(powers.astype(numpy_dtype(dtype)), requires_grad, device)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Return int64 vectors with a one at each index, ``(*) -> (*, num_classes)``.

    Raises:
        RuntimeError: an index is negative or not below `num_classes`.
    """
    index = tensor._array
    if index.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if index.size and index.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes <= 0 and not index.size:
        raise RuntimeError("Can not infer total number of classes from empty tensor.")
    if num_classes == -1:
        num_classes = int(index.max()) + 1
    elif index.size and index.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    out = np.zeros((*index.shape, num_classes), np.int64)
    np.put_along_axis(out, index[..., None], 1, axis=-1)
    return wrap(out)
