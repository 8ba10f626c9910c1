"""From a list of samples to a batch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from functools import reduce
from typing import Any

import numpy as np

from minitorch.dtypes import from_numpy_dtype, promote, scalar_dtype
from minitorch.ops import stack
from minitorch.tensor import Tensor, wrap
from minitorch.utils.data.dataset import TensorBatch

_REFUSED = (
    "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"
)

_NUMBERS = (int, float, np.bool_, np.integer, np.floating)


def default_collate(batch: Sequence[Any]) -> Any:
    """Make a batch of a list of samples: what `DataLoader` does unless it is told otherwise.

    Tensors and arrays of one shape are stacked; numbers become a float64 tensor if the first is a
    Python float, else one of the type that holds them all, as in ``tensor``; strings stay a list;
    dicts, named tuples, tuples and lists are batched field by field (a tuple becomes a list).

    Args:
        batch: the samples, all built alike.

    Raises:
        RuntimeError: if shapes or lengths differ.
        TypeError: for samples of any other type.

    Example:
        >>> from minitorch.utils.data import default_collate
        >>> default_collate([{"x": 1.5, "name": "a"}, {"x": 2.5, "name": "b"}])
        {'x': tensor([1.5000, 2.5000], dtype=minitorch.float64), 'name': ['a', 'b']}
    """
    if isinstance(batch, TensorBatch):
        return list(batch.tensors)
    sample = batch[0]
    if isinstance(sample, Tensor):
        for place, each in enumerate(batch):
            if not isinstance(each, Tensor):
                raise TypeError(
                    f"expected Tensor as element {place} in argument 0, but got "
                    f"{type(each).__name__}"
                )
        if any(tensor.requires_grad for tensor in batch):
            return stack(batch)
    if isinstance(sample, (Tensor, np.ndarray)):
        return _stack([each._array if isinstance(each, Tensor) else each for each in batch])
    return _numbers(batch) if isinstance(sample, _NUMBERS) else _collate_fields(batch, sample)


def _collate_fields(batch: Sequence[Any], sample: Any) -> Any:
    if isinstance(sample, (str, bytes)):
        return batch
    if isinstance(sample, Mapping):
        return _rebuild_mapping(
            sample, {key: default_collate([each[key] for each in batch]) for key in sample}
        )
    if isinstance(sample, tuple) and hasattr(sample, "_fields"):
        return type(sample)(*map(default_collate, zip(*batch, strict=True)))
    if isinstance(sample, Sequence):
        if any(len(each) != len(sample) for each in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        fields = [default_collate(field) for field in zip(*batch, strict=True)]
        return fields if isinstance(sample, tuple) else _rebuild_sequence(sample, fields)
    raise TypeError(_REFUSED.format(type(sample)))


def default_convert(data: Any) -> Any:
    """Make tensors of the arrays in one sample: what `DataLoader` does when it does not batch.

    Example:
        >>> import numpy as np
        >>> from minitorch.utils.data import default_convert
        >>> default_convert({"x": np.zeros(2, np.float32), "name": "a"})
        {'x': tensor([0., 0.]), 'name': 'a'}
    """
    if isinstance(data, (np.ndarray, np.generic)) and not isinstance(data, (np.str_, np.bytes_)):
        array = np.asarray(data)
        return data if array.dtype.kind in "SUO" else _tensor(array)
    if isinstance(data, Mapping):
        return _rebuild_mapping(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(default_convert, data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        fields = [default_convert(each) for each in data]
        return fields if isinstance(data, tuple) else _rebuild_sequence(data, fields)
    return data


def _stack(arrays: Sequence[np.ndarray]) -> Tensor:
    if arrays[0].dtype.kind in "SUO":
        raise TypeError(_REFUSED.format(arrays[0].dtype))
    shape = arrays[0].shape
    for i, array in enumerate(arrays):
        if array.shape != shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 "
                f"and {list(array.shape)} at entry {i}"
            )
    types = [from_numpy_dtype(array.dtype).numpy for array in arrays]
    return wrap(np.stack(list(arrays), dtype=reduce(promote, types)))


def _numbers(batch: Sequence[Any]) -> Tensor:
    numbers = [each._array[()] if isinstance(each, Tensor) else each for each in batch]
    for number in numbers:
        if not isinstance(number, _NUMBERS):
            raise TypeError(_REFUSED.format(type(number)))
    types = [np.dtype(np.float64)] if isinstance(batch[0], float) else map(scalar_dtype, numbers)
    return _tensor(np.array(numbers, reduce(promote, types)))


def _tensor(array: np.ndarray) -> Tensor:
    from_numpy_dtype(array.dtype)  # TypeError for a type that no tensor has
    return wrap(array)


def _rebuild_mapping(original: Any, fields: dict[Any, Any]) -> Any:
    """Return the fields in a mapping of the type of `original`, or in a dict where that fails."""
    try:
        if isinstance(original, MutableMapping):
            clone = copy.copy(original)
            clone.update(fields)
            return clone
        return type(original)(fields)
    except TypeError:
        return fields


def _rebuild_sequence(original: Any, fields: list[Any]) -> Any:
    """Return the fields in a sequence of the type of `original`, or in a list where that fails."""
    make: Callable[[Any], Any] = type(original)
    try:
        if isinstance(original, MutableSequence):
            clone = copy.copy(original)
            clone[:] = fields
            return clone
        return make(fields)
    except TypeError:
        return fields
