"""Files that lie: each is refused in one sentence; nothing is executed, and memory stays small."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch.serialization import load, save
from minitorch.tensor import wrap

MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, 2)


def archive(description: bytes, **entries: bytes) -> bytes:
    """A file of torch.save whose pickle is `description`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", description)
        for name, content in entries.items():
            archive.writestr(f"archive/data/{name.removeprefix('k')}", content)
    return file.getvalue()


def legacy(description: bytes, keys: bytes = pickle.dumps([], 2), rest: bytes = b"") -> bytes:
    """The same before version 1.6."""
    machine = pickle.dumps({"little_endian": True}, 2)
    return MAGIC + pickle.dumps(1001, 2) + machine + description + keys + rest


WRAPPERS = [archive, legacy]


def refused(data: bytes, match: str) -> None:
    """Refused by one sentence, with little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=match) as caught:
            load(io.BytesIO(data))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)
    assert peak < 4_000_000 + 40 * len(data)


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("weights_only", [True, False])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_command_is_named_and_not_run(
    wrapper: Callable[..., bytes], protocol: int, weights_only: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "exploded"
    data = wrapper(pickle.dumps({"w": Bomb(folder)}, protocol))
    with pytest.raises(ValueError, match=rf"it names {os.mkdir.__module__}\.mkdir, which could"):
        load(io.BytesIO(data), weights_only=weights_only)
    assert not folder.exists()


GLOBALS = ["builtins\neval", "os\nsystem", "torch.nn.modules.linear\nLinear", "torch.hub\nload"]


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("name", GLOBALS)
def test_any_other_global_is_refused_by_its_name(wrapper: Callable[..., bytes], name: str) -> None:
    refused(wrapper(f"\x80\x02c{name}\n.".encode("latin-1")), name.replace("\n", r"\."))


def tensor(size: str, stride: str, offset: int = 0, count: int = 4, kind: str = "Float") -> bytes:
    """The pickle of a tensor, its tuples of numbers given as instructions."""
    return (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\n"
        + kind.encode()
        + b"Storage\nX\x01\0\0\0aX\x03\0\0\0cpuJ"
        + struct.pack("<i", count)
        + b"tQJ"
        + struct.pack("<i", offset)
        + size.encode("latin-1")
        + stride.encode("latin-1")
        + b"\x89)tR."
    )


FOUR = np.arange(4, dtype=np.float32).tobytes()


def test_the_tensor_that_the_hostile_ones_are_made_of() -> None:
    result = load(io.BytesIO(archive(tensor("K\x02K\x02\x86", "K\x02K\x01\x86"), ka=FOUR)))
    assert result.tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("description", "match"),
    [
        (tensor("K\x05\x85", "K\x01\x85"), "beyond the 4 numbers of its storage"),
        (tensor("K\x02\x85", "K\x04\x85"), "beyond the 4 numbers"),
        (tensor("K\x01\x85", "K\x01\x85", offset=4), "beyond the 4 numbers"),
        (tensor("K\x01\x85", "K\x01\x85", offset=-1), "at -1"),
        (tensor("J\xff\xff\xff\xff\x85", "K\x01\x85"), r"size \(-1,\)"),
        (tensor("K\x02\x85", "J\xff\xff\xff\xff\x85", offset=1), r"stride \(-1,\)"),
        (tensor("K\x01\x85", ")"), r"stride \(\) at 0, which have not as many dimensions"),
        (tensor("X\x01\0\0\0a\x85", "K\x01\x85"), r"size \('a',\)"),
        (tensor("K\x01\x85", "K\x01\x85", count=5), "16 bytes, which are not 5 numbers"),
        (tensor("K\x01\x85", "K\x01\x85", kind="Double"), "16 bytes, which are not 4 numbers"),
        (tensor("K\x01\x85", "K\x01\x85", kind="ComplexFloat"), "torch.ComplexFloatStorage"),
        (tensor("(" + "K\x01" * 70 + "t", "(" + "K\x01" * 70 + "t"), "tensor of size"),
        (tensor("(" + "J\xff\xff\xff\x7f" * 9 + "t", "(" + "K\0" * 9 + "t"), "tensor of size"),
    ],
)
def test_tensors_stay_within_their_storage(description: bytes, match: str) -> None:
    refused(archive(description, ka=FOUR), match)


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize(
    ("description", "match"),
    [
        (b"\x80\x02K\x01K\x01\x86R.", "it calls a int|is truncated"),
        (b"\x80\x02ccollections\nOrderedDict\nK\x01\x85R.", "a dict that is not made of pairs"),
        (b"\x80\x02ccollections\nOrderedDict\n.", "^$"),
        (b"\x80\x02]}X\x01\0\0\0aK\x01sb.", "sets attributes of list"),
        (b"\x80\x02ccollections\nOrderedDict\n)R}X\x05\0\0\0clearK\x01sb.", "sets attributes"),
        (b"\x80\x02]]K\x01s.", "list in place of dict|is damaged"),
        (b"\x80\x02}](K\x01s.", "is damaged"),
        (b"\x80\x02}]K\x01s.", "a key of type list"),
        (b"\x80\x02" + b")" + b"\x85" * 30_000 + b"}h\0s.", "is refused"),
        (b"\x80\x02X\xff\xff\xff\x7fabc.", "is truncated"),
        (b"\x80\x02\x8b\xff\xff\xff\x7fabc.", "is truncated"),
        (b"\x80\x05\x8e" + b"\xff" * 7 + b"\x7fabc.", "is truncated"),
        (b"\x80\x02N" + b"r\xff\xff\xff\xffj\0\0\0\0.", "is damaged: KeyError"),
        (b"\x80\x02i\nos\nsystem\n.", "the instruction 0x69"),
        (b"\x80\x02ccopyreg\n_reconstructor\n.", r"copyreg\._reconstructor"),
        (b"\x80\x09N.", "protocol 9"),
        (b"\x80\x02.", "is truncated"),
        (b"\x80\x02(.", "a group is not closed"),
        (b"\x80\x02X\x01\0\0\0aQ.", "it refers to 'a'"),
        (b"\x80\x02c__builtin__\nbytes\nJ\xff\xff\xff\x7f\x85R.", "is damaged: TypeError"),
        (b"\x80\x02c_codecs\nencode\nX\x01\0\0\0aX\x03\0\0\0hex\x86R.", "in the encoding 'hex'"),
        (b"\x80\x02X\x01\0\0\0\xff.", "is damaged: UnicodeDecodeError"),
    ],
)
def test_pickles_that_lie(wrapper: Callable[..., bytes], description: bytes, match: str) -> None:
    if match == "^$":  # a name alone is harmless
        load(io.BytesIO(wrapper(description)))
    else:
        refused(wrapper(description), match)


# Nothing but None, in pairs of pairs: as text it would fill the memory, and it is nowhere a value.
WIDE = b"N" + b"2\x86" * 22
DEEP = b")" + b"\x85" * 20_000
HUGE = b"\x8b" + struct.pack("<I", 2_000) + b"\x7f" * 2_000  # an integer of 4,816 digits
NESTS = pytest.mark.parametrize("nest", [WIDE, DEEP, HUGE, b"]" + WIDE + b"a"])


@NESTS
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_no_message_holds_what_has_no_end(wrapper: Callable[..., bytes], nest: bytes) -> None:
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n(ctorch\nFloatStorage\nK\0"
    for description in (
        nest + b"Q",
        b"X\x07\0\0\0storage" + nest + b"\x86Q",
        b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0aX\x03\0\0\0cpu" + nest + b"tQ",
        b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0aX\x03\0\0\0cpu" + nest + b"NtQ",
        b"}" + nest + b"K\x01s",
        b"}" + nest + b"\x85K\x01s",
        rebuild + nest + b")\x89NtR",
        b"c_codecs\nencode\nX\x01\0\0\0a" + nest + b"\x86R",
        b"c__builtin__\nbytes\n" + nest + b"\x85R",
        b"cbuiltins\nset\n" + nest + b"\x85\x85R",
    ):
        refused(wrapper(b"\x80\x02" + description + b"."), "^load: <BytesIO> is refused: it ")


@NESTS
@pytest.mark.parametrize("place", ["size", "stride", "offset", "requires_grad", "hooks"])
def test_no_tensor_is_made_of_what_has_no_end(nest: bytes, place: str) -> None:
    parts = {"offset": b"K\0", "size": b"K\1\x85", "stride": b"K\1\x85"}
    parts |= {"requires_grad": b"\x89", "hooks": b"N"}
    parts[place] = nest
    if place == "requires_grad" and nest == HUGE:
        return  # it is true
    start = tensor("", "").partition(b"tQ")[0] + b"tQ"
    description = start + b"".join(parts.values()) + b"tR."
    refused(archive(description, ka=FOUR), "^load: <BytesIO> is refused: it has a tensor")
    old = legacy(description.replace(b"tQ", b"NtQ"), pickle.dumps(["a"], 2), FOUR)
    refused(old, "^load: <BytesIO> is refused: it has a tensor")


@NESTS
def test_no_part_of_an_old_file_has_no_end(nest: bytes) -> None:
    ended = b"\x80\x02" + nest + b"."
    refused(MAGIC + ended, "its protocol is ")
    refused(MAGIC + pickle.dumps(1001, 2) + ended, "little-endian")
    view = tensor("K\x04\x85", "K\x01\x85").replace(b"tQ", nest + b"tQ")
    refused(legacy(view, pickle.dumps(["a"], 2), FOUR), "it refers to the part ")
    refused(legacy(b"\x80\x02N.", ended), "its list of storages is no list of names")
    refused(legacy(b"\x80\x02N.", b"\x80\x02]" + nest + b"a."), "is no list of names")


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_nest_that_no_message_is_made_of_is_a_value(wrapper: Callable[..., bytes]) -> None:
    value, depth = load(io.BytesIO(wrapper(b"\x80\x02" + DEEP + b"."))), 0
    while value:
        [value], depth = value, depth + 1
    assert depth == 20_000


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_storage_in_place_of_a_truth(wrapper: Callable[..., bytes]) -> None:
    """Which is neither true nor false."""
    description = tensor("K\x04\x85", "K\x01\x85")
    if wrapper is legacy:
        description = description.replace(b"tQ", b"NtQ")
    description = description.replace(b"Q", b"Qq\0").replace(b"\x89)tR", b"h\0)tR")
    data = archive(description, ka=FOUR) if wrapper is archive else legacy(description)
    refused(data, "a tensor whose requires_grad is a ndarray")


def test_an_empty_tensor_of_absurd_other_dimensions() -> None:
    absurd = "K\0\x8a\x08" + "\0" * 7 + "\x40\x8a\x08" + "\0" * 7 + "\x40\x87"
    description = tensor(absurd, absurd)
    refused(archive(description, ka=FOUR), "a tensor of size \\(0, 4611686018427387904, ")
    refused(legacy(description.replace(b"tQ", b"NtQ")), "a tensor of size \\(0, ")


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_names_that_are_no_names_stay_on_one_line(wrapper: Callable[..., bytes]) -> None:
    for name in (b"a\n\x1b[2J", b"n" * 100_000):
        text = b"X" + struct.pack("<I", len(name)) + name
        refused(wrapper(b"\x80\x02" + text + text + b"\x93."), "^.{0,400}$")
        storage = tensor("K\x01\x85", "K\x01\x85").replace(b"X\x01\0\0\0a", text)
        if wrapper is legacy:
            storage = storage.replace(b"tQ", b"NtQ")
        refused(wrapper(storage), "^.{0,400}$")


def test_a_number_without_end_is_hashed_once() -> None:
    """One long integer as the key of many entries, each of which would walk through it."""
    entries = b"h\0N" * 100_000
    number = b"\x8b" + struct.pack("<I", 200_000) + b"\x7f" * 200_000
    data = archive(b"\x80\x02}" + number + b"q\x000(" + entries + b"u.")
    refused(data, "it has an integer of 1,599,999 bits as a key")


def test_copies_of_copies_are_counted() -> None:
    """One long list, and many calls that would each copy it."""
    many = b"](" + b"K\x01" * 5_000 + b"eq\x01" + b"](" + b"ctorch\nSize\nh\x01\x85R" * 5_000 + b"e"
    refused(archive(b"\x80\x02" + many + b"."), "the same values again and again")


def test_storages_without_room_in_an_old_file() -> None:
    description = tensor("K\x01\x85", "K\x01\x85", count=2**31 - 1).replace(b"tQ", b"NtQ")
    refused(legacy(description, pickle.dumps(["a"], 2), FOUR), "8,589,934,588 bytes have no room")


@pytest.mark.parametrize(
    ("keys", "rest"),
    [
        (["b"], struct.pack("<q", 4) + FOUR),
        ([], b""),
        (["a"], struct.pack("<q", 5) + FOUR),
        (["a"], struct.pack("<q", 4) + FOUR[:-1]),
        (["a"], b"\4"),
        ({"a": 1}, struct.pack("<q", 4) + FOUR),
    ],
)
def test_storages_of_an_old_file_must_fit(keys: Any, rest: bytes) -> None:
    description = tensor("K\x04\x85", "K\x01\x85").replace(b"tQ", b"NtQ")
    good = legacy(description, pickle.dumps(["a"], 2), struct.pack("<q", 4) + FOUR)
    assert load(io.BytesIO(good)).tolist() == [0, 1, 2, 3]
    refused(legacy(description, pickle.dumps(keys, 2), rest), "list of storages|truncated|as long")


# ---------------------------------------------------------------------- archives


def test_a_zip_bomb() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * 30_000_000)
    refused(file.getvalue(), "data.pkl in it is compressed")


def test_a_compressed_storage() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", tensor("K\x04\x85", "K\x01\x85"))
        archive.writestr("archive/data/a", FOUR * 1000, zipfile.ZIP_DEFLATED)
    refused(file.getvalue(), "data/a in it is compressed")


@pytest.mark.parametrize(
    ("names", "match"),
    [
        (["notes.txt"], "not one that torch.save wrote"),
        (["a/data.pkl", "b/data.pkl"], "not one that torch.save wrote"),
        (["m/data.pkl", "m/constants.pkl", "m/code/m.py"], "TorchScript archive, which holds code"),
    ],
)
def test_other_archives(names: list[str], match: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"\x80\x02N.")
    refused(file.getvalue(), match)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02N.")
        archive.writestr("archive/data.pkl", b"\x80\x02K\x01.")
    refused(file.getvalue(), "the same name")


def test_a_storage_beyond_the_end() -> None:
    data = bytearray(archive(tensor("K\x04\x85", "K\x01\x85"), ka=FOUR))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 42 : entry + 46] = struct.pack("<I", len(data) - 20)
    refused(bytes(data), "beyond its end|is truncated")


def test_entries_that_share_their_bytes() -> None:
    """A thousand names of the same megabyte would fill a gigabyte."""
    count, numbers = 1000, np.zeros(250_000, np.float32).tobytes()
    storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x03\0\0\0%03dX\x03\0\0\0cpuJ%btQ"
    length = struct.pack("<i", len(numbers) // 4)
    references = b"".join(storage % (i, length) for i in range(count))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02](" + references + b"e.")
        archive.writestr("archive/data/000", numbers)
        first = archive.getinfo("archive/data/000")
        for i in range(1, count):
            info = zipfile.ZipInfo(f"archive/data/{i:03}")
            info.header_offset, info.CRC = first.header_offset, first.CRC
            info.file_size = info.compress_size = first.file_size
            archive.filelist.append(info)
    refused(file.getvalue(), "have no room in it")


def test_keys_are_names_in_the_archive_and_no_paths() -> None:
    climbing = tensor("K\x04\x85", "K\x01\x85").replace(b"X\x01\0\0\0a", b"X\x09\0\0\0../../etc")
    refused(archive(climbing, ka=FOUR), "it lacks data/../../etc")


# ---------------------------------------------------------------------- safetensors


def tensors(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(begin: int, end: int, shape: Any = (1,), kind: Any = "F32") -> dict[str, Any]:
    return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (tensors({"a": entry(0, 4)}, FOUR, length=2**62), "header would have 4,611,686"),
        (tensors({"a": entry(0, 4)}, FOUR, length=200), "header would have 200 bytes"),
        (tensors({"a": entry(0, 4), "b": entry(2, 6)}, FOUR[:6]), "'b' begins at byte 2"),
        (tensors({"a": entry(0, 4), "b": entry(0, 4)}, FOUR[:4]), "begins at byte 0"),
        (tensors({"a": entry(0, 4), "b": entry(8, 12)}, FOUR[:12]), "'b' begins at byte 8"),
        (tensors({"a": entry(4, 8)}, FOUR[:8]), "take bytes 4 to 8"),
        (tensors({"a": entry(0, 4)}, FOUR), "take bytes 0 to 4, but it holds 16"),
        (tensors({"a": entry(0, 16)}, FOUR[:4]), "cannot have 16 bytes"),
        (tensors({"a": entry(0, 4, [2**40, 2**40])}, FOUR[:4]), "cannot have 4 bytes"),
        (tensors({"a": entry(0, 0, [0, 2**62, 2**62])}), "cannot be made"),
        (tensors({"a": entry(0, 0, [0, 10**30])}), "cannot be made"),
        (tensors({"a": entry(0, 0, [0, 10**4000])}), "an integer of 13,288 bits.* cannot be made"),
        (tensors({"a": entry(0, 10**4000)}), "an integer of 13,288 bits"),
        (tensors({"a": entry(0, 4, [10**4000] * 64)}, FOUR[:4]), "cannot have 4 bytes"),
        (tensors({"a": entry(0, 4, [-1] * 100_000)}, FOUR[:4]), r"^.{0,300}$"),
        (tensors({"a": entry(0, 4, kind="\n" * 100_000)}, FOUR[:4]), r"^.{0,300}$"),
        (tensors({"a" * 100_000: entry(0, 4, kind="X")}, FOUR[:4]), r"^.{0,300}$"),
        (tensors(b'{"a": 1' + b"0" * 5000 + b"}"), "is truncated or damaged"),
        (tensors({"a": entry(0, 4, [1] * 70)}, FOUR[:4]), "70 dimensions"),
        (tensors({"a": entry(-4, 0)}), "data_offsets"),
        (tensors({"a": entry(0, 4, [-1])}, FOUR[:4]), "shape"),
        (tensors({"a": entry(0, 4, [True])}, FOUR[:4]), "shape"),
        (tensors({"a": entry(0, 4, kind=["F32"])}, FOUR[:4]), "dtype"),
        (tensors({"a": 3}), "not described by"),
        (tensors({"__metadata__": {"a": 1}}), "metadata are not strings"),
        (tensors(b'{"a": 1, "a": 2}'), "appears twice"),
        (tensors(b"{" + b'"a":{' * 100_000), "is truncated or damaged"),
        (tensors(b'{"\xff": 1}'), "is truncated or damaged"),
        (tensors({"__metadata__": {"minitorch.skeleton": "[" * 100_000}}), "is damaged: its"),
    ],
)
def test_headers_that_lie(data: bytes, match: str) -> None:
    refused(data, match)


# ---------------------------------------------------------------------- fuzzing


def written(format: str) -> bytes:
    file = io.BytesIO()
    model = minitorch.nn.Linear(3, 2)
    save({"m": model.state_dict(), "x": [wrap(np.arange(5)), 3, "text"]}, file, format=format)
    return file.getvalue()


OLD = legacy(
    tensor("K\x04\x85", "K\x01\x85").replace(b"tQ", b"NtQ"),
    pickle.dumps(["a"], 2),
    struct.pack("<q", 4) + FOUR,
)
GOOD = {"safetensors": written("safetensors"), "torch": written("torch"), "old": OLD}


def survives(data: bytes) -> None:
    """Loading gives a value or one ValueError, whatever the bytes are."""
    try:
        load(io.BytesIO(data))
    except ValueError as error:
        if not str(error).startswith("load: <BytesIO> "):
            raise


@pytest.mark.parametrize("name", GOOD)
def test_damaged_bytes(name: str) -> None:
    rng = random.Random(0)
    for _ in range(400):
        data = bytearray(GOOD[name])
        for _ in range(rng.choice([1, 1, 2, 8])):
            data[rng.randrange(len(data))] = rng.choice(
                [0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)]
            )
        if rng.random() < 0.2:
            del data[rng.randrange(len(data)) :]
        survives(bytes(data))


def test_damaged_pickles_in_sound_archives() -> None:
    """The checksum of an entry would hide what the interpreter does."""
    with zipfile.ZipFile(io.BytesIO(GOOD["torch"])) as good:
        description = good.read("archive/data.pkl")
    rng = random.Random(1)
    for _ in range(600):
        data = bytearray(description)
        for _ in range(rng.choice([1, 1, 2, 8])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        survives(archive(bytes(data), k0=b"\0" * 24, k1=b"\0" * 8, k2=b"\0" * 40))


@given(st.binary(max_size=200))
def test_any_bytes_as_a_pickle(data: bytes) -> None:
    survives(archive(b"\x80\x02" + data))
    survives(legacy(b"\x80\x02" + data))


STARTS = [b"", b"PK\x03\x04", MAGIC, b"\x08" + b"\0" * 7 + b"{"]


@given(st.binary(max_size=100), st.sampled_from(STARTS))
def test_any_bytes(data: bytes, start: bytes) -> None:
    survives(start + data)


def test_truncated_anywhere() -> None:
    for data in (GOOD["torch"], GOOD["old"]):
        for length in range(len(data)):
            with pytest.raises(ValueError, match="load: "):
                load(io.BytesIO(data[:length]))


def test_the_checksum_of_the_pickle_is_checked() -> None:
    data = archive(b"\x80\x02K\x01.")
    sum_ = struct.pack("<I", zlib.crc32(b"\x80\x02K\x01."))
    refused(data.replace(sum_, b"\0\0\0\0"), "is truncated or damaged: Bad CRC-32")
