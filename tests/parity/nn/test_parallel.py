"""`DataParallel` and `distributed`, against PyTorch without a GPU and without a group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import minitorch

if torch.cuda.is_available():
    pytest.skip("what is compared is a machine without a GPU", allow_module_level=True)


def told(program: Callable[[Any], Any], m: Any) -> Any:
    try:
        return program(m)
    except (AssertionError, RuntimeError, ValueError) as error:
        return type(error).__name__, str(error).replace("minitorch", "torch")


def wrapped(m: Any) -> Any:
    net = m.nn.DataParallel(m.nn.Sequential(m.nn.Flatten(), m.nn.Linear(6, 2)), device_ids=[0, 1])
    net.eval()
    y = net(m.ones(4, 2, 3))
    y.sum().backward()
    state = {name: list(value.shape) for name, value in net.state_dict().items()}
    held = net.module[1].bias.grad.tolist(), net.module.training, net.device_ids
    plain = m.nn.Sequential(m.nn.Flatten(), m.nn.Linear(6, 2))
    plain.load_state_dict(net.module.state_dict())
    return state, held, bool((plain(m.ones(4, 2, 3)) == y).all()), repr(net)


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "wrapped": wrapped,
    "function": lambda m: m.nn.parallel.data_parallel(m.nn.Linear(2, 2), m.ones(1, 2)),
    "ddp": lambda m: m.nn.parallel.DistributedDataParallel(m.nn.Linear(2, 2)),
    "initialized": lambda m: m.distributed.is_initialized(),
    "launched": lambda m: m.distributed.is_torchelastic_launched(),
    "rank": lambda m: m.distributed.get_rank(),
    "size": lambda m: m.distributed.get_world_size(),
    "backend": lambda m: m.distributed.get_backend(),
    "barrier": lambda m: m.distributed.barrier(),
    "reduce": lambda m: m.distributed.all_reduce(m.ones(1)),
    "broadcast": lambda m: m.distributed.broadcast(m.ones(1), 0),
    "destroyed": lambda m: m.distributed.destroy_process_group(),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_in_torch(name: str) -> None:
    assert told(PROGRAMS[name], minitorch) == told(PROGRAMS[name], torch)


def test_there_is_no_package_for_several_processes() -> None:
    assert minitorch.distributed.is_available() is False
    with pytest.raises(NotImplementedError, match="init_process_group"):
        minitorch.distributed.init_process_group("gloo")
