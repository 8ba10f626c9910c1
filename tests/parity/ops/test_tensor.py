"""What a tensor answers, and how tensors are made, copied and named, against PyTorch."""

from __future__ import annotations

import copy
import re
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

# Expressions of the library m and two tensors: x, of shape (2, 3), and y, of (1, 2, 3, 4).
EXPRESSIONS = """
x.to(m.float32, False, True) is x
x.to(m.float32, True) is x
x.to("cpu", m.float32, False, True) is x
x.to("cpu", m.float32) is x
x.to("cpu", None, False, True) is x
x.to(x, False, True) is x
x.to(x, True) is x
x.to(None) is x
x.to(None, m.float64).dtype
x.to() is x
x.to(device="cpu", dtype=m.float64).dtype
x.to(copy=True) is x
x.to(m.int64, copy=True)
x.to(y, non_blocking=True) is x
y.to(memory_format=m.channels_last).stride()
y.to(m.float64, memory_format=m.channels_last).stride()
y.to(m.float64, memory_format=m.preserve_format).dtype
x.shape[1:]
x.shape[1:].numel()
x.shape[::-1]
x.shape[5:]
x.shape[-1]
copy.deepcopy(x.shape)
m.tril_indices(2, 3, device="cpu")
m.tril_indices(2, 3, -1, dtype=m.int32)
m.triu_indices(3, 2, 1, device=m.device("cpu"))
m.triu_indices(0, 2)
x.new_tensor([1], device="cpu")
x.new_zeros(2, device="cpu")
x.new_zeros(size=(2,))
x.new_ones((2,), device="cpu", dtype=m.int32)
x.new_full((2,), 3, device="cpu")
x.new_empty(2, 0, device="cpu")
x.new_zeros(2, requires_grad=True)
m.rand_like(x, device="cpu", dtype=m.float64).dtype
m.randn_like(x, device="cpu", requires_grad=True).requires_grad
m.randint_like(x, 1, device="cpu")
m.randint_like(x, 1, requires_grad=True)
m.randint(1, (2,), dtype=m.float32, requires_grad=True)
m.randperm(1, device="cpu")
m.randperm(256, dtype=m.uint8).max()
m.normal(0, 1, (2,), dtype=m.float64, device="cpu").dtype
m.normal(m.zeros(2, dtype=m.float64), m.ones(2)).dtype
m.normal(m.zeros(2), m.ones(2, dtype=m.float64)).dtype
m.normal(m.zeros(2), m.ones(2, 1)).shape
m.normal(3, m.zeros(2))
m.autograd.grad(m.normal(x.requires_grad_(), 1.0).sum(), x)
m.bernoulli(x, 0.0)
m.zeros_like(x.t()).stride()
m.ones_like(x.t(), memory_format=m.contiguous_format).stride()
m.full_like(y, 2.0, memory_format=m.channels_last).stride()
m.rand_like(y, memory_format=m.channels_last).stride()
x.clone(memory_format=m.contiguous_format).stride()
x.t().clone(memory_format=m.contiguous_format).stride()
x.t().clone().stride()
y.clone(memory_format=m.channels_last)
y.clone(memory_format=m.channels_last).stride()
y.contiguous(memory_format=m.channels_last).stride()
x.contiguous(memory_format=m.contiguous_format) is x
y.float(memory_format=m.channels_last).stride()
m.channels_last
copy.deepcopy(m.preserve_format) is m.preserve_format
x.type()
x.half().type()
(x > 0).type()
x.to(m.uint8).type()
x.type("torch.LongTensor")
x.type(m.float64).dtype
x.type(dtype=m.int32, non_blocking=True).dtype
x.type("torch.FloatTensor") is x
x.storage_offset()
x[1, 1:].storage_offset()
x.t()[1].storage_offset()
x.as_strided((2, 2), (1, 2))
x.as_strided((2, 2), (1, 2), 1)
x.as_strided((), ())
x.as_strided((0, 9), (9, 9))
x[1].as_strided((2,), (1,))
x[1].as_strided((2, 2), (1, 2), 0)
x.t().as_strided((3,), (2,))
m.as_strided(x, (4, 3), (1, 1))._is_view()
x.mH
x.H
x.adjoint()
y.mH.shape
x.is_complex()
x.is_signed()
x.to(m.uint8).is_signed()
m.is_nonzero(x[0, 1])
x.is_same_size(y)
x.is_pinned()
x.get_device()
x.is_cpu, x.is_meta, x.is_mps, x.is_quantized, x.is_sparse, x.is_xla
x.ndimension()
x.split_with_sizes([1, 2], 1)
x.sum_to_size(1, 3)
x.sum_to_size((2, 1))
x.fill_diagonal_(7)
m.zeros(7, 2).fill_diagonal_(1, wrap=True)
m.zeros(3, 3, 3).fill_diagonal_(True)
x.long().gt_(2)
x.eq_(2)
x.subtract_(1).multiply_(2).negative_()
x.cumsum_(0)
m.eye(2).addmm_(x, x.t(), beta=2)
m.arctan2(x, x)
m.arcsin(x / 9)
m.fix(x / 2)
m.subtract(x, 1)
m.negative(x)
x.arctan()
m.arange(0, 5, 1.5, dtype=m.int64)
m.arange(0, 5, 1.5, dtype=m.int32)
m.arange(0.5, 5.2, dtype=m.int64)
m.arange(0, 5.5, dtype=m.int16)
m.arange(-2.5, 3, 1.5, dtype=m.int32)
m.arange(5, 0, -1.5, dtype=m.int64)
m.arange(0, 300, 100, dtype=m.int8)
m.arange(0, 2.5, dtype=m.float16)
m.arange(0, 0, 2.5, dtype=m.int64)
x.sum(axis=0)
x.sum(axis=(0, 1), keepdims=True)
x.sum(axis=None)
x.mean(axis=1, keepdims=True)
m.mean(x, axis=1, keepdim=True)
x.max(axis=0)[1]
x.std(axis=0, keepdims=True)
x.argmax(axis=1, keepdims=True)
x.softmax(axis=1)
x.cumsum(axis=1)
x.unsqueeze(axis=0).squeeze(axis=0)
x.norm(dim=0)
m.cat([x, x], axis=1)
m.stack([x, x], axis=-1).shape
m.concatenate((x, x), axis=0).shape
m.sort(x, axis=0)[1]
m.var(x, axis=0)
m.logsumexp(x, axis=0, keepdims=True)
np.exp(x)
np.add(np.arange(3.0), x)
np.add(x, np.arange(3.0)).dtype
np.add(x, x)
np.sqrt(m.tensor(4.0))
np.exp(m.arange(3))
np.isnan(x)
np.less(x, 3)
np.exp(x, dtype=np.float64)
np.add.reduce(x)
np.modf(x / 2)
np.matmul(x, x.t())
np.clip(x, 1, 2)
np.cumsum(x)
np.concatenate([x, x]).__class__.__name__
np.float64(2) * x
np.abs(x, out=np.zeros((2, 3), np.float32)).__class__.__name__
""".strip().splitlines()


