"""`checkpoint` against PyTorch's: gradients, how often it runs, what it warns of and refuses."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.utils.checkpoint

import minitorch
import minitorch.utils.checkpoint

LIBRARIES: tuple[Any, Any] = (minitorch, torch)
X = np.random.default_rng(0).standard_normal((4, 6))
W = np.random.default_rng(1).standard_normal((6, 6))


def told(program: Callable[[Any], Any], m: Any) -> list[Any]:
    """What a program returns, raises and warns of, as lists of numbers and words."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            result = [None if x is None else np.array(x.tolist()) for x in program(m)]
        except (RuntimeError, ValueError) as error:
            result = [type(error).__name__, str(error).replace("minitorch", "torch")]
    words = [(w.category.__name__, str(w.message).replace("minitorch", "torch")) for w in seen]
    return [result, words]


def agree(program: Callable[[Any], Any]) -> None:
    (ours, our_words), (theirs, their_words) = (told(program, m) for m in LIBRARIES)
    assert our_words == their_words
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        if isinstance(b, np.ndarray):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
        else:
            assert a == b


def leaves(m: Any) -> tuple[Any, Any]:
    return (
        m.tensor(X, dtype=m.float64, requires_grad=True),
        m.tensor(W, dtype=m.float64, requires_grad=True),
    )


def layer(m: Any, w: Any) -> Callable[[Any], Any]:
    return lambda x: m.tanh(x @ w).exp() * x


@pytest.mark.parametrize("reentrant", [True, False, None])
def test_gradients(reentrant: bool | None) -> None:
    def program(m: Any) -> Any:
        x, w = leaves(m)
        options = {} if reentrant is None else {"use_reentrant": reentrant}
        y = m.utils.checkpoint.checkpoint(layer(m, w), x * 2, **options)
        y.sin().sum().backward()
        return y.detach(), x.grad, w.grad

    agree(program)


def test_second_derivatives_and_nesting() -> None:
    def program(m: Any) -> Any:
        def again(f: Any, *args: Any) -> Any:
            return m.utils.checkpoint.checkpoint(f, *args, use_reentrant=False)

        x, w = leaves(m)
        f = layer(m, w)
        y = again(lambda x: again(f, again(f, x * 0.1) * 0.1), x)
        first = m.autograd.grad(y.square().sum(), (x, w), create_graph=True)
        second = m.autograd.grad(first[0].sum() + first[1].square().sum(), (x, w))
        return [g.detach() for g in first] + list(second)

    agree(program)


def test_outputs_and_arguments_of_several_kinds() -> None:
    def program(m: Any) -> Any:
        x, w = leaves(m)

        def f(inputs: Any, times: int, *, add: Any) -> Any:
            a, b = inputs
            return {"a": (a * b).exp() * times, "b": [add.sin(), 3]}

        found = m.utils.checkpoint.checkpoint(f, (x, x * 2), 2, add=w, use_reentrant=False)
        (found["a"].sum() + found["b"][0].sum()).backward()
        return x.grad, w.grad

    agree(program)


def test_an_inner_gradient() -> None:
    def program(m: Any) -> Any:
        x, _ = leaves(m)

        def f(x: Any) -> Any:
            y = x.sin()
            (g,) = m.autograd.grad(y.cos().sum(), x, retain_graph=True, create_graph=True)
            return g * y

        m.utils.checkpoint.checkpoint(f, x, use_reentrant=False).sum().backward()
        return [x.grad]

    agree(program)


@pytest.mark.parametrize("reentrant", [True, False])
@pytest.mark.parametrize("segments", [1, 2, 3, 5])
def test_sequential(segments: int, reentrant: bool) -> None:
    def program(m: Any) -> Any:
        x, w = leaves(m)
        calls = []

        def step(x: Any) -> Any:
            calls.append(None)
            return m.tanh(x @ w)

        y = m.utils.checkpoint.checkpoint_sequential([step] * 5, segments, x, reentrant)
        y.sum().backward()
        return x.grad, w.grad, np.array(len(calls))

    agree(program)


REFUSED: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "keywords": lambda c, m, x, w: c.checkpoint(m.sin, x, use_reentrant=True, out=None, b=1),
    "debug": lambda c, m, x, w: c.checkpoint(m.sin, x, use_reentrant=True, debug=True),
    "context": lambda c, m, x, w: c.checkpoint(m.sin, x, use_reentrant=True, context_fn=int),
    "check": lambda c, m, x, w: c.checkpoint(m.sin, x, use_reentrant=False, determinism_check="a"),
    "grad": lambda c, m, x, w: m.autograd.grad(c.checkpoint(m.sin, x, use_reentrant=True).sum(), x),
    "inputs": lambda c, m, x, w: (
        c.checkpoint(m.sin, x, use_reentrant=True).sum().backward(inputs=[x])
    ),
    "no gradient": lambda c, m, x, w: [
        c.checkpoint(lambda y: y @ w, x.detach(), use_reentrant=True)
    ],
    "detached": lambda c, m, x, w: (
        c.checkpoint(lambda y: y.detach() * 2, x, use_reentrant=True).sum().backward()
    ),
    "sequential": lambda c, m, x, w: c.checkpoint_sequential([m.sin], 1, x, False, out=1),
    "not said": lambda c, m, x, w: [c.checkpoint_sequential([m.sin, m.cos], 1, x).detach()],
}


@pytest.mark.parametrize("name", REFUSED)
def test_warnings_and_errors(name: str) -> None:
    agree(lambda m: REFUSED[name](m.utils.checkpoint, m, *leaves(m)))
