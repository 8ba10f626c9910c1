"""What programs of any age ask of torch by name: older forms, devices and compilers not here."""

from __future__ import annotations

import copy
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch.ops.outputs import NAMES

SAME = """
t.FloatTensor([1, 2])
t.FloatTensor(2, 3).shape
t.FloatTensor()
t.FloatTensor(t.Size([2, 2])).shape
t.FloatTensor(np.ones(2))
t.DoubleTensor([[1.5, 2]])
t.HalfTensor([1.5])
t.LongTensor([1.5, 2])
t.LongTensor((1, 2))
t.LongTensor([[1], [2]]).dtype
t.IntTensor([3]), t.ShortTensor([3]), t.CharTensor([3]), t.ByteTensor([3]), t.BoolTensor([0, 2])
t.FloatTensor(t.ones(2))
t.FloatTensor.dtype, t.LongTensor.dtype
isinstance(t.ones(2), t.FloatTensor), isinstance(t.ones(2), t.LongTensor)
isinstance(3, t.FloatTensor)
isinstance(t.nn.Parameter(t.ones(2)), t.FloatTensor)
t.ones(2).type(t.LongTensor)
t.ones(2).type("torch.DoubleTensor")
t.nn.Linear(2, 2).type(t.DoubleTensor).weight.dtype
str(t.FloatTensor)
t.autograd.Variable(t.ones(2)).requires_grad
t.autograd.Variable(t.ones(2), requires_grad=True).is_leaf
isinstance(t.ones(2), t.autograd.Variable), isinstance(3, t.autograd.Variable)
t.autograd.Variable(t.ones(2, requires_grad=True) * 2).grad_fn
t.zeros(2, dtype=float)
t.zeros(2, dtype=int)
t.ones(2, 2, dtype=bool)
t.tensor([1, 2], dtype=float)
t.ones(2).to(int)
t.ones(2).to(float).dtype
t.ones(2).to("cpu", int)
t.ones(2).to(dtype=bool)
t.ones(2, dtype=t.int64).sum(dtype=float), t.ones(2).cumsum(0, dtype=float)
t.ones(2).mean(dtype=float), t.mean(t.ones(2, 2), 0, dtype=t.float64)
t.nn.Linear(2, 2, dtype=float).weight.dtype, t.nn.LSTM(2, 2, dtype=float).weight_hh_l0.dtype
t.nn.Linear(2, 2).to(dtype=float).bias.dtype, t.nn.Linear(2, 2).to(float).bias.dtype
t.finfo(float).bits, t.promote_types(int, t.float32), t.can_cast(float, int)
t.ones(2).softmax(0, dtype=float), t.ones(2).view(dtype=t.int32)
t.add(t.ones(2), 2, t.full((2,), 3.0))
t.sub(t.ones(2), 2, t.full((2,), 3.0))
t.ones(2).add(2, t.ones(2))
t.ones(2).add_(0.5, t.ones(2))
t.ones(2).sub_(0.5, t.ones(2))
t.addcmul(t.ones(2), 0.5, t.ones(2), t.ones(2))
t.ones(2).addcmul_(0.5, t.ones(2), t.ones(2))
t.ones(2).addcdiv_(-0.1, t.ones(2), t.full((2,), 4.0))
t.device("cuda"), t.device("cuda:1"), t.device("mps"), t.device("xpu", 1), t.device("meta")
t.device("cuda") == t.device("cuda:0"), t.device("cuda") == t.device("cuda")
t.cuda.is_available(), t.cuda.device_count(), t.cuda.is_initialized(), t.cuda.is_bf16_supported()
t.cuda.manual_seed(0), t.cuda.manual_seed_all(0), t.cuda.empty_cache()
t.cuda.memory_allocated(), t.cuda.max_memory_allocated(), t.cuda.memory_reserved()
t.backends.cudnn.benchmark, t.backends.cudnn.deterministic, t.backends.cudnn.enabled
t.backends.cudnn.is_available(), t.backends.cudnn.version(), t.backends.cudnn.allow_tf32
t.backends.cuda.matmul.allow_tf32, t.backends.cuda.is_built()
t.backends.mps.is_available(), t.backends.mps.is_built()
t.get_float32_matmul_precision(), t.are_deterministic_algorithms_enabled()
t.bfloat16.itemsize, t.bfloat16.is_floating_point, str(t.bfloat16)
{"float16": t.float16, "bfloat16": t.bfloat16}["bfloat16"] == t.float32
t.jit.is_scripting(), t.jit.is_tracing()
t.fx.wrap("len")
t._assert(True, "fine")
repr(t.nn.Linear(2, 2).load_state_dict({}, strict=False))
"""

