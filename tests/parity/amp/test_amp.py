"""`GradScaler` and `autocast` against PyTorch's, on a machine without a GPU."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

import minitorch

LIBRARIES: tuple[Any, Any] = (minitorch, torch)

if torch.cuda.is_available():
    pytest.skip("what is compared is a machine without a GPU", allow_module_level=True)


def told(program: Callable[[Any], Any], m: Any) -> Any:
    """What a program returns or raises, and what it warns of."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            result = program(m)
        except (AssertionError, AttributeError, RuntimeError, TypeError, ValueError) as error:
            result = type(error).__name__, str(error).replace("minitorch", "torch")
    return result, [
        (w.category.__name__, str(w.message).replace("minitorch", "torch")) for w in seen
    ]


def agree(program: Callable[[Any], Any]) -> None:
    assert told(program, minitorch) == told(program, torch)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run(dtype: str) -> None:
    """Sixty steps, of which some overflow: the scale, the steps counted, and the weights."""

    def program(m: Any) -> Any:
        w = m.tensor([0.5, -1.25, 3.0], dtype=getattr(m, dtype), requires_grad=True)
        v = m.tensor([2.0], dtype=getattr(m, dtype), requires_grad=True)
        optimizers = [m.optim.SGD([w], lr=0.01), m.optim.SGD([v], lr=0.125)]
        scaler = m.amp.GradScaler("cpu", 3.7e4, 1.7, 0.3, 4)
        seen = []
        for step in range(60):
            factor = float("inf") if step % 13 == 12 else 0.75
            loss = (w * w * factor).sum() + v.sum()
            for optimizer in optimizers:
                optimizer.zero_grad()
            scaler.scale([loss, (loss,)])[1][0].backward()
            if step % 3 == 0:
                scaler.unscale_(optimizers[0])
            for optimizer in optimizers:
                scaler.step(optimizer)
            scaler.update(123.25 if step == 30 else None)
            seen += [scaler.state_dict(), w.tolist(), v.tolist()]
        return seen

    (ours, _), (theirs, _) = (told(program, m) for m in LIBRARIES)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a == (b if isinstance(b, dict) else pytest.approx(b, rel=1e-6))


def scaler_of(m: Any, **options: Any) -> tuple[Any, Any, Any]:
    w = m.tensor([1.0], requires_grad=True)
    scaler = m.amp.GradScaler("cpu", **options)
    scaler.scale(w * 2).sum().backward()
    return scaler, m.optim.SGD([w], lr=0.5), w


def twice(name: str, *before: str) -> Callable[[Any], Any]:
    def program(m: Any) -> Any:
        scaler, optimizer, _ = scaler_of(m)
        for other in (*before, name):
            getattr(scaler, other)(optimizer)

    return program


def half(m: Any) -> Any:
    w = m.ones(1, dtype=m.float16, requires_grad=True)
    scaler = m.amp.GradScaler("cpu", init_scale=2.0)
    scaler.scale(w.sum()).backward()
    scaler.unscale_(m.optim.SGD([w], lr=0.1))


def after_loading(m: Any) -> Any:
    scaler, optimizer, w = scaler_of(m, growth_interval=3)
    scaler.load_state_dict({**scaler.state_dict(), "scale": 4.0, "_growth_tracker": 2})
    w.grad = m.tensor([8.0])
    scaler.step(optimizer)
    scaler.update()
    return scaler.state_dict(), w.tolist()


def settings(m: Any) -> Any:
    scaler = m.amp.GradScaler("cpu", init_scale=3.0)
    scaler.set_growth_factor(3.0)
    scaler.set_backoff_factor(0.25)
    scaler.set_growth_interval(7)
    got = scaler.get_growth_factor(), scaler.get_backoff_factor(), scaler.get_growth_interval()
    return got, scaler.get_scale(), scaler.is_enabled()


def disabled(m: Any) -> Any:
    scaler = m.amp.GradScaler("cuda")
    w = m.tensor([1.0], requires_grad=True)
    optimizer = m.optim.SGD([w], lr=0.5)
    scaler.scale(w.sum()).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    scaler.load_state_dict({})
    return w.tolist(), scaler.get_scale(), scaler.state_dict(), scaler.is_enabled()


SCALERS: dict[str, Callable[[Any], Any]] = {
    "unscale twice": twice("unscale_", "unscale_"),
    "unscale after step": twice("unscale_", "step"),
    "step twice": twice("step", "step"),
    "unscale and step": twice("step", "unscale_"),
    "nothing scaled": lambda m: m.amp.GradScaler("cpu").unscale_(None),
    "nothing scaled, step": lambda m: m.amp.GradScaler("cpu").step(None),
    "nothing scaled, update": lambda m: m.amp.GradScaler("cpu").update(),
    "no step": lambda m: scaler_of(m)[0].update(),
    "closure": lambda m: scaler_of(m)[0].step(None, closure=None),
    "growth": lambda m: m.amp.GradScaler("cpu", growth_factor=1.0),
    "backoff": lambda m: m.amp.GradScaler("cpu", backoff_factor=1.0),
    "not a tensor": lambda m: m.amp.GradScaler("cpu").scale(3),
    "empty state": lambda m: m.amp.GradScaler("cpu").load_state_dict({}),
    "no gradient": lambda m: scaler_of(m)[0].step(m.optim.SGD([m.ones(1)], lr=0.1)),
    "half": half,
    "settings": settings,
    "after loading": after_loading,
    "disabled": disabled,
    "by its old name": lambda m: m.cuda.amp.GradScaler().is_enabled(),
    "by its old name, off": lambda m: m.cuda.amp.GradScaler(enabled=False).get_scale(),
}


@pytest.mark.parametrize("name", SCALERS)
def test_scaler(name: str) -> None:
    agree(SCALERS[name])


def inside(m: Any, context: Any) -> Any:
    with context:
        x = m.ones(2, 2) @ m.ones(2, 2)
        return str(x.dtype).replace("minitorch", "torch"), m.is_autocast_enabled()


CASTS: dict[str, Callable[[Any], Any]] = {
    "cuda": lambda m: inside(m, m.autocast("cuda")),
    "cuda half": lambda m: inside(m, m.amp.autocast("cuda", dtype=m.float16)),
    "cuda off": lambda m: inside(m, m.autocast("cuda", enabled=False)),
    "cpu off": lambda m: inside(m, m.autocast("cpu", enabled=False)),
    "cpu float32": lambda m: inside(m, m.autocast("cpu", dtype=m.float32)),
    "by its old name": lambda m: inside(m, m.cuda.amp.autocast()),
    "by its old name, off": lambda m: inside(m, m.cuda.amp.autocast(False)),
    "no string": lambda m: m.autocast(3),
    "no function": lambda m: m.autocast("cpu", enabled=False)(3),
    "decorator": lambda m: m.autocast("cuda", enabled=False)(lambda: 3)(),
    "custom_fwd": lambda m: m.amp.custom_fwd(device_type=3),
    "custom_bwd": lambda m: m.amp.custom_bwd(device_type=3),
}


@pytest.mark.parametrize("name", CASTS)
def test_autocast(name: str) -> None:
    agree(CASTS[name])
