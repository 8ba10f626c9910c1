"""The classes and functions that a file of `torch.save` may name, and the tensors they make."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch.devices import CPU, device
from minitorch.memory_order import fix
from minitorch.serialization.elements import BFLOAT16
from minitorch.serialization.unpickle import Call, PickleError, as_key
from minitorch.serialization.words import fits, label, shown
from minitorch.size import Size
from minitorch.tensor import Tensor, wrap

# How the storage classes of a file hold numbers.
STORAGES: dict[str, np.dtype[Any]] = {
    "DoubleStorage": np.dtype("<f8"),
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "BFloat16Storage": BFLOAT16,
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ShortStorage": np.dtype("<i2"),
    "CharStorage": np.dtype("i1"),
    "ByteStorage": np.dtype("u1"),
    "BoolStorage": np.dtype("?"),
}

_DTYPES = {each.name: each for each in dtypes.ALL} | {"bfloat16": dtypes.float32}


class StorageType:
    """A storage class that a file names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dtype = STORAGES[name]


def _rebuild_tensor(storage: Any, offset: Any, size: Any, stride: Any) -> Tensor:
    """Return a view into a storage, once it is known to lie within."""
    if not isinstance(storage, np.ndarray) or storage.ndim != 1:
        raise PickleError("it makes a tensor of something that is no storage")
    described = f"a tensor of size {shown(size)} and stride {shown(stride)} at {shown(offset)}"
    if not all(_are_counts(numbers) for numbers in ((offset,), size, stride)):
        raise PickleError(f"it has {described}")
    if len(size) != len(stride) or len(size) > 64:
        raise PickleError(f"it has {described}, which have not as many dimensions, or more than 64")
    empty = 0 in size
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if not empty and last >= len(storage):
        raise PickleError(f"it has {described}, beyond the {len(storage):,} numbers of its storage")
    steps = tuple(step * storage.itemsize for step in stride)
    try:
        if empty:
            return wrap(np.empty(size, storage.dtype))
        tensor = wrap(np.ndarray(size, storage.dtype, storage, offset * storage.itemsize, steps))
        fix(tensor)  # others may look at the storage
        return tensor
    except (ValueError, OverflowError) as error:
        raise PickleError(f"it has {described}: {error}") from error


def _are_counts(numbers: Any) -> bool:
    return isinstance(numbers, tuple) and all(
        type(n) is int and n >= 0 and fits(n) for n in numbers
    )


def _rebuild_tensor_v2(
    storage: Any,
    offset: Any,
    size: Any,
    stride: Any,
    requires_grad: Any,
    backward_hooks: Any,
    metadata: Any = None,
) -> Tensor:
    if not (_is_nothing(backward_hooks) and _is_nothing(metadata)):
        raise PickleError("it has a tensor with hooks or metadata, which is not supported")
    tensor = _rebuild_tensor(storage, offset, size, stride)
    tensor._requires_grad = _truth(requires_grad) and tensor.is_floating_point()
    return tensor


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, (dict, list, tuple)) and not value)


def _truth(value: Any) -> bool:
    if not isinstance(value, int):
        raise PickleError(f"it has a tensor whose requires_grad is a {type(value).__name__}")
    return bool(value)


class _Parameter:
    """The class of parameters, which stands on a higher floor and makes itself known here."""

    make: Callable[[Tensor, bool], Tensor] | None = None
    kind: type[Tensor] | None = None


def know_parameters(kind: type[Tensor], make: Callable[[Tensor, bool], Tensor]) -> None:
    """Tell which class a file's parameters become, and how one is made of a tensor."""
    _Parameter.kind, _Parameter.make = kind, make


def is_parameter(value: Any) -> bool:
    """Return whether `value` is of the class that was told."""
    return _Parameter.kind is not None and isinstance(value, _Parameter.kind)


def _rebuild_parameter(data: Any, requires_grad: Any, backward_hooks: Any) -> Tensor:
    if not (_is_nothing(backward_hooks) and isinstance(data, Tensor)):
        raise PickleError("it has a parameter with hooks or without data")
    wanted = _truth(requires_grad) and data.is_floating_point()
    assert _Parameter.make is not None
    return _Parameter.make(data.data, wanted)


def _size(numbers: Any) -> Size:
    if not isinstance(numbers, (tuple, list)) or not all(type(n) is int for n in numbers):
        raise PickleError(f"it has a size of {type(numbers).__name__}")
    return Size(numbers)


def _device(*arguments: Any) -> Any:
    if not all(isinstance(each, (str, int)) for each in arguments):
        raise PickleError("it has a device that is no text")
    index = arguments[1] if len(arguments) == 2 and arguments[0] == "cpu" else None
    if type(index) is int and index >= 0:
        return device("cpu", index)
    return CPU  # whatever it was where the file was written


def _ordered_dict(pairs: Any = ()) -> OrderedDict[Any, Any]:
    return OrderedDict(_checked_pairs(pairs))


def _counter(counts: Any = ()) -> Counter[Any]:
    if not isinstance(counts, dict):
        counts = dict(_checked_pairs(counts))
    return Counter(counts)


def _checked_pairs(pairs: Any) -> list[tuple[Hashable, Any]]:
    """Return pairs whose keys are texts or numbers; older files list them beside the class."""
    if not isinstance(pairs, (list, tuple)) or not all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], (str, int))
        for pair in pairs
    ):
        raise PickleError("it has a dict that is not made of pairs")
    return [(as_key(key), value) for key, value in pairs]


def _encode(text: Any, encoding: Any) -> bytes:
    """Bytes, in the protocols that have none: their values as the code points of a text."""
    if not (isinstance(text, str) and isinstance(encoding, str)):
        raise PickleError("it has bytes that are not made of a text")
    if encoding not in {"latin1", "latin-1"}:
        raise PickleError(f"it has bytes in the encoding {shown(encoding)}")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise PickleError("it has bytes beyond 255") from error


def _no_bytes() -> bytes:
    """Empty bytes, in the protocols that have none."""
    return b""


def _set_of(items: Any = ()) -> set[Any]:
    if not isinstance(items, (list, tuple)) or not all(
        item is None or isinstance(item, (str, int, float)) for item in items
    ):
        raise PickleError("it has a set of something else than texts and numbers")
    return set(map(as_key, items))


_CALLS: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor_v2,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "torch.Size": _size,
    "torch.device": _device,
    "collections.OrderedDict": _ordered_dict,
    "collections.Counter": _counter,
    "_codecs.encode": _encode,
    "builtins.set": _set_of,
    "__builtin__.set": _set_of,
    "builtins.bytes": _no_bytes,
    "__builtin__.bytes": _no_bytes,
}
_STORAGE_MODULES = ("torch", "torch.cuda")


def find_global(module: str, name: str) -> Any:
    """Return what a file means by a name.

    Raises:
        PickleError: if the name is not in the list.
    """
    full = f"{module}.{name}"
    if full in _CALLS:
        return Call(_CALLS[full])
    if module in _STORAGE_MODULES and name in STORAGES:
        return StorageType(name)
    if module == "torch" and name in _DTYPES:
        return _DTYPES[name]
    raise PickleError(
        f"it names {label(full)}, which could run any code; only tensors, numbers, texts and "
        "containers are read (save the state_dict, not the model)"
    )
