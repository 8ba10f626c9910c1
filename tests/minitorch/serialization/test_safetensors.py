"""safetensors files: what goes in comes out, whole or not at all."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import pickle
import stat
import subprocess
import sys
from collections import Counter, OrderedDict, namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from minitorch import nn, optim
from minitorch.serialization import load, load_metadata, save
from minitorch.tensor import Tensor, wrap

DTYPES = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]


def through_a_file(obj: Any) -> Any:
    file = io.BytesIO()
    save(obj, file)
    file.seek(0)
    return load(file)


def same(a: Any, b: Any) -> bool:
    """Whether two nests of containers, numbers and tensors are equal, types included."""
    if isinstance(a, Tensor):
        a, b = a._array, b._array
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


# ---------------------------------------------------------------------- what comes back


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)])
def test_types_and_shapes(name: str, shape: tuple[int, ...]) -> None:
    array = np.array(np.random.default_rng(0).random(shape) * 50).astype(name)
    assert same(through_a_file({"x": wrap(array)})["x"], wrap(array))


VIEWS: dict[str, Any] = {
    "transposed": lambda a: a.T,
    "slice": lambda a: a[1:, ::2],
    "reversed": lambda a: a[::-1],
    "broadcast": lambda a: np.broadcast_to(a[0], (5, 4)),
    "fortran": np.asfortranarray,
    "permuted": lambda a: a.reshape(2, 3, 2).transpose(1, 2, 0),
}


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("name", VIEWS)
def test_any_memory_order(name: str, nested: bool) -> None:
    """safetensors itself writes such arrays wrongly, silently."""
    array = VIEWS[name](np.arange(12.0, dtype=np.float32).reshape(3, 4))
    obj = {"w": wrap(array)}
    result = through_a_file({"model": obj})["model"] if nested else through_a_file(obj)
    np.testing.assert_array_equal(result["w"]._array, array)


def test_a_checkpoint() -> None:
    p = wrap(np.ones((3, 2), np.float32))
    p.grad = wrap(np.ones((3, 2), np.float32))
    optimizer = optim.AdamW([p])
    optimizer.step()
    checkpoint = {
        "model": {"layer.weight": p, "layer.bias": wrap(np.zeros(2, np.float32))},
        "optimizer": optimizer.state_dict(),
        "epoch": 3,
        "best": None,
        "history": [(0, 0.5), (1, float("inf")), (2, float("nan"))],
        "array": np.arange(3),
    }
    assert same(through_a_file(checkpoint), checkpoint)


def test_keys_and_numbers_keep_their_types() -> None:
    obj = {0: {True: 1, 1.5: "x", None: False, "0": -(2**80)}, "f": 0.1 + 0.2, "t": (1, [2, ()])}
    assert same(through_a_file(obj), obj)
    assert through_a_file({"a": np.float32(0.5), "b": np.int64(3)}) == {"a": 0.5, "b": 3}
    assert through_a_file(OrderedDict(a=Counter("aab"))) == {"a": {"a": 2, "b": 1}}


KEYS = st.text(max_size=3) | st.integers(-(2**64) + 1, 2**64 - 1) | st.none()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=10,
)


@given(VALUES)
def test_any_containers(obj: Any) -> None:
    assert same(through_a_file([obj]), [obj])


@pytest.mark.parametrize("obj", [3, None, [], {}, (), "text", wrap(np.arange(3))])
def test_anything_at_the_top(obj: Any) -> None:
    assert same(through_a_file(obj), obj)


def test_names_that_collide() -> None:
    a, b, c = (wrap(np.array(float(i))) for i in range(3))
    obj = {"a.b": a, "a": {"b": b}, "__metadata__": c}
    assert same(through_a_file(obj), obj)
    assert same(through_a_file({"__metadata__": c}), {"__metadata__": c})


def test_tied_weights() -> None:
    shared = np.arange(6.0).reshape(2, 3)
    result = through_a_file({"embedding": wrap(shared), "head": wrap(shared), "T": wrap(shared.T)})
    np.testing.assert_array_equal(result["embedding"]._array, shared)
    np.testing.assert_array_equal(result["head"]._array, shared)
    np.testing.assert_array_equal(result["T"]._array, shared.T)


def test_loaded_tensors_are_their_own() -> None:
    result = through_a_file({"a": wrap(np.ones(3)), "b": wrap(np.ones((2, 2), np.float32))})
    for tensor in result.values():
        assert tensor._array.flags.writeable
        assert tensor._array.flags.aligned
        assert not tensor.requires_grad
        tensor._array += 1
    assert not np.shares_memory(result["a"]._array, result["b"]._array)


@pytest.mark.parametrize("mmap", [True, False, None])
def test_changing_what_was_loaded_changes_no_file(mmap: bool | None, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save({"w": wrap(np.ones(5000, np.float32)), "odd": wrap(np.ones(3, np.uint8))}, path)
    before = path.read_bytes()
    first, second = load(path, mmap=mmap), load(path, mmap=mmap)
    first["w"]._array += 1
    save({"w": wrap(np.zeros(1))}, path)  # replaces the file under the one in use
    assert (first["w"]._array == 2).all()
    assert (second["w"]._array == 1).all()
    save(second, path)
    assert path.read_bytes() == before


def test_a_stream_cannot_be_mapped() -> None:
    with pytest.raises(ValueError, match="f must be a file path in order to use the mmap argument"):
        load(io.BytesIO(FLAT), mmap=True)


def test_a_stream_is_read_from_where_it_stands_to_its_end() -> None:
    class Pipe:
        """Can only be read."""

        def __init__(self, data: bytes) -> None:
            self._file = io.BytesIO(data)

        def read(self) -> bytes:
            return self._file.read()

        def seekable(self) -> bool:
            return False

    file = io.BytesIO(b"before" + FLAT)
    file.seek(6)
    assert same(load(file), load(Pipe(FLAT)))
    assert file.read() == b""


# ---------------------------------------------------------------------- a common format


def test_a_state_dict_is_a_plain_safetensors_file(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save({"w": wrap(np.arange(3.0)), "b": wrap(np.array(1))}, path, metadata={"accuracy": "0.98"})
    arrays = safetensors.numpy.load_file(path)
    assert sorted(arrays) == ["b", "w"]
    np.testing.assert_array_equal(arrays["w"], np.arange(3.0))
    assert load_metadata(path) == {"accuracy": "0.98"}


def test_files_of_others(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    safetensors.numpy.save_file(
        {"x": np.arange(4, dtype=np.int32)}, path, metadata={"format": "pt"}
    )
    assert same(load(path), {"x": wrap(np.arange(4, dtype=np.int32))})
    assert load_metadata(str(path)) == {"format": "pt"}


def raw_file(entries: dict[str, tuple[str, list[int], bytes]]) -> io.BytesIO:
    header, data = {}, b""
    for name, (kind, shape, content) in entries.items():
        offsets = [len(data), len(data) + len(content)]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": offsets}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return io.BytesIO(len(text).to_bytes(8, "little") + text + data)


def test_bfloat16_becomes_float32() -> None:
    values = np.array([1.0, -2.5, 3.140625, np.inf, 1e-40], np.float32)
    bits = (values.view(np.uint32) >> 16).astype("<u2")
    result = load(raw_file({"x": ("BF16", [5, 1], bits.tobytes())}))["x"]._array
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result[:4, 0], values[:4])
    assert result.shape == (5, 1)
    assert result.flags.writeable


def test_a_type_that_numpy_lacks() -> None:
    with pytest.raises(ValueError, match=r"<BytesIO> has 'x' of type F8_E4M3, which is not"):
        load(raw_file({"x": ("F8_E4M3", [2], b"ab")}))


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("obj", "place"),
    [
        ({"a": {"b": [object()]}}, r"the object\['a'\]\['b'\]\[0\] is of type object"),
        ({"a": b"bytes"}, r"the object\['a'\] is of type bytes"),
        ({"a": {(1, 2): 3}}, r"the object\['a'\] has a key of type tuple"),
        ({"a": {2**64: 3}}, r"the object\['a'\] has an integer of more than 64 bits as a key"),
        ({1, 2}, "the object is of type set"),
        ([namedtuple("P", "x")(1)], r"the object\[0\] is of type P"),
    ],
)
def test_what_cannot_be_saved_is_named(obj: Any, place: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=place):
        save(obj, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_metadata_must_be_strings() -> None:
    with pytest.raises(TypeError, match="metadata must be strings, got 'epoch': 3"):
        save({}, io.BytesIO(), metadata={"epoch": 3})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="reserved"):
        save({}, io.BytesIO(), metadata={"minitorch.skeleton": "x"})


def content(obj: Any) -> bytes:
    file = io.BytesIO()
    save(obj, file)
    return file.getvalue()


FLAT = content({"w": wrap(np.arange(20.0)), "b": wrap(np.arange(3))})
NESTED = content({"model": {"w": wrap(np.arange(20.0))}, "epoch": 3})


@pytest.mark.parametrize("whole", [FLAT, NESTED], ids=["flat", "nested"])
def test_a_truncated_file_is_refused_by_name(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "last.safetensors"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"last\.safetensors is (truncated|no safetensors)"):
            load(path)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "is truncated: it has 0 bytes"),
        (b"# not a model at all", "is no safetensors file: it begins with b'# not a m'"),
        (b"\xff" * 8 + b"{" * 20, "is truncated or damaged"),
        (FLAT + b"more", "is truncated or damaged"),
        (NESTED.replace(b'[\\"tensor\\",', b'[\\"tensOr\\",'), "is damaged: its containers"),
        (NESTED.replace(b"model.w\\", b"model.x\\"), "is damaged: its containers"),
    ],
)
def test_a_damaged_file_is_refused_by_name(data: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "last.safetensors"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="last.safetensors " + text):
        load(path)


def test_a_missing_file() -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load("nowhere.safetensors")


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_nothing_is_unpickled_unasked(protocol: int, tmp_path: Path) -> None:
    path, folder = tmp_path / "model.pkl", tmp_path / "exploded"
    path.write_bytes(pickle.dumps({"w": Bomb(folder)}, protocol))
    with pytest.raises(ValueError, match=r"model\.pkl is a pickle file.*weights_only=False"):
        load(path)
    with pytest.raises(ValueError, match="pickle file"):
        load_metadata(path)
    assert not folder.exists()
    load(path, weights_only=False)
    assert folder.exists()


def test_a_header_may_begin_like_a_pickle() -> None:
    """Headers of 128 + 256 n bytes: their length begins with the byte that begins a pickle."""
    lengths = set()
    for size in range(1500):
        data = content({"x" * size: wrap(np.ones(1))})
        if data[:1] == b"\x80":
            lengths.add(int.from_bytes(data[:8], "little"))
            for weights_only in (True, False):
                assert "x" * size in load(io.BytesIO(data), weights_only=weights_only)
            for cut in range(12):
                with pytest.raises(ValueError, match="truncated"):
                    load(io.BytesIO(data[:cut]), weights_only=False)
    assert {640, 896, 1152, 1408} <= lengths


def test_pickles_of_those_who_ask(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"epoch": {3, 4}}))
    assert load(path, weights_only=False) == {"epoch": {3, 4}}
    save({"epoch": 3}, path)
    assert load(path, weights_only=False) == {"epoch": 3}


@pytest.mark.parametrize("cut", [4, 12])
def test_a_truncated_pickle(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"epoch": {3, 4}})[:-cut])
    with pytest.raises(ValueError, match=r"model\.pkl is a damaged pickle file"):
        load(path, weights_only=False)


def test_map_location() -> None:
    assert same(load(io.BytesIO(NESTED), "cpu"), load(io.BytesIO(NESTED), map_location=None))
    with pytest.raises(NotImplementedError, match="load: map_location: device='cuda'"):
        load(io.BytesIO(NESTED), map_location="cuda")


# ---------------------------------------------------------------------- whole or not at all


def test_an_older_file_survives_a_full_disk(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "last.safetensors"
    save({"epoch": 1}, path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        save({"epoch": 2}, path)
    assert load(path) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_ordinary_file_is_written_to_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    script = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
    program = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as reader:
        save({"epoch": 1}, path)
        content = reader.communicate(timeout=60)[0]
    assert load(io.BytesIO(content)) == {"epoch": 1}
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("name", ["nowhere/w.safetensors", "."])
def test_the_error_names_what_was_asked_for(name: str, tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:
        save({"epoch": 1}, tmp_path / name)
    assert caught.value.filename == str(tmp_path / name)
    assert caught.value.filename2 is None
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="limits file sizes with setrlimit")
def test_an_older_file_survives_a_write_that_breaks_off(tmp_path: Path) -> None:
    """A real write fails half way: files may not grow past a megabyte."""
    script = """