def names(library: Any) -> dict[str, Any]:
    x = library.arange(6.0).reshape(2, 3).clone()
    y = library.arange(24.0).reshape(1, 2, 3, 4).clone()
    return {"m": library, "np": np, "copy": copy, "x": x, "y": y}


def shown(library: Any, text: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.sub(r"(mini)?torch\.(?!\w+Tensor)", "", repr(eval(text, names(library))))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_same_result(text: str) -> None:
    assert shown(minitorch, text) == shown(torch, text)


# Below each, torch's words that ours share.
REFUSED = """
    x.to("cpu", False, True)
        : to() received an invalid combination of arguments - got (str, bool, bool
    x.to(m.float32, "cpu")
        : to() received an invalid combination of arguments
    x.to(m.float32, False, 1)
        : to() received an invalid combination of arguments
    x.to("cpu", m.float32, False, True, True)
        : to()
    x.to(m.float32, dtype=m.float64)
        : to()
    x.to(m.float32, False, non_blocking=True)
        : to()
    x.clone(memory_format=m.channels_last)
        : required rank 4 tensor to use channels_last format
    x.clone(memory_format=3)
        : clone(): argument 'memory_format' must be
    x.type("foo")
        : invalid type: 'foo'
    x.as_strided((4, 4), (4, 1))
        : storage offset 0, and itemsize 4 requiring a storage size of 64 are out of bounds
    x.as_strided((2, 2), (-1, 2))
        : as_strided: Negative strides are not supported at the moment, got strides: [-1, 2]
    x.as_strided((2,), (1, 2))
        : mismatch in length of strides and shape
    x.as_strided((2,), (1,), -1)
        : invalid storage offset -1
    x[0].mT
        : tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor.
    x[0].mH
        : tensor.mH is only supported on matrices or batches of matrices. Got 1-D tensor.
    y.H
        : tensor.H is only supported on matrices (2-D tensors). Got 4-D tensor.
    x.sum_to_size(2)
        : size {[2]} is not expandable to size {[2, 3]}.
    x[0].fill_diagonal_(1)
        : dimensions must larger than 1
    y.fill_diagonal_(1)
        : all dimensions of input must be of equal length
    x.fill_diagonal_(1e50)
        : value cannot be converted to type float without overflow
    m.tril_indices(-1, 2)
        : row must be non-negative, got-1
    m.triu_indices(2, 2, dtype=m.float32)
        : "triu_indices" not implemented for 'Float'
    m.arange(0, 5, 0.5, dtype=m.int64)
        :
    m.arange(0, 1, dtype=m.bool)
        : "arange_cpu" not implemented for 'Bool'
    m.arange(0, float("inf"))
        : unsupported range: 0 -> inf
    m.randint(0, 300, (3,), dtype=m.uint8)
        : to - 1 is out of bounds for unsigned char
    m.randint(-1, 3, (3,), dtype=m.uint8)
        : from is out of bounds for unsigned char
    m.randint(0, 40000, (3,), dtype=m.int16)
        : to - 1 is out of bounds for short int
    m.randint(0, 3, (3,), dtype=m.bool)
        : to - 1 is out of bounds for bool
    m.randint(0, 70000, (3,), dtype=m.float16)
        : to - 1 is out of bounds for c10::Half
    m.randint_like(x.to(m.uint8), 300)
        : to - 1 is out of bounds for unsigned char
    m.randint(5, (3,), requires_grad=True)
        : Only Tensors of floating point
    m.randperm(257, dtype=m.uint8)
        : value cannot be converted to type uint8_t without overflow
    m.randperm(3000, dtype=m.float16)
        : n cannot be greater than 2049 for Half type.
    m.randperm(-1)
        : Trying to create tensor with negative dimension -1
    x.random_(0)
        : random_ expects 'from' to be less than 'to', but got from=0 >= to=0
    x.random_(5, 2)
        : random_ expects 'from' to be less than 'to', but got from=5 >= to=2
    x.random_(2.5)
        :
    x.to(m.uint8).random_(-5, 5)
        : from is out of bounds for unsigned char
    x.to(m.int8).random_(300)
        : to - 1 is out of bounds for signed char
    x.bool().random_(5, None)
        : from is out of bounds for bool
    x.bernoulli_(2.0)
        : bernoulli_ expects p to be in [0, 1], but got p=2
    x.bernoulli_(float("nan"))
        : bernoulli_ expects p to be in [0, 1], but got p=nan
    x.bernoulli_(m.tensor([2.0, 0, 1]))
        : Expected p_in >= 0 && p_in <= 1 to be true, but got false.
    x.bernoulli_(m.tensor([1.0, 0]))
        : The expanded size of the tensor (3) must match the existing size (2) at non-sing
    x.bernoulli_(m.tensor([1]))
        : "bernoulli_tensor_cpu_p_" not implemented for 'Long'
    m.bernoulli(x.long())
        : "bernoulli_tensor_cpu_p_" not implemented for 'Long'
    x.uniform_(0, 1e39)
        : to is out of bounds for float
    x.half().uniform_(-1e6, 0)
        : from is out of bounds for c10::Half
    x.uniform_(-3e38, 3e38)
        : which result in to-from to exceed the limit
    m.normal(x, -1.0)
        : normal expects std >= 0.0, but found std -1
    m.normal(x, -x)
        : normal expects all elements of std >= 0.0
    m.normal(0.0, 1.0)
        :
    m.normal(x, 1.0, device="cpu")
        :
    m.normal(x, 1.0, (2, 3))
        :
    m.normal(x, m.ones(2))
        :
    x.exponential_(-1.0)
        : exponential_ expects lambda > 0.0, but found lambda=-1
    x.long().exponential_()
        : dtype must be a floating point but you specified Long
    x.geometric_(2.0)
        : geometric_ expects p to be in (0, 1), but got p=2
    x.log_normal_(1, -1)
        : log_normal_ expects std > 0.0, but found std=-1
    x.cauchy_(0, -1)
        : cauchy_ expects sigma > 0.0, but found sigma=-1
    x.sum(axis=0, dim=0)
        : sum() got an unexpected keyword argument 'axis'
    x.sum(axis=0, keepdims=True, keepdim=True)
        : sum() got an unexpected keyword argument
    m.norm(x, axis=0)
        : norm() got an unexpected keyword argument 'axis'
    m.split(x, 1, axis=0)
        : split() got an unexpected keyword argument 'axis'
    np.sqrt(x.requires_grad_())
        : Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.
"""
LINES = [line.strip() for line in REFUSED.strip().splitlines()]
CASES = [
    (text, words.removeprefix(":").strip())
    for text, words in zip(LINES[::2], LINES[1::2], strict=True)
]


def refusal(library: Any, text: str) -> tuple[type[Exception], str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception) as caught:
            eval(text, names(library))
    return caught.type, str(caught.value)


@pytest.mark.parametrize(("text", "words"), CASES, ids=[text for text, _ in CASES])
def test_refused_alike(text: str, words: str) -> None:
    kind, message = refusal(torch, text)
    our_kind, our_message = refusal(minitorch, text)
    assert re.search(re.escape(words), message, re.IGNORECASE), "torch says otherwise"
    assert re.search(re.escape(words), our_message, re.IGNORECASE), our_message
    assert issubclass(our_kind, kind) or {our_kind, kind} <= {ValueError, RuntimeError}, our_message


NUMBERS = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]
FILLS = {
    "random_()": lambda x: x.random_(),
    "random_(2)": lambda x: x.random_(2),
    "random_(1, None)": lambda x: x.random_(1, None),
    "random_(to=2)": lambda x: x.random_(to=2),
    "bernoulli_()": lambda x: x.bernoulli_(),
}


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
def test_random_numbers_are_of_one_range(fill: Any, dtype: str) -> None:
    """Their quantiles lie within a fiftieth of the range of each other."""
    ours, theirs = (
        fill(library.zeros(20_000, dtype=getattr(library, dtype))).double().numpy()
        for library in (minitorch, torch)
    )
    at = np.linspace(0, 1, 9)
    reach = theirs.max() - theirs.min() + 1
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(
        np.quantile(ours, at), np.quantile(theirs, at), atol=max(reach / 50, 1.0 * (reach <= 3))
    )
    assert np.isclose(ours.mean(), theirs.mean(), atol=reach / 50)


