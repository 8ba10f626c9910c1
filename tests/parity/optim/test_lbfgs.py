"""L-BFGS takes torch's steps: the same calls of the closure, at the same places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch

VALLEY = [-1.2, 1.0, 0.7, -0.4]


def valley(library: Any, w: Any) -> Any:
    """Rosenbrock's function."""
    return ((1 - w[:-1]) ** 2 + 100 * (w[1:] - w[:-1] ** 2) ** 2).sum()


def bowl(library: Any, w: Any) -> Any:
    return (w * w * library.arange(1.0, 1.0 + w.numel(), dtype=library.float64)).sum()


def waves(library: Any, w: Any) -> Any:
    """A function of many valleys, in which the search has to turn back."""
    return (library.sin(5 * w) + 0.1 * w * w).sum()


class Run:
    """A minimization that notes where the closure was called."""

    def __init__(self, library: Any, function: Any, start: list[float], **options: Any) -> None:
        self.library, self.function = library, function
        self.w = library.tensor(start, dtype=library.float64, requires_grad=True)
        self.unused = library.ones(2, dtype=library.float64, requires_grad=True)
        self.optimizer = library.optim.LBFGS([self.w, self.unused], **options)
        self.places: list[Any] = []

    def closure(self) -> Any:
        self.optimizer.zero_grad()
        loss = self.function(self.library, self.w)
        loss.backward()
        self.places.append(self.w.detach().numpy().copy())
        return loss.detach()

    def step(self) -> float:
        return float(self.optimizer.step(self.closure))


FUNCTIONS = [valley, bowl, waves]
OPTIONS: list[dict[str, Any]] = [
    {"lr": 0.001},
    {"lr": 0.1, "max_iter": 4},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 9},
    {"line_search_fn": "strong_wolfe", "max_eval": 3},
    {"line_search_fn": "strong_wolfe", "max_eval": 1},
    {"line_search_fn": "strong_wolfe", "lr": 10.0, "max_iter": 5},
    {"line_search_fn": "strong_wolfe", "lr": 0.01, "max_iter": 5},
    {"line_search_fn": "strong_wolfe", "tolerance_change": 1e-2},
    {"line_search_fn": "strong_wolfe", "tolerance_grad": 1.0},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_same_places(function: Any, options: dict[str, Any]) -> None:
    ours, theirs = (Run(library, function, VALLEY, **options) for library in (minitorch, torch))
    for _ in range(3):  # more would show how far rounding goes, a factor of ten an iteration
        np.testing.assert_allclose(ours.step(), theirs.step(), rtol=1e-6, atol=1e-12)
    assert len(ours.places) == len(theirs.places)
    np.testing.assert_allclose(ours.places, theirs.places, rtol=1e-6, atol=1e-8)
    last = ours.w.detach().numpy()
    np.testing.assert_allclose(last, theirs.w.detach().numpy(), rtol=1e-6, atol=1e-8)
    mine, its = (next(iter(run.optimizer.state.values())) for run in (ours, theirs))
    assert {name: mine[name] for name in ("func_evals", "n_iter")} == {
        name: its[name] for name in ("func_evals", "n_iter")
    }


STRAIGHT: dict[str, tuple[Any, list[float], dict[str, Any]]] = {
    "a wedge": (lambda library, w: w.sum().abs(), [1.0, 2.0], {}),
    "a slope that overflows": (lambda library, w: (w * 1e160).square().sum(), [1.0, 2.0], {}),
    "a loss that overflows": (
        lambda library, w: library.exp(w * w * 0.3).sum(),
        [1.0],
        {"lr": 99.0},
    ),
    "no slope": (lambda library, w: (w * w).sum(), [0.0, 0.0], {"tolerance_grad": -1.0}),
    "nothing but NaN": (lambda library, w: library.sqrt(-1 - w * w).sum(), [0.5], {}),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("case", STRAIGHT.values(), ids=STRAIGHT)
def test_where_no_cubic_has_a_minimum(case: Any) -> None:
    function, start, options = case
    ours, theirs = (
        Run(library, function, start, line_search_fn="strong_wolfe", **options)
        for library in (minitorch, torch)
    )
    ours.step()
    theirs.step()
    assert len(ours.places) == len(theirs.places)
    np.testing.assert_allclose(ours.w.detach().numpy(), theirs.w.detach().numpy(), rtol=1e-6)


def test_the_last_digits_of_float32_do_not_decide() -> None:
    rng = np.random.default_rng(0)
    for start in 0.1 + rng.random((5, 4)):
        ends, calls = [], []
        for library in (minitorch, torch):
            w = library.tensor(start.tolist(), requires_grad=True)
            optimizer = library.optim.LBFGS([w], line_search_fn="strong_wolfe")
            count = 0

            def closure(w: Any = w, library: Any = library) -> Any:
                nonlocal count
                count += 1
                w.grad = None
                loss = (w - library.log(w)).sum()
                loss.backward()
                return loss.detach()

            for _ in range(3):
                optimizer.step(closure)
            ends.append(w.detach().numpy())
            calls.append(count)
        assert calls[0] <= calls[1] + 2
        np.testing.assert_allclose(*ends, atol=1e-5)


def test_a_valley_is_followed_to_its_end() -> None:
    options = {"line_search_fn": "strong_wolfe", "max_iter": 100, "tolerance_change": 1e-20}
    run = Run(minitorch, valley, VALLEY[:2], **options)
    run.step()
    np.testing.assert_allclose(run.w.detach().numpy(), 1, atol=1e-6)
    calls = len(run.places)
    run.step()
    assert len(run.places) < calls + 5  # there is nothing left to do


@pytest.mark.parametrize("from_torch", [False, True])
def test_it_goes_on_from_saved_state(from_torch: bool) -> None:
    options: dict[str, Any] = {"line_search_fn": "strong_wolfe", "max_iter": 5}
    source: Any = torch if from_torch else minitorch
    first, other = Run(source, valley, VALLEY, **options), Run(minitorch, valley, VALLEY, **options)
    first.step()
    other.optimizer.load_state_dict(first.optimizer.state_dict())
    other.w.data.copy_(minitorch.tensor(first.w.detach().numpy()))
    first.step()
    other.step()
    np.testing.assert_allclose(other.w.detach().numpy(), first.w.detach().numpy(), rtol=1e-6)


def test_an_order_of_memory_that_is_not_c() -> None:
    runs = []
    for order in ("C", "F"):
        start = np.array([VALLEY[:2], VALLEY[2:]], order=order)
        w = minitorch.from_numpy(start).requires_grad_()
        optimizer = minitorch.optim.LBFGS([w], line_search_fn="strong_wolfe")

        def closure(w: Any = w, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            loss = valley(minitorch, w.reshape(-1))
            loss.backward()
            return loss

        optimizer.step(closure)
        runs.append(w.detach().numpy())
    np.testing.assert_allclose(*runs, rtol=1e-12)


def test_refusals() -> None:
    for library in (minitorch, torch):
        p, q = (library.ones(2, requires_grad=True) for _ in range(2))
        with pytest.raises(ValueError, match="doesn't support per-parameter options"):
            library.optim.LBFGS([{"params": [p]}, {"params": [q]}])
        optimizer = library.optim.LBFGS([p], line_search_fn="armijo")

        def closure(p: Any = p) -> Any:
            p.grad = None
            (p * p).sum().backward()
            return p.sum()

        with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
            optimizer.step(closure)
        optimizer.add_param_group({"params": [q]})
        with pytest.raises(AssertionError, match="Expected exactly one param_group, but got 2"):
            optimizer.step(closure)
