"""What holds for any shape, any index and any chain of views, against NumPy and naive twins."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitorch
from minitorch import dtypes

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def counted(shape: tuple[int, ...], start: float = 1.0) -> np.ndarray:
    """Return 1, 2, 3, ... in a shape."""
    return np.arange(start, start + math.prod(shape)).reshape(shape)


def leaf(array: np.ndarray) -> Any:
    return minitorch.from_numpy(array.copy()).requires_grad_()


# ---------------------------------------------------------------------- broadcasting


def broadcast_pairs(a: np.ndarray, b: np.ndarray) -> list[tuple[Any, Any, Any]]:
    """Return, for each element of the result, its index and the indices of its operands."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    pairs = []
    for place in itertools.product(*map(range, shape)):
        own = [
            tuple(
                i if n > 1 else 0
                for i, n in zip(place[len(shape) - x.ndim :], x.shape, strict=True)
            )
            for x in (a, b)
        ]
        pairs.append((place, *own))
    return pairs


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0))
def test_broadcast_product_and_its_gradients(shapes: Any) -> None:
    a, b = (counted(s) for s in shapes.input_shapes)
    x, y = leaf(a), leaf(b)
    out = x * y
    weights = counted(shapes.result_shape, 2.0)
    out.backward(minitorch.tensor(weights))
    expected, da, db = np.zeros(shapes.result_shape), np.zeros_like(a), np.zeros_like(b)
    for place, i, j in broadcast_pairs(a, b):
        expected[place] = a[i] * b[j]
        da[i] += weights[place] * b[j]
        db[j] += weights[place] * a[i]
    np.testing.assert_array_equal(out.detach().numpy(), expected)
    np.testing.assert_array_equal(x.grad.numpy(), da)
    np.testing.assert_array_equal(y.grad.numpy(), db)


