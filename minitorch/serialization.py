"""Saving and loading, as safetensors files.

A dict of tensors becomes a plain safetensors file, which every tool of that format reads.
Anything deeper (a checkpoint with a model, an optimizer and an epoch) becomes the same kind of
file: the tensors under dotted names, and the containers around them as JSON in its metadata. No
file is ever unpickled, and so can run code, unless the caller says ``weights_only=False``.

Reference: https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import secrets
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
import safetensors
import safetensors.numpy

from minitorch.devices import require_cpu
from minitorch.tensor import Tensor, wrap

FileLike: TypeAlias = "str | os.PathLike[str] | IO[bytes]"

_SKELETON = "minitorch.skeleton"  # the metadata key of the containers
_NUMPY = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
}


def save(obj: Any, f: FileLike, metadata: dict[str, str] | None = None) -> None:
    """Save tensors, and containers of tensors and plain values, to a safetensors file.

    The file appears whole or not at all: it is written under another name in the same folder, and
    replaces an older one only when it is safe on the disk.

    Args:
        obj: Tensors and arrays in dicts, lists and tuples, with None, bool, int, float and str
            beside them; keys of dicts are such values too. Tensors that share memory are written
            out each.
        f: a path, or a file opened for writing in binary mode.
        metadata: strings to keep with it; see `load_metadata`.

    Raises:
        TypeError: for anything else in `obj`, naming the place.
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
    strings = _checked_metadata(metadata)
    arrays: dict[str, np.ndarray] = {}
    if _is_flat(obj):
        arrays = {name: _as_array(value) for name, value in obj.items()}
    else:
        strings[_SKELETON] = json.dumps(_take_apart(obj, (), arrays))
    # safetensors writes wrong values for an array that is not C-contiguous, without a word.
    packed = {name: np.array(array, order="C", copy=None) for name, array in arrays.items()}
    data = safetensors.numpy.save(packed, metadata=strings or None)
    if isinstance(f, (str, os.PathLike)):
        _write_atomically(Path(os.path.realpath(f)), data)
    else:
        f.write(data)


def load(f: FileLike, map_location: Any = None, *, weights_only: bool = True) -> Any:
    """Load what `save` wrote, or any other safetensors file, as a dict of tensors.

    The tensors own their memory. bfloat16, which NumPy lacks, becomes float32. The order of the
    keys of a plain dict of tensors is the file's; every other container comes back as it was.

    Args:
        f: a path, or a file opened for reading in binary mode.
        map_location: None or ``"cpu"``.
        weights_only: False also accepts a pickle file. *That runs code that the file contains.*

    Raises:
        ValueError: for a file that is damaged, or of another format; it names the file.
        OSError: if it cannot be read.

    Example:
        >>> import io
        >>> import minitorch
        >>> minitorch.load(io.BytesIO(b"not a checkpoint"))
        Traceback (most recent call last):
        ...
        ValueError: load: <BytesIO> is no safetensors file: it begins with b'not a che'
    """
    require_cpu(map_location, "load: map_location")
    data, name = _read(f)
    if not weights_only and _is_pickle(data):
        try:
            return pickle.loads(data)
        except (pickle.UnpicklingError, EOFError) as error:
            raise ValueError(f"load: {name} is a damaged pickle file: {error}") from error
    strings, arrays = _parse(data, name)
    tensors = {key: wrap(array) for key, array in arrays.items()}
    if _SKELETON not in strings:
        return tensors
    try:
        return _put_together(json.loads(strings[_SKELETON]), tensors)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"load: {name} is damaged: its containers cannot be rebuilt") from error


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
    strings, _ = _parse(*_read(f))
    return {key: value for key, value in strings.items() if key != _SKELETON}


# ---------------------------------------------------------------------- objects and skeletons
#
# In a skeleton None, bool, int, float and str stand for themselves; all else is a pair [tag,
# content].


def _is_flat(obj: Any) -> bool:
    return isinstance(obj, dict) and all(
        isinstance(key, str) and key != "__metadata__" and isinstance(value, Tensor)
        for key, value in obj.items()
    )


def _as_array(value: Any) -> np.ndarray:
    array: np.ndarray = value._array if isinstance(value, Tensor) else value
    return array


