"""In-place changes, views and versions: what differentiates, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import minitorch
from tests.parity.autograd.agree import agree, every, outcome, same


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


# ------------------------------------------------------------------ an index, a label, a mask


def _given(values: Any) -> Any:
    return lambda t: t.tensor(values)


def _rising(*shape: int) -> Any:
    return lambda t: t.arange(1.0, 1.0 + t.ones(shape).numel()).reshape(shape) / 10


_PAIR = _given([2, 1])
_ENTRIES = _given([[2, 1]])
_LABELS = _given([2, 1, 3])
_IMAGE_LABELS = _given([[2, 1, 0, 2]])
_BAGS = _given([[2, 1], [1, 1]])
_MASK = _given([[True, False, True, False], [True, True, False, False], [False, True, True, True]])
_SQUARE_MASK = _given([[False, False, True], [True, False, False], [False, True, False]])


def _changed_row(t: Any, x: Any, i: Any) -> Any:
    y = x * 1
    y[i] = x[0, 0]
    return y


def _attend(t: Any, x: Any, mask: Any) -> Any:
    q = x.reshape(1, 1, 3, 4)
    return t.nn.functional.scaled_dot_product_attention(q, q * 2, q + 1, mask)


def _attend_to_self(t: Any, x: Any, need_weights: bool = False, **masks: Any) -> Any:
    layer = t.nn.MultiheadAttention(4, 2, batch_first=True)
    with t.no_grad():
        for p in layer.parameters():
            p.copy_((t.arange(1.0 * p.numel()) % 7 / 7 - 0.3).reshape(p.shape))
    x = x.reshape(1, 3, 4) / 10
    return layer(x, x, x, need_weights=need_weights, **masks)[0]


# What changes, and what is computed with it from a matrix, (3, 4).
_NAMED_PLACES = {
    "index_select": (_PAIR, lambda t, x, i: x.index_select(1, i)),
    "index_select by a number": (_given(2), lambda t, x, i: x.index_select(1, i)),
    "index_select by a view": (_given([2, 1, 1]), lambda t, x, i: x.index_select(0, i[1:])),
    "index_add to x": (_PAIR, lambda t, x, i: x.index_add(0, i, t.ones(2, 4))),
    "index_add of x": (_PAIR, lambda t, x, i: t.ones(3, 4).index_add(0, i, x[:2], alpha=3)),
    "index_add_": (_PAIR, lambda t, x, i: (x * 1).index_add_(0, i, x[:2])),
    "index_copy to x": (_PAIR, lambda t, x, i: x.index_copy(0, i, t.ones(2, 4))),
    "index_copy of x": (_PAIR, lambda t, x, i: t.ones(3, 4).index_copy(0, i, x[:2])),
    "index_copy_": (_PAIR, lambda t, x, i: (x * 1).index_copy_(0, i, x[:2])),
    "index_fill": (_PAIR, lambda t, x, i: x.index_fill(0, i, 2.0)),
    "index_fill with x": (_PAIR, lambda t, x, i: t.ones(3, 4).index_fill(0, i, x[1, 1])),
    "index_fill_": (_PAIR, lambda t, x, i: (x * 1).index_fill_(0, i, 2.0)),
    "masked_select": (_MASK, lambda t, x, i: x.masked_select(i)),
    "masked_select by a row": (
        _given([True, False, True, True]),
        lambda t, x, i: x.masked_select(i),
    ),
    "masked_scatter to x": (_MASK, lambda t, x, i: x.masked_scatter(i, t.ones(12))),
    "masked_scatter of x": (_MASK, lambda t, x, i: t.ones(3, 4).masked_scatter(i, x)),
    "masked_scatter_": (_MASK, lambda t, x, i: (x * 1).masked_scatter_(i, x * x)),
    "masked_fill": (_MASK, lambda t, x, i: x.masked_fill(i, 0.0)),
    "where": (_MASK, lambda t, x, i: t.where(i, x, x * x)),
    "take": (_given([7, 1, 7]), lambda t, x, i: x.take(i)),
    "take a matrix": (_given([[7, 1], [2, 7]]), lambda t, x, i: x.take(i)),
    "take a number": (_given(7), lambda t, x, i: x.take(i)),
    "gather": (_ENTRIES, lambda t, x, i: x.gather(0, i)),
    "scatter": (_ENTRIES, lambda t, x, i: x.scatter(0, i, 7.0)),
    "scatter_add": (_ENTRIES, lambda t, x, i: t.ones(3, 4).scatter_add(0, i, x[:1, :2])),
    "repeat_interleave": (_LABELS, lambda t, x, i: t.repeat_interleave(x, i, 0)),
    "embedding": (_PAIR, lambda t, x, i: t.nn.functional.embedding(i, x)),
    "max_unpool1d": (_ENTRIES, lambda t, x, i: t.nn.functional.max_unpool1d(x[:1, :2], i, 2)),
    # the places that an operation itself returned
    "sort": (None, lambda t, x: t.sort(x, 1, descending=True)),
    "topk": (None, lambda t, x: t.topk(x, 2, 1)),
    "kthvalue": (None, lambda t, x: t.kthvalue(x, 2, 1)),
    "median": (None, lambda t, x: t.median(x, 1)),
    "max": (None, lambda t, x: t.max(x, 1)),
    "cummax": (None, lambda t, x: t.cummax(x, 1)),
    "adaptive_max_pool2d": (
        None,
        lambda t, x: t.nn.functional.adaptive_max_pool2d(x[None, None], 2, return_indices=True),
    ),
}
_LOSSES = {
    "nll_loss": (_LABELS, lambda f, x, i: f.nll_loss(x, i)),
    "nll_loss, ignored": (_LABELS, lambda f, x, i: f.nll_loss(x, i, ignore_index=3)),
    "nll_loss, none": (_LABELS, lambda f, x, i: f.nll_loss(x, i, reduction="none")),
    "nll_loss, images": (_IMAGE_LABELS, lambda f, x, i: f.nll_loss(x[None], i)),
    "nll_loss, a vector": (_given(2), lambda f, x, i: f.nll_loss(x[0], i)),
    "nll_loss, weighted": (_LABELS, lambda f, x, i: f.nll_loss(x, i, x[0].detach())),
    "cross_entropy": (_LABELS, lambda f, x, i: f.cross_entropy(x, i)),
    "cross_entropy, ignored": (_LABELS, lambda f, x, i: f.cross_entropy(x, i, ignore_index=3)),
    "cross_entropy, none": (_LABELS, lambda f, x, i: f.cross_entropy(x, i, reduction="none")),
    "cross_entropy, images": (_IMAGE_LABELS, lambda f, x, i: f.cross_entropy(x[None], i)),
    "cross_entropy, a vector": (_given(2), lambda f, x, i: f.cross_entropy(x[0], i)),
    "cross_entropy, weighted": (_LABELS, lambda f, x, i: f.cross_entropy(x, i, x[0].detach())),
    "cross_entropy, probabilities": (_rising(3, 4), lambda f, x, i: f.cross_entropy(x, i)),
    "cross_entropy, weight": (
        _rising(4),
        lambda f, x, i: f.cross_entropy(x, f.softmax(x.detach(), 1), i),
    ),
    "binary_cross_entropy": (_rising(3, 4), lambda f, x, i: f.binary_cross_entropy(x / 13, i / 2)),
    "kl_div": (_rising(3, 4), lambda f, x, i: f.kl_div(x, i)),
    "margin_ranking_loss": (_rising(3, 4), lambda f, x, i: f.margin_ranking_loss(x, x * x, i)),
}
_ATTENTION = {
    "numbers": (_rising(3, 3), _attend),
    "numbers, four-dimensional": (_rising(1, 1, 3, 3), _attend),
    "numbers, a query that sees no key": (
        _given([[-float("inf")] * 3, [0.0] * 3, [1.0] * 3]),
        _attend,
    ),
    "bool": (_SQUARE_MASK, _attend),
    "to itself": (_rising(3, 3), lambda t, x, i: _attend_to_self(t, x, attn_mask=i)),
    "to itself, bool": (_SQUARE_MASK, lambda t, x, i: _attend_to_self(t, x, attn_mask=i)),
    "to itself, padding": (
        _rising(1, 3),
        lambda t, x, i: _attend_to_self(t, x, key_padding_mask=i),
    ),
    "to itself, weights": (_rising(3, 3), lambda t, x, i: _attend_to_self(t, x, True, attn_mask=i)),
}

# Here our operations look at a copy: the gradient is right where torch refuses to compute it.
_COPIED = {
    "x[i]": (_PAIR, lambda t, x, i: x[i]),
    "x[:, i]": (_PAIR, lambda t, x, i: x[:, i]),
    "x[mask]": (_MASK, lambda t, x, i: x[i]),
    "x[i] = y": (_PAIR, _changed_row),
    "x[mask] = y": (_MASK, _changed_row),
    "index_put": (_PAIR, lambda t, x, i: t.ones(3, 4).index_put((i,), x[:2])),
    "index_put, accumulated": (_PAIR, lambda t, x, i: x.index_put((i,), x[:2], accumulate=True)),
    "embedding_bag": (_BAGS, lambda t, x, i: t.nn.functional.embedding_bag(i, x)),
    "embedding_bag, offsets": (
        _given([0, 2]),
        lambda t, x, i: t.nn.functional.embedding_bag(t.tensor([2, 1, 1]), x, i),
    ),
    "nll_loss, weight": (
        _rising(4),
        lambda t, x, i: t.nn.functional.nll_loss(x, t.tensor([2, 1, 3]), i),
    ),
    "cross_entropy, weight": (
        _rising(4),
        lambda t, x, i: t.nn.functional.cross_entropy(x, t.tensor([2, 1, 3]), i),
    ),
    "cross_entropy, smoothed": (
        _LABELS,
        lambda t, x, i: t.nn.functional.cross_entropy(x, i, label_smoothing=0.1),
    ),
    "attention, float64": (_rising(3, 3), lambda t, x, i: _attend(t, x.double(), i)),
    "batch_norm, running_mean": (
        _rising(4),
        lambda t, x, i: t.nn.functional.batch_norm(x, i, t.ones(4), t.ones(4)),
    ),
    "max_pool2d": (
        None,
        lambda t, x: t.nn.functional.max_pool2d(x[None, None], 2, return_indices=True),
    ),
}


def _script(make: Any, use: Any, change: bool = True) -> Any:
    """A script that sets what `make` returned (or `use`, second) to zeros before the backward."""

    def script(t: Any) -> Any:
        x = _matrix(t).detach().requires_grad_()
        if make is None:
            y, places = use(t, x)
        else:
            places = make(t)
            y = use(t, x, places)
        if change:
            places.zero_()
        (y * y).sum().backward()
        return x.grad

    return script


def _by_functional(use: Any) -> Any:
    return lambda t, x, i: use(t.nn.functional, x, i)


def _told(found: Any) -> Any:
    """An outcome, a refusal without the type and the shape, which may be those of a view."""
    is_refusal = found[0] == "RuntimeError"
    return (found[0], found[1].split(": [")[0]) if is_refusal else found


@pytest.mark.parametrize(
    ("make", "use"),
    [pytest.param(*row, id=name) for name, row in (_NAMED_PLACES | _ATTENTION).items()]
    + [pytest.param(make, _by_functional(use), id=name) for name, (make, use) in _LOSSES.items()],
)
def test_what_chose_is_changed_before_the_backward(make, use):
    unchanged = _script(make, use, change=False)
    same(outcome(unchanged, minitorch), outcome(unchanged, torch))
    script = _script(make, use)
    same(_told(outcome(script, minitorch)), _told(outcome(script, torch)))


@pytest.mark.parametrize(("make", "use"), _COPIED.values(), ids=_COPIED.keys())
def test_what_chose_was_copied(make, use):
    found = outcome(_script(make, use), torch)
    assert _told(found)[1].endswith("has been modified by an inplace operation")
    unchanged = outcome(_script(make, use, change=False), torch)
    same(outcome(_script(make, use), minitorch), unchanged)
