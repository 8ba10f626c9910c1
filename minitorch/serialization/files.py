"""Files: read in pieces or mapped into memory, and written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import mmap
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np

FileLike: TypeAlias = "str | os.PathLike[str] | IO[bytes]"


class Source:
    """The bytes of a file.

    Attributes:
        name: what to call it in an error.
        size: how many bytes it has.
    """

    name: str
    size: int

    def unmapped(self) -> Opened:
        """Return the same file, to be read in pieces."""
        raise NotImplementedError

    def bytes(self, start: int, count: int) -> bytes:
        """Return at most `count` bytes from `start`, fewer at the end of the file."""
        raise NotImplementedError

    def array(self, start: int, dtype: Any, count: int) -> np.ndarray:
        """Return `count` numbers from `start`: aligned, writable, in the machine's byte order.

        The caller has made sure that the file has them.
        """
        raise NotImplementedError


class Mapped(Source):
    """A file mapped into memory: a page is read when it is first touched.

    Writing to an array makes a private copy of the page; the file never changes.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.name = name
        self._file = file
        self.size = os.fstat(file.fileno()).st_size
        # An empty file cannot be mapped.
        self._map: Any = (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) if self.size else bytearray()
        )

    def bytes(self, start: int, count: int) -> bytes:
        """Return at most `count` bytes from `start`, fewer at the end of the file."""
        return bytes(self._map[start : start + count])

    def unmapped(self) -> Opened:
        """Return the same file, to be read in pieces."""
        return Opened(self._file, self.name)

    def array(self, start: int, dtype: Any, count: int) -> np.ndarray:
        """Return `count` numbers from `start`: aligned, writable, in the machine's byte order."""
        if count == 0:
            return np.empty(0, np.dtype(dtype).newbyteorder("="))
        mapped = np.frombuffer(self._map, dtype, count, start)
        if mapped.flags.aligned and mapped.dtype.isnative:
            return mapped
        return np.array(mapped, mapped.dtype.newbyteorder("="))


class Opened(Source):
    """An open file, of which only the pieces that are asked for are read."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.name = name
        self._file = file
        self._first = file.tell()
        self.size = max(file.seek(0, os.SEEK_END) - self._first, 0)

    def unmapped(self) -> Opened:
        """Return the same file, to be read in pieces."""
        return self

    def bytes(self, start: int, count: int) -> bytes:
        """Return at most `count` bytes from `start`, fewer at the end of the file."""
        self._file.seek(self._first + start)
        return self._file.read(min(count, max(self.size - start, 0)))

    def array(self, start: int, dtype: Any, count: int) -> np.ndarray:
        """Return `count` numbers from `start`: aligned, writable, in the machine's byte order."""
        numbers = np.empty(count, dtype)
        self.fill(start, numbers)
        return numbers.astype(numbers.dtype.newbyteorder("="), copy=False)

    def fill(self, start: int, numbers: np.ndarray) -> None:
        """Read the bytes of a one-dimensional array from `start`."""
        self._file.seek(self._first + start)
        left = memoryview(numbers.data).cast("B") if numbers.size else memoryview(b"")
        while left:
            taken = self._file.readinto(left)  # type: ignore[attr-defined]
            if not taken:
                raise OSError(f"{self.name} became shorter while it was read")
            left = left[taken:]


class SourceFile(io.RawIOBase):
    """A `Source` as a file that can be read and searched, for `zipfile`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to `offset` from the start, from here, or from the end."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._source.size}
        position = start[whence] + offset
        if position < 0:
            raise OSError(f"cannot go to byte {position}")
        self._position = position
        return position

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as the file goes."""
        taken = self._source.bytes(self._position, len(buffer))
        buffer[: len(taken)] = taken
        self._position += len(taken)
        return len(taken)


@contextlib.contextmanager
def opened(f: FileLike, mapped: bool | None) -> Iterator[Source]:
    """Open `f` for reading.

    Args:
        f: a path, or a file opened in binary mode, which is read to its end.
        mapped: whether to map a file given by its path; None maps it where a mapped file can be
            replaced.
    """
    if isinstance(f, (str, os.PathLike)):
        with Path(f).open("rb") as file:
            wanted = os.name == "posix" if mapped is None else mapped
            yield Mapped(file, str(f)) if wanted else Opened(file, str(f))
        return
    if mapped:
        raise ValueError("f must be a file path in order to use the mmap argument")
    name = str(getattr(f, "name", f"<{type(f).__name__}>"))
    if f.seekable() and hasattr(f, "readinto"):
        yield Opened(f, name)
        f.seek(0, os.SEEK_END)
    else:
        yield Opened(io.BytesIO(f.read()), name)


@contextlib.contextmanager
def replacing(f: FileLike) -> Iterator[IO[bytes]]:
    """Open a file to write, which takes the place of `f` when all went well.

    It lies in the same folder, under another name, and is safe on the disk before it is renamed; it
    has the permissions of the file that it replaces, and never wider ones. A device or a pipe keeps
    its place: it is written to.

    Raises:
        OSError: if it cannot be written; it names `f`.
    """
    if not isinstance(f, (str, os.PathLike)):
        content = io.BytesIO()
        yield content
        f.write(content.getbuffer())
        return
    try:
        if _is_special(Path(f)):
            content = io.BytesIO()
            yield content
            with Path(f).open("wb") as device:
                device.write(content.getbuffer())
            return
        with _renamed_to(Path(os.path.realpath(f))) as file:
            yield file
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, os.fspath(f)) from error


def _is_special(path: Path) -> bool:
    """Return whether `path` is there and is no ordinary file.

    Raises:
        IsADirectoryError: if it is a folder.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return not stat.S_ISREG(mode)


@contextlib.contextmanager
def _renamed_to(path: Path) -> Iterator[IO[bytes]]:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    permissions = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(temporary, flags, 0o666 if permissions is None else 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            if permissions is not None:
                temporary.chmod(permissions)
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
