"""The backward pass: accumulation, arguments, orders, and the errors of wrong use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.autograd.agree import agree, every


def _leaf(t: Any, *values: float) -> Any:
    return t.tensor(list(values or (1.0, -2.0, 3.0)), requires_grad=True)


def accumulates(t):
    x = _leaf(t)
    (x * x).sum().backward()
    (x * 3).sum().backward()
    return x.grad


def diamond(t):
    x = _leaf(t)
    a = x * 2
    b = a * a
    c = a + 1
    (b * c + a).sum().backward()
    return x.grad


def reused_in_itself(t):
    x = _leaf(t)
    y = x * x * x + x / x - x
    y.sum().backward()
    return y, x.grad


def retain_graph(t):
    x = _leaf(t)
    y = (x.exp() * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


def second_backward(t):
    x = _leaf(t)
    y = (x * x).sum()
    y.backward()
    y.backward()


def second_backward_of_a_shared_part(t):
    x = _leaf(t)
    shared = x * x
    shared.sum().backward()
    (shared * 2).sum().backward()


def second_backward_without_saved(t):
    x = _leaf(t)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    return x.grad


def third_order(t):
    x = _leaf(t)
    y = (x**4 * x.sin()).sum()
    found = []
    for _ in range(3):
        (y,) = t.autograd.grad(y, x, create_graph=True)
        found.append(y)
        y = y.sum()
    return found


def backward_create_graph(t):
    x = _leaf(t)
    (x**3).sum().backward(create_graph=True)
    first = x.grad
    x.grad = None
    (first**2).sum().backward()
    return first, first.requires_grad, x.grad


def plain_backward_after_create_graph(t):
    x = _leaf(t)
    (x**3).sum().backward(create_graph=True)
    first = x.grad
    (x**2).sum().backward()
    return x.grad is first, x.grad


def grads_of_create_graph_are_not_shared(t):
    x, y, g = _leaf(t), _leaf(t), t.ones(3)
    (x + y).backward(g, create_graph=True)
    with t.no_grad():
        x.grad.mul_(5)
    return x.grad, y.grad, g


def grad_leaves_dot_grad_alone(t):
    x = _leaf(t)
    return t.autograd.grad((x * x).sum(), x), x.grad


def grad_of_several_outputs(t):
    x, y = _leaf(t), _leaf(t, 4.0, 5.0, 6.0)
    return t.autograd.grad([(x * y).sum(), (x + y).sum()], [x, y])


def grad_outputs(t):
    x = _leaf(t)
    return t.autograd.grad([x * 2, x**2], [x], [t.ones(3), t.tensor([1.0, 0.0, 2.0])])


def grad_of_non_leaf(t):
    x = _leaf(t)
    a = x * 2
    b = a.exp()
    return t.autograd.grad((a * b).sum(), [b, a, x])


def grad_of_itself(t):
    x = _leaf(t)
    y = (x * 2).sum()
    return t.autograd.grad(y, y)


def grad_same_input_twice(t):
    x = _leaf(t)
    return t.autograd.grad((x * x).sum(), [x, x])


def grad_unused(t):
    x, y = _leaf(t), _leaf(t)
    return t.autograd.grad((x * 2).sum(), [x, y])


def grad_unused_allowed(t):
    x, y = _leaf(t), _leaf(t)
    return t.autograd.grad((x * 2).sum(), [x, y], allow_unused=True)


def grad_materialized(t):
    x, y = _leaf(t), _leaf(t, 1.0)
    return t.autograd.grad((x * 2).sum(), [x, y], materialize_grads=True)


def grad_materialized_but_not_allowed(t):
    x = _leaf(t)
    return t.autograd.grad((x * 2).sum(), [x], allow_unused=False, materialize_grads=True)


def grad_without_inputs(t):
    return t.autograd.grad(_leaf(t).sum(), [])


def grad_of_constant_input(t):
    return t.autograd.grad(_leaf(t).sum(), [t.ones(3)])


def grad_retains_with_create_graph(t):
    x = _leaf(t)
    y = (x * x).sum()
    t.autograd.grad(y, x, create_graph=True)
    return t.autograd.grad(y, x)


def backward_inputs(t):
    x, y = _leaf(t), _leaf(t)
    a = x * y
    (a * a).sum().backward(inputs=[x, a])
    a_grad = a.grad
    return x.grad, y.grad, a_grad


def backward_inputs_repeated(t):
    x = _leaf(t)
    a = x * 2
    (a * a).sum().backward(inputs=[x, x, a, a])
    return x.grad, a.grad


def backward_inputs_single_tensor(t):
    x, y = _leaf(t), _leaf(t)
    (x * y).sum().backward(inputs=x)
    return x.grad, y.grad


def backward_no_inputs(t):
    _leaf(t).sum().backward(inputs=[])


def backward_unreached_input(t):
    x, y = _leaf(t), _leaf(t)
    (x * 2).sum().backward(inputs=[y])
    return x.grad, y.grad


def non_scalar(t):
    (_leaf(t) * 2).backward()


def one_element_of_two_dimensions(t):
    x = _leaf(t, 2.0)
    (x * x).reshape(1, 1).backward()
    return x.grad


def gradient_argument(t):
    x = _leaf(t)
    (x * 2).backward(t.tensor([1.0, 2.0, 3.0]))
    return x.grad


def gradient_of_integers(t):
    x = _leaf(t)
    (x * 2).backward(t.tensor([1, 2, 3]))
    return x.grad


def gradient_of_wrong_shape(t):
    (_leaf(t) * 2).backward(t.ones(2))


def gradient_that_would_broadcast(t):
    (_leaf(t) * 2).backward(t.ones(1))


def gradient_for_a_scalar_of_wrong_shape(t):
    _leaf(t).sum().backward(t.ones(2))


def too_few_gradients(t):
    x = _leaf(t)
    t.autograd.backward([x * 2, x * 3], [t.ones(3)])


def several_tensors(t):
    x = _leaf(t)
    t.autograd.backward([(x * 2).sum(), (x * x).sum()])
    return x.grad


def constant_root(t):
    t.ones(()).backward()


def integer_root(t):
    (_leaf(t) > 0).sum().backward()


def leaf_root(t):
    x, g = _leaf(t), t.ones(3)
    x.backward(g)
    x.backward(g)
    g.zero_()
    return x.grad


def broadcast(t):
    x, y = _leaf(t), t.tensor([[2.0], [3.0]], requires_grad=True)
    ((x * y) ** 2).sum().backward()
    return x.grad, y.grad


def mixed_dtypes(t):
    x = _leaf(t)
    y = t.tensor([1.0, 2.0, 3.0], dtype=t.float64, requires_grad=True)
    (x * y).sum().backward()
    return x.grad, y.grad


def integer_inputs_are_constants(t):
    x, n = _leaf(t), t.tensor([1, 2, 3])
    out = x * n
    out.sum().backward()
    return out, x.grad


def requires_grad_switched_off_later(t):
    x, y = _leaf(t), _leaf(t)
    out = (x * y).sum()
    x.requires_grad_(False)
    out.backward()
    return x.grad, y.grad


def requires_grad_of_integers(t):
    t.ones(2, dtype=t.int64).requires_grad_()


def requires_grad_of_a_result(t):
    (_leaf(t) * 2).requires_grad_(False)


def detach_stops(t):
    x = _leaf(t)
    (x.detach() * x).sum().backward()
    return x.grad, x.detach().requires_grad


def leaves(t):
    x = _leaf(t)
    y = x * 2
    constant = t.ones(3) * 2
    return [(v.is_leaf, v.requires_grad) for v in (x, y, constant, y.detach())]


def grad_functions(t):
    x = _leaf(t)
    y = x * 2 + x
    (left, _), (right, _) = y.grad_fn.next_functions
    return (
        y.grad_fn.name(),
        left.name(),
        right.name(),
        right.variable is x,
        x.grad_fn,
        [function for function, _ in left.next_functions][1],
    )


def assigned_grad(t):
    x = _leaf(t)
    x.grad = t.ones(3)
    (x * 2).sum().backward()
    return x.grad


def assigned_grad_of_wrong_shape(t):
    _leaf(t).grad = t.ones(2)


def assigned_grad_is_no_tensor(t):
    _leaf(t).grad = 3


def assigned_grad_is_itself(t):
    x = _leaf(t)
    x.grad = x


def detach_in_place(t):
    y = _leaf(t) * 2
    y.detach_()
    return y.requires_grad, y.is_leaf, y


def detach_view_in_place(t):
    (_leaf(t) * 2)[:2].detach_()


def empty_tensor(t):
    x = t.zeros(0, 3, requires_grad=True)
    (x * 2).sum().backward()
    return x.grad


def half_precision(t):
    x = t.tensor([1.0, 2.0], dtype=t.float16, requires_grad=True)
    (x * 2).float().sum().backward()
    return x.grad


@pytest.mark.parametrize("script", every(globals()), ids=lambda f: f.__name__)
def test_same_as_torch(script):
    agree(script)
