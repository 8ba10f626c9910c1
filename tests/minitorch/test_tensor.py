"""What a tensor is: its answers to Python, NumPy, copy and pickle."""

from __future__ import annotations

import copy
import io
import pickle
import warnings

import numpy as np
import pytest

import minitorch
from minitorch import Tensor, tensor


def leaf(*values: float) -> Tensor:
    return tensor(list(values), requires_grad=True)


# ------------------------------------------------------------------ NumPy


def test_array_of_a_tensor_shares_memory_unless_asked_not_to():
    x = minitorch.ones(3)
    assert np.shares_memory(np.asarray(x), x.numpy())
    assert not np.shares_memory(np.array(x), x.numpy())
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="copy"):
        np.asarray(x, dtype=np.float64, copy=False)


def test_array_of_a_tensor_that_requires_grad_is_refused():
    with pytest.raises(RuntimeError, match=r"Use tensor\.detach\(\)\.numpy\(\) instead"):
        np.asarray(leaf(1.0))
    assert leaf(1.0).numpy(force=True).tolist() == [1.0]


@pytest.mark.parametrize(
    "operand", [np.array([2.0, 3.0], np.float32), np.float32(2), np.float64(2), np.int64(2), 2, 2.0]
)
def test_arrays_and_scalars_on_either_side(operand):
    x = leaf(4.0, 5.0)
    for y in (operand * x, x * operand, operand + x, x - operand, operand / x):
        assert type(y) is Tensor
        assert y.dtype is minitorch.float32
        assert y.requires_grad
    np.testing.assert_allclose((operand - x).detach(), operand - np.array([4.0, 5.0]))
    assert type(operand < x) is Tensor


def test_a_list_of_losses_is_off_the_tape_and_says_so():
    loss = leaf(1.0, 2.0).sum()
    with pytest.warns(UserWarning, match="requires_grad=True to a scalar"):
        losses = tensor([loss, loss])
    assert losses.tolist() == [3.0, 3.0]
    assert not losses.requires_grad


def test_from_numpy_shares_memory():
    array = np.zeros(2, np.float32)
    x = minitorch.from_numpy(array)
    array[0] = 5
    assert x.tolist() == [5.0, 0.0]
    x.add_(1)
    assert array.tolist() == [6.0, 1.0]


# ------------------------------------------------------------------ Python's protocols


def test_len_iteration_and_indexing():
    x = minitorch.arange(6.0).reshape(3, 2)
    assert len(x) == 3
    assert [row.tolist() for row in x] == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert [10, 20, 30][tensor(1)] == 20
    for bad in (lambda: len(tensor(1.0)), lambda: iter(tensor(1.0)), lambda: [1][tensor(0.0)]):
        with pytest.raises(TypeError):
            bad()


def test_iteration_differentiates():
    x = leaf(1.0, 2.0, 3.0)
    sum(v * v for v in x).backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]


def test_truth():
    assert tensor([[2.0]])
    assert not tensor(0)
    with pytest.raises(RuntimeError, match="more than one value is ambiguous"):
        bool(minitorch.ones(2))
    with pytest.raises(RuntimeError, match="no values is ambiguous"):
        bool(minitorch.ones(0))


def test_numbers():
    assert (float(tensor([2.5])), int(tensor(2.7)), complex(tensor(2.0))) == (2.5, 2, 2 + 0j)
    with pytest.raises(ValueError, match="only one element tensors"):
        float(minitorch.ones(2))
    with pytest.raises(RuntimeError, match="2 elements cannot be converted to Scalar"):
        minitorch.ones(2).item()


def test_contains():
    x = tensor([1.0, 2.0])
    assert 2 in x
    assert 3.0 not in x
    assert tensor(1.0) in x
    with pytest.raises(RuntimeError, match="only supports Tensor or scalar"):
        _ = "x" in x


def test_format():
    assert f"{tensor(1.256):.2f}" == "1.26"
    assert f"{tensor(3):>4}" == "   3"
    assert f"{tensor([1.0])}" == "tensor([1.])"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{tensor([1.0]):.2f}"


def test_identity_hash():
    x, y = minitorch.ones(2), minitorch.ones(2)
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1


def test_repr_of_stale_no_grad_view():
    x = leaf(1.0, 2.0)
    with minitorch.no_grad():
        v = x[:1]
        x.mul_(2)
    assert repr(v) == "tensor([2.], grad_fn=<Invalid>)"


