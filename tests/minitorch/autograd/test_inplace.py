"""In-place changes: gradients against finite differences, refusals, and memory layouts."""

from __future__ import annotations

from array import array as python_array

import numpy as np
import pytest

import minitorch
from minitorch import ops
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn import functional as F


def point(*shape: int) -> minitorch.Tensor:
    return minitorch.rand(*shape, dtype=minitorch.float64).add(0.5).requires_grad_()


def row(x, w):
    y = x * 1
    y[1] = w[0] * 2
    y[:, 0] *= w[1, 0]
    return y


def mask(x, w):
    y = x * 1
    y[x > 1] = w[0, 0]
    return y * y


def view_chain(x, w):
    y = x * 1
    v = y.t()[1:]
    v.mul_(w.t()[1:])
    v[0].exp_()
    return y * v.sum()


def transposed_memory(x, w):
    y = (x * 1).t().contiguous().t()
    y.t().view(-1)[1:4].mul_(w[0, 0])
    return y


def several(x, w):
    y = x * 1
    a, b = y[0], y.view(-1)
    a.copy_(w[1])
    b.sigmoid_()
    return a * 2, b, y


def scalar_places(x, w):
    y = x * 1
    y[0, 1].mul_(w[0, 1])
    y[1, 0] += w[1, 1]
    return y


@pytest.mark.parametrize(
    "function", [row, mask, view_chain, transposed_memory, several, scalar_places]
)
def test_gradients(function):
    inputs = point(2, 3), point(2, 3)
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


def test_leaf_is_refused():
    x = point(3)
    for change in (lambda: x.add_(1), lambda: x.__setitem__(0, 1.0), lambda: x[0].mul_(2)):
        with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
            change()
    with minitorch.no_grad():
        x[0] = 7.0
    assert x[0].item() == 7.0
    assert x.is_leaf


def test_refused_change_leaves_everything_as_it_was():
    y = point(3) * 1
    before, version, node = y.detach().clone(), y._version, y.grad_fn
    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
        y.mul_(minitorch.ones(2, 3))
    assert minitorch.equal(y, before)
    assert (y._version, y.grad_fn) == (version, node)


def test_kept_input_is_checked_at_the_backward():
    y = point(3) * 1
    z = (y * y).sum()
    y[0] = 1.0
    with pytest.raises(RuntimeError, match=r"at version 1; expected version 0 instead"):
        z.backward()


def test_change_that_nobody_needs_is_allowed():
    x = point(3)
    y = x * 1
    z = y + 1
    y.zero_()
    z.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


def test_recorded_inplace_keeps_no_copy_of_what_it_does_not_need():
    y = point(3) * 1
    memory = y._array
    y.add_(1)
    y.relu_()
    assert y._array is memory
    assert all(np.shares_memory(saved.array, memory) for saved in y.grad_fn.kept)


def test_read_only_memory_is_refused():
    x = minitorch.ones(1).expand(3)
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        x.add_(1)
    array = np.ones(3)
    array.flags.writeable = False
    with pytest.raises(RuntimeError, match="read-only"):
        minitorch.from_numpy(array).add_(1)


def test_index_changed_after_use():
    x, index = point(4), minitorch.tensor([0, 2])
    y = x[index].sum()
    index.fill_(1)
    y.backward()
    assert x.grad.tolist() == [1.0, 0.0, 1.0, 0.0]


LABELS = [2, 0]
MASK = [[True, False, True], [False, True, True]]


