"""Another shape in place: what is refused, and what becomes of gradients and other views."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import minitorch


def test_a_kept_gradient_has_the_new_shape() -> None:
    x = minitorch.ones(2, 3, requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.t_()
    (y * minitorch.arange(6.0).reshape(3, 2)).sum().backward()
    assert y.grad.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert x.grad.tolist() == [[0, 4, 8], [2, 6, 10]]


def test_under_no_grad_what_requires_grad_is_refused() -> None:
    x = minitorch.ones(2, 3, requires_grad=True)
    with minitorch.no_grad(), pytest.raises(NotImplementedError, match="under no_grad"):
        x.unsqueeze_(0)
    x.data.unsqueeze_(0)
    assert x.shape == (2, 3)


def test_memory_that_lies_in_another_order_is_still_shared() -> None:
    x = minitorch.arange(24.0).reshape(2, 3, 4).transpose(0, 2).clone()  # not in row-major order
    other, row = x.detach(), x[0]
    x.unsqueeze_(0)
    assert other.view(-1).shape == (24,)
    x.fill_(7.0)
    assert other.min() == row.min() == 7


def test_a_copy_of_what_was_reshaped() -> None:
    x = minitorch.arange(6.0).reshape(2, 3)
    row = x[0]
    x.t_()
    again, its_row = copy.deepcopy((x, row))
    its_row.fill_(9.0)
    assert again.tolist() == [[9, 3], [9, 4], [9, 5]]
    assert x.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_what_cannot_be_resized() -> None:
    x = minitorch.arange(6.0)
    with pytest.raises(NotImplementedError, match="resize_: of a view"):
        x[1:].resize_(2)
    with pytest.raises(NotImplementedError, match="not contiguous"):
        minitorch.ones(2, 3).t_().resize_(2)
    with pytest.raises(NotImplementedError, match="memory_format"):
        x.resize_(2, memory_format=minitorch.channels_last)
    kept = x[1:]
    with pytest.raises(NotImplementedError, match="resize_: to 9 elements"):
        x.resize_(9)
    with pytest.raises(NotImplementedError, match="resize_: to 9 elements"):
        minitorch.from_numpy(kept.numpy()).resize_(9)
    with pytest.raises(RuntimeError, match="negative dimension"):
        x.resize_(-1)
    assert x.tolist() == list(range(6))


def test_an_empty_tensor_can_be_resized_to_take_results() -> None:
    x = minitorch.empty(0)
    x.resize_(2, 3).zero_()
    np.testing.assert_array_equal(x.numpy(), np.zeros((2, 3)))
