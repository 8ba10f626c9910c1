"""`Function`: what its context offers, what its backward may return, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.autograd.agree import agree, every


def _leaf(t: Any, *values: float) -> Any:
    return t.tensor(list(values or (1.0, -2.0, 3.0)), requires_grad=True)


def _make(t: Any, forward: Any, backward: Any, **more: Any) -> Any:
    body = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    body |= {name: staticmethod(function) for name, function in more.items()}
    return type("Op", (t.autograd.Function,), body).apply


def _square(t: Any) -> Any:
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g

    return _make(t, forward, backward)


def saved_input(t):
    x = _leaf(t)
    y = _square(t)(x)
    y.sum().backward()
    return y, y.grad_fn.name(), x.grad


def double_backward(t):
    x = _leaf(t)
    y = _square(t)(x * x)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    (h,) = t.autograd.grad(g.sum(), x, create_graph=True)
    return g, h, t.autograd.grad(h.sum(), x)


def saved_output(t):
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    x = _leaf(t)
    y = _make(t, forward, lambda ctx, g: g * ctx.saved_tensors[0])(x)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    return g, t.autograd.grad(g.sum(), x)


def saved_one_of_two_outputs(t):
    def forward(ctx, x):
        y, z = x.exp(), x * 3
        ctx.save_for_backward(y)
        return z, y

    def backward(ctx, gz, gy):
        return gz * 3 + gy * ctx.saved_tensors[0]

    x = _leaf(t)
    z, y = _make(t, forward, backward)(x)
    (g,) = t.autograd.grad((y * z).sum(), x, create_graph=True)
    (h,) = t.autograd.grad(g.sum(), x)
    return y, z, g, h


def saved_none(t):
    def forward(ctx, x):
        ctx.save_for_backward(None, x)
        return x * 2

    def backward(ctx, g):
        nothing, x = ctx.saved_tensors
        assert nothing is None
        return g * x

    x = _leaf(t)
    _make(t, forward, backward)(x).sum().backward()
    return x.grad


def saved_number(t):
    def forward(ctx, x):
        ctx.save_for_backward(3)
        return x

    _make(t, forward, lambda ctx, g: g)(_leaf(t))


def saved_input_changed(t):
    x = _leaf(t) * 1
    y = _square(t)(x)
    x.add_(1)
    y.sum().backward()


def saved_twice_read(t):
    x = _leaf(t)
    y = _square(t)(x).sum()
    y.backward()
    y.backward()


def saved_read_again_with_retain(t):
    x = _leaf(t)
    y = _square(t)(x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


def attributes_on_context(t):
    def forward(ctx, x, factor, name="n"):
        ctx.factor, ctx.name_given = factor, name
        return x * factor

    def backward(ctx, g):
        return g * ctx.factor, None, None

    x = _leaf(t)
    _make(t, forward, backward)(x, 3, "given").sum().backward()
    return x.grad


def needs_input_grad(t):
    seen = []

    def forward(ctx, x, y, n):
        seen.append(ctx.needs_input_grad)
        return x * y * n

    def backward(ctx, g):
        seen.append(ctx.needs_input_grad)
        return g, None, None

    _make(t, forward, backward)(_leaf(t), t.ones(3), 2).sum().backward()
    return seen


def constant_inputs(t):
    y = _square(t)(t.ones(3))
    return y.requires_grad, y.grad_fn


def in_no_grad(t):
    with t.no_grad():
        y = _square(t)(_leaf(t))
    return y.requires_grad, y.grad_fn


def nothing_recorded_inside(t):
    seen = []

    def forward(ctx, x):
        seen.append((t.is_grad_enabled(), (x * 2).requires_grad))
        return x * 2

    def backward(ctx, g):
        seen.append((t.is_grad_enabled(), g.requires_grad))
        return g * 2

    x = _leaf(t)
    y = _make(t, forward, backward)(x).sum()
    t.autograd.grad(y, x, retain_graph=True)
    t.autograd.grad(y, x, create_graph=True)
    return seen


def unused_output_is_zeros(t):
    seen = []

    def backward(ctx, a, b):
        seen.append((a, b))
        return a + b

    x = _leaf(t)
    y, _ = _make(t, lambda ctx, x: (x * 2, x * 3), backward)(x)
    y.sum().backward()
    return seen, x.grad


def unused_output_is_none(t):
    seen = []

    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x * 2, x * 3

    def backward(ctx, a, b):
        seen.append((a is None, b))
        return b

    x = _leaf(t)
    _, z = _make(t, forward, backward)(x)
    z.sum().backward()
    return seen, x.grad


def non_differentiable_output(t):
    seen = []

    def forward(ctx, x):
        order = x.argsort()
        rounded = x.round()
        ctx.mark_non_differentiable(order, rounded)
        return x * 2, order, rounded

    def backward(ctx, g, g_order, g_rounded):
        seen.append((g, g_rounded))
        return g * 2

    x = _leaf(t)
    y, order, rounded = _make(t, forward, backward)(x)
    y.sum().backward()
    return y.requires_grad, order.requires_grad, rounded.requires_grad, seen, x.grad


def integer_output_without_mark(t):
    x = _leaf(t)
    y, order = _make(t, lambda ctx, x: (x * 2, x.argsort()), lambda ctx, g, _: g * 2)(x)
    return order.requires_grad, y.requires_grad


def output_that_is_no_tensor(t):
    seen = []

    def backward(ctx, *grads):
        seen.append([g if g is None else g * 1 for g in grads])
        return grads[0]

    x = _leaf(t)
    y, text = _make(t, lambda ctx, x: (x * 2, "text"), backward)(x)
    y.sum().backward()
    return text, seen, x.grad


def none_gradients(t):
    x, y = _leaf(t), _leaf(t)
    _make(t, lambda ctx, x, y: x * y, lambda ctx, g: (g, None))(x, y).sum().backward()
    return x.grad, y.grad


def single_output_tuple(t):
    x = _leaf(t)
    out = _make(t, lambda ctx, x: (x * 2,), lambda ctx, g: (g * 2,))(x)
    return isinstance(out, tuple), out[0].grad_fn.name()


def too_few_gradients(t):
    _make(t, lambda ctx, x, y: x * y, lambda ctx, g: g)(_leaf(t), _leaf(t)).sum().backward()


def too_many_gradients(t):
    _make(t, lambda ctx, x: x * 2, lambda ctx, g: (g, g))(_leaf(t)).sum().backward()


def superfluous_nones(t):
    x = _leaf(t)
    _make(t, lambda ctx, x: x * 2, lambda ctx, g: (g, None, None))(x).sum().backward()
    return x.grad


def gradient_for_a_number(t):
    _make(t, lambda ctx, x, n: x * n, lambda ctx, g: (g, g))(_leaf(t), 2).sum().backward()


def gradient_for_a_constant(t):
    x = _leaf(t)
    _make(t, lambda ctx, x, y: x * y, lambda ctx, g: (g, g))(x, t.ones(3)).sum().backward()
    return x.grad


def gradient_of_wrong_shape(t):
    _make(t, lambda ctx, x: x * 2, lambda ctx, g: g[:2])(_leaf(t)).sum().backward()


def gradient_of_permuted_shape(t):
    x = t.ones(2, 3, requires_grad=True)
    _make(t, lambda ctx, x: x * 2, lambda ctx, g: g.reshape(3, 2))(x).sum().backward()


def gradient_that_is_summed(t):
    x = t.ones(1, 3, requires_grad=True)
    _make(t, lambda ctx, x: x.expand(2, 3) * 1, lambda ctx, g: g)(x).sum().backward()
    return x.grad


def gradient_of_other_dtype(t):
    x = _leaf(t)
    _make(t, lambda ctx, x: x * 2, lambda ctx, g: g.double())(x).sum().backward()
    return x.grad


def gradient_that_is_no_tensor(t):
    _make(t, lambda ctx, x: x * 2, lambda ctx, g: 3.0)(_leaf(t)).sum().backward()


def mark_dirty(t):
    def forward(ctx, x):
        x.add_(1)
        ctx.mark_dirty(x)
        return x

    x = _leaf(t)
    y = x * 2
    z = _make(t, forward, lambda ctx, g: g * 3)(y)
    (z * z).sum().backward()
    return z is y, z, x.grad


def mark_dirty_on_a_view(t):
    def forward(ctx, x):
        x.mul_(3)
        ctx.mark_dirty(x)
        return x

    x = _leaf(t)
    y = x * 1
    _make(t, forward, lambda ctx, g: g * 3)(y[:2])
    (y * y).sum().backward()
    return y, x.grad


def mark_dirty_on_a_leaf(t):
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x

    _make(t, forward, lambda ctx, g: g)(_leaf(t))


def mark_dirty_not_returned(t):
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x * 2

    _make(t, forward, lambda ctx, g: g)(_leaf(t) * 1)


def mark_dirty_and_saved_before(t):
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    y = _leaf(t) * 1
    z = y * y
    _make(t, forward, lambda ctx, g: g * 2)(y)
    z.sum().backward()


def input_returned(t):
    x = _leaf(t) * 1
    y = _make(t, lambda ctx, x: x, lambda ctx, g: g * 3)(x)
    (g,) = t.autograd.grad(y.sum(), x)
    return y is x, y.grad_fn.name(), g


def returned_input_changed(t):
    _make(t, lambda ctx, x: x, lambda ctx, g: g * 3)(_leaf(t) * 1).mul_(2)


def returned_view_changed(t):
    _make(t, lambda ctx, x: x.view(-1), lambda ctx, g: g * 3)(_leaf(t) * 1).mul_(2)


def setup_context(t):
    def forward(x, n):
        return x * n, x.exp()

    def setup(ctx, inputs, output):
        _, n = inputs
        ctx.n = n
        ctx.save_for_backward(output[1])

    def backward(ctx, g, h):
        return g * ctx.n + h * ctx.saved_tensors[0], None

    x = _leaf(t)
    y, z = _make(t, forward, backward, setup_context=setup)(x, 4)
    (y * z).sum().backward()
    return x.grad


def once_differentiable(t):
    x = _leaf(t)

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @t.autograd.function.once_differentiable
    def backward(ctx, g):
        assert not t.is_grad_enabled()
        return g * 3 * ctx.saved_tensors[0] ** 2

    op = _make(t, forward, backward)
    (first,) = t.autograd.grad(op(x * 1).sum(), x)
    (g,) = t.autograd.grad((op(x) ** 2).sum(), x, create_graph=True)
    try:
        g.sum().backward()
    except RuntimeError as error:
        return first, g, str(error)


def no_backward(t):
    class Op(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    try:
        Op.apply(_leaf(t)).sum().backward()
    except NotImplementedError:
        return "NotImplementedError"


def error_inside_backward(t):
    def backward(ctx, g):
        raise KeyError("inside")

    _make(t, lambda ctx, x: x * 2, backward)(_leaf(t)).sum().backward()


def gradient_argument_handed_on(t):
    x, y, g = _leaf(t), _leaf(t), t.ones(3)
    _make(t, lambda ctx, x, y: x + y, lambda ctx, g: (g, g))(x, y).backward(g)
    x.grad.add_(1)
    return x.grad, y.grad, g


@pytest.mark.parametrize("script", every(globals()), ids=lambda f: f.__name__)
def test_same_as_torch(script):
    agree(script)
