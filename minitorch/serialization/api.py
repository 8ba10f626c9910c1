"""`save`, `load` and `load_metadata`: which format a file is of, and who reads it."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np

from minitorch.devices import require_cpu
from minitorch.serialization import safetensors, torch_legacy, torch_write, torch_zip
from minitorch.serialization.files import FileLike, Source, opened, replacing
from minitorch.serialization.skeleton import as_array, is_flat, put_together, take_apart
from minitorch.tensor import wrap

_SKELETON = "minitorch.skeleton"  # the metadata key of the containers
_ORDER = "minitorch.order"  # that of the keys of a plain dict, which safetensors sorts
_OWN = (_SKELETON, _ORDER)
_FORMATS = ("safetensors", "torch")


def save(
    obj: Any,
    f: FileLike,
    metadata: dict[str, str] | None = None,
    *,
    format: str = "safetensors",
) -> None:
    """Save tensors, and containers of tensors and plain values, to a file.

    The file appears whole or not at all: it is written under another name in the same folder, and
    replaces an older one, whose permissions it keeps, only when it is safe on the disk.

    Args:
        obj: Tensors and arrays in dicts, lists and tuples, with None, bool, int, float and str
            beside them; keys of dicts are such values too, integers of at most 64 bits.
        f: a path, or a file opened for writing in binary mode.
        metadata: strings to keep with a safetensors file; see `load_metadata`.
        format: ``"safetensors"``, where tensors that share memory are written out each; or
            ``"torch"``, which ``torch.load(weights_only=True)`` reads: there tensors that share
            memory keep sharing it, and Parameters, dtypes and the classes of dicts are kept, but
            arrays have no place.

    Raises:
        TypeError: for anything else in `obj`, naming the place.
        ValueError: if there is no such format.
        NotImplementedError: for `metadata` with ``format="torch"``, which has none.
        OSError: if the file cannot be written; the one that was there is untouched.

    Example:
        >>> import io
        >>> import minitorch
        >>> file = io.BytesIO()
        >>> minitorch.save({"weights": {"w": minitorch.ones(2)}, "epoch": 3}, file)
        >>> _ = file.seek(0)
        >>> minitorch.load(file)
        {'weights': {'w': tensor([1., 1.])}, 'epoch': 3}
    """
    if format not in _FORMATS:
        raise ValueError(f"save: format must be 'safetensors' or 'torch', got {format!r}")
    if format == "torch":
        if metadata:
            raise NotImplementedError(
                "save: metadata with format='torch' is not supported: put them into the object"
            )
        with replacing(f) as file:
            torch_write.dump(obj, file)
        return
    strings = _checked_metadata(metadata)
    arrays: dict[str, np.ndarray] = {}
    if is_flat(obj):
        arrays = {name: as_array(value) for name, value in obj.items()}
        if list(obj) != sorted(obj) or len({array.dtype for array in arrays.values()}) > 1:
            strings[_ORDER] = json.dumps(list(obj))
    else:
        strings[_SKELETON] = json.dumps(take_apart(obj, (), arrays))
    data = safetensors.dump(arrays, strings)
    with replacing(f) as file:
        file.write(data)


def load(
    f: FileLike, map_location: Any = None, *, weights_only: bool = True, mmap: bool | None = None
) -> Any:
    """Load what `save` or ``torch.save`` wrote, or any other safetensors file.

    The format is recognised by the content: safetensors, the zip archives of ``torch.save``
    (``.pth``, ``.pt``, ``.bin``) and its files from before version 1.6. bfloat16, which NumPy
    lacks, becomes float32. Containers come back as they were, but the keys of a dict in a
    safetensors file of somebody else in the order of the file. Tensors of ``torch.save`` that
    shared memory share it again, strides included, and those of a GPU come to the CPU.

    Nothing in a file is executed. A file of ``torch.save`` may name tensors, Parameters, sizes,
    dtypes, devices, OrderedDict, Counter and set; a file that names anything else is refused.

    Args:
        f: a path, or a file opened for reading in binary mode.
        map_location: None or ``"cpu"``, where everything comes to in any case; also a dict whose
            values are that, or a function, which has nothing to decide and is not called.
        weights_only: False also accepts a plain pickle file. *That runs code that the file
            contains.*
        mmap: whether to map the file into memory, so that only what is used is read; it must be a
            path. Changing a tensor then changes a private copy, never the file, and the file must
            not be overwritten in place while its tensors are in use (`save` does not; it
            replaces). False reads the numbers into memory of their own. None maps where a file in
            use can be replaced, which is everywhere but on Windows.

    Raises:
        ValueError: for a file that is damaged, of another format, or names what is not allowed;
            it names the file.
        OSError: if it cannot be read.

    Example:
        >>> import io
        >>> import minitorch
        >>> minitorch.load(io.BytesIO(b"not a checkpoint"))
        Traceback (most recent call last):
        ...
        ValueError: load: <BytesIO> is no safetensors file: it begins with b'not a che'
    """
    if not callable(map_location):
        for location in map_location.values() if isinstance(map_location, dict) else [map_location]:
            require_cpu(location, "load: map_location")
    with opened(f, mmap) as source:
        start = source.bytes(0, 32)
        if start[:4] == b"PK\x03\x04":
            return torch_zip.load(source)
        if _is_pickle(start):
            if torch_legacy.is_legacy(start):
                return torch_legacy.load(source.unmapped())  # its numbers are not aligned
            return _unpickle(source, weights_only)
        strings, arrays = safetensors.read(source)
    tensors = {key: wrap(array) for key, array in arrays.items()}
    try:
        if _ORDER in strings:
            return _in_order(json.loads(strings[_ORDER]), tensors)
        if _SKELETON not in strings:
            return tensors
        return put_together(json.loads(strings[_SKELETON]), tensors)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(
            f"load: {source.name} is damaged: its containers cannot be rebuilt"
        ) from error


def _in_order(names: Any, tensors: dict[str, Any]) -> dict[str, Any]:
    """Return the tensors in the order of their names; ValueError unless they are all named."""
    if not isinstance(names, list) or len(names) != len(tensors) or set(names) != set(tensors):
        raise ValueError("not a name for each tensor")
    return {name: tensors[name] for name in names}


def load_metadata(f: FileLike) -> dict[str, str]:
    """Return the strings that were saved with a safetensors file.

    Example:
        >>> import io
        >>> import minitorch
        >>> file = io.BytesIO()
        >>> minitorch.save({"w": minitorch.ones(2)}, file, metadata={"accuracy": "0.98"})
        >>> _ = file.seek(0)
        >>> minitorch.serialization.load_metadata(file)
        {'accuracy': '0.98'}
    """
    with opened(f, mapped=False) as source:
        start = source.bytes(0, 16)
        if start[:4] == b"PK\x03\x04" or _is_pickle(start):
            kind = "zip archive" if start[:1] == b"P" else "pickle file"
            raise ValueError(f"load_metadata: {source.name} is a {kind}, which has no metadata")
        strings = safetensors.read_metadata(source)
    return {key: value for key, value in strings.items() if key not in _OWN}


def _checked_metadata(metadata: dict[str, str] | None) -> dict[str, str]:
    strings = dict(metadata or {})
    for key, value in strings.items():
        if not all(isinstance(each, str) for each in (key, value)):
            raise TypeError(f"save: metadata must be strings, got {key!r}: {value!r}")
    for key in _OWN:
        if key in strings:
            raise ValueError(f"save: the metadata key {key!r} is reserved")
    return strings


def _is_pickle(start: bytes) -> bool:
    """Return whether a file that starts so is a pickle, of protocol 2 or later.

    A safetensors file can begin with the same byte: first come the length of the header, 8 bytes of
    which the last 4 are zero, and the header's brace.
    """
    if start[:1] != b"\x80" or start[1:2] not in {b"\2", b"\3", b"\4", b"\5"}:
        return False
    if len(start) < 9:
        return any(start[2:])
    return start[4:9] != b"\0\0\0\0{"


def _unpickle(source: Source, weights_only: bool) -> Any:
    """Run a pickle that is not of `torch.save`, for those who say so."""
    if weights_only:
        raise ValueError(
            f"load: {source.name} is a pickle file, which can run any code when it is loaded; pass "
            "weights_only=False if you trust where it comes from"
        )
    try:
        return pickle.loads(source.bytes(0, source.size))
    except (pickle.UnpicklingError, EOFError) as error:
        raise ValueError(f"load: {source.name} is a damaged pickle file: {error}") from error
