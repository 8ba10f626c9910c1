"""no_grad, enable_grad, set_grad_enabled, inference_mode: as contexts, decorators, generators."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.autograd.agree import agree, every


def _modes(t: Any) -> tuple[bool, bool]:
    return t.is_grad_enabled(), t.is_inference_mode_enabled()


def _leaf(t: Any) -> Any:
    return t.tensor([1.0, 2.0], requires_grad=True)


def nested(t):
    seen = [_modes(t)]
    with t.no_grad():
        seen.append(_modes(t))
        with t.enable_grad():
            seen.append(_modes(t))
            with t.no_grad():
                seen.append(_modes(t))
            seen.append(_modes(t))
        seen.append(_modes(t))
    return [*seen, _modes(t)]


def restored_after_an_error(t):
    try:
        with t.no_grad(), t.enable_grad():
            raise KeyError("x")
    except KeyError:
        return _modes(t)


def same_object_inside_itself(t):
    mode = t.no_grad()
    seen = []
    with mode:
        with t.enable_grad():
            seen.append(_modes(t))
        seen.append(_modes(t))
    return [*seen, _modes(t)]


def set_grad_enabled_at_once(t):
    seen = []
    t.set_grad_enabled(False)
    seen.append(_modes(t))
    t.set_grad_enabled(True)
    return [*seen, _modes(t)]


def set_grad_enabled_context(t):
    with t.set_grad_enabled(False):
        inside = _modes(t)
        with t.set_grad_enabled(True):
            deeper = _modes(t)
        again = _modes(t)
    return inside, deeper, again, _modes(t)


def set_grad_enabled_decorator(t):
    @t.set_grad_enabled(False)
    def inside():
        return _modes(t)

    return _modes(t), inside(), inside(), _modes(t)


def decorators(t):
    found = []
    for mode in (
        t.no_grad,
        t.no_grad(),
        t.enable_grad(),
        t.inference_mode(),
        t.inference_mode(False),
    ):

        @mode
        def inside(a, *, b):
            """What it does."""
            return a, b, _modes(t)

        with t.no_grad():
            found.append((inside(1, b=2), inside.__name__, inside.__doc__))
    return found, _modes(t)


def decorated_function_that_fails(t):
    @t.no_grad()
    def inside():
        raise KeyError("x")

    try:
        inside()
    except KeyError:
        return _modes(t)


def recursive_decorated_function(t):
    @t.no_grad()
    def inside(n):
        return [_modes(t), *(inside(n - 1) if n else []), _modes(t)]

    return inside(3), _modes(t)


def generator(t):
    @t.no_grad()
    def count():
        for _ in range(3):
            yield _modes(t)
        return "end"

    found, iterator = [], count()
    for inside in iterator:
        found.append((inside, _modes(t)))
        with t.enable_grad():
            found.append(_modes(t))
    return found


def generator_sent_to(t):
    @t.no_grad()
    def echo():
        got = None
        while True:
            try:
                got = yield got, _modes(t)
            except KeyError:
                got = "caught", _modes(t)

    iterator = echo()
    found = [next(iterator), iterator.send(1), _modes(t), iterator.throw(KeyError()), _modes(t)]
    iterator.close()
    return found, _modes(t)


def generator_closed(t):
    seen = []

    @t.no_grad()
    def count():
        try:
            yield 1
        finally:
            seen.append(_modes(t))

    iterator = count()
    next(iterator)
    iterator.close()
    return seen


def generator_returns(t):
    @t.no_grad()
    def inner():
        yield 1
        return 2

    def outer():
        return (yield from inner())

    iterator = outer()
    next(iterator)
    try:
        next(iterator)
    except StopIteration as end:
        return end.value


def results_do_not_require_grad(t):
    x = _leaf(t)
    with t.no_grad():
        y = x * 2
        with t.enable_grad():
            z = x * 2
        w = t.ones(2, requires_grad=True)
    return y.requires_grad, y.is_leaf, z.requires_grad, w.requires_grad


def inference_nested(t):
    seen = []
    with t.inference_mode():
        seen.append(_modes(t))
        with t.enable_grad():
            seen.append(_modes(t))
        with t.inference_mode(False):
            seen.append(_modes(t))
            seen.append(t.ones(1).is_inference())
        with t.no_grad():
            seen.append(_modes(t))
        seen.append(_modes(t))
    with t.no_grad(), t.inference_mode(False):
        seen.append(_modes(t))
    return [*seen, _modes(t)]


def inference_results(t):
    x = _leaf(t)
    with t.inference_mode():
        made, computed = t.ones(2), x * 2
        with t.enable_grad():
            still = x * 2
    return [(v.is_inference(), v.requires_grad) for v in (x, made, computed, still, made * 1)]


def inference_derived(t):
    with t.inference_mode():
        x = t.ones(2)
    return [v.is_inference() for v in (x, x.view(2, 1), x.clone(), x + 1, x.detach(), x.data, x[0])]


def inference_tensor_saved(t):
    with t.inference_mode():
        x = t.ones(2)
    return _leaf(t) * x


def inference_tensor_not_saved(t):
    with t.inference_mode():
        x = t.ones(2)
    w = _leaf(t)
    y = w + x
    y.sum().backward()
    return y, w.grad


def inference_tensor_changed_outside(t):
    with t.inference_mode():
        x = t.ones(2)
    x.add_(1)


def inference_tensor_changed_in_no_grad(t):
    with t.inference_mode():
        x = t.ones(2)
    with t.no_grad():
        x.add_(1)


def inference_tensor_item_set_outside(t):
    with t.inference_mode():
        x = t.ones(2)
    x[0] = 2.0


def inference_tensor_changed_inside(t):
    with t.inference_mode():
        x = t.ones(2)
        x.add_(1)
        x[0] = 5.0
    return x


def normal_tensor_changed_in_inference(t):
    x = _leaf(t) * 1
    with t.inference_mode():
        x.add_(1)
    return x, x.is_inference(), x.requires_grad


def saved_tensor_changed_in_inference(t):
    x = _leaf(t) * 1
    y = x * x
    with t.inference_mode():
        x.add_(1)
    y.sum().backward()


def backward_in_no_grad(t):
    x = _leaf(t)
    y = (x * x).sum()
    with t.no_grad():
        y.backward()
    return x.grad


@pytest.mark.parametrize("script", every(globals()), ids=lambda f: f.__name__)
def test_same_as_torch(script):
    agree(script)