CONTINUOUS = {
    "exponential_": lambda x: x.exponential_(2.0),
    "log_normal_": lambda x: x.log_normal_(0.5, 0.3),
    "cauchy_": lambda x: x.cauchy_(1.0, 2.0),
    "geometric_": lambda x: x.geometric_(0.3),
    "uniform_": lambda x: x.uniform_(-1, 3),
    "normal_": lambda x: x.normal_(1, 3),
}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("fill", CONTINUOUS.values(), ids=CONTINUOUS)
def test_random_numbers_are_of_one_distribution(fill: Any, dtype: str) -> None:
    """The largest distance of the distribution functions has a probability of about 1e-6."""
    n = 20_000
    ours, theirs = (
        np.sort(fill(library.zeros(n, dtype=getattr(library, dtype))).double().numpy())
        for library in (minitorch, torch)
    )
    at = np.concatenate([ours, theirs])
    distance = np.searchsorted(ours, at, "right") - np.searchsorted(theirs, at, "right")
    assert np.abs(distance).max() / n < 2.7 * np.sqrt(2 / n)


TRANSFORMS = [
    "x.as_strided((4, 3), (1, 1))",
    "x.t().contiguous().as_strided((2, 2), (3, 1), 1)",
    "x.view(3, 2).as_strided((2, 2, 2), (2, 1, 1), 1)",
    "x.clone().fill_diagonal_(2.0)",
    "x.sum_to_size(2, 1)",
    "x.adjoint()",
    "y[0, 0].clone().addmm_(x.t(), m.ones(2, 4))",
]


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_gradients(transform: str) -> None:
    found = []
    for library in (minitorch, torch):
        given = names(library)
        x = given["x"].requires_grad_()
        out = eval(transform, given)
        (out * out * library.arange(float(out.numel())).reshape(out.shape)).sum().backward()
        found.append(x.grad.tolist())
    assert found[0] == found[1]


