"""The files of `torch.save` before version 1.6: five pickles, then raw storages, one after another.

The pickles hold a magic number, the protocol, the writer's machine, the object, and the keys of its
storages in the order in which they follow, each as 8 bytes of length and its numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minitorch.serialization.elements import read_elements
from minitorch.serialization.files import Opened
from minitorch.serialization.torch_values import StorageType, find_global
from minitorch.serialization.unpickle import Interpreter, PickleError
from minitorch.serialization.words import fits, label, shown

_MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle
_PROTOCOL = 1001


def is_legacy(start: bytes) -> bool:
    """Return whether a file that starts so is of this format; 32 bytes are enough."""
    return _MAGIC.to_bytes(10, "little") + b"." in start


def load(source: Opened) -> Any:
    """Return the object in the file.

    Raises:
        ValueError: if it is damaged, or asks for more than tensors and containers.
    """
    try:
        return _File(source).load()
    except PickleError as error:
        raise ValueError(f"load: {source.name} is refused: {error}") from error


class _Storage:
    """A storage whose numbers follow later in the file."""

    def __init__(self, kind: StorageType, count: int) -> None:
        self.kind = kind
        self.count = count
        decoded = np.float32 if kind.dtype.names else kind.dtype.newbyteorder("=")
        self.numbers = np.empty(count, decoded)


class _File:
    """The pickles and storages of one file."""

    def __init__(self, source: Opened) -> None:
        self._source = source
        self._storages: dict[str, _Storage] = {}
        self._promised = 0  # bytes of all the storages

    def load(self) -> Any:
        """Return the object."""
        # Numbers make up most of a file: the pickles are read in growing pieces.
        head = self._source.bytes(0, 1 << 20)
        while True:
            try:
                return self._interpret(head)
            except PickleError as error:
                if len(head) == self._source.size or "truncated" not in str(error):
                    raise
            self._storages, self._promised = {}, 0
            head = self._source.bytes(0, 8 * len(head))

    def _interpret(self, head: bytes) -> Any:
        _, position = self._run(head, 0, self._nothing)  # the magic number
        protocol, position = self._run(head, position, self._nothing)
        if not isinstance(protocol, int) or protocol != _PROTOCOL:
            raise PickleError(f"its protocol is {shown(protocol)}, expected {_PROTOCOL}")
        machine, position = self._run(head, position, self._nothing)
        if not isinstance(machine, dict) or machine.get("little_endian") is not True:
            raise PickleError("it was not written on a little-endian machine")
        result, position = self._run(head, position, self._storage)
        keys, position = self._run(head, position, self._nothing)
        self._fill(keys, position)
        return result

    @staticmethod
    def _run(head: bytes, start: int, load_persistent: Callable[[Any], Any]) -> tuple[Any, int]:
        interpreter = Interpreter(head, start, find_global, load_persistent)
        return interpreter.run(), interpreter.position

    @staticmethod
    def _nothing(reference: Any) -> Any:
        raise PickleError(f"it refers to {shown(reference)} outside its object")

    def _storage(self, reference: Any) -> np.ndarray:
        """Return the storage that the object refers to, or a part of one."""
        match reference:
            case ("storage", StorageType() as kind, str(key), str(_), int(count), view) if (
                count >= 0 and fits(count)
            ):
                pass
            case _:
                raise PickleError(f"it refers to {shown(reference)}")
        if key not in self._storages:
            self._promise(count * kind.dtype.itemsize)
            self._storages[key] = _Storage(kind, count)
        storage = self._storages[key]
        if (storage.kind.name, storage.count) != (kind.name, count):
            raise PickleError(f"storage {label(key)} in it has two types or lengths")
        match view:
            case None:
                return storage.numbers
            case (_, int(offset), int(length)) if 0 <= offset <= offset + length <= count:
                return storage.numbers[offset : offset + length]
        raise PickleError(f"it refers to the part {shown(view)} of storage {label(key)}")

    def _promise(self, count: int) -> None:
        """Refuse storages that the file has no room for, before memory is set aside."""
        self._promised += count
        if self._promised > self._source.size:
            raise PickleError(f"it is truncated: storages of {self._promised:,} bytes have no room")

    def _fill(self, keys: Any, position: int) -> None:
        """Read the storages, which follow in the order of `keys`."""
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise PickleError("its list of storages is no list of names")
        if sorted(keys) != sorted(self._storages):
            raise PickleError("its list of storages does not fit its object")
        for key in keys:
            storage = self._storages[key]
            length = self._source.bytes(position, 8)
            end = position + 8 + storage.count * storage.kind.dtype.itemsize
            if len(length) < 8 or end > self._source.size:
                raise PickleError("it is truncated")
            if int.from_bytes(length, "little") != storage.count:
                raise PickleError(f"storage {label(key)} in it is not as long as its object says")
            self._read(position + 8, storage)
            position = end

    def _read(self, start: int, storage: _Storage) -> None:
        """Read the numbers of a storage, at once where the file holds them as NumPy does."""
        dtype = storage.kind.dtype
        if dtype == storage.numbers.dtype and dtype.kind != "b":
            self._source.fill(start, storage.numbers)
        else:
            storage.numbers[:] = read_elements(self._source, start, dtype, storage.count)