@given(SHAPES, SHAPES)
def test_shapes_that_do_not_fit_are_named(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(RuntimeError, match=r"The size of tensor a .* must match"):
            minitorch.zeros(a) + minitorch.zeros(b)
    else:
        assert (minitorch.zeros(a) + minitorch.zeros(b)).shape == np.broadcast_shapes(a, b)


# ---------------------------------------------------------------------- reductions


@st.composite
def reductions(draw: Any) -> tuple[np.ndarray, tuple[int, ...], bool]:
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    dims = draw(
        st.lists(st.integers(-len(shape), len(shape) - 1), unique_by=lambda d: d % len(shape))
    )
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    return rng.permutation(math.prod(shape)).reshape(shape) - 3.5, tuple(dims), draw(st.booleans())


@given(reductions(), st.sampled_from(["sum", "mean", "amax", "amin", "var", "logsumexp"]))
def test_reductions_over_any_dims(case: Any, name: str) -> None:
    array, dims, keepdim = case
    assume(dims or name != "logsumexp")
    naive = {
        "amax": np.max,
        "amin": np.min,
        "var": lambda a, **k: np.var(a, ddof=0, **k),
        "logsumexp": lambda a, **k: np.log(np.exp(a).sum(**k)),
    }.get(name) or getattr(np, name)
    options = {"correction": 0} if name == "var" else {}
    x = leaf(array)
    out = getattr(x, name)(dims, keepdim=keepdim, **options)
    expected = naive(array, axis=dims or None, keepdims=keepdim)
    np.testing.assert_allclose(out.detach().numpy(), expected, rtol=1e-12)
    (total,) = minitorch.autograd.grad(out.sum(), x)
    share = {"sum": array.size, "mean": out.numel(), "var": 0.0}.get(name, out.numel())
    assert float(total.sum()) == pytest.approx(share, abs=1e-9)  # the chain rule on x + constant


# ---------------------------------------------------------------------- indexing


@st.composite
def indexed(draw: Any) -> tuple[np.ndarray, Any]:
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    parts: list[Any] = []
    result = draw(hnp.array_shapes(max_dims=2, max_side=3))
    kinds = st.sampled_from(["slice", "int", "array", "mask"])
    for n in shape[: draw(st.integers(1, len(shape)))]:
        kind = draw(kinds)
        if kind == "slice":
            start, stop = draw(st.integers(-n, n)), draw(st.integers(-n, n))
            parts.append(slice(start, stop, draw(st.integers(1, 2))))
        elif kind == "int":
            parts.append(draw(st.integers(-n, n - 1)))
        elif kind == "array":
            parts.append(draw(hnp.arrays(np.int64, result, elements=st.integers(-n, n - 1))))
        else:
            parts.append(np.ones(n, bool) & (np.arange(n) % 2 == 0))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return counted(shape), tuple(parts)


def torch_rule(array: np.ndarray, index: tuple[Any, ...]) -> Any:
    """Return ``array[index]`` with the integers taken first, one by one, as torch does."""
    parts = list(index)
    axis = 0
    kept: list[Any] = []
    for part in parts:
        if part is None:
            kept.append(None)
            continue
        if isinstance(part, int):
            array = np.take(array, part, axis)
            continue
        kept.append(part)
        axis += 1
    return array[tuple(kept)]


@given(indexed())
def test_reading_and_its_gradient(case: Any) -> None:
    array, index = case
    try:
        expected = torch_rule(array, index)
    except (IndexError, ValueError):
        with pytest.raises((IndexError, RuntimeError)):
            minitorch.tensor(array)[index]
        return
    x = leaf(array)
    out = x[index]
    np.testing.assert_array_equal(out.detach().numpy(), expected)
    weights = counted(expected.shape)
    out.backward(minitorch.tensor(weights))
    gradient = np.zeros_like(array)
    for place, weight in zip(np.ravel(expected), np.ravel(weights), strict=True):
        gradient.reshape(-1)[int(place) - 1] += weight  # the elements count their places from one
    np.testing.assert_array_equal(x.grad.numpy(), gradient)


@given(indexed())
def test_writing_and_its_gradient(case: Any) -> None:
    array, index = case
    try:
        places = np.asarray(torch_rule(array, index))
    except (IndexError, ValueError):
        assume(False)
    assume(len(set(places.reshape(-1))) == places.size)  # else the order of writing decides
    x, y = leaf(array), leaf(counted(places.shape, 100.0))
    z = x * 2
    z[index] = y
    expected, inside = 2 * array, np.zeros(array.shape, bool)
    flat = places.reshape(-1).astype(int) - 1
    expected.reshape(-1)[flat] = counted(places.shape, 100.0).reshape(-1)
    inside.reshape(-1)[flat] = True
    np.testing.assert_array_equal(z.detach().numpy(), expected)
    weights = counted(array.shape)
    z.backward(minitorch.tensor(weights))
    np.testing.assert_array_equal(x.grad.numpy(), np.where(inside, 0, 2 * weights))
    np.testing.assert_array_equal(y.grad.numpy().reshape(-1), weights.reshape(-1)[flat])


# ---------------------------------------------------------------------- views

STEPS = {
    "permute": lambda x, r: (
        x.permute(*(order := r.permutation(x.ndim).tolist())),
        lambda a: a.transpose(order),
    ),
    "flatten": lambda x, r: (x.reshape(-1), lambda a: a.reshape(-1)),
    "unsqueeze": lambda x, r: (x.unsqueeze(0), lambda a: a[None]),
    "squeeze": lambda x, r: (x.squeeze(), lambda a: a.squeeze()),
    "slice": lambda x, r: (x[..., ::2], lambda a: a[..., ::2]) if x.ndim else (x, lambda a: a),
    "select": lambda x, r: (x[0], lambda a: a[0]) if x.ndim and len(x) else (x, lambda a: a),
    "split": lambda x, r: (x.split(2)[0], lambda a: a[:2]) if x.ndim else (x, lambda a: a),
    "unbind": lambda x, r: (
        (x.unbind(-1)[-1], lambda a: a[..., -1]) if x.ndim and x.shape[-1] else (x, lambda a: a)
    ),
    "movedim": lambda x, r: (
        (x.movedim(0, -1), lambda a: np.moveaxis(a, 0, -1)) if x.ndim else (x, lambda a: a)
    ),
}


@given(
    hnp.array_shapes(min_dims=1, max_dims=4, max_side=4),
    st.lists(st.sampled_from(sorted(STEPS)), max_size=5),
    st.integers(0, 99),
)
def test_chains_of_views(shape: tuple[int, ...], steps: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    array = counted(shape)
    x = leaf(array)
    out, expected = x, array
    for step in steps:
        out, twin = STEPS[step](out, rng)
        expected = twin(expected)
        np.testing.assert_array_equal(out.detach().numpy(), expected)
    (gradient,) = minitorch.autograd.grad((out * out).sum() / 2, x)
    seen = np.zeros_like(array)
    seen.reshape(-1)[expected.reshape(-1).astype(int) - 1] = expected.reshape(-1)
    np.testing.assert_array_equal(gradient.numpy(), seen)


# ---------------------------------------------------------------------- dtypes

ANY_DTYPE = st.sampled_from(dtypes.ALL)


@given(ANY_DTYPE, ANY_DTYPE)
def test_promotion_is_commutative_and_holds_both(a: Any, b: Any) -> None:
    both = minitorch.promote_types(a, b)
    assert both is minitorch.promote_types(b, a)
    assert minitorch.can_cast(a, both)
    assert minitorch.can_cast(b, both)
    assert (minitorch.ones(2, dtype=a) * minitorch.ones(2, dtype=b)).dtype is both


@given(ANY_DTYPE, st.sampled_from([True, 2, 0.5]))
def test_a_scalar_changes_the_dtype_only_with_its_category(a: Any, scalar: Any) -> None:
    out = (minitorch.ones(2, dtype=a) * scalar).dtype
    lifts = dtypes.category(dtypes.scalar_dtype(scalar)) > dtypes.category(a.numpy)
    assert out is (dtypes.from_numpy_dtype(dtypes.scalar_dtype(scalar)) if lifts else a)