def test_changes_through_a_strided_view() -> None:
    found = []
    for library in (minitorch, torch):
        x = library.arange(6.0, requires_grad=True)
        base = x * 1
        base.as_strided((2, 2), (3, 1), 1).mul_(library.tensor([[2.0, 3.0], [4.0, 5.0]]))
        (base * base).sum().backward()
        found.append((base.tolist(), x.grad.tolist()))
    assert found[0] == found[1]


def test_deepcopy_keeps_shared_memory() -> None:
    found = []
    for library in (minitorch, torch):
        a = library.arange(6.0)
        views = {
            "a": a,
            "row": a[:2],
            "columns": a.view(2, 3).t(),
            "detached": a.detach(),
            "ints": a.view(library.int32),
            "wide": a[:1].expand(3, 1),
            "none": a[6:],
        }
        copied = copy.deepcopy(views)
        copied["row"].fill_(9.0)
        copied["columns"][2].mul_(2.0)
        assert a.tolist() == [0, 1, 2, 3, 4, 5]
        found.append([x.tolist() for x in copied.values()])
    assert found[0] == found[1]


def test_what_is_a_function_and_a_method_there_is_both_here():
    here = {name for name in dir(minitorch) if callable(getattr(minitorch, name))}
    there = {name for name in here if callable(getattr(torch, name, None))}
    methods = {name for name in there if callable(getattr(torch.Tensor, name, None))}
    assert not [name for name in sorted(methods) if not hasattr(minitorch.Tensor, name)]