def _take_apart(value: Any, path: tuple[Any, ...], arrays: dict[str, np.ndarray]) -> Any:
    """Return the skeleton of `value`, and put its arrays into `arrays`."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (Tensor, np.ndarray)):
        name = _free_name(".".join(map(str, path)) or "tensor", arrays)
        arrays[name] = _as_array(value)
        return ["tensor" if isinstance(value, Tensor) else "array", name]
    if isinstance(value, dict):
        pairs = []
        for key, item in value.items():
            if not (key is None or isinstance(key, (bool, int, float, str))):
                raise TypeError(f"save: {_place(path)} has a key of type {type(key).__name__}")
            pairs.append([key, _take_apart(item, (*path, key), arrays)])
        return ["dict", pairs]
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        items = [_take_apart(item, (*path, i), arrays) for i, item in enumerate(value)]
        return ["list" if isinstance(value, list) else "tuple", items]
    raise TypeError(
        f"save: {_place(path)} is of type {type(value).__name__}; only Tensors, arrays, "
        "dicts, lists, tuples, numbers, strings and None can be saved"
    )


def _free_name(wanted: str, taken: dict[str, np.ndarray]) -> str:
    name, count = wanted, 1
    while name in taken or name == "__metadata__":
        count += 1
        name = f"{wanted}~{count}"
    return name


def _place(path: tuple[Any, ...]) -> str:
    return "the object" + "".join(f"[{key!r}]" for key in path)


def _put_together(skeleton: Any, tensors: dict[str, Tensor]) -> Any:
    if not isinstance(skeleton, list):
        return skeleton
    tag, content = skeleton
    if tag == "tensor":
        return tensors[content]
    if tag == "array":
        return tensors[content]._array
    if tag == "dict":
        return {key: _put_together(value, tensors) for key, value in content}
    items = [_put_together(item, tensors) for item in content]
    return {"list": list, "tuple": tuple}[tag](items)


# ---------------------------------------------------------------------- files


def _checked_metadata(metadata: dict[str, str] | None) -> dict[str, str]:
    strings = dict(metadata or {})
    for key, value in strings.items():
        if not all(isinstance(each, str) for each in (key, value)):
            raise TypeError(f"save: metadata must be strings, got {key!r}: {value!r}")
    if _SKELETON in strings:
        raise ValueError(f"save: the metadata key {_SKELETON!r} is reserved")
    return strings


def _write_atomically(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if os.name == "posix":  # the new name must be on the disk too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read(f: FileLike) -> tuple[bytes, str]:
    """Return the content of a file, and what to call it in an error."""
    if isinstance(f, (str, os.PathLike)):
        return Path(f).read_bytes(), str(f)
    return f.read(), str(getattr(f, "name", f"<{type(f).__name__}>"))


def _is_pickle(data: bytes) -> bool:
    """Return whether this is a pickle, of protocol 2 or later.

    A safetensors file can begin with the same byte: first come the length of the header, 8 bytes of
    which the last 4 are zero, and the header's brace.
    """
    if data[:1] != b"\x80" or data[1:2] not in {b"\2", b"\3", b"\4", b"\5"}:
        return False
    if len(data) < 9:
        return any(data[2:])
    return data[4:9] != b"\0\0\0\0{"


def _parse(data: bytes, name: str) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Return metadata and arrays; ValueError if it is no whole safetensors file."""
    if _is_pickle(data):
        raise ValueError(
            f"load: {name} is a pickle file, which can run any code when it is loaded; pass "
            "weights_only=False if you trust where it comes from"
        )
    if data[:4] == b"PK\x03\x04":
        raise ValueError(
            f"load: {name} is a zip archive, as torch.save writes; save it as safetensors instead"
        )
    if len(data) < 9:
        raise ValueError(f"load: {name} is truncated: it has {len(data)} bytes")
    if data[8:9] != b"{":
        raise ValueError(f"load: {name} is no safetensors file: it begins with {data[:9]!r}")
    try:
        entries = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
        length = int.from_bytes(data[:8], "little")
        strings = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    except (safetensors.SafetensorError, ValueError) as error:
        raise ValueError(f"load: {name} is truncated or damaged: {error}") from error
    return strings, {key: _decode(key, entry, name) for key, entry in entries}


def _decode(key: str, entry: Any, name: str) -> np.ndarray:
    kind, shape = entry["dtype"], entry["shape"]
    if kind == "BF16":  # the upper half of a float32
        bits = np.frombuffer(entry["data"], "<u2").astype(np.uint32) << np.uint32(16)
        return bits.view(np.float32).reshape(shape)
    if kind not in _NUMPY:
        raise ValueError(f"load: {name} has {key!r} of type {kind}, which is not supported")
    values = np.frombuffer(entry["data"], _NUMPY[kind])
    return np.array(values.reshape(shape), values.dtype.newbyteorder("="))
