"""Writing what `torch.load(weights_only=True)` reads: a pickle and storages in a zip archive."""

from __future__ import annotations

import struct
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import IO, Any

import numpy as np

from minitorch import dtypes
from minitorch.devices import device
from minitorch.serialization.skeleton import check_key, place
from minitorch.serialization.storages import Storages
from minitorch.serialization.torch_values import STORAGES, is_parameter
from minitorch.size import Size
from minitorch.tensor import Tensor

_ALIGNMENT = 64  # bytes, as torch aligns storages, so that they can be mapped
_LOCAL_HEADER = 30  # bytes of an entry before its name
_STORAGE_OF = {layout.newbyteorder("="): name for name, layout in STORAGES.items()}
_Path = tuple[Any, ...]


def dump(obj: Any, file: IO[bytes]) -> None:
    """Write `obj` to a file that can be searched.

    Raises:
        TypeError: for what such a file cannot hold, naming the place.
    """
    storages = Storages(_tensors_in(obj))
    description = _Pickler(storages).dump(obj)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        _write(archive, "data.pkl", description)
        _write(archive, "byteorder", b"little")
        for key, array in enumerate(storages.arrays()):
            _write(archive, f"data/{key}", array.astype(array.dtype.newbyteorder("<"), copy=False))
        _write(archive, "version", b"3\n")


def _write(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    """Add an entry whose bytes begin at a multiple of the alignment."""
    info = zipfile.ZipInfo(f"archive/{name}")
    data = memoryview(content).cast("B") if np.size(content) else memoryview(b"")
    info.file_size = data.nbytes
    assert archive.fp is not None
    start = archive.fp.tell() + _LOCAL_HEADER + len(info.filename) + 4
    if info.file_size * 1.05 > zipfile.ZIP64_LIMIT:
        start += 20  # zipfile adds a field of that length
    # A field that means nothing but its length, as torch's writer adds.
    padding = -start % _ALIGNMENT
    info.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
    with archive.open(info, "w") as entry:
        entry.write(data)


def _tensors_in(obj: Any) -> Iterable[np.ndarray]:
    """Yield the array of every tensor in nested containers."""
    if isinstance(obj, Tensor):
        yield obj._array
    elif isinstance(obj, dict):
        for value in obj.values():
            yield from _tensors_in(value)
    elif isinstance(obj, (list, tuple)):
        for value in obj:
            yield from _tensors_in(value)


class _Pickler:
    """Writes a pickle of protocol 2, which names torch's classes without importing them."""

    def __init__(self, storages: Storages) -> None:
        self._storages = storages
        self._out = bytearray(b"\x80\x02")

    def dump(self, obj: Any) -> bytes:
        """Return the pickle of `obj`."""
        self._put(obj, ())
        return bytes(self._out + b".")

    def _put(self, value: Any, path: _Path) -> None:
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, (bool, int, float, str)):
            self._put_plain(value)
        elif isinstance(value, Tensor):
            self._put_tensor(value)
        elif isinstance(value, dtypes.dtype):
            self._put_global("torch", value.name)
        elif isinstance(value, device):
            self._put_call("torch", "device", value.__reduce__()[1], path)
        elif isinstance(value, dict):
            self._put_dict(value, path)
        elif isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
            self._put_sequence(value, path)
        else:
            raise TypeError(
                f"save: {place(path)} is of type {type(value).__name__}; only Tensors, dtypes, "
                "dicts, lists, tuples, numbers, strings and None can be saved with format='torch'"
            )

    def _put_plain(self, value: Any) -> None:
        out = self._out
        if value is None:
            out += b"N"
        elif isinstance(value, bool):
            out += b"\x88" if value else b"\x89"
        elif isinstance(value, float):
            out += b"G" + struct.pack(">d", value)
        elif isinstance(value, str):
            text = value.encode("utf-8", "surrogatepass")
            out += b"X" + struct.pack("<I", len(text)) + text
        elif -(1 << 31) <= value < 1 << 31:
            out += b"J" + struct.pack("<i", value)
        else:
            digits = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            if len(digits) > 255:
                raise TypeError(f"save: an integer of {len(digits)} bytes is too long for torch")
            out += b"\x8a" + struct.pack("<B", len(digits)) + digits

    def _put_global(self, module: str, name: str) -> None:
        self._out += f"c{module}\n{name}\n".encode()

    def _put_call(self, module: str, name: str, arguments: tuple[Any, ...], path: _Path) -> None:
        self._put_global(module, name)
        self._put_sequence(arguments, path)
        self._out += b"R"

    def _put_sequence(self, value: Any, path: _Path) -> None:
        if isinstance(value, Size):
            self._put_call("torch", "Size", (tuple(value),), path)
            return
        is_list = isinstance(value, list)
        self._out += b"](" if is_list else b"("
        for index, item in enumerate(value):
            self._put(item, (*path, index))
        self._out += b"e" if is_list else b"t"

    def _put_dict(self, value: dict[Any, Any], path: _Path) -> None:
        metadata = None
        if isinstance(value, OrderedDict):
            self._put_call("collections", "OrderedDict", (), path)
            metadata = vars(value).get("_metadata")
        elif isinstance(value, Counter):
            self._put_call("collections", "Counter", (dict(value),), path)
            return
        else:
            self._out += b"}"
        self._out += b"("
        for key, item in value.items():
            check_key(key, path)
            self._put_plain(key)
            self._put(item, (*path, key))
        self._out += b"u"
        if metadata:
            self._put({"_metadata": metadata}, path)
            self._out += b"b"

    def _put_tensor(self, tensor: Tensor) -> None:
        """Write a view into a storage, and a parameter as one around it."""
        parameter = is_parameter(tensor)
        if parameter:
            self._put_global("torch._utils", "_rebuild_parameter")
            self._out += b"("
        self._put_global("torch._utils", "_rebuild_tensor_v2")
        self._out += b"("
        view = self._storages.find(tensor._array)
        name = _STORAGE_OF[tensor._array.dtype.newbyteorder("=")]
        self._out += b"("
        self._put_plain("storage")
        self._put_global("torch", name)
        for each in (str(view.storage), "cpu", view.length):
            self._put_plain(each)
        self._out += b"tQ"
        self._put_plain(view.offset)
        self._put_sequence(tensor._array.shape, ())
        self._put_sequence(view.strides, ())
        self._put_plain(tensor._requires_grad and not parameter)
        self._put_call("collections", "OrderedDict", (), ())
        self._out += b"tR"
        if parameter:
            self._put_plain(tensor._requires_grad)
            self._put_call("collections", "OrderedDict", (), ())
            self._out += b"tR"