@pytest.mark.parametrize(
    ("chosen", "function"),
    [
        (LABELS, lambda x, i: x.index_select(1, i)),
        (LABELS, lambda x, i: minitorch.ones(2, 3).index_add(1, i, x[:, :2])),
        (LABELS, lambda x, i: x.index_copy(1, i, x[:, 1:])),
        (LABELS, lambda x, i: (x * 1).index_fill_(1, i, 0.0)),
        (LABELS, lambda x, i: x.take(i)),
        (MASK, lambda x, m: x.masked_select(m)),
        (MASK[0], lambda x, m: x.masked_select(m)),
        (MASK, lambda x, m: x.masked_scatter(m, x * x)),
        (LABELS, F.nll_loss),
        (LABELS, F.cross_entropy),
        ([2, -100], F.cross_entropy),
        (LABELS, lambda x, i: F.cross_entropy(x, i, x[0].detach())),
        ([[1, 0, 1]], lambda x, i: F.cross_entropy(x[None], i)),
    ],
)
def test_what_chose_is_checked_at_the_backward(chosen, function):
    x, chosen = point(2, 3), minitorch.tensor(chosen)
    out = function(x, chosen).sum()
    chosen.zero_()
    with pytest.raises(RuntimeError, match=r"at version 1; expected version 0 instead"):
        out.backward()


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    "function",
    [
        lambda x, mask: F.scaled_dot_product_attention(x, x, x, mask),
        lambda x, mask: ops.attend_to_self(x, 2, mask[None, None]),
    ],
)
def test_mask_of_attention_is_checked_at_the_backward(function, create_graph):
    x, mask = point(2, 3, 12), minitorch.zeros(3, 3, dtype=minitorch.float64)
    out = function(x, mask).sum()
    mask.fill_(1.0)
    with pytest.raises(RuntimeError, match=r"at version 1; expected version 0 instead"):
        minitorch.autograd.grad(out, x, create_graph=create_graph)


def test_weights_of_classes_are_copied():
    x, target, weight = point(2, 3), minitorch.tensor(LABELS), minitorch.rand(3).double()
    for loss in (F.cross_entropy, F.nll_loss):
        (expected,) = minitorch.autograd.grad(loss(x, target, weight), x)
        changed = weight.clone()
        out = loss(x, target, changed)
        changed.zero_()
        assert minitorch.equal(minitorch.autograd.grad(out, x)[0], expected)


def test_recorded_inplace_leaves_memory_that_nobody_else_sees():
    y = minitorch.ones(100, 100, requires_grad=True) * 2
    kept = y * 3  # keeps nothing of y
    memory = y._array.ctypes.data
    y.mul_(minitorch.full((100, 100), 5.0))
    assert y._array.ctypes.data != memory
    seen = y.view(-1)
    y.add_(1.0)
    assert seen[0].item() == y[0, 0].item() == 11.0  # a view sees the change
    same = y._array
    y.add_(1.0)
    assert y._array is same
    (y.sum() + kept.sum()).backward()


@pytest.mark.parametrize("kind", ["bytes", "array", "strided", "memmap"])
def test_recorded_inplace_writes_to_memory_of_others(kind, tmp_path):
    if kind == "bytes":
        owner = bytearray(np.ones(8, np.float32).tobytes())
        array = np.frombuffer(owner, np.float32)
    elif kind == "array":
        owner = python_array("f", [1.0] * 8)
        array = np.asarray(owner)
    elif kind == "strided":
        owner = np.ones(8, np.float32)
        array = np.lib.stride_tricks.as_strided(owner, (4, 2), (8, 4))
    else:
        owner = np.memmap(tmp_path / "numbers", np.float32, "w+", shape=8)
        owner[:] = 1
        array = np.asarray(owner)[2:6]
    factor = minitorch.ones(1, requires_grad=True) * 2
    minitorch.from_numpy(array).mul_(factor)
    assert np.frombuffer(owner, np.float32)[3] == 2.0


def test_float_power_of_float64_keeps_what_it_needs():
    x = minitorch.tensor([0.5], dtype=minitorch.float64, requires_grad=True)
    y = x * 1
    y.float_power_(3.0)
    y.backward()
    assert x.grad.item() == pytest.approx(0.75)


@pytest.mark.parametrize("sign", ["+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>"])
def test_an_augmented_assignment_changes_the_tensor_itself(sign: str) -> None:
    x = alias = minitorch.tensor([6, 5])
    expected = eval(f"x {sign} 2", {"x": x})
    names = {"x": x}
    exec(f"x {sign}= 2", names)
    assert names["x"] is alias
    assert alias.tolist() == expected.tolist()
