"""Hooks and retained gradients: when they run, what they see, what they may change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.autograd.agree import agree, every


def _leaf(t: Any) -> Any:
    return t.tensor([1.0, -2.0, 3.0], requires_grad=True)


def on_leaf_sees_the_sum(t):
    seen = []
    x = _leaf(t)
    x.register_hook(seen.append)
    (x * 2 + x * x).sum().backward()
    return seen, x.grad


def on_leaf_runs_once_a_pass(t):
    seen = []
    x = _leaf(t)
    x.register_hook(seen.append)
    x.sum().backward()
    (x * 2).sum().backward()
    return seen, x.grad


def on_leaf_replaces(t):
    x = _leaf(t)
    x.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    (x * 2).sum().backward()
    return x.grad


def on_result_replaces(t):
    x = _leaf(t)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    (y * y).sum().backward()
    return x.grad


def on_grad_function(t):
    seen = []
    x = _leaf(t)
    x.register_hook(lambda g: seen.append(g) or g * 2)
    return t.autograd.grad((x * 3).sum(), x), x.grad, seen


def order(t):
    seen = []
    x = _leaf(t)
    y = x * 2
    z = y + 1
    for name, v in (("x", x), ("y1", y), ("z", z), ("y2", y)):
        v.register_hook(lambda g, name=name: seen.append(name))
    z.sum().backward()
    return seen


def removed(t):
    seen = []
    x = _leaf(t)
    first = x.register_hook(lambda g: seen.append(1))
    x.register_hook(lambda g: seen.append(2))
    first.remove()
    first.remove()
    x.sum().backward()
    return seen


def removed_by_itself(t):
    seen = []
    x = _leaf(t)

    def hook(g):
        seen.append(g)
        handle.remove()

    handle = x.register_hook(hook)
    x.register_hook(lambda g: seen.append("other"))
    x.sum().backward()
    x.sum().backward()
    return seen


def handle_as_context(t):
    seen = []
    x = _leaf(t)
    with x.register_hook(seen.append):
        x.sum().backward()
    x.sum().backward()
    return seen


def changes_size(t):
    x = _leaf(t)
    x.register_hook(lambda g: g[:1])
    (x * 2).sum().backward()


def returns_a_number(t):
    x = _leaf(t)
    x.register_hook(lambda g: 3)
    (x * 2).sum().backward()


def on_constant(t):
    t.ones(2).register_hook(print)


def with_create_graph(t):
    x = _leaf(t)
    y = x * x
    y.register_hook(lambda g: g * x)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    return g, t.autograd.grad(g.sum(), x)


def retained(t):
    x = _leaf(t)
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    z = y * y
    z.sum().backward(retain_graph=True)
    z.sum().backward()
    return y.grad, y.retains_grad, x.retains_grad, z.retains_grad


def retained_after_hooks(t):
    x = _leaf(t)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    return y.grad


def retained_on_leaf(t):
    x = _leaf(t)
    x.retain_grad()
    x.sum().backward()
    return x.grad, x.retains_grad


def retained_on_constant(t):
    t.ones(2).retain_grad()


def retained_gradients_are_not_shared(t):
    x, y = _leaf(t) * 1, _leaf(t) * 1
    x.retain_grad()
    y.retain_grad()
    (x + y).sum().backward()
    x.grad.mul_(5)
    return x.grad, y.grad


def post_accumulate(t):
    seen = []
    x = _leaf(t)
    x.register_post_accumulate_grad_hook(lambda v: seen.append((v is x, v.grad.clone())))
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    return seen


def post_accumulate_clears_and_removes(t):
    x = _leaf(t)

    def hook(v):
        v.grad = None
        handle.remove()

    handle = x.register_post_accumulate_grad_hook(hook)
    x.sum().backward()
    first = x.grad
    x.sum().backward()
    return first, x.grad


def post_accumulate_on_result(t):
    (_leaf(t) * 2).register_post_accumulate_grad_hook(print)


def post_accumulate_not_for_grad(t):
    seen = []
    x = _leaf(t)
    x.register_post_accumulate_grad_hook(seen.append)
    t.autograd.grad(x.sum(), x)
    return seen


@pytest.mark.parametrize("script", every(globals()), ids=lambda f: f.__name__)
def test_same_as_torch(script):
    agree(script)
