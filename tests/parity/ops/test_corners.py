"""Sums that drift, dtypes that are asked for, numbers from NumPy, tensors of no or one element.

Each line of the tables is evaluated with `m` standing for either library.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

VALUES = """
    m.full((1000000,), 0.1).cumsum(0)[-1]
    m.full((200000, 2), 0.1).cumsum(0)[-1]
    m.full((2, 200000), 0.1).cumsum(1)[:, -1]
    t([1e30, 1e30, 0.0, 5.0]).cumprod(0)
    t([1e-30, 1e-30, 1e30, 1e30]).cumprod(0)
    t([[1e30, 2.0], [1e30, 3.0], [1e-30, 4.0]]).cumprod(0)
    t([2e4, 2e4, 1e-4], "float16").cumprod(0)
    t([1e-30, 1e-30, 1e30, 1e30]).prod()
    t([1e30, 1e30, 1e-30, 1e-30]).prod()
    t([[1e30], [1e30], [1e-30], [1e-30]]).prod(0)
    t([100, 2, 3], "int8").cumprod(0)
    t([100, 2, 3], "int8").cumprod(0, dtype=m.int8)
    t([100, 100, 3], "int8").cumsum(0, dtype=m.int8)
    t([2000000000, 2000000000], "int32").sum(dtype=m.int32)
    t([2000000000, 2000000000], "int32").sum(0, dtype=m.int32)
    t([2000000000, 2000000000], "int32").sum()
    m.ones(2).sum(dtype=m.int32)
    (0.5 * m.ones(2)).sum(dtype=m.bool)
    t([200, 100], "uint8").sum(dtype=m.uint8)
    t([]).sum(dtype=m.int32)
    t([1.0, nan]).nansum(dtype=m.int8)
    t([200, 100], "uint8").prod(dtype=m.uint8)
    t([2.0, 3.7]).prod(dtype=m.int32)
    t([True, False]).prod(dtype=m.bool)
    t([100000, 100000], "int32").prod(0, dtype=m.int32)
    t([], "int32").prod(dtype=m.int32)
    m.cat([t([]), t([1, 2])])
    m.cat([t([1, 2]), t([])])
    m.cat([t([]), t([[1, 2]])])
    m.cat([t([[1], [2]]), t([])], 1)
    m.cat([t([], "float64"), t([1.0, 2.0])])
    m.cat([t([], "float16"), t([], "int32")])
    m.hstack([t([]), t([True])])
    t([1, 2]) * np.float64(2.5)
    np.mean([1.0, 2.0]) * m.arange(3)
    t([1, 2]) * np.float16(2.5)
    t([1, 2]) / np.float64(2.5)
    np.float64(2.5) ** t([1, 2])
    t([1, 2]) % np.float64(1.5)
    t(3) * np.float64(2.5)
    t([True, False]) * np.int32(2)
    t([1, 2], "int32") * np.int64(2)
    t([1.0, 2.0], "float64") * np.float32(2)
    m.add(t([1, 2]), np.float64(1.5))
    t([1, 2]).clamp(min=np.float64(1.5))
    t([1.0, 2.0]).clamp(max=np.int64(1))
    m.lerp(t([1.0, 2.0]), t([2.0, 3.0]), np.float64(0.5))
    m.ones(2, 3).sum(np.int64(0))
    m.ones(2, 3).sum((np.int64(0), 1))
    m.ones(2, 3).sum(t(0))
    m.ones(2, 3).mean(np.int64(0))
    m.ones(2, 3).std(np.int64(0))
    m.ones(2, 3).var(np.int64(1), keepdim=True)
    m.ones(2, 3).amax(np.int64(0))
    m.ones(2, 3).max(np.int64(0))
    m.ones(2, 3).min(np.int64(0))
    m.ones(2, 3).argmax(np.int64(0))
    m.ones(2, 3).all(np.int64(0))
    m.ones(2, 3).any(np.int64(0))
    m.ones(2, 3).prod(np.int64(0))
    m.ones(2, 3).cumsum(np.int64(0))
    m.ones(2, 3).norm(2, np.int64(0))
    m.ones(2, 3).logsumexp(np.int64(0))
    m.ones(2, 3).median(np.int64(0))
    m.ones(2, 3).kthvalue(np.int64(1), np.int64(0))
    m.ones(2, 3).count_nonzero(np.int64(0))
    m.ones(2, 3).nanmean(np.int64(0))
    m.aminmax(m.ones(2, 3), dim=np.int64(0))
    m.ones(2, 3).transpose(np.int64(0), np.int64(1))
    m.ones(2, 3).chunk(np.int64(2), np.int64(0))
    m.ones(2, 3).tensor_split(np.int64(2), np.int64(0))
    m.cat([m.ones(2, 3), m.ones(2, 3)], np.int64(1))
    m.stack([m.ones(2, 3), m.ones(2, 3)], np.int64(1))
    m.cat([m.ones(2, 3), m.ones(2, 3)], t(1))
    t([1.0, nan, nan, 2.0]).median(0)
    t([[1.0, 2.0], [nan, 5.0], [nan, 3.0]]).median(0)
    t(2.0).gather(0, t(0))
    t(2.0).gather(0, t([0, 0]))
    t([2.0, 3.0]).gather(0, t(1))
    m.ones(2, 3).gather(0, t([], "int64"))
    t(2.0).scatter(0, t(0), t(5.0))
    t(2.0).scatter(0, t([0]), t([5.0]))
    t([2.0, 3.0]).scatter(0, t(1), 5.0)
    m.ones(2, 3).scatter(0, t([], "int64"), 1.0)
    m.ones(2, 3).scatter_add(0, t([], "int64"), m.ones(0))
    t(2.0).scatter_add(0, t([0]), t([5.0]))
    t([1.0, 2.0]).scatter_add(0, t(0), t(5.0))
    t(2.0).index_fill(0, t([0]), 5.0)
    t(2.0).index_fill(0, t([], "int64"), 5.0)
    t(2.0).index_add(0, t(0), t(5.0))
    t(2.0).index_add(0, t([0]), t(5.0), alpha=2)
    t(2.0).index_copy(0, t([0]), t([5.0]))
    t(2.0).quantile(0.5, dim=0)
    t(2.0).quantile(t([0.5, 0.2]), dim=-1, keepdim=True)
    m.searchsorted(m.ones(0, 3), m.ones(0, 2))
    m.searchsorted(m.ones(2, 0), m.ones(2, 2))
    m.einsum("ij->j", m.full((3, 2), 100, dtype=m.int8))
    m.einsum("ii", m.full((3, 3), 100, dtype=m.int8))
    m.einsum("i,i->", m.full((3,), 100, dtype=m.int8), m.full((3,), 1, dtype=m.int8))
    m.einsum("i,j->j", m.full((3,), 100, dtype=m.int8), m.full((3,), 1, dtype=m.int8))
    m.einsum("ij,k->jk", m.full((3, 2), 100, dtype=m.int8), m.full((3,), 1, dtype=m.int8))
    m.einsum("ij->j", m.ones(3, 2, dtype=m.bool))
    m.einsum("ij->j", m.ones(5000, 2, dtype=m.float16))
    m.einsum("i,j->j", m.ones(5000, dtype=m.float16), m.ones(3, dtype=m.float16))
    m.einsum("ij,ij->j", m.ones(5000, 2, dtype=m.float16), m.ones(5000, 2, dtype=m.float16))
    m.einsum("ij->ji", m.arange(6.0).reshape(2, 3))
    m.einsum("i...->...", m.arange(6.0).reshape(2, 3))
    m.einsum(m.arange(6.0).reshape(2, 3), [0, 1], [1])
    m.einsum(m.arange(6.0).reshape(2, 3), [0, 1], m.arange(6.0).reshape(3, 2), [1, 2])
    m.einsum(m.arange(6.0).reshape(2, 3), [0, 1], m.arange(6.0).reshape(3, 2), [1, 2], [2, 0])
    m.einsum(m.arange(6.0).reshape(2, 3), [..., 1], m.arange(6.0).reshape(3, 2), [1, 5], [..., 5])
    m.einsum(m.arange(6.0).reshape(2, 3), [26, 1])
    m.einsum(m.arange(4.0).reshape(2, 2), (0, 0), ())
    2 ** t([-1, 2])
    (-1) ** t([-1, -2])
    0 ** t([-1, 2], "int32")
    True ** t([-1, 2])
    t([2, 1, -1]) ** t([-1, -1, -3])
    t([[2], [1], [-1]]) ** t([-1, 3])
    m.cdist(m.ones(2, 0), m.ones(3, 0), inf)
    m.cdist(t([[1.0, 2.0]]), t([[2.0, 4.0]]), inf)
    m.cdist(t([[1.0, 2.0]]), t([[2.0, 4.0]]), 2.0, "use_mm_for_euclid_dist")
    m.cdist(t([[1.0, 2.0]]), t([[2.0, 4.0]]), compute_mode="donot_use_mm_for_euclid_dist")
    m.tensor_split(m.ones(4), sections=2)
    m.ones(4).tensor_split(indices=[1, 2], dim=0)
    m.ones(4).tensor_split(t([1, 2]))
    m.ones(4).tensor_split(t(2))
    m.repeat_interleave(t([1, 2]), output_size=3)
    m.repeat_interleave(t([1.0, 2.0]), t([1, 2]), dim=0, output_size=3)
    t([1.0, 2.0]).repeat_interleave(2, 0, output_size=4)
    m.bernoulli(m.ones(3), 1.0)
    t([0.0, 0.0], "float16").scatter_add(0, t([0] * 3000), m.ones(3000, dtype=m.float16))
