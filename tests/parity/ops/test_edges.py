"""Where operations are at the edge of what they are defined for, against PyTorch.

Half precision whose sums leave its range, NaN among the operands, points without a derivative,
corrections that leave no freedom.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

VALUES = """
    h(5000, 2).sum(0)
    h(5000, 2).sum()
    h(5000, 2).sum(1, keepdim=True)
    h(2, 5000).sum(1)
    h(5000, 2).expand(2, 5000, 2).sum((0, 1))
    m.ones(5000, 2).sum(0, dtype=m.float16)
    h(5000, 2).mean(0)
    h(400, 400).mean()
    h(5000, 2).nansum(0)
    h(5000, 2).nanmean(0)
    h(5000).cumsum(0)[-1]
    h(3000, 2).cumsum(0)[-1]
    m.arange(300, dtype=m.float16).var()
    m.arange(300, dtype=m.float16).std()
    m.arange(300, dtype=m.float16).std(0, correction=0)
    m.var_mean(m.arange(300, dtype=m.float16))
    m.std_mean(m.arange(300, dtype=m.float16))
    (200 * h(10)).norm()
    (200 * h(10)).norm(3)
    h(5000, 2).norm(1, 0)
    h(5000, 2).norm(3, 0)
    m.dist(200 * h(10), 0 * h(10))
    h(5000, 2).logsumexp(0)
    h(4000).dot(h(4000))
    h(2, 5000) @ h(5000, 2)
    m.nn.functional.linear(h(2, 5000), h(3, 5000), h(3))
    m.nn.functional.mse_loss(3 * h(5000), 0 * h(5000), reduction="sum")
    m.nn.functional.cross_entropy(0 * h(5000, 10), m.zeros(5000, dtype=m.int64))
    m.nn.functional.normalize(200 * h(10), dim=0)
    m.lerp(m.tensor(1e8), m.tensor(1.0), 1.0)
    m.lerp(m.tensor([1e8, 1e8, 1e8]), m.tensor([1.0, 1.0, 1.0]), m.tensor([1.0, 0.3, 0.5]))
    m.lerp(m.tensor([inf, 1.0, inf]), m.tensor([1.0, inf, inf]), 1.0)
    m.lerp(m.tensor([inf, 1.0]), m.tensor([1.0, inf]), 0.0)
    m.lerp(m.tensor([1.0, 2.0]), m.tensor([1.0, 4.0]), m.tensor(1))
    m.tensor([1e8]).lerp_(m.tensor([1.0]), 1.0)
    m.tensor([nan, 1.0, nan]).unique()
    m.tensor([nan, 1.0, nan, 1.0]).unique(return_inverse=True, return_counts=True)
    m.tensor([[nan, 1.0], [nan, 1.0]]).unique(dim=0, return_inverse=True, return_counts=True)
    m.tensor([[2, 1], [2, 1]]).unique(dim=1, return_counts=True)
    m.arange(3.0).var(correction=5)
    m.arange(3.0).var(correction=3)
    m.arange(3.0).std(0, correction=4)
    m.ones(3).var(correction=3)
    m.zeros(0).var()
    m.zeros(0, 2).var(0)
    m.tensor(3.0).var()
    m.tensor(3.0).var(correction=0)
    m.tensor([nan, 1.0]).var(correction=2)
    m.arange(3.0).var(correction=2.5)
    m.var_mean(m.arange(6.0).reshape(2, 3), 0, correction=2)
    m.std_mean(m.arange(3.0), correction=3)
    m.zeros(0, 2).mean(0)
    m.arange(3).nansum()
    m.tensor([True, True]).nansum()
    m.arange(3, dtype=m.int32).nansum(0)
    m.arange(3).nansum(dtype=m.float32)
    m.arange(6).reshape(2, 3).all(())
    m.arange(6).reshape(2, 3).any([])
    m.zeros(0, dtype=m.int64).median()
    m.tensor(3.0).quantile(0.5, 0)
    m.searchsorted(m.zeros(2, 0), m.zeros(2, 3))
    m.searchsorted(m.zeros(0, 2), m.zeros(0, 3))
    m.searchsorted(m.tensor([[1, 3], [0, 9]]), m.tensor([[2], [9]]), right=True)
    m.bincount(m.zeros(0, dtype=m.int64), weights=m.zeros(0))
    m.tensor([nan, 0.0, 1.0, 2.0, 1.0]).clamp(m.tensor([1.0, nan, nan, 2.0, 2.0]))
    m.tensor([3.0, 3.0]).clamp(m.tensor([3.0, 5.0]), m.tensor([1.0, 4.0]))
    m.tensor([1, 2]).clamp(m.tensor([1.5, 2.5]))
    m.tensor([1, 2]).clamp(max=m.tensor(1.5))
    m.logaddexp2(m.tensor([100.0, -inf, 1000.0, inf]), m.tensor([1000.0, 2.0, -1000.0, inf]))
