"""Mixed precision where there is none: what a program for a GPU meets."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import minitorch


def test_the_scale_never_shows_in_the_weights() -> None:
    def trained(enabled: bool) -> Any:
        w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        optimizer = minitorch.optim.SGD([w], lr=0.1, momentum=0.9)
        scaler = minitorch.amp.GradScaler("cpu", growth_interval=2, enabled=enabled)
        for _ in range(6):
            optimizer.zero_grad()
            scaler.scale(w.square().sum()).backward()
            scaler.step(optimizer)
            scaler.update()
        assert scaler.get_scale() == (2.0**19 if enabled else 1.0)
        return w

    assert minitorch.equal(trained(True), trained(False))


def test_a_step_with_an_infinite_gradient_is_skipped() -> None:
    w = minitorch.tensor([1.0], requires_grad=True)
    optimizer = minitorch.optim.SGD([w], lr=0.1)
    scaler = minitorch.amp.GradScaler("cpu")
    scaler.scale(w.sum() * float("inf")).backward()
    scaler.step(optimizer)
    scaler.update()
    assert w.item() == 1.0
    assert scaler.get_scale() == 2.0**15


def test_the_scale_does_not_grow_to_infinity() -> None:
    w = minitorch.tensor([1.0], requires_grad=True)
    optimizer = minitorch.optim.SGD([w], lr=0.0)
    scaler = minitorch.amp.GradScaler("cpu", init_scale=2.0**127, growth_interval=1)
    scaler.scale(w.sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    assert scaler.get_scale() == 2.0**127


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_it_can_be_copied_between_steps(again: Any) -> None:
    scaler = minitorch.amp.GradScaler("cpu", init_scale=8.0)
    scaler.scale(minitorch.ones(1))
    assert again(scaler).state_dict() == scaler.state_dict()


def test_there_is_no_autocast_on_the_cpu() -> None:
    with pytest.raises(NotImplementedError, match=r"enabled=True.*bfloat16"):
        minitorch.autocast("cpu")
    with pytest.raises(NotImplementedError, match=r"enabled=True.*bfloat16"):
        minitorch.autocast("cpu", dtype=minitorch.bfloat16)
    with pytest.raises(NotImplementedError, match="device_type='mps'"):
        minitorch.autocast("mps", enabled=False)
    with pytest.raises(NotImplementedError, match="device='mps'"):
        minitorch.amp.GradScaler("mps")
    assert minitorch.is_autocast_enabled() is False


def test_a_decorated_function_computes_what_it_did() -> None:
    @minitorch.autocast("cpu", enabled=False)
    def double(x: Any) -> Any:
        """Return it twice."""
        return 2 * x

    assert double.__name__ == "double"
    assert double(minitorch.ones(1)).dtype == minitorch.float32


def test_a_function_with_marked_passes() -> None:
    class Square(minitorch.autograd.Function):
        @staticmethod
        @minitorch.amp.custom_fwd(device_type="cuda", cast_inputs=minitorch.float16)
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @minitorch.amp.custom_bwd(device_type="cuda")
        def backward(ctx: Any, g: Any) -> Any:
            return 2 * g * ctx.saved_tensors[0]

    x = minitorch.tensor([3.0], requires_grad=True)
    Square.apply(x).backward()
    assert np.array_equal(x.grad.numpy(), [6.0])