OUTPUTS = """
t.add(a, b, out=t.empty(0))
t.add(a, b, out=t.zeros(2, 3))
t.add(a, b, out=t.zeros(2, 3, dtype=t.float64))
t.mul(a, a.T.T, out=a)
t.matmul(a, a.T, out=t.empty(2, 2))
t.mm(a, a.T, out=t.empty(0))
t.sin(a, out=c[:2, ::2])
t.exp(a, out=a)
t.cat([a, b], out=t.empty(0))
t.stack([a, b], 1, out=t.empty(0))
t.cumsum(a, 0, out=a)
t.sum(a, 0, out=t.empty(3))
t.mean(a, dim=1, out=t.empty(0))
t.maximum(a, b, out=b)
t.eq(a, b, out=t.empty(2, 3, dtype=t.bool))
t.arange(3, out=t.empty(0))
t.zeros(2, 2, out=t.ones(2, 2))
t.ones(3, out=t.empty(3))
t.clamp(a, 0, 1, out=a)
t.where(a > 0, a, b, out=t.empty(0))
t.add(a, b, out=t.empty(4))
"""

REFUSED = """
t.add(a, b, out=t.zeros(2, 3, dtype=t.int64))
t.matmul(a, a.T, out=t.zeros(2, 2, dtype=t.float64))
t.add(a, b, out=t.zeros(2, 3, requires_grad=True))
t.add(a, t.zeros(2, 3, requires_grad=True), out=t.zeros(2, 3))
t.stack([a, t.zeros(2, 3, requires_grad=True)], out=t.zeros(2, 2, 3))
t._assert(False, "as it should be")
t.device("foo")
t.device("cuda:x")
t.device("cuda:-1")
t.device(0)
t.FloatTensor(3.5)
t.FloatTensor([[1, 2], [3]])
t.FloatTensor(t.ones(2, dtype=t.int64))
t.ones(2).add_(t.ones(2), t.ones(2))
t.add(t.ones(2), t.ones(2), t.ones(2))
t.ones(2).to(str)
t.ones(2).add_(0.5, t.ones(2), alpha=3)
t.addcmul(t.ones(2), 0.5, t.ones(2), t.ones(2), value=3)
t.ones(5).size(1)
t.tensor(1.0).size(0)
t.ones(2).mean(dtype=int)
t.nn.utils.parametrizations.weight_norm(t.nn.Linear(3, 4), dim=5)
t.nn.utils.weight_norm(t.nn.Linear(3, 4), dim=5)
"""