def test_what_has_a_form_in_place_there_has_one_here():
    names = {name for name in dir(minitorch.Tensor) if hasattr(torch.Tensor, f"{name}_")}
    missing = {name for name in names if not hasattr(minitorch.Tensor, f"{name}_")}
    assert {name for name in missing if not name.endswith("_")} == {"as_strided"}


NEW = [
    lambda lib, x: x.new(),
    lambda lib, x: x.new(2),
    lambda lib, x: x.new(2, 3),
    lambda lib, x: x.new(lib.Size([2, 0])),
    lambda lib, x: x.new(lib.ones(2, 3).shape),
    lambda lib, x: x.new([1, 2]),
    lambda lib, x: x.new((2, 3)),
    lambda lib, x: x.new([[1.5, 2.0], [3.0, 4.0]], device="cpu"),
    lambda lib, x: x.new(np.ones(2)),
    lambda lib, x: x.new(x * 2),
]


@pytest.mark.parametrize("make", NEW)
@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_new(make: Any, dtype: str) -> None:
    ours, theirs = (
        make(lib, lib.zeros(3, dtype=getattr(lib, dtype))) for lib in (minitorch, torch)
    )
    assert (tuple(ours.shape), ours.requires_grad) == (tuple(theirs.shape), theirs.requires_grad)
    assert str(theirs.dtype) == "torch." + ours.dtype.name == f"torch.{dtype}"
    if make not in NEW[1:5]:
        assert ours.tolist() == theirs.tolist()


def test_new_of_a_tensor_is_a_view() -> None:
    for lib in (minitorch, torch):
        x = lib.ones(2, requires_grad=True)
        y = lib.zeros(3).new(x * 2)
        z = lib.zeros(3).new(y)
        y.mul_(3.0)
        assert y.tolist() == z.tolist() == [6, 6]
        z.sum().backward()
        assert x.grad.tolist() == [6, 6]


@pytest.mark.parametrize("wrong", ["a", 2.0, -1])
def test_new_refuses(wrong: Any) -> None:
    errors = []
    for lib in (minitorch, torch):
        with pytest.raises((TypeError, RuntimeError)) as caught:
            lib.zeros(3).new(wrong)
        errors.append((caught.type, str(caught.value)))
    assert errors[0] == errors[1]
