"""What a recorded operation makes: as few objects as it needs, and a version only on demand."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import minitorch
from minitorch import Tensor
from minitorch.autograd.node import Node


def test_an_addition_makes_three_containers() -> None:
    x = minitorch.tensor(1.0, requires_grad=True)
    y = x + x
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(100):
            y = y + x
        made = len(gc.get_objects()) - before
    finally:
        gc.enable()
    assert made <= 3 * 100 + 5  # a tensor, a node and its edges each


def test_a_version_is_made_on_demand() -> None:
    x = minitorch.ones(3, requires_grad=True)
    y = x * 2
    z = y.exp()
    assert x._cell is y._cell is None
    assert z._cell is not None  # the node keeps the array, and needs to know whether it changed
    view = y[1:]
    assert view._cell is y._cell
    assert y._version == 0


@pytest.mark.parametrize("change", [lambda t: t.add_(1), lambda t: t[1:].zero_(), Tensor.zero_])
def test_a_version_made_later_is_seen_by_what_was_kept_earlier(change) -> None:
    x = minitorch.ones(3, requires_grad=True)
    y = x * 2
    z = y * y  # keeps y, whose version nobody has asked for
    assert y._cell is None
    change(y)
    with pytest.raises(RuntimeError, match=r"is at version 1; expected version 0 instead"):
        z.sum().backward()


def test_inference_tensors_share_one_version() -> None:
    with minitorch.inference_mode():
        x = minitorch.ones(2) + 1
    assert x.is_inference()
    assert not minitorch.ones(2).is_inference()
    assert x.data.is_inference()
    with pytest.raises(RuntimeError, match="do not track version counter"):
        _ = x._version


def test_an_inference_tensor_stays_off_the_tape() -> None:
    with minitorch.inference_mode():
        x = minitorch.ones(2) + 1
        assert (minitorch.ones(2) + 1).requires_grad_().requires_grad
    with pytest.raises(RuntimeError, match="outside InferenceMode is not allowed"):
        x.requires_grad_()
    assert not x.requires_grad_(False).requires_grad


@pytest.mark.parametrize("op", [minitorch.add, minitorch.mul, minitorch.div, minitorch.maximum])
def test_scalar_tensors_stay_arrays(op) -> None:
    x = minitorch.tensor(2.0, requires_grad=True)
    for other in (x, minitorch.tensor(3.0), 3.0):
        if op is minitorch.maximum and not isinstance(other, Tensor):
            continue
        out = op(x, other)
        assert type(out._array) is np.ndarray
        out.backward()
        assert type(x.grad._array) is np.ndarray
        assert x.grad.shape == ()


def test_a_hook_sees_a_tensor_at_the_root() -> None:
    x = minitorch.tensor(2.0, requires_grad=True)
    seen = []
    y = x * 1
    y.register_hook(seen.append)
    y.retain_grad()
    y.backward()
    assert [type(g) for g in seen] == [Tensor]
    assert y.grad == 1


def test_edges_show_who_gets_a_gradient() -> None:
    x, y = minitorch.ones(2, requires_grad=True), minitorch.ones(2)
    for out, expected in ((x + y, [True, False]), (y + x, [False, True]), (x + x, [True, True])):
        assert isinstance(out.grad_fn, Node)
        assert [function is not None for function, _ in out.grad_fn.next_functions] == expected
    where = minitorch.where(minitorch.tensor([True, False]), y, x)
    assert [f is not None for f, _ in where.grad_fn.next_functions] == [False, False, True]


def test_a_missing_or_wrong_operand_is_named() -> None:
    x = minitorch.ones(2)
    assert (minitorch.mul(input=x, other=x) == 1).all()
    with pytest.raises(TypeError, match=r"mul\(\) takes 2 operands, but 1 were given"):
        minitorch.mul(x)
    with pytest.raises(TypeError, match=r"mul\(\) got an unexpected keyword argument 'value'"):
        minitorch.mul(x, value=x)


def test_backward_restores_the_mode() -> None:
    x = minitorch.ones(2, requires_grad=True)
    modes = []
    x.register_hook(lambda g: modes.append(minitorch.is_grad_enabled()))
    x.sum().backward()
    x.sum().backward(create_graph=True)
    with minitorch.no_grad():
        (x.requires_grad_(),)
        assert not minitorch.is_grad_enabled()
    assert modes == [False, True]
    assert minitorch.is_grad_enabled()
    (x * x).sum().backward()
    with pytest.raises(RuntimeError):
        minitorch.ones(2).sum().backward()
    assert minitorch.is_grad_enabled()


def test_only_inputs_stands_where_torch_has_it():
    x = minitorch.ones(2, requires_grad=True)
    (g,) = minitorch.autograd.grad((x * 2).sum(), x, None, False, False, True)
    assert g.tolist() == [2.0, 2.0]
    with pytest.warns(FutureWarning, match="only_inputs argument is deprecated"):
        minitorch.autograd.grad((x * 2).sum(), x, only_inputs=False)