def evaluated(library: Any, text: str) -> Any:
    import torch.fx  # noqa: F401 - torch does not import it by itself

    a = library.tensor(np.linspace(-1, 2, 6, dtype=np.float32).reshape(2, 3))
    names = {"a": a, "b": library.full((2, 3), 0.5), "c": library.zeros(3, 6)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(text, {"t": library, "np": np} | names)


@pytest.mark.parametrize("text", SAME.strip().splitlines())
def test_the_same(text: str) -> None:
    ours, theirs = evaluated(minitorch, text), evaluated(torch, text)
    assert str(ours).replace("minitorch", "torch") == str(theirs)


@pytest.mark.parametrize("text", OUTPUTS.strip().splitlines())
def test_results_are_written_to_what_is_given(text: str) -> None:
    ours, theirs = evaluated(minitorch, text), evaluated(torch, text)
    assert ours.dtype.name == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


@pytest.mark.parametrize("name", ["neg", "exp", "cumsum", "sum", "stack", "mm", "atan2", "eq"])
def test_what_is_given_is_what_comes_back(name: str) -> None:
    x = minitorch.ones(2, 2)
    inputs = {"cumsum": (x, 0), "stack": ([x, x],), "mm": (x, x), "atan2": (x, x), "eq": (x, 1)}
    given = inputs.get(name, (x,))
    expected = getattr(minitorch, name)(*given)
    out = minitorch.empty(0, dtype=expected.dtype)
    assert getattr(minitorch, name)(*given, out=out) is out
    assert minitorch.equal(out, expected)


@pytest.mark.parametrize("name", sorted(NAMES - {"sum"}))  # whose docstring does not say so
def test_torch_writes_results_of_the_same_functions(name: str) -> None:
    words = getattr(torch, name).__doc__
    assert "out=None" in words or "out (Tensor" in words


def test_an_output_of_another_size_is_noted() -> None:
    with pytest.warns(UserWarning, match=r"was resized since it had shape \[4\]"):
        minitorch.add(minitorch.ones(2), 1, out=minitorch.empty(4))
    with pytest.raises(NotImplementedError, match="max: out= for several results"):
        minitorch.max(minitorch.ones(2, 2), 0, out=minitorch.empty(2))


@pytest.mark.parametrize("text", REFUSED.strip().splitlines())
def test_refused_with_the_same_kind_of_error(text: str) -> None:
    with pytest.raises(Exception) as theirs:
        evaluated(torch, text)
    with pytest.raises(theirs.type):
        evaluated(minitorch, text)


def test_an_older_order_of_arguments_is_noted() -> None:
    with pytest.warns(UserWarning, match="This overload of add is deprecated"):
        minitorch.ones(2).add_(0.5, minitorch.ones(2))


def test_compilers_leave_what_they_are_given_as_it_is() -> None:
    jit, layer = minitorch.jit, minitorch.nn.Linear(2, 2)
    marks = jit.script, jit.ignore, jit.unused, jit.export, minitorch.compile, minitorch.fx.wrap
    for mark in marks:
        assert mark(layer) is layer
    assert minitorch.compile(mode="max-autotune")(layer) is layer
    assert jit.ignore(drop=True)(layer) is layer


def test_a_variable_shares_memory_and_leaves_the_graph() -> None:
    x = minitorch.ones(2, requires_grad=True)
    y = minitorch.autograd.Variable(x * 2, requires_grad=True)
    (y * 3).sum().backward()
    assert x.grad is None
    assert y.grad.tolist() == [3, 3]
    z = minitorch.autograd.Variable(y)
    z[0] = 7
    assert y.tolist() == [7, 2]


def test_what_is_not_here_is_refused_where_it_is_used() -> None:
    with pytest.raises(NotImplementedError, match="device='cuda:1' is not supported"):
        minitorch.ones(2, device=minitorch.device("cuda:1"))
    with pytest.raises(NotImplementedError, match="device='cuda' is not supported"):
        minitorch.nn.Linear(2, 2).to(minitorch.device("cuda"))
    with pytest.raises(NotImplementedError, match=r"bfloat16 is not supported"):
        minitorch.ones(2).to(minitorch.bfloat16)
    for twin in (copy.deepcopy(minitorch.bfloat16), pickle.loads(pickle.dumps(minitorch.bfloat16))):
        assert twin is minitorch.bfloat16


def test_a_file_is_read_wherever_its_tensors_should_have_gone(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"w": torch.ones(2)}, path)
    for where in (
        lambda storage, _: storage,
        {"cuda:0": "cpu"},
        "cpu",
        None,
        torch.device("cpu").type,
    ):
        assert minitorch.load(path, map_location=where)["w"].tolist() == [1, 1]
    with pytest.raises(NotImplementedError, match="load: map_location: device='cuda:1'"):
        minitorch.load(path, map_location={"cuda:0": "cuda:1"})


def test_weights_come_from_an_address_once(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    import hashlib

    source = tmp_path / "there"
    torch.save({"w": torch.ones(2)}, source)
    digits = hashlib.sha256(source.read_bytes()).hexdigest()
    folder = tmp_path / "kept"
    for name in (f"net-{digits[:8]}.pth", "plain.pth"):
        for _ in range(2):
            weights = minitorch.hub.load_state_dict_from_url(
                source.as_uri(), folder, file_name=name, check_hash=True
            )
            assert weights["w"].tolist() == [1, 1]
    assert capsys.readouterr().err.count("Downloading") == 2
    with pytest.raises(RuntimeError, match="invalid hash value"):
        minitorch.utils.model_zoo.load_url(
            source.as_uri(), folder, file_name="net-00000000.pth", check_hash=True, progress=False
        )
    with pytest.raises(OSError, match="nowhere"):
        minitorch.hub.load_state_dict_from_url((tmp_path / "nowhere").as_uri(), folder)
    left = sorted(path.name for path in folder.iterdir())  # of what failed, nothing
    assert left == [f"net-{digits[:8]}.pth", "plain.pth"]


def test_the_folder_of_what_was_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(minitorch.hub, "_chosen", {})
    monkeypatch.setenv("MINITORCH_HOME", str(tmp_path))
    assert minitorch.hub.get_dir() == str(tmp_path / "hub")
    minitorch.hub.set_dir(tmp_path / "other")
    assert minitorch.hub.get_dir() == str(tmp_path / "other")


def test_many_draws_with_replacement_are_made_as_they_are_asked_for() -> None:
    draw = minitorch.utils.data.RandomSampler
    many = iter(draw(range(10), replacement=True, num_samples=int(1e10)))
    assert {next(many) for _ in range(1000)} == set(range(10))
    minitorch.manual_seed(0)
    first = [next(iter(draw(range(1000), True, 1 << 21))) for _ in range(2)]
    minitorch.manual_seed(0)
    assert first == [next(iter(draw(range(1000), True, 1 << 21))) for _ in range(2)]
    assert sum(1 for _ in draw(range(3), True, (1 << 20) + 5)) == (1 << 20) + 5
