"""The safetensors format: 8 bytes of length, a header in JSON, and the numbers one after another.

Reference: https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import safetensors.numpy

from minitorch.serialization.elements import BFLOAT16, read_elements
from minitorch.serialization.files import Source
from minitorch.serialization.words import label, shown

_MOST_HEADER = 100_000_000  # the format's own limit, in bytes
_TYPES: dict[str, Any] = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
    "BF16": BFLOAT16,
}


def dump(arrays: Mapping[str, np.ndarray], strings: dict[str, str]) -> bytes:
    """Return the file that holds `arrays`, with `strings` as metadata: for the same, the same."""
    # safetensors writes wrong values for an array that is not C-contiguous, without a word.
    packed = {name: np.array(array, order="C", copy=None) for name, array in arrays.items()}
    content = safetensors.numpy.save(packed, metadata=strings or None)
    return _in_order(content) if len(strings) > 1 else content


def _in_order(content: bytes) -> bytes:
    """Return a file with its metadata sorted, which the library writes in no certain order."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join((len(text).to_bytes(8, "little"), text, memoryview(content)[end:]))


class _DamageError(ValueError):
    """What is wrong with a header, without the file's name."""


def read(source: Source) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Return metadata and arrays, in the order of the file.

    Raises:
        ValueError: if it is no whole safetensors file.
    """
    strings, entries, first = _read_header(source)
    arrays = {}
    for name, (kind, shape, begin) in entries.items():
        if kind not in _TYPES:
            raise ValueError(
                f"load: {source.name} has {shown(name)} of type {label(kind)}, which is not "
                "supported"
            )
        numbers = read_elements(source, first + begin, _TYPES[kind], math.prod(shape))
        try:
            arrays[name] = numbers.reshape(shape)
        except (ValueError, OverflowError) as error:  # an empty one of absurd other dimensions
            raise ValueError(
                f"load: {source.name} is damaged: {shown(name)} of shape {shown(shape)} cannot be "
                "made"
            ) from error
    return strings, arrays


def read_metadata(source: Source) -> dict[str, str]:
    """Return the metadata alone.

    Raises:
        ValueError: if it is no whole safetensors file.
    """
    return _read_header(source)[0]


_Entry = tuple[str, tuple[int, ...], int]  # type, shape, first byte


def _read_header(source: Source) -> tuple[dict[str, str], dict[str, _Entry], int]:
    """Return metadata, entries in the order of their bytes, and where the first byte lies."""
    start = source.bytes(0, 9)
    if len(start) < 9:
        raise ValueError(f"load: {source.name} is truncated: it has {source.size} bytes")
    if start[8:] != b"{":
        raise ValueError(f"load: {source.name} is no safetensors file: it begins with {start!r}")
    try:
        length = int.from_bytes(start[:8], "little")
        if length > min(_MOST_HEADER, source.size - 8):
            raise _DamageError(f"its header would have {length:,} bytes")
        text = source.bytes(8, length).decode()
        header = json.loads(text, object_pairs_hook=_without_duplicates)
        strings = header.pop("__metadata__", {})
        if not isinstance(strings, dict) or not all(isinstance(v, str) for v in strings.values()):
            raise _DamageError("its metadata are not strings")
        entries = _checked_entries(header, source.size - 8 - length)
    except RecursionError as error:
        raise ValueError(f"load: {source.name} is truncated or damaged: deep header") from error
    except ValueError as error:  # of JSON and of UTF-8, too
        raise ValueError(f"load: {source.name} is truncated or damaged: {error}") from error
    return strings, entries, 8 + length


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _DamageError("a key of its header appears twice")
    return result


def _checked_entries(header: dict[str, Any], size: int) -> dict[str, _Entry]:
    """Return the entries in the order of their bytes, which must cover `size` bytes exactly."""
    spans: list[tuple[int, int, str]] = []
    for name, entry in header.items():
        begin, end = _checked_span(name, entry)
        spans.append((begin, end, name))
    spans.sort()
    for (_, end, name), (begin, _, following) in pairwise(spans):
        if begin != end:
            raise _DamageError(
                f"{shown(following)} begins at byte {shown(begin)}, where {shown(name)} ends at "
                f"{shown(end)}"
            )
    covered = (spans[0][0], spans[-1][1]) if spans else (0, 0)
    if covered != (0, size):
        raise _DamageError(
            f"its tensors take bytes {shown(covered[0])} to {shown(covered[1])}, but it holds "
            f"{size:,}"
        )
    return {
        name: (header[name]["dtype"], tuple(header[name]["shape"]), begin)
        for begin, _, name in spans
    }


def _checked_span(name: str, entry: Any) -> tuple[int, int]:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _DamageError(f"{shown(name)} is not described by dtype, shape and data_offsets")
    kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    for key in ("shape", "data_offsets"):
        numbers = entry[key]
        if not isinstance(numbers, list) or not all(type(n) is int and n >= 0 for n in numbers):
            raise _DamageError(f"{shown(name)} has {key} {shown(numbers)}")
    if not isinstance(kind, str) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise _DamageError(
            f"{shown(name)} has dtype {shown(kind)} and data_offsets {shown(offsets)}"
        )
    held = offsets[1] - offsets[0]
    if len(shape) > 64:
        raise _DamageError(f"{shown(name)} has {len(shape)} dimensions")
    if kind in _TYPES and held != math.prod(shape) * np.dtype(_TYPES[kind]).itemsize:
        raise _DamageError(
            f"{shown(name)} of type {kind} and shape {shown(shape)} cannot have {shown(held)} bytes"
        )
    return offsets[0], offsets[1]