"""

# A function of x and y; each is tried on every row of POINTS that follows.
GRADIENTS = """
    x.norm(3)
    x.norm(1.5)
    x.norm(0.5)
    x.norm(-1)
    x.norm(2)
    x.norm(1)
    x.norm(inf)
    x.norm(-inf)
    m.dist(x, y, 3)
    m.cdist(x[None], y[None], 3)
    m.nn.functional.normalize(x, 3, 0)
    m.nn.functional.pairwise_distance(x[None], y[None], 3, 0.0)
    m.atan2(x, y)
    m.maximum(x, y)
    m.minimum(x, y)
    m.fmax(x, y)
    m.fmin(x, y)
    m.lerp(x, y, 1.0)
    m.lerp(x, y, 0.3)
    m.lerp(x, 2 * x, y)
    m.logaddexp(x, y)
    m.logaddexp2(x, y)
    x.clamp(y)
    x.clamp(max=y)
    x.clamp(y, y + 1)
    x.clamp(y, y - 1)
    x.clamp(0, 1)
    x.max()
    x.min()
    x.amax(0)
    x.var()
    x.std()
    x.var(correction=3)
    x.var(correction=4)
    x.std(correction=4)
    x.nansum()
    x.nanmean()
    0.0**x
"""
nan, inf = math.nan, math.inf
POINTS = [
    ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ([0.0, 2.0, -1.0], [0.0, 0.0, -1.0]),
    ([1.0, nan, 2.0], [nan, 1.0, 2.0]),
    ([nan, nan, 3.0], [nan, 2.0, 1.0]),
]


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def evaluated(library: Any, text: str, **names: Any) -> Any:
    def h(*shape: int) -> Any:
        return library.ones(*shape, dtype=library.float16)

    scope = {"m": library, "h": h, "nan": nan, "inf": inf, **names}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return eval(text, scope)


@pytest.mark.parametrize("text", lines(VALUES))
def test_value(text: str) -> None:
    ours, theirs = evaluated(minitorch, text), evaluated(torch, text)
    pairs = zip(ours, theirs, strict=True) if isinstance(theirs, tuple) else [(ours, theirs)]
    for x, y in pairs:
        assert str(x.dtype).split(".")[1] == str(y.dtype).split(".")[1]
        half = x.dtype == minitorch.float16
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-3 if half else 1e-6, strict=True)


@pytest.mark.parametrize("point", range(len(POINTS)))
@pytest.mark.parametrize("text", lines(GRADIENTS))
def test_gradient(text: str, point: int) -> None:
    found = []
    for library in (torch, minitorch):
        x, y = (library.tensor(v, requires_grad=True) for v in POINTS[point])
        out = evaluated(library, text, x=x, y=y)
        with np.errstate(all="ignore"):
            out.sum().backward()
        found.append([None if v.grad is None else v.grad.numpy() for v in (x, y)])
    for theirs, ours in zip(*found, strict=True):
        assert (theirs is None) == (ours is None)
        if theirs is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


HALF_GRADIENTS = [
    ("m.nn.functional.linear(x, w, b)", "b"),
    ("x * w[:1]", "w"),
    ("0.001 * x.cumsum(0)", "x"),
    ("x.var(0)", "x"),
    ("x.mean(0)", "x"),
    ("(200 * x[:10]).norm(2, 0)", "x"),
]


@pytest.mark.parametrize(("text", "name"), HALF_GRADIENTS)
def test_gradient_in_half_precision(text: str, name: str) -> None:
    found = []
    for library in (torch, minitorch):
        shapes = {"x": (4000, 3), "w": (2, 3), "b": (2,)}
        leaves = {
            n: library.ones(*shape, dtype=library.float16, requires_grad=True)
            for n, shape in shapes.items()
        }
        evaluated(library, text, **leaves).sum().backward()
        found.append(leaves[name].grad.numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=2e-3)


def test_mean_of_more_elements_than_half_precision_counts() -> None:
    for library in (torch, minitorch):
        x = library.ones(400, 400, dtype=library.float16, requires_grad=True)
        x.mean().backward()
        assert float(x.grad[0, 0]) == np.float16(1 / 160_000)


@pytest.mark.parametrize("name", ["var", "std", "var_mean", "std_mean"])
def test_no_freedom_is_warned_of(name: str) -> None:
    said = []
    for library in (torch, minitorch):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            getattr(library, name)(library.ones(2, 3), 1, correction=3)
        said.append(str(caught[0].message).split(" (Triggered")[0])
        assert caught[0].category is UserWarning
    assert said[0] == said[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(minitorch, name)(minitorch.ones(2, 3), 1)
