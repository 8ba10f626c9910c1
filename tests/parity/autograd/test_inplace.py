"""In-place changes, views and versions: what differentiates, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.autograd.agree import agree, every


def _leaf(t: Any, n: int = 4) -> Any:
    return t.arange(1.0, n + 1).requires_grad_()


def _matrix(t: Any) -> Any:
    return t.arange(1.0, 13.0).reshape(3, 4).requires_grad_()


def _finish(x: Any, y: Any) -> Any:
    (y * y).sum().backward()
    return y, x.grad


# ------------------------------------------------------------------ what differentiates


def add_(t):
    x = _leaf(t)
    y = x * 2
    y += x
    return _finish(x, y)


def mul_by_itself_computed(t):
    x = _leaf(t)
    y = x * 2
    y *= y.clone()
    return _finish(x, y)


def chain_of_inplace(t):
    x = _leaf(t)
    y = x * 2
    y.add_(1).mul_(x).div_(3).sub_(x * x)
    return _finish(x, y)


def sub_with_alpha(t):
    x = _leaf(t)
    y = t.ones(4)
    y.sub_(x, alpha=2)
    return _finish(x, y)


def keyword_operand(t):
    x = _leaf(t)
    y = t.ones(4)
    y.add_(other=x)
    return _finish(x, y)


def functions_of_one_tensor(t):
    x = _leaf(t)
    outs = []
    for name in ("exp", "sqrt", "tanh", "sigmoid", "relu", "neg", "reciprocal", "log", "square"):
        y = x / 3
        outs.append(getattr(y, name + "_")() * 1)
    sum(o.sum() for o in outs).backward()
    return outs, x.grad


def setitem_int(t):
    x = _matrix(t)
    y = x * 1
    y[1] = 7.0
    return _finish(x, y)


def setitem_row(t):
    x, v = _matrix(t), _leaf(t)
    y = x * 1
    y[1, :] = v * 2
    y[0, :2] = v[:2]
    return *_finish(x, y), v.grad


def setitem_mask(t):
    x, v = _matrix(t), t.ones((), requires_grad=True)
    y = x * 1
    y[x > 5] = v
    return *_finish(x, y), v.grad


def setitem_mask_with_values(t):
    x, v = _leaf(t), t.tensor([5.0, 6.0], requires_grad=True)
    y = x * 1
    y[t.tensor([True, False, False, True])] = v
    return *_finish(x, y), v.grad


def setitem_index(t):
    x, v = _leaf(t), t.tensor([5.0, 6.0], requires_grad=True)
    y = x * 1
    y[t.tensor([3, 0])] = v
    return *_finish(x, y), v.grad


def setitem_into_constant(t):
    v = _leaf(t)
    y = t.zeros(2, 4)
    y[0] = v
    y[1] = v * v
    return *_finish(v, y), y.requires_grad


def setitem_broadcast(t):
    x, v = _matrix(t), t.ones(3, 1, requires_grad=True)
    y = x * 1
    y[:, 1:3] = v
    return *_finish(x, y), v.grad


def setitem_after_use(t):
    x = _leaf(t)
    y = x * 1
    z = y + 1
    y[0] = 9.0
    (z * y).sum().backward()
    return z, x.grad


def augmented_item(t):
    x, v = _leaf(t), t.ones((), requires_grad=True)
    y = x * 1
    y[1:3] += v
    y[0] *= 3
    return *_finish(x, y), v.grad


def view_changed(t):
    x = _matrix(t)
    y = x * 1
    y[0].mul_(3)
    return _finish(x, y)


def view_changed_then_used(t):
    x = _matrix(t)
    y = x * 1
    v = y[0]
    v.mul_(3)
    (v * v).sum().backward()
    return v, x.grad


def view_of_view_changed(t):
    x = _matrix(t)
    y = x * 1
    v = y[1:].t()[2]
    v.mul_(3).add_(x[0, :2])
    return *_finish(x, y), v


def transposed_flat_view_changed(t):
    x = _matrix(t)
    y = (x * 1).t().contiguous().t()
    v = y.t().view(-1)
    v[2:7].mul_(2)
    v.add_(1)
    return _finish(x, y)


def base_changed_after_view(t):
    x = _matrix(t)
    y = x * 1
    v = y[1]
    y.mul_(2)
    (v * v).sum().backward()
    return v, x.grad, v.requires_grad


def several_views(t):
    x = _matrix(t)
    y = x * 1
    a, b, c = y[0], y[:, 1], y.view(-1)
    a.mul_(2)
    c.add_(1)
    b.mul_(x[:, 2])
    loss = (a * a).sum() + b.sum() + (c * c).sum() + y.sum()
    loss.backward()
    return a, b, c, y, x.grad


def view_of_constant_gets_history(t):
    w = t.ones(2, requires_grad=True)
    x = t.zeros(3, 2)
    row, other = x[0], x[1]
    row.add_(w)
    found = x.requires_grad, row.requires_grad, other.requires_grad, other.is_leaf
    (x * 3).sum().backward()
    return found, w.grad


def unsqueezed_view_changed(t):
    x = _leaf(t)
    y = x * 1
    y.unsqueeze(0).mul_(t.full((1, 4), 2.0))
    return _finish(x, y)


def leaf_view_of_constant(t):
    x = t.ones(4)
    v = x[:2]
    v.requires_grad_()
    x.mul_(2)
    (v * v).sum().backward()
    return v.requires_grad, v.is_leaf, v.grad


def infinite_gradient_outside_view(t):
    x = t.ones(3, requires_grad=True)
    y = x * 1
    y[0].zero_()
    y.sqrt().sum().backward()
    return x.grad


def copy_(t):
    x, s = _leaf(t), t.ones(1, requires_grad=True)
    y = x * 2
    y.copy_(s)
    return *_finish(s, y), x.grad


def fill_and_zero(t):
    x = _leaf(t)
    y = x * 2
    y.zero_()
    z = x * 2
    z.fill_(3.0)
    (y.sum() + (z * x).sum()).backward()
    return x.grad


def masked_fill_(t):
    x = _leaf(t)
    y = x * 2
    y.masked_fill_(x > 2, 0.0)
    return _finish(x, y)


def clamp_(t):
    x = _leaf(t)
    y = x * 2
    y.clamp_(3, 7)
    return _finish(x, y)


def lerp_and_addcmul(t):
    x = _leaf(t)
    y = x * 2
    y.addcmul_(x, x, value=0.5)
    y.lerp_(x, 0.25)
    return _finish(x, y)


def under_no_grad(t):
    x = _leaf(t)
    with t.no_grad():
        x.add_(1)
        x[0] = 9.0
    return *_finish(x, x * 2), x.is_leaf


def detached_then_changed(t):
    x = _leaf(t)
    y = x + 1
    y.detach().mul_(2)
    return _finish(x, y)


def data_changed(t):
    x = _leaf(t)
    y = x * 2
    z = y * y
    y.data.mul_(10)
    z.sum().backward()
    return x.grad


def data_assigned(t):
    x = _leaf(t)
    x.data = t.zeros(2)
    (x * 2).sum().backward()
    return x, x.grad


def data_assigned_number(t):
    _leaf(t).data = 3


def second_order(t):
    x = _leaf(t)
    y = x**2
    y[1:3] *= x[:2]
    y.exp_()
    (g,) = t.autograd.grad(y.log().sum() + (y * 1e-3).sum(), x, create_graph=True)
    (h,) = t.autograd.grad((g**2).sum(), x)
    return g, h


def retained_gradient_moves_along(t):
    x = _leaf(t)
    y = x * 1
    y.retain_grad()
    y.mul_(2)
    (y * 3).sum().backward()
    return y.grad, y.retains_grad


def hook_stays_with_the_old_value(t):
    seen = []
    x = _leaf(t)
    y = x * 1
    y.register_hook(seen.append)
    y.mul_(2)
    (y * 3).sum().backward()
    return seen


def float64_into_float32(t):
    x = _leaf(t)
    y = x * 1
    y.mul_(t.tensor([2.0, 3.0, 4.0, 5.0], dtype=t.float64))
    return _finish(x, y)


# ------------------------------------------------------------------ what is refused


def leaf_changed(t):
    _leaf(t).add_(1)


def leaf_items_set(t):
    _leaf(t)[t.tensor([True, False, True, False])] = 1.0


def view_of_leaf_changed(t):
    _leaf(t)[:2].add_(1)


def leaf_view_changed(t):
    v = t.ones(4)[:2]
    v.requires_grad_()
    v.mul_(2)


def no_grad_view_of_leaf_changed(t):
    x = _leaf(t)
    with t.no_grad():
        v = x[:2]
    v.add_(1)


def no_grad_view_of_constant_changed_by_parameter(t):
    x = t.ones(4)
    with t.no_grad():
        v = x[:2]
    v.add_(t.ones(2, requires_grad=True))


def no_grad_view_of_constant_changed(t):
    x = t.ones(4)
    with t.no_grad():
        v = x[:2]
    v.add_(1)
    return x


def base_changed_after_no_grad_view(t):
    y = _leaf(t) * 1
    with t.no_grad():
        v = y[:2]
    y.mul_(2)
    return v * 2


def base_changed_after_no_grad_view_used_in_no_grad(t):
    y = _leaf(t) * 1
    with t.no_grad():
        v = y[:2]
    y.mul_(2)
    with t.no_grad():
        return v * 2


def inference_view_changed(t):
    y = _leaf(t) * 1
    with t.inference_mode():
        v = y[:2]
    v.mul_(2)


def input_changed_after_use(t):
    y = _leaf(t) * 1
    z = y * y
    y.add_(1)
    z.sum().backward()


def leaf_changed_after_use(t):
    x = _leaf(t)
    z = x * x
    with t.no_grad():
        x.add_(1)
    z.sum().backward()


def output_changed_after_use(t):
    y = _leaf(t).exp()
    y.add_(1)
    y.sum().backward()


def inplace_output_changed_after(t):
    y = _leaf(t) * 1
    y.exp_()
    y.add_(1)
    y.sum().backward()


def item_set_after_use(t):
    y = _leaf(t) * 1
    z = y * y
    y[0] = 1.0
    z.sum().backward()


def multiplied_by_itself(t):
    y = _leaf(t) * 1
    y.mul_(y)
    y.sum().backward()


def changed_through_detach(t):
    y = _leaf(t).exp()
    y.detach().zero_()
    y.sum().backward()


def changed_through_view(t):
    y = _leaf(t) * 1
    z = y * y
    y[:2].zero_()
    z.sum().backward()


def saved_view_changed_through_base(t):
    y = _leaf(t) * 1
    z = y[:2] * y[:2]
    y.zero_()
    z.sum().backward()
    return z


def changed_but_not_needed(t):
    x = _leaf(t)
    y = x * 1
    z = y + 1
    y.zero_()
    z.sum().backward()
    return x.grad


def type_misfit(t):
    t.ones(2, dtype=t.int64).add_(1.5)


def type_misfit_of_tensors(t):
    t.ones(2, dtype=t.int64).mul_(t.ones(2))


def bool_misfit(t):
    t.ones(2, dtype=t.bool).add_(1)


def integers_divided(t):
    t.ones(2, dtype=t.int64).div_(2)


def shape_misfit(t):
    t.ones(4).mul_(t.ones(3))


def result_too_large(t):
    t.ones(4).add_(t.ones(2, 4))


def copy_misfit(t):
    t.ones(4).copy_(t.ones(3))


def recorded_shape_misfit_changes_nothing(t):
    y = _leaf(t) * 1
    try:
        y.add_(t.ones(2, 4))
    except RuntimeError:
        return y, y.grad_fn.name(), y._version


def expanded_changed(t):
    t.ones(1).expand(3).add_(1)


def expanded_items_set(t):
    t.ones(1).expand(3)[:] = 2.0


@pytest.mark.parametrize("script", every(globals()), ids=lambda f: f.__name__)
def test_same_as_torch(script):
    agree(script)
