"""What torch writes is read here, and what is written here torch reads."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch import nn, optim
from minitorch.serialization import load, save

TYPES = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]
WAYS = [(new, protocol) for new in (True, False) for protocol in (2, 4)]


def theirs(path: Path, obj: Any, new: bool = True, protocol: int = 2) -> Any:
    """`obj` as torch writes it and minitorch reads it."""
    torch.save(obj, path, _use_new_zipfile_serialization=new, pickle_protocol=protocol)
    return load(path)


def ours(path: Path, obj: Any) -> Any:
    """`obj` as minitorch writes it and torch reads it."""
    save(obj, path, format="torch")
    mapped = torch.load(path, weights_only=True, mmap=True)
    read = torch.load(path, weights_only=True)
    assert str(mapped) == str(read)
    return read


def layouts(name: str) -> dict[str, torch.Tensor]:
    base = (torch.arange(24) % 7).reshape(2, 3, 4).to(getattr(torch, name))
    return {
        "whole": base,
        "transposed": base.transpose(0, 2),
        "slice": base[1:, ::2, 1],
        "expanded": base[:1].expand(5, 3, 4),
        "scalar": base[1, 1, 1],
        "empty": base[:0],
        "channels_last": base.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
    }


@pytest.mark.parametrize(("new", "protocol"), WAYS)
@pytest.mark.parametrize("name", [*TYPES, "bfloat16"])
def test_every_type_and_layout(name: str, new: bool, protocol: int, tmp_path: Path) -> None:
    tensors = layouts(name)
    result = theirs(tmp_path / "x.pt", tensors, new, protocol)
    for key, tensor in tensors.items():
        expected = tensor.float() if name == "bfloat16" else tensor
        np.testing.assert_array_equal(result[key].numpy(), expected.numpy())
        assert str(result[key].dtype).endswith(str(expected.dtype).removeprefix("torch."))
        if tensor.numel():
            assert result[key].stride() == tensor.stride()
    assert np.shares_memory(result["whole"].numpy(), result["slice"].numpy())


@pytest.mark.parametrize(("new", "protocol"), WAYS)
def test_nested_containers_and_classes(new: bool, protocol: int, tmp_path: Path) -> None:
    obj = {
        "list": [1, 2.5, None, True, 2**80, -(2**40), "text", ("a", ())],
        "ordered": OrderedDict(b=torch.ones(2), a=3),
        0: {"size": torch.Size([2, 3]), "dtype": torch.float64, "half": torch.bfloat16},
        "set": {1, 2},
        "bytes": b"ab\xff",
        "device": [torch.device("cpu"), torch.device("cpu:1"), torch.device("cuda:1")],
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "frozen": torch.nn.Parameter(torch.ones(2), requires_grad=False),
        "leaf": torch.ones(2, requires_grad=True),
    }
    result = theirs(tmp_path / "x.pt", obj, new, protocol)
    assert list(result) == list(obj)
    for key in ("list", "set", "bytes"):
        assert result[key] == obj[key]
    assert type(result["ordered"]) is OrderedDict
    assert list(result["ordered"]) == ["b", "a"]
    assert result[0] == {
        "size": minitorch.Size([2, 3]),
        "dtype": minitorch.float64,
        "half": minitorch.float32,
    }
    assert result["device"] == [minitorch.device(text) for text in ("cpu", "cpu:1", "cpu")]
    assert type(result["parameter"]) is type(result["frozen"]) is nn.Parameter
    grads = [result[key].requires_grad for key in ("parameter", "frozen", "leaf")]
    assert grads == [True, False, True]


@pytest.mark.parametrize("new", [True, False])
def test_tied_weights_stay_tied(new: bool, tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.Embedding(5, 3), torch.nn.Linear(3, 5, bias=False))
    model[1].weight = model[0].weight
    result = theirs(tmp_path / "x.pt", model.state_dict(), new)
    assert np.shares_memory(result["0.weight"].numpy(), result["1.weight"].numpy())
    assert result._metadata == model.state_dict()._metadata


@pytest.mark.parametrize("new", [True, False])
def test_a_checkpoint_of_training_goes_on(new: bool, tmp_path: Path) -> None:
    """Model, optimizer and schedule of torch, continued here, step as torch does."""
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 3], 0.5)
    x = torch.randn(4, 3)

    def step(model: Any, optimizer: Any, schedule: Any, x: Any) -> None:
        optimizer.zero_grad()
        (model(x) ** 2).sum().backward()
        optimizer.step()
        schedule.step()

    for _ in range(2):
        step(model, optimizer, schedule, x)
    state = [part.state_dict() for part in (model, optimizer, schedule)]
    restored = theirs(tmp_path / "x.pt", state, new)
    twin = nn.Linear(3, 2)
    twin_optimizer = optim.AdamW(twin.parameters(), lr=0.1)
    twin_schedule = optim.lr_scheduler.MultiStepLR(twin_optimizer, [2, 3], 0.5)
    for part, saved in zip((twin, twin_optimizer, twin_schedule), restored, strict=True):
        part.load_state_dict(saved)
    for _ in range(3):
        step(model, optimizer, schedule, x)
        step(twin, twin_optimizer, twin_schedule, minitorch.tensor(x.numpy()))
    np.testing.assert_allclose(
        twin.weight.detach().numpy(), model.weight.detach().numpy(), rtol=1e-5
    )


@pytest.mark.parametrize("new", [True, False])
def test_a_whole_model_is_refused_by_the_name_of_its_class(new: bool, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"it names torch\.nn\.modules\.linear\.Linear"):
        theirs(tmp_path / "x.pt", torch.nn.Linear(2, 2), new)


@pytest.mark.parametrize("kind", [torch.complex64, torch.float8_e4m3fn, torch.uint16])
def test_types_that_are_not_there_are_named(kind: torch.dtype, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"it names torch\.\w+"):
        theirs(tmp_path / "x.pt", torch.zeros(2, dtype=kind))


@pytest.mark.filterwarnings("ignore")
def test_torchscript_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), path)
    with pytest.raises(ValueError, match="TorchScript archive"):
        load(path)


@pytest.mark.parametrize("name", TYPES)
def test_torch_reads_every_type_and_layout(name: str, tmp_path: Path) -> None:
    arrays = {key: tensor.numpy() for key, tensor in layouts(name).items()}
    arrays["reversed"] = arrays["whole"][::-1]
    obj = {key: minitorch.from_numpy(array.copy(order="K")) for key, array in arrays.items()}
    shared = {key: minitorch.from_numpy(arrays[key]) for key in ("whole", "transposed", "slice")}
    result = ours(tmp_path / "x.pt", obj | {"shared": shared})
    for key, array in arrays.items():
        np.testing.assert_array_equal(result[key].numpy(), array)
        assert str(result[key].dtype) == f"torch.{name}"
    pointers = {tensor.untyped_storage().data_ptr() for tensor in result["shared"].values()}
    assert len(pointers) == 1
    np.testing.assert_array_equal(result["shared"]["slice"].numpy(), arrays["slice"])


def test_torch_reads_containers_and_classes(tmp_path: Path) -> None:
    obj = {
        "list": [1, 2.5, None, True, 2**80, -(2**40), "täxt", ("a", ())],
        "size": minitorch.Size([2, 3]),
        "dtype": minitorch.float64,
        "device": [minitorch.device("cpu"), minitorch.device("cpu:1")],
        "parameter": nn.Parameter(minitorch.ones(2), requires_grad=False),
        "model": nn.Linear(3, 2).state_dict(),
    }
    result = ours(tmp_path / "x.pt", obj)
    assert result["list"] == obj["list"]
    assert (result["size"], result["dtype"]) == (torch.Size([2, 3]), torch.float64)
    assert result["device"] == [torch.device("cpu"), torch.device("cpu:1")]
    assert isinstance(result["parameter"], torch.nn.Parameter)
    assert not result["parameter"].requires_grad
    model = torch.nn.Linear(3, 2)
    assert str(model.load_state_dict(result["model"])) == "<All keys matched successfully>"
    assert result["model"]._metadata == obj["model"]._metadata


def test_the_shared_checkpoint(tmp_path: Path) -> None:
    """A file of an early version, written on a GPU from `nn.DataParallel`."""
    folder = Path(os.environ.get("MINITORCH_DATA", Path(__file__).parents[4] / "shared" / "data"))
    path = folder.parent / "checkpoints" / "resnet20-12fca82f.th"
    if not path.is_file():
        pytest.skip("the checkpoint is not here")
    result, expected = load(path), torch.load(path, map_location="cpu")
    assert list(result) == list(expected)
    assert result["best_prec1"] == expected["best_prec1"]
    assert list(result["state_dict"]) == list(expected["state_dict"])
    for key, tensor in expected["state_dict"].items():
        np.testing.assert_array_equal(result["state_dict"][key].numpy(force=True), tensor.numpy())