import resource, signal, sys
import numpy as np
from minitorch.serialization import load, save
from minitorch.tensor import wrap
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
save({"epoch": 1}, sys.argv[1])
try:
    save({"epoch": 2, "w": wrap(np.zeros(2**20))}, sys.argv[1])
except OSError as error:
    assert load(sys.argv[1]) == {"epoch": 1}
    print("refused:", error)
"""
    path = tmp_path / "last.safetensors"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert "refused: [Errno 27]" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, monkeypatch: Any) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save({"epoch": 2}, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save({"epoch": 2}, tmp_path / "none" / "x")


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_permissions_and_links(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    old = os.umask(0o022)
    try:
        save({"epoch": 1}, target)
    finally:
        os.umask(old)
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    link.symlink_to(target)
    save({"epoch": 2}, link)
    assert link.is_symlink()
    assert load(target) == {"epoch": 2}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o400])
def test_a_file_that_is_replaced_keeps_its_permissions(mode: int, tmp_path: Path) -> None:
    path, old = tmp_path / "x", os.umask(0o022)
    try:
        save({"epoch": 1}, path)
        path.chmod(mode)
        save({"epoch": 2}, path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert load(path) == {"epoch": 2}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_nobody_reads_a_private_file_while_it_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    path, modes = tmp_path / "x", []

    def look(descriptor: int) -> None:
        modes.extend(stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir())

    save({"epoch": 1}, path)
    path.chmod(0o600)
    monkeypatch.setattr(os, "fsync", look)
    save({"epoch": 2}, path)
    assert set(modes) == {0o600}


def test_a_file_object_is_written_and_read_where_it_stands() -> None:
    file = io.BytesIO()
    file.write(b"before")
    save({"epoch": 2}, file)
    file.seek(len(b"before"))
    assert load(file) == {"epoch": 2}


def test_the_same_content_gives_the_same_bytes():
    """However many strings there are; the library keeps them in an order of chance."""
    strings = {name: f'ü "{name}"' for name in "zyxwvutsrq"}
    files = []
    for names in (sorted(strings), sorted(strings, reverse=True)) * 3:
        file = io.BytesIO()
        metadata = {name: strings[name] for name in names}
        save({"b": wrap(np.ones(3)), "a": wrap(np.zeros(2))}, file, metadata=metadata)
        files.append(file.getvalue())
    assert len(set(files)) == 1
    assert safetensors.numpy.load(files[0])["b"].tolist() == [1.0, 1.0, 1.0]
    assert load_metadata(io.BytesIO(files[0])) == strings


def test_the_keys_of_a_state_dict_keep_their_order():
    state = nn.BatchNorm2d(3).state_dict()
    file = io.BytesIO()
    save(state, file)
    file.seek(0)
    assert list(load(file)) == list(state)
    file.seek(0)
    assert load_metadata(file) == {}


@pytest.mark.parametrize("order", ['["w"]', '["w", "w"]', '["w", "x"]', "[[]]", "3", "{"])
def test_an_order_that_names_other_keys_is_refused(order):
    content = safetensors.numpy.save(
        {"v": np.zeros(1), "w": np.zeros(1)}, metadata={"minitorch.order": order}
    )
    with pytest.raises(ValueError, match="<BytesIO> is damaged"):
        load(io.BytesIO(content))
