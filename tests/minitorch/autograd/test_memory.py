"""Who shares memory with whom, who is kept alive, and what depth costs."""

from __future__ import annotations

import gc
import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch.autograd import Function


@pytest.fixture
def _no_gc():
    """Objects die by their reference count, or the test fails."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(*shape: int) -> minitorch.Tensor:
    return minitorch.rand(*shape, requires_grad=True)


class Shared(Function):
    """An addition whose backward gives everybody the same gradient."""

    @staticmethod
    def forward(ctx, x, y):
        return x + y

    @staticmethod
    def backward(ctx, g):
        ctx.kept = g
        return g, g


STEPS = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "neg": lambda x, y: -x,
    "t": lambda x, y: x.t() + y,
    "view": lambda x, y: x.reshape(-1).reshape(2, 2),
    "sum": lambda x, y: x.sum() + y,
    "row": lambda x, y: x[0] + y,
    "clone": lambda x, y: x.clone(),
    "shared": Shared.apply,
    "stack": lambda x, y: minitorch.stack([x[0], y[1]]),
    "inplace": lambda x, y: (x * 1).add_(y),
    "same": lambda x, y: x.float(),
}


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)), max_size=6
    ),
    st.booleans(),
    st.booleans(),
)
def test_no_gradient_shares_memory(steps, create_graph, hooked):
    leaves = [leaf(2, 2) for _ in range(3)]
    tensors, held = list(leaves), []
    for name, i, j in steps:
        tensors.append(STEPS[name](tensors[i % len(tensors)], tensors[j % len(tensors)]))
    for index, tensor in enumerate(tensors):
        tensor.retain_grad()
        if hooked and index % 2 and tensor.requires_grad:
            tensor.register_hook(held.append)
    gradient = minitorch.rand(2, 2)
    tensors[-1].backward(gradient, create_graph=create_graph)
    if not create_graph:
        tensors[0].sum().backward()
    owned = {id(t): t.grad for t in tensors if t.grad is not None}
    strangers = [t._array for t in tensors] + [gradient._array] + [h._array for h in held]
    for own in owned.values():
        others = strangers + [g._array for g in owned.values() if g is not own]
        assert not any(np.shares_memory(own._array, other) for other in others)
        assert own._array.flags.writeable


def test_gradient_of_a_fresh_pass_is_adopted_without_a_copy():
    x = leaf(3)
    made = []

    class Op(Function):
        fresh_gradients = True

        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            made.append(g * 2)
            return made[0]

    Op.apply(x).sum().backward()
    assert np.shares_memory(x.grad._array, made[0]._array)


@pytest.mark.parametrize("n", [1, 100, 5000])
def test_gradient_that_is_a_part_of_another_keeps_only_its_own_memory(n):
    x, y = leaf(n), leaf(15)
    (minitorch.cat([x, y]) * minitorch.rand(n + 15)).sum().backward()
    assert (x.grad.storage_offset(), y.grad.storage_offset()) == (0, 0)


@pytest.mark.usefixtures("_no_gc")
@pytest.mark.parametrize(
    "use",
    [
        lambda x: x * x,
        lambda x: x.exp(),
        lambda x: (x * 1).exp_().mul(2),
        lambda x: Shared.apply(x, x),
        lambda x: minitorch.cat([x, x * 2]).softmax(-1),
        lambda x: x[x > 0.5] ** 2,
        lambda x: x.reshape(-1)[1:].t(),
    ],
)
def test_graph_dies_by_reference_count(use):
    x = leaf(4)
    y = use(x)
    node, tensor = weakref.ref(y.grad_fn), weakref.ref(y)
    del y
    assert node() is None
    assert tensor() is None


@pytest.mark.usefixtures("_no_gc")
def test_view_changed_in_place_leaves_no_cycle():
    x = leaf(3, 2)
    y = x * 1
    y[1].mul_(x[0])
    y[:, 0].exp_()
    references = [weakref.ref(y), weakref.ref(y.grad_fn)]
    y.sum().backward()
    del y
    assert [r() for r in references] == [None, None]


@pytest.mark.usefixtures("_no_gc")
def test_function_that_saves_its_outputs_leaves_no_cycle():
    class Two(Function):
        @staticmethod
        def forward(ctx, x):
            y, z = x.exp(), x * 2
            ctx.save_for_backward(x, y, z)
            return y, z

        @staticmethod
        def backward(ctx, g, h):
            _, y, z = ctx.saved_tensors
            return g * y + h * 2 + 0 * z

    x = leaf(3)
    y, z = Two.apply(x)
    (g,) = minitorch.autograd.grad((y * z).sum(), x, create_graph=True)
    g.sum().backward()
    references = [weakref.ref(v) for v in (y, z, g, y.grad_fn, g.grad_fn)]
    del y, z, g
    assert [r() for r in references] == [None] * 5


@pytest.mark.parametrize(
    "op",
    [lambda x: x + 1, lambda x: x.reshape(-1), lambda x: x.sum(), lambda x: x.t(), lambda x: -x],
)
def test_linear_ops_keep_nothing_alive(op):
    x = leaf(2, 2) * 1
    array = weakref.ref(x._array)
    y = op(x).clone()
    del x
    assert y.grad_fn is not None
    assert array() is None


def test_consumed_node_lets_go():
    x = leaf(3) * 1
    big = minitorch.rand(3)
    kept = weakref.ref(big)
    y = x * big
    del big
    assert kept() is not None
    y.sum().backward()
    assert kept() is None


def test_function_lets_go_of_saved_tensors_and_outputs():
    class Keep(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x * 3)
            return x * 2, x * 4

        @staticmethod
        def backward(ctx, g, h):
            assert ctx.saved_tensors[0].shape == (3,)
            return g + h

    y, z = Keep.apply(leaf(3))
    array = weakref.ref(z._array)
    del z
    assert array() is None
    y.sum().backward()
    with pytest.raises(RuntimeError, match="a second time"):
        y.sum().backward()


def test_steps_do_not_grow():
    w = leaf(100, 100)

    def step() -> None:
        x = minitorch.rand(50, 100)
        loss = ((x @ w).relu() @ w.t()).tanh().pow(2).mean()
        loss.backward()
        with minitorch.no_grad():
            w.sub_(0.1 * w.grad)
        w.grad = None

    tracemalloc.start()
    peaks = []
    for _ in range(6):
        tracemalloc.reset_peak()
        step()
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[-1] < peaks[1] * 1.05


@pytest.mark.slow
@pytest.mark.parametrize("create_graph", [False, True])
def test_deep_graph(create_graph):
    x = minitorch.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y * 1.00001 if create_graph else y + 1e-5
    (g,) = minitorch.autograd.grad(y, x, create_graph=create_graph)
    assert g.item() == pytest.approx(np.e if create_graph else 1.0, rel=1e-2)
    del y, g


@pytest.mark.slow
def test_deep_function_graph():
    x = y = leaf(1)
    for _ in range(100_000):
        y = Shared.apply(y, x)
    y.sum().backward()
    assert x.grad.item() == pytest.approx(100_001)


def test_wide_graph_is_deterministic():
    gradients = []
    for _ in range(2):
        minitorch.manual_seed(3)
        x = minitorch.rand(7, requires_grad=True)
        parts = [(x * minitorch.rand(7)).sin() for _ in range(500)]
        sum(parts).sum().backward()
        gradients.append(x.grad.numpy())
    np.testing.assert_array_equal(*gradients)
