"""Sums in half precision, norms at zero, ends of an interpolation, NaN and no freedom at all."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.autograd import gradcheck, gradgradcheck

half = minitorch.float16


def halves(*shape: int) -> minitorch.Tensor:
    """Random numbers in float16 whose sums its steps of 1/1024 would blur."""
    numbers = np.random.default_rng(0).uniform(0.5, 2.0, shape)
    return minitorch.tensor(numbers.astype(np.float16))


REDUCTIONS: dict[str, tuple[Any, Any]] = {
    "sum": (lambda x: x.sum(0), lambda x: x.sum(0)),
    "sum of all": (lambda x: x.sum(), lambda x: x.sum()),
    "mean": (lambda x: x.mean(0), lambda x: x.mean(0)),
    "cumsum": (lambda x: x.cumsum(0), lambda x: x.cumsum(0)),
    "prod": (lambda x: (x**0.01).prod(0), lambda x: (x**0.01).prod(0)),
    "var": (lambda x: (100 * x).var(0), lambda x: (100 * x).var(0, ddof=1)),
    "std": (lambda x: (100 * x).std(0), lambda x: (100 * x).std(0, ddof=1)),
    "norm": (lambda x: (100 * x).norm(2, 0), lambda x: np.sqrt(((100 * x) ** 2).sum(0))),
    "norm 3": (lambda x: x.norm(3, 0), lambda x: (x**3).sum(0) ** (1 / 3)),
    "norm 1": (lambda x: x.norm(1, 0), lambda x: x.sum(0)),
    "logsumexp": (lambda x: x.logsumexp(0), lambda x: np.log(np.exp(x).sum(0))),
    "dot": (lambda x: x[:, 0] @ x[:, 1], lambda x: x[:, 0] @ x[:, 1]),
}


@pytest.mark.parametrize("name", [name for name in REDUCTIONS if name != "prod"])
def test_half_precision_is_accumulated_in_single(name: str) -> None:
    ours, theirs = REDUCTIONS[name]
    x = halves(4000, 3)
    out = ours(x)
    assert out.dtype == half
    np.testing.assert_allclose(out.numpy(), theirs(x.numpy().astype(np.float64)), rtol=2e-3)


def test_products_in_half_precision_round_once() -> None:
    x = minitorch.full((3000,), 1.001, dtype=half)
    expected = x.numpy().astype(np.float64).prod()
    assert x.prod().item() == pytest.approx(expected, rel=5e-4)
    assert x.cumprod(0)[-1].item() == pytest.approx(expected, rel=5e-4)


def test_the_gradient_of_a_bias_counts_every_row() -> None:
    bias = minitorch.zeros(2, dtype=half, requires_grad=True)
    column = minitorch.zeros(1, 2, dtype=half, requires_grad=True)
    x = minitorch.ones(4000, 2, dtype=half)
    (x + bias + column).sum(0).sum().backward()
    assert bias.grad.tolist() == [4000, 4000]
    assert column.grad.tolist() == [[4000, 4000]]


@pytest.mark.parametrize("p", [0.5, 1.5, 2.5, 3, 7, -1])
def test_gradient_of_a_norm(p: float) -> None:
    x = minitorch.tensor([[1.0, -2.0], [0.3, 0.7]], dtype=minitorch.float64, requires_grad=True)
    assert gradcheck(lambda x: x.norm(p, 0), (x,))
    assert gradgradcheck(lambda x: x.norm(p), (x,))


@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, 7, -1, math.inf, -math.inf])
def test_gradient_of_the_norm_of_zeros_is_zero(p: float) -> None:
    x = minitorch.zeros(2, 3, requires_grad=True)
    x.norm(p, 1).sum().backward()
    assert x.grad.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_distance_of_equal_rows_has_no_gradient() -> None:
    x = minitorch.ones(2, 3, requires_grad=True)
    minitorch.cdist(x, x, p=3).sum().backward()
    assert not x.grad.any()


def test_large_orders_do_not_overflow_in_the_gradient() -> None:
    x = minitorch.tensor([3e3, 4e3], requires_grad=True)
    x.norm(10).backward()
    ratio = 4e3 / (3e3**10 + 4e3**10) ** 0.1
    assert x.grad[1].item() == pytest.approx(ratio**9, rel=1e-4)


def test_the_origin_has_no_angle() -> None:
    x, y = (minitorch.tensor([0.0, 3.0], requires_grad=True) for _ in range(2))
    minitorch.atan2(x, y).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [0, 1 / 6])
    np.testing.assert_allclose(y.grad.numpy(), [0, -1 / 6])


@pytest.mark.parametrize("weight", [1.0, minitorch.tensor([1.0])])
def test_lerp_reaches_both_ends(weight: Any) -> None:
    far, near = minitorch.tensor([1e8]), minitorch.tensor([1.0])
    assert minitorch.lerp(far, near, weight).item() == 1
    assert minitorch.lerp(far, near, weight * 0).item() == 1e8


def test_gradients_of_lerp() -> None:
    rng = np.random.default_rng(0)
    x, y, w = (minitorch.tensor(rng.random(4), requires_grad=True) for _ in range(3))
    assert gradcheck(minitorch.lerp, (x, y, w))
    assert gradgradcheck(minitorch.lerp, (x, y, w))
    assert gradcheck(lambda x, y: minitorch.lerp(x, y, 0.8), (x, y))


def test_each_nan_is_one_of_its_own() -> None:
    x = minitorch.tensor([math.nan, 1.0, math.nan])
    values, counts = x.unique(return_counts=True)
    assert values[0] == 1
    assert counts.tolist() == [1, 1, 1]


@pytest.mark.parametrize("correction", [3, 5])
def test_a_variance_without_freedom_is_infinite(correction: int) -> None:
    with pytest.warns(UserWarning, match="degrees of freedom is <= 0"):
        assert minitorch.arange(3.0).var(correction=correction) == math.inf
    with pytest.warns(UserWarning, match="degrees of freedom is <= 0"):
        assert minitorch.ones(3).std(correction=correction).isnan()


def test_gradients_of_variances() -> None:
    x = minitorch.tensor(np.random.default_rng(0).random((3, 4)), requires_grad=True)
    for function in (minitorch.var, minitorch.std):
        assert gradcheck(lambda x, f=function: f(x, (0, 1)), (x,))
        assert gradgradcheck(lambda x, f=function: f(x, 1, correction=0), (x,))


def test_nothing_has_no_mean_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert minitorch.zeros(0, 2).mean(0).isnan().all()


def test_nansum_keeps_integers() -> None:
    out = minitorch.arange(4, dtype=minitorch.int32).nansum()
    assert (out.dtype, out.item()) == (minitorch.int64, 6)


def test_gradients_beside_nan() -> None:
    nan = math.nan
    x = minitorch.tensor([nan, 1.0, 2.0, 2.0], requires_grad=True)
    y = minitorch.tensor([1.0, nan, 2.0, 3.0], requires_grad=True)
    minitorch.maximum(x, y).sum().backward()
    assert x.grad.tolist() == [1, 1, 0.5, 0]
    assert y.grad.tolist() == [1, 1, 0.5, 1]


def test_a_bound_that_is_nan_makes_nan() -> None:
    x = minitorch.tensor([0.0, 5.0], requires_grad=True)
    low = minitorch.tensor([math.nan, 6.0], requires_grad=True)
    out = x.clamp(low)
    out.sum().backward()
    assert out[0].isnan()
    assert (x.grad.tolist(), low.grad.tolist()) == ([0, 0], [0, 1])


@pytest.mark.parametrize("kind", ["complex128", "<U1", "object"])
def test_an_array_that_no_tensor_can_hold_is_refused_by_its_type(kind):
    x, other = minitorch.ones(2), np.zeros(2, kind)
    for operate in (lambda: x + other, lambda: other * x, lambda: minitorch.maximum(x, other)):
        with pytest.raises(TypeError, match=r"can't convert np\.ndarray of type"):
            operate()
