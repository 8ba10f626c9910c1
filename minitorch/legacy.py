"""Tensor types by their old names: ``FloatTensor(2, 3)``, ``x.type(LongTensor)``.

Each makes tensors of its dtype, and counts those as its instances.

Example:
    >>> import minitorch
    >>> minitorch.LongTensor([1, 2]), isinstance(minitorch.ones(2), minitorch.FloatTensor)
    (tensor([1, 2]), True)

Reference: https://docs.pytorch.org/docs/stable/tensors.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import dtypes, ops
from minitorch.size import Size
from minitorch.tensor import Tensor


class _Kind(type):
    """What makes a class stand for all tensors of one dtype."""

    dtype: dtypes.dtype

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.dtype

    def __call__(cls, *data: Any) -> Any:
        """Return elements that are not set, given a size; otherwise the data as a tensor."""
        first = data[0] if data else ()
        if isinstance(first, (int, np.integer, Size)) or not data:
            return ops.empty(*(data or (0,)), dtype=cls.dtype)
        if len(data) > 1:
            raise TypeError(f"{cls.__name__}() takes sizes or one sequence, got {len(data)}")
        if isinstance(first, Tensor):
            if first.dtype is not cls.dtype:
                raise TypeError(
                    f"{cls.__name__}() takes a tensor of its own type, got {first.type()}"
                )
            return first.detach()
        if not isinstance(first, (list, tuple, range, np.ndarray)):
            raise TypeError(f"new(): data must be a sequence (got {type(first).__name__})")
        return ops.tensor(first, dtype=cls.dtype)


def _kind(name: str, dtype: dtypes.dtype) -> Any:
    words = f"Tensors of {dtype.name}, as they were once called and made."
    return _Kind(name, (), {"dtype": dtype, "__doc__": words, "__module__": "minitorch"})


FloatTensor = _kind("FloatTensor", dtypes.float32)
DoubleTensor = _kind("DoubleTensor", dtypes.float64)
HalfTensor = _kind("HalfTensor", dtypes.float16)
LongTensor = _kind("LongTensor", dtypes.int64)
IntTensor = _kind("IntTensor", dtypes.int32)
ShortTensor = _kind("ShortTensor", dtypes.int16)
CharTensor = _kind("CharTensor", dtypes.int8)
ByteTensor = _kind("ByteTensor", dtypes.uint8)
BoolTensor = _kind("BoolTensor", dtypes.bool)