"""

REFUSALS = """
    t([True, False]).cumsum(0, dtype=m.bool)
    t([1, 2]).mean(dtype=m.int32)
    t([True, False]).cumprod(0, dtype=m.bool)
    m.ones(2, 3).sum((1, 1, 0))
    t(2.0).index_select(0, t([0, 0]))
    t(2.0).index_add(0, t([0]), t([5.0]))
    m.ones(2, 3).index_fill(0, t(1), t([5.0]))
    t([2, 3]) ** -1
    m.einsum("ij->ijk", m.ones(3, 5))
    m.einsum("ij->ii", m.ones(3, 5))
    m.einsum("i1->i", m.ones(3, 5))
    m.einsum("ij,ij->", m.ones(2, 3))
    m.einsum(m.ones(2, 3), [0, 52], [0])
    m.einsum(m.ones(2, 3), [0, -1], [0])
    m.einsum(m.ones(2, 3), [0], [0])
    m.einsum("ij")
    m.cdist(m.ones(1, 2), m.ones(1, 2), -1)
    m.cdist(m.ones(1, 2), m.ones(1, 2), compute_mode="fast")
    m.cdist(m.ones(2), m.ones(1, 2))
    m.cdist(m.ones(1, 2), m.ones(1, 3))
    m.cdist(t([[1, 2]]), t([[2, 4]]))
    m.cdist(m.ones(1, 2, dtype=m.float64), m.ones(1, 2))
    m.repeat_interleave(t([1.0, 2.0]), 2, output_size=5)
    m.repeat_interleave(t([1.0, 2.0]))
    m.repeat_interleave(t([[1, 2]]))
    m.repeat_interleave(t([1, -2]))
    m.repeat_interleave(t([1.0, 2.0]), t([[1, 2]]))
    m.repeat_interleave(t([1.0, 2.0]), t([1.0, 2.0]))
