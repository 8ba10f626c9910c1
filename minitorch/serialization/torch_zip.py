"""The files of `torch.save` since version 1.6: a zip archive of a pickle and raw storages.

``data.pkl`` describes the object, and each storage that it refers to lies in ``data/KEY``. Nothing
is compressed, so that storages can be mapped into memory.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any, Literal

import numpy as np

from minitorch.serialization.elements import read_elements
from minitorch.serialization.files import Source, SourceFile
from minitorch.serialization.torch_values import StorageType, find_global
from minitorch.serialization.unpickle import Interpreter, PickleError
from minitorch.serialization.words import fits, label, shown

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")  # of an entry, before its name
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,  # of newer archives
    OverflowError,
    RuntimeError,  # of encrypted ones
    ValueError,
    struct.error,
)


def load(source: Source) -> Any:
    """Return the object in the archive.

    Raises:
        ValueError: if it is damaged, or asks for more than tensors and containers.
    """
    try:
        return _Archive(source).load()
    except PickleError as error:
        raise ValueError(f"load: {source.name} is refused: {error}") from error
    except _ZIP_ERRORS as error:
        reason = label(str(error) or type(error).__name__)
        raise ValueError(f"load: {source.name} is truncated or damaged: {reason}") from error


class _Archive:
    """The entries of an archive, and the storages that were read from it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._storages: dict[tuple[str, str], np.ndarray] = {}
        self._promised = 0  # bytes of all the storages
        with zipfile.ZipFile(io.BufferedReader(SourceFile(source))) as archive:
            infos = archive.infolist()
            self._entries = {info.filename: info for info in infos}
            if len(self._entries) != len(infos):
                raise PickleError("two files in it have the same name")
            self._folder = self._find_folder()
            self._check_kind()
            self._pickle = archive.read(self._checked("data.pkl"))
            self._order = self._read_order(archive)

    def load(self) -> Any:
        """Return the object."""
        return Interpreter(self._pickle, 0, find_global, self._storage).run()

    def _find_folder(self) -> str:
        """Return the folder of the archive that all lies in, with its slash."""
        found = [name for name in self._entries if name.rpartition("/")[2] == "data.pkl"]
        if len(found) != 1:
            raise PickleError("it is a zip archive, but not one that torch.save wrote")
        return found[0].removesuffix("data.pkl")

    def _check_kind(self) -> None:
        if f"{self._folder}constants.pkl" in self._entries:
            raise PickleError("it is a TorchScript archive, which holds code: save the state_dict")

    def _checked(self, name: str) -> zipfile.ZipInfo:
        """Return an entry that is not compressed, and lies within the file."""
        info = self._entries.get(self._folder + name)
        if info is None:
            raise PickleError(f"it lacks {label(name)}")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise PickleError(f"{label(name)} in it is compressed, which torch.save never does")
        if not 0 <= info.header_offset <= self._source.size - info.file_size:
            raise PickleError(f"{label(name)} would lie beyond its end")
        return info

    def _read_order(self, archive: zipfile.ZipFile) -> Literal["<", ">"]:
        """Return the byte order of numbers, as NumPy writes it."""
        if f"{self._folder}byteorder" not in self._entries:
            return "<"
        text = archive.read(self._checked("byteorder"))
        if text not in {b"little", b"big"}:
            raise PickleError(f"its byte order is {text[:20]!r}")
        return "<" if text == b"little" else ">"

    def _storage(self, reference: Any) -> np.ndarray:
        """Return the storage that a pickle refers to; the same one each time."""
        match reference:
            case ("storage", StorageType() as kind, str(key), str(_), int(count)) if (
                count >= 0 and fits(count)
            ):
                pass
            case _:
                raise PickleError(f"it refers to {shown(reference)}")
        if (key, kind.name) not in self._storages:
            self._storages[key, kind.name] = self._read(key, kind, count)
        storage = self._storages[key, kind.name]
        if len(storage) != count:
            raise PickleError(
                f"storage {label(key)} in it has two lengths, {len(storage):,} and {count:,}"
            )
        return storage

    def _read(self, key: str, kind: StorageType, count: int) -> np.ndarray:
        info = self._checked(f"data/{key}")
        if count * kind.dtype.itemsize != info.file_size:
            raise PickleError(
                f"storage {label(key)} in it has {info.file_size:,} bytes, which are not {count:,} "
                f"numbers of a {kind.name}"
            )
        self._promised += info.file_size
        if self._promised > self._source.size:  # entries may share bytes, over and over
            raise PickleError(f"storages of {self._promised:,} bytes have no room in it")
        header = self._source.bytes(info.header_offset, _LOCAL_HEADER.size)
        fields = _LOCAL_HEADER.unpack(header)
        start = info.header_offset + _LOCAL_HEADER.size + fields[9] + fields[10]
        if fields[0] != b"PK\x03\x04" or start + info.file_size > self._source.size:
            raise PickleError(f"storage {label(key)} would lie beyond its end")
        return read_elements(self._source, start, kind.dtype.newbyteorder(self._order), count)
