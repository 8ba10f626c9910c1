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


def test_functions_of_numpy_give_tensors():
    x, array = tensor([1.0, 4.0]), np.arange(2.0)
    y = np.sqrt(x)
    assert type(y) is Tensor
    assert y.dtype is minitorch.float32
    assert y.tolist() == [1.0, 2.0]
    assert np.hypot(array, x).dtype is minitorch.float64
    assert np.isnan(x).dtype is minitorch.uint8  # as with PyTorch
    whole, rest = np.modf(tensor([1.5]))[::-1]
    assert (whole.item(), rest.item()) == (1.0, 0.5)
    with pytest.raises(RuntimeError, match="requires grad"):
        np.hypot(array, leaf(1.0, 2.0))
    with minitorch.inference_mode():
        assert np.exp(x).is_inference()


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


def test_deepcopy_keeps_memory_shared():
    big = minitorch.arange(10_000.0)
    for base in (minitorch.arange(6.0), big, minitorch.from_numpy(np.arange(6.0)[::-1].copy())):
        given = {"views": [base[2:4], base[:6].view(2, 3).t()], "base": base, "data": base.data}
        copied = copy.deepcopy(given)
        before = base.tolist()
        copied["views"][0].zero_()
        for x in (copied["base"], copied["data"], copied["views"][1].t().reshape(-1)):
            assert x[1:5].tolist() == [before[1], 0.0, 0.0, before[4]]
        assert base.tolist() == before
        assert copied["base"].is_leaf


def test_deepcopy_keeps_memory_shared_in_another_order():
    image = minitorch.nn.Conv2d(3, 4, 3)(minitorch.ones(2, 3, 8, 8)).detach()
    assert not image.is_contiguous()
    out, first = copy.deepcopy([image, image[0]])
    out.view(-1).zero_()
    assert not first.any()
    assert image.all()


def test_deepcopy_of_an_expanded_tensor_is_one():
    x = copy.deepcopy(minitorch.ones(1, 3).expand(2, 3))
    with pytest.raises(RuntimeError, match="single memory location"):
        x.add_(1)
    y = copy.deepcopy(minitorch.from_numpy(np.broadcast_to(np.float32(1), (4,))[:1]))
    y.add_(1)
    assert y.tolist() == [2.0]


def test_deepcopy_and_an_array_of_the_same_memory():
    array = np.zeros(3)
    tensor, copied = copy.deepcopy((minitorch.from_numpy(array)[1:], array))
    tensor.fill_(1.0)
    assert copied.tolist() == [0.0, 1.0, 1.0]


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


def test_a_part_of_a_size_is_a_size():
    size = minitorch.zeros(2, 3, 4).shape
    assert type(size[1:]) is type(size[::-2]) is type(size[5:]) is minitorch.Size
    assert size[1:].numel() == 12
    assert size[-1] == 4
    assert type(size[tensor(0)]) is int
    with pytest.raises(IndexError):
        size[3]


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


# ------------------------------------------------------------------ memory and names


def test_where_a_part_of_memory_begins():
    x = minitorch.arange(12.0).reshape(3, 4)
    assert x.storage_offset() == 0
    assert x[1:, 2].storage_offset() == 6
    assert minitorch.zeros(100, 100)[7].storage_offset() == 700
    assert minitorch.zeros(100, 100).detach().storage_offset() == 0
    with pytest.raises(NotImplementedError, match=r"storage_offset: .* detached view"):
        x[1].detach().storage_offset()


def test_strided_views_that_are_refused():
    x = minitorch.arange(12.0).reshape(3, 4)
    assert x.as_strided((2,), (4,)).fill_(7.0).tolist() == [7.0, 7.0]
    assert x[1, 0] == 7
    with pytest.raises(RuntimeError, match="unsupported operation"):
        x.as_strided((3, 3), (1, 1)).zero_()
    part = x.requires_grad_()[1]
    assert part.as_strided((2,), (1,)).requires_grad
    for size, start in ((5, None), (2, 0)):
        with pytest.raises(NotImplementedError, match="as_strided: a view that requires grad"):
            part.as_strided((size,), (1,), start)


def test_memory_in_a_chosen_order():
    x = minitorch.randn(2, 3, 4, 5, requires_grad=True)
    for y in (
        x.clone(memory_format=minitorch.channels_last),
        x.contiguous(memory_format=minitorch.channels_last),
        x.to(memory_format=minitorch.channels_last),
    ):
        assert y.stride() == (60, 1, 15, 3)
        assert minitorch.equal(y, x)
        assert y.contiguous(memory_format=minitorch.channels_last) is y
        assert y.contiguous().stride() == x.stride()
    (gradient,) = minitorch.autograd.grad((y * y).sum(), x)
    assert minitorch.equal(gradient, 2 * x)
    assert pickle.loads(pickle.dumps(minitorch.channels_last)) is minitorch.channels_last


@pytest.mark.parametrize(
    "text",
    [
        "x.cuda()",
        "x.to('cuda')",
        "x.to(0)",
        "x.new_zeros(2, device='cuda')",
        "m.rand_like(x, device='cuda')",
        "m.normal(0.0, 1.0, (2,), device='cuda')",
        "m.tril_indices(2, 2, device='cuda')",
        "m.randint_like(x, 3, device='meta')",
    ],
)
def test_other_devices_are_refused(text):
    with pytest.raises(NotImplementedError, match="only 'cpu' is"):
        eval(text, {"m": minitorch, "x": minitorch.ones(2)})


def test_numpy_names_of_functions_and_methods():
    x = minitorch.arange(6.0).reshape(2, 3)
    assert minitorch.equal(x.sum(axis=0, keepdims=True), x.sum(0, True))
    assert minitorch.equal(minitorch.cat([x, x], axis=1), minitorch.cat([x, x], 1))
    with pytest.raises(TypeError, match="unexpected keyword argument 'axis'"):
        x.sum(dim=0, axis=0)
    with pytest.raises(TypeError, match="multiple values for argument 'dim'"):
        x.sum(0, axis=0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'axis'"):
        x.exp(axis=0)
    assert pickle.loads(pickle.dumps(minitorch.cat)) is minitorch.cat


def test_an_array_is_changed_by_a_tensor_in_place():
    array = np.ones(3, np.float32)
    same = array
    array += minitorch.full((3,), 2.0)
    array *= minitorch.full((3,), 2.0)
    assert array is same
    assert array.tolist() == [6, 6, 6]
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        array += minitorch.ones(3, requires_grad=True)


def test_an_array_and_a_tensor_are_operands_of_a_recorded_operation():
    x = minitorch.ones(3, requires_grad=True)
    for result in (np.arange(3.0, dtype=np.float32) * x, np.float32(2) * x):
        assert isinstance(result, minitorch.Tensor)
        assert result.requires_grad
    (np.arange(3.0, dtype=np.float32) * x).sum().backward()
    assert x.grad.tolist() == [0, 1, 2]


def test_numpys_functions_write_to_tensors():
    x = minitorch.full((2,), 4.0)
    assert np.sqrt(x, out=x) is x
    assert x.tolist() == [2, 2]
    assert x._version == 1
