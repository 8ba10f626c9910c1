"""Another shape in place, on and off the tape, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.parity.autograd.agree import agree, every


def _grown(t: Any) -> tuple[Any, Any]:
    x = t.arange(1.0, 7.0).requires_grad_()
    return x, (x * 2).reshape(2, 3).clone()


def _facts(y: Any) -> tuple[Any, ...]:
    return y, tuple(y.shape), y._version, y._is_view(), y.is_leaf, y.is_contiguous(), y.stride()


def of_a_result(t):
    x, y = _grown(t)
    assert y.t_() is y
    y.unsqueeze_(-1).transpose_(0, 1).squeeze_().swapaxes_(0, 1).swapdims_(-1, 0)
    (y * t.arange(6.0).reshape(2, 3)).sum().backward()
    return *_facts(y), x.grad


def of_a_view(t):
    x, y = _grown(t)
    v, w = y[:, 1:], y.view(3, 2)
    v.t_()
    v.mul_(t.tensor([[1.0, 2.0], [3.0, 4.0]]))
    (y * y).sum().backward()
    return *_facts(v), w, w._version, x.grad


def of_a_base_whose_view_changes(t):
    x, y = _grown(t)
    v = y[0]
    y.t_().unsqueeze_(0)
    v.mul_(3)
    (y * y).sum().backward()
    return *_facts(y), v, x.grad


def of_a_base_that_changes(t):
    x, y = _grown(t)
    v = y[0]
    y.t_()
    y.mul_(y.detach())
    (v * v).sum().backward()
    return *_facts(y), *_facts(v), x.grad


def of_a_base_without_a_tape(t):
    y = t.arange(6.0).reshape(2, 3).clone()
    v = y[0]
    y.t_()
    x = t.arange(1.0, 4.0).requires_grad_()
    v.mul_(x)
    (y * y).sum().backward()
    return *_facts(v), y, x.grad


def of_a_base_that_becomes_a_leaf(t):
    y = t.arange(6.0).reshape(2, 3).clone()
    v = y[0]
    y.t_().requires_grad_()
    (y * y).sum().backward()
    return *_facts(y), v, y.grad


def of_a_leaf_that_was_reshaped(t):
    y = t.arange(6.0).reshape(2, 3).clone()
    v = y[0]
    y.t_().requires_grad_()
    return y.mul_(2), v


def of_a_base_that_is_detached(t):
    _, y = _grown(t)
    v = y[0]
    y.t_().detach_()
    return y.requires_grad, y.is_leaf, y, v


def of_a_leaf(t):
    return t.ones(2, 3).requires_grad_().t_()


def of_a_view_of_a_leaf(t):
    return t.ones(2, 3).requires_grad_()[0].unsqueeze_(0)


def of_what_the_tape_keeps(t):
    x, y = _grown(t)
    z = (y * y).sum()
    y.unsqueeze_(0)
    z.backward()
    return x.grad


def of_what_was_detached_and_of_data(t):
    x, y = _grown(t)
    x.data.unsqueeze_(0)
    d = y.detach()
    d.t_()
    d.mul_(2)
    return x, y, d, d._version, y._version


def of_a_tensor_whose_memory_numpy_sees(t):
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    y = t.from_numpy(array)
    y.t_().mul_(2)
    return y, array.tolist()


def viewed_afterwards(t):
    return t.arange(6.0).reshape(2, 3).clone().t_().view(6)


def viewed_beside_others(t):
    y = t.arange(6.0).reshape(2, 3).clone()
    v = y[0]
    y.t_().unsqueeze_(0)
    y[0, 1].fill_(9.0)
    return y, v, y.view(1, 3, 2).stride(), y.storage_offset()


def in_inference_mode(t):
    with t.inference_mode():
        return t.arange(6.0).reshape(2, 3).t_().unsqueeze_(0).shape[1]


def of_ints_and_numbers(t):
    return t.tensor(3).unsqueeze_(0), t.tensor([[1]]).squeeze_((0, 1)), t.tensor([2]).t_()


def without_such_a_dimension(t):
    return t.ones(2, 3).unsqueeze_(4)


def t_of_three_dimensions(t):
    return t.ones(2, 3, 4).t_()


def resized_to_fewer(t):
    x = t.arange(6)
    v = x[1:]
    y = x.resize_(2, 2)
    v.add_(10)
    return *_facts(x), y is x, v


def resized_to_more_and_back(t):
    x = t.arange(6.0)
    assert tuple(x.resize_(3).resize_((2, 4)).shape) == (2, 4)
    return x.resize_(3), x._version


def resized_to_the_same(t):
    x = t.arange(6.0)
    return *_facts(x.resize_(3, 2)), x.resize_(0)


def resized_that_requires_grad(t):
    return t.ones(3).requires_grad_().resize_(2)


def resized_of_a_result(t):
    return (t.ones(3).requires_grad_() * 2).resize_(2)


@pytest.mark.parametrize("script", every(globals()), ids=lambda script: script.__name__)
def test_script(script):
    agree(script)