"""

# A function of x, and the x.
GRADIENTS: list[tuple[str, Any]] = [
    ("(x.clamp(0.0, 1.0) * t([inf, nan, inf])).sum()", [2.0, 3.0, 0.5]),
    ("x.clamp(t([nan, 1.0, 0.0]), t([1.0, nan, 2.0])).sum()", [1.0, 1.0, nan := math.nan]),
    ("t([1.0, 1.0, nan, 1.0]).clamp(x).sum()", [nan, 1.0, 0.0, 2.0]),
    ("x.max()", [nan, 1.0, nan, 2.0]),
    ("x.amax()", [nan, 1.0, 0.0, 2.0]),
    ("x.median(0)[0]", [1.0, nan, nan, 2.0]),
    ("x.quantile(0.5)", [1.0, nan, nan, 2.0]),
    ("x.quantile(t([0.3, 1.0]), 0).sum()", [1.0, 4.0, nan, 2.0]),
    ("x.quantile(0.3, 1).sum()", [[1.0, 4.0, 3.0], [nan, 1.0, 2.0]]),
    ("x.prod()", [0.0, 1.0, 3.0, 2.0]),
    ("x.prod()", [0.0, 0.0, 3.0, 2.0]),
    ("x.prod()", [nan, 2.0, 1.0]),
    ("x.prod()", [nan, 0.0, 1.0]),
    ("x.prod()", []),
    ("x.prod()", 2.0),
    ("x.prod(0).sum()", [[0.0, 3.0], [2.0, 2.0]]),
    ("x.prod(1, keepdim=True).sum()", [[0.0, 3.0], [2.0, 2.0]]),
    ("x.cumprod(0).sum()", [2.0, 0.0, 3.0, 0.0, 2.0, 5.0]),
    ("x.cumprod(0).sum()", [2.0, 4.0, 3.0, 0.1, 2.0, 5.0]),
    ("x.cumprod(0).sum()", 0.0),
    ("m.cdist(x, t([[0.0, 0.0]]), inf).sum()", [[1.0, 1.0], [1.0, -2.0], [0.0, 0.0]]),
    ("m.cdist(x, t([[0.0, 0.0]]), 0.5).sum()", [[1.0, 0.0], [1.0, -2.0]]),
    ("m.cat([x, t([1, 2])]).sum()", []),
    ("m.cat([x, t([[1, 2]])]).sum()", []),
    ("x.gather(0, t(0))", 2.0),
    ("x.gather(0, t([0, 0])).sum()", 2.0),
    ("x.gather(0, t(1))", [2.0, 3.0]),
    ("x.gather(0, t([], 'int64')).sum()", [[1.0, 2.0]]),
    ("x.index_fill(0, t(0), 2.0)", 2.0),
    ("x.index_add(0, t(0), x)", 2.0),
    ("t(1.0).scatter(0, t(0), x)", 2.0),
    ("t(1.0).scatter_add(0, t([0]), x)", [2.0]),
    ("x.scatter_add(0, t([], 'int64'), t([])).sum()", [2.0]),
    ("m.einsum('ij->j', x).prod()", [[1.0, 2.0], [3.0, 4.0]]),
    ("m.einsum('ij,k->jk', x, t([1.0, 2.0])).prod()", [[1.0, 2.0], [3.0, 4.0]]),
]


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def evaluated(library: Any, text: str, **names: Any) -> Any:
    def t(data: Any, dtype: str | None = None) -> Any:
        return library.tensor(data, dtype=None if dtype is None else getattr(library, dtype))

    scope = {"m": library, "t": t, "np": np, "nan": math.nan, "inf": math.inf, **names}
    with np.errstate(all="ignore"):
        return eval(text, scope)


@pytest.mark.parametrize("text", lines(VALUES))
def test_value(text: str) -> None:
    ours, theirs = evaluated(minitorch, text), evaluated(torch, text)
    pairs = zip(ours, theirs, strict=True) if isinstance(theirs, tuple) else [(ours, theirs)]
    for x, y in pairs:
        assert str(x.dtype).split(".")[1] == str(y.dtype).split(".")[1]
        half = x.dtype == minitorch.float16
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-3 if half else 1e-6, strict=True)


@pytest.mark.parametrize("text", lines(REFUSALS))
def test_refusal(text: str) -> None:
    said = []
    for library in (torch, minitorch):
        with pytest.raises((RuntimeError, ValueError, IndexError)) as caught:
            evaluated(library, text)
        said.append((type(caught.value), str(caught.value)))
    assert said[0] == said[1]


@pytest.mark.parametrize(("text", "point"), GRADIENTS)
def test_gradient(text: str, point: Any) -> None:
    found = []
    for library in (torch, minitorch):
        x = library.tensor(point, dtype=library.float32, requires_grad=True)
        out = evaluated(library, text, x=x)
        with np.errstate(all="ignore"):
            (gradient,) = library.autograd.grad(out, x)
        found.append(gradient.numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6, strict=True)


@pytest.mark.parametrize("name", ["prod", "cumprod"])
@pytest.mark.parametrize("point", [[2.0, 0.0, 3.0, 0.0, -1.0], [2.0, 0.0, 3.0], [2.0, -4.0, 3.0]])
def test_second_gradient_of_products(name: str, point: list[float]) -> None:
    found = []
    for library in (torch, minitorch):
        x = library.tensor(point, requires_grad=True)
        weights = library.arange(1.0, len(point) + 1)
        out = (getattr(x, name)(0) * weights).sum()
        (first,) = library.autograd.grad(out, x, create_graph=True)
        (second,) = library.autograd.grad((first * weights.flip(0)).sum(), x)
        found.append((first.detach().numpy(), second.numpy()))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6)


def test_einsum_of_one_is_a_view() -> None:
    for library in (torch, minitorch):
        x = library.zeros(2, 3)
        library.einsum("ij->ji", x).add_(1)
        assert x.sum() == 6


def test_halves_add_up_at_repeated_places() -> None:
    x = minitorch.ones(2, 2, dtype=minitorch.float16, requires_grad=True)
    places = minitorch.zeros(3000, dtype=minitorch.int64)
    (x[places].sum() + x[places, places].sum()).backward()
    assert x.grad.tolist() == [[6000, 3000], [0, 0]]
