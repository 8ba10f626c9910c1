"""Result dtypes and values for every pair of dtypes, of tensors, 0-d tensors and Python scalars."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

DTYPES = "float16 float32 float64 uint8 int8 int16 int32 int64 bool".split()
OPERATIONS = {
    "add": lambda m, x, y: x + y,
    "sub": lambda m, x, y: x - y,
    "mul": lambda m, x, y: x * y,
    "div": lambda m, x, y: x / y,
    "floor_divide": lambda m, x, y: x // y,
    "remainder": lambda m, x, y: x % y,
    "pow": lambda m, x, y: x**y,
    "eq": lambda m, x, y: x == y,
    "lt": lambda m, x, y: x < y,
    "and": lambda m, x, y: x & y,
    "or": lambda m, x, y: x | y,
    "maximum": lambda m, x, y: m.maximum(x, y),
    "where": lambda m, x, y: m.where(m.tensor([True, False]), x, y),
    "atan2": lambda m, x, y: m.atan2(x, y),
    "clamp": lambda m, x, y: x.clamp(min=y),
    "logical_and": lambda m, x, y: m.logical_and(x, y),
    "true trunc": lambda m, x, y: m.div(x, y, rounding_mode="trunc"),
    "in place": lambda m, x, y: x.clone().add_(y),
    "cat": lambda m, x, y: m.cat([x, y]),
    "xlogy": lambda m, x, y: m.xlogy(x, y),
}
SCALARS = (True, 2, 1.5)
TENSOR_ONLY = ("maximum", "atan2", "cat", "logical_and")


def outcome(library: Any, name: str, *operands: Any) -> tuple[str, Any]:
    """Return the dtype and the values, or that there was an error."""
    made = [
        library.tensor(x[0], dtype=getattr(library, x[1])) if isinstance(x, tuple) else x
        for x in operands
    ]
    try:
        with np.errstate(all="ignore"):
            out = OPERATIONS[name](library, *made)
    except (RuntimeError, TypeError):
        return "error", None
    return str(out.dtype).split(".")[1], out.tolist()


def same(name: str, *operands: Any) -> None:
    dtype, values = outcome(torch, name, *operands)
    if values is None:
        return  # torch lacks it for this dtype
    our_dtype, our_values = outcome(minitorch, name, *operands)
    assert our_dtype == dtype, operands
    rtol = 2e-3 if dtype == "float16" else 1e-6
    np.testing.assert_allclose(our_values, values, rtol=rtol)


@pytest.mark.parametrize("name", OPERATIONS)
def test_tensor_with_tensor(name: str) -> None:
    for a, b in itertools.product(DTYPES, DTYPES):
        same(name, ([3, 1], a), ([1, 1], b))


@pytest.mark.parametrize("name", [n for n in OPERATIONS if n != "cat"])
def test_tensor_with_0d_tensor(name: str) -> None:
    for a, b in itertools.product(DTYPES, DTYPES):
        same(name, ([3, 1], a), (1, b))
        if name != "in place":
            same(name, (1, a), ([3, 1], b))
        same(name, (3, a), (1, b)) if name != "where" else None


@pytest.mark.parametrize("name", [n for n in OPERATIONS if n not in TENSOR_ONLY])
def test_tensor_with_scalar(name: str) -> None:
    for a, scalar in itertools.product(DTYPES, SCALARS[name == "pow" :]):  # torch: x**True is x**1
        same(name, ([3, 1], a), scalar)
        same(name, (3, a), scalar) if name != "where" else None
        if name not in ("clamp", "in place", "true trunc", "xlogy"):
            same(name, scalar, ([3, 1], a))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "text",
    """
    x.sum() x.sum(0) x.prod() x.mean() x.max() x.amax(0) x.argmax() x.cumsum(0) x.cumprod(0)
    x.abs() -x x.sign() x.exp() x.sqrt() x.sigmoid() x.floor() x.round() x.relu() x.square()
    x.reciprocal() x**2 x**2.0 x**0.5 x.float() x.double() x.long() x.int() x.bool() x.all()
    x.any() ~x x.sort()[0] x.sort()[1] x.topk(2)[1] x.unique() x.nonzero() x.std() x.var(0)
    x.norm() x.logsumexp(0) x.softmax(0) m.softmax(x,0) m.ones_like(x) m.full_like(x,2)
    m.zeros_like(x,dtype=m.float64) x.new_zeros(2) x.clamp(0,2) x.clamp(0.5,2)
    m.nn.functional.one_hot(x.long()) m.isnan(x) m.isfinite(x) x.logical_not()
    x.masked_fill(x>1,2) x.masked_fill(x>1,2.5) x@x m.outer(x,x) m.dot(x,x) m.stack([x,x])
    x.flip(0) x.median() x.diff() m.count_nonzero(x) x.erf() x.log1p() x.tanh() x.trunc()
    x.nan_to_num() x.cummax(0)[0] m.logaddexp(x,x) m.hypot(x,x) m.heaviside(x,x) x.frac()
    m.bincount(x) x.fmod(2) x.fmod(1.5) 5-x x.neg() 2/x x.lerp(x,0.5) m.addcmul(x,x,x) x.logit()
    m.isin(x,x) m.searchsorted(x.sort()[0],x) x.kthvalue(2)[0]
    """.split(),
)
def test_one_tensor(text: str, dtype: str) -> None:
    results = []
    for library in (torch, minitorch):
        x = library.tensor([1, 3, 2], dtype=getattr(library, dtype))
        try:
            with np.errstate(all="ignore"):
                out = eval(text, {"m": library, "x": x})
            results.append((str(out.dtype).split(".")[1], out.tolist()))
        except (RuntimeError, TypeError, IndexError):
            results.append(("error", None))
    (expected, values), (ours, our_values) = results
    if values is not None:
        assert ours == expected
        rtol = 4e-3 if "16" in (expected + dtype) else 1e-6
        np.testing.assert_allclose(our_values, values, rtol=rtol)