# ------------------------------------------------------------------ copies and pickles


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies(duplicate):
    for x in (leaf(1.0, 2.0), minitorch.nn.Parameter(minitorch.ones(2, 3).t())):
        x.grad = minitorch.full(x.shape, 3.0)
        x.note = ["attached"]
        x.register_hook(print)
        x.register_post_accumulate_grad_hook(print)
        y = duplicate(x)
        assert type(y) is type(x)
        assert y.requires_grad
        assert y.is_leaf
        assert minitorch.equal(y, x)
        assert y.note == ["attached"]
        assert not np.shares_memory(x._array, y._array)
        if duplicate is copy.deepcopy and isinstance(x, minitorch.nn.Parameter):
            assert y.grad is None
            assert x.grad is not None
        else:
            assert y.grad.tolist() == x.grad.tolist()
            assert not np.shares_memory(x.grad._array, y.grad._array)
        assert y.note is not x.note
        (y * 2).sum().backward()  # and no hook prints


def test_deepcopy_keeps_identity_and_memory_order():
    x = minitorch.nn.Parameter(minitorch.ones(3, 2).t())
    y, again = copy.deepcopy([x, x])
    assert y is again
    assert y.stride() == x.stride()


def test_deepcopy_of_a_tensor_that_refers_to_itself():
    x = minitorch.ones(2)
    x.me = x
    y = copy.deepcopy(x)
    assert y.me is y


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickle.dumps])
def test_tensors_on_the_tape_refuse(duplicate):
    with pytest.raises(RuntimeError, match="graph leaves"):
        duplicate(leaf(1.0) * 2)


def test_pickle_of_every_dtype():
    for dtype in (
        minitorch.float16,
        minitorch.float64,
        minitorch.int32,
        minitorch.uint8,
        minitorch.bool,
    ):
        file = io.BytesIO()
        pickle.dump(minitorch.ones(2, dtype=dtype), file)
        file.seek(0)
        assert pickle.load(file).dtype is dtype


def test_size():
    size = minitorch.zeros(2, 3).shape
    assert size == (2, 3)
    assert size.numel() == 6
    assert pickle.loads(pickle.dumps(size)) == size
    assert minitorch.zeros(2, 3).size(-1) == 3


@pytest.mark.parametrize("text", ["s + (4,)", "(4,) + s", "s + s", "s * 2", "2 * s"])
def test_what_is_made_of_a_size_is_a_size(text: str):
    size = minitorch.Size([2, 3])
    made = eval(text, {"s": size})
    assert type(made) is minitorch.Size
    assert made == eval(text, {"s": (2, 3)})


def test_reversed_is_a_tensor():
    assert reversed(tensor([[1, 2], [3, 4]])).tolist() == [[3, 4], [1, 2]]
    assert reversed(tensor(1)).tolist() == 1


# ------------------------------------------------------------------ place on the tape


def test_grad_of_a_result_warns():
    y = leaf(1.0) * 2
    with pytest.warns(UserWarning, match="not a leaf Tensor"):
        assert y.grad is None
    y.retain_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert y.grad is None


def test_assigned_grad_is_checked():
    x = leaf(1.0, 2.0)
    x.grad = minitorch.ones(2)
    x.grad = None
    for wrong, error in (
        (3, TypeError),
        (minitorch.ones(3), RuntimeError),
        (minitorch.ones(2, dtype=minitorch.float64), RuntimeError),
        (x, RuntimeError),
    ):
        with pytest.raises(error):
            x.grad = wrong
    assert x.grad is None


def test_requires_grad_only_of_floats_and_leaves():
    with pytest.raises(RuntimeError, match="floating point dtype can require gradients"):
        tensor([1]).requires_grad_()
    with pytest.raises(RuntimeError, match="leaf variables"):
        (leaf(1.0) * 2).requires_grad_(False)


def test_detach_shares_the_version_and_data_does_not():
    x = leaf(1.0, 2.0)
    y = x.exp()
    y.data.mul_(1)
    y.sum().backward(retain_graph=True)
    y.detach().mul_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_data_assignment():
    x = leaf(1.0)
    x.data = minitorch.zeros(3)
    assert x.shape == (3,)
    assert x.requires_grad
    with pytest.raises(TypeError, match="has to be a tensor"):
        x.data = 3
    with pytest.raises(RuntimeError, match="floating point"):
        x.data = tensor([1, 2])


def test_view_finds_that_its_base_requires_grad_now():
    base = minitorch.zeros(2, 2)
    row = base[0]
    base.add_(leaf(1.0, 2.0))
    assert row.requires_grad
    assert not row.is_leaf
    with pytest.raises(RuntimeError, match="requires grad"):
        row.numpy()
