"""Every scheduler sets, for a hundred steps, the rates and momentums that torch's sets."""

from __future__ import annotations

import io
import math
import re
import warnings
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from minitorch import optim  # noqa: E402
from minitorch.serialization import load, save  # noqa: E402
from minitorch.tensor import wrap  # noqa: E402

STEPS = 100


class Here:
    """The names of this library, and parameters to optimize."""

    optim, lr = optim, optim.lr_scheduler

    @staticmethod
    def parameter() -> Any:
        parameter = wrap(np.ones(2, np.float32))
        parameter.requires_grad = True
        return parameter


class There:
    """The same in torch."""

    optim, lr = torch.optim, torch.optim.lr_scheduler

    @staticmethod
    def parameter() -> Any:
        return torch.ones(2, requires_grad=True)


def optimizer(side: Any, kind: str = "SGD") -> Any:
    groups = [{"params": [side.parameter()]}, {"params": [side.parameter()], "lr": 0.7}]
    if kind == "SGD":
        return side.optim.SGD(groups, lr=0.3, momentum=0.9)
    return getattr(side.optim, kind)(groups, lr=0.3)


def values(opt: Any) -> list[list[float]]:
    return [
        [group["lr"], group.get("momentum", 0.0), *group.get("betas", ())]
        for group in opt.param_groups
    ]


def bell(step: int) -> float:
    return math.exp(-(((step - 40) / 20) ** 2))


# Each makes a scheduler for an optimizer of either side.
SCHEDULERS: dict[str, Any] = {
    "LambdaLR": lambda s, o: s.lr.LambdaLR(o, bell),
    "LambdaLR-list": lambda s, o: s.lr.LambdaLR(o, [bell, lambda t: 0.95**t]),
    "LambdaLR-offset": lambda s, o: s.lr.LambdaLR(o, lambda t: 1 / (t + 1)),
    "MultiplicativeLR": lambda s, o: s.lr.MultiplicativeLR(o, lambda t: 0.9 + 0.001 * t),
    "StepLR-1": lambda s, o: s.lr.StepLR(o, 1, 0.97),
    "StepLR-30": lambda s, o: s.lr.StepLR(o, 30),
    "StepLR-7": lambda s, o: s.lr.StepLR(o, step_size=7, gamma=1.3),
    "MultiStepLR": lambda s, o: s.lr.MultiStepLR(o, [10, 30, 31, 80]),
    "MultiStepLR-repeated": lambda s, o: s.lr.MultiStepLR(o, [60, 20, 20], gamma=0.5),
    "ConstantLR": lambda s, o: s.lr.ConstantLR(o),
    "ConstantLR-long": lambda s, o: s.lr.ConstantLR(o, factor=0.25, total_iters=60),
    "LinearLR": lambda s, o: s.lr.LinearLR(o),
    "LinearLR-down": lambda s, o: s.lr.LinearLR(o, 1.0, 0.01, total_iters=90),
    "LinearLR-up": lambda s, o: s.lr.LinearLR(o, 1e-3, 1.0, total_iters=33),
    "ExponentialLR": lambda s, o: s.lr.ExponentialLR(o, 0.93),
    "PolynomialLR": lambda s, o: s.lr.PolynomialLR(o),
    "PolynomialLR-2": lambda s, o: s.lr.PolynomialLR(o, total_iters=70, power=2.5),
    "CosineAnnealingLR-1": lambda s, o: s.lr.CosineAnnealingLR(o, T_max=1),
    "CosineAnnealingLR-30": lambda s, o: s.lr.CosineAnnealingLR(o, T_max=30, eta_min=0.01),
    "CosineAnnealingLR-100": lambda s, o: s.lr.CosineAnnealingLR(o, T_max=100),
    "WarmRestarts-10": lambda s, o: s.lr.CosineAnnealingWarmRestarts(o, T_0=10),
    "WarmRestarts-2": lambda s, o: s.lr.CosineAnnealingWarmRestarts(o, 5, T_mult=2, eta_min=0.02),
    "WarmRestarts-3": lambda s, o: s.lr.CosineAnnealingWarmRestarts(o, T_0=1, T_mult=3),
    "OneCycleLR": lambda s, o: s.lr.OneCycleLR(o, max_lr=1.0, total_steps=STEPS + 1),
    "OneCycleLR-epochs": lambda s, o: s.lr.OneCycleLR(o, 0.5, epochs=11, steps_per_epoch=10),
    "OneCycleLR-three": lambda s, o: s.lr.OneCycleLR(o, [1.0, 2.0], 120, three_phase=True),
    "OneCycleLR-linear": lambda s, o: s.lr.OneCycleLR(
        o, 1.0, 101, anneal_strategy="linear", pct_start=0.5, div_factor=10, final_div_factor=1e2
    ),
    "OneCycleLR-momentum": lambda s, o: s.lr.OneCycleLR(
        o, 1.0, 101, base_momentum=[0.7, 0.8], max_momentum=0.99
    ),
    "OneCycleLR-plain": lambda s, o: s.lr.OneCycleLR(o, 1.0, 101, cycle_momentum=False),
    "CyclicLR": lambda s, o: s.lr.CyclicLR(o, 0.1, 1.0, step_size_up=15),
    "CyclicLR-2": lambda s, o: s.lr.CyclicLR(o, 0.1, [1.0, 2.0], 7, 20, mode="triangular2"),
    "CyclicLR-exp": lambda s, o: s.lr.CyclicLR(o, 0.1, 1.0, 10, mode="exp_range", gamma=0.98),
    "CyclicLR-function": lambda s, o: s.lr.CyclicLR(
        o, [0.1, 0.2], 1.0, 10, scale_fn=lambda x: 1 / (1 + x), scale_mode="iterations"
    ),
    "SequentialLR": lambda s, o: s.lr.SequentialLR(
        o, [s.lr.LinearLR(o, 0.1, total_iters=10), s.lr.CosineAnnealingLR(o, 80)], [10]
    ),
    "SequentialLR-three": lambda s, o: s.lr.SequentialLR(
        o,
        [s.lr.ConstantLR(o, 0.1, 20), s.lr.ExponentialLR(o, 0.9), s.lr.StepLR(o, 5, 0.5)],
        [20, 55],
    ),
    "SequentialLR-of-chained": lambda s, o: s.lr.SequentialLR(
        o,
        [
            s.lr.ChainedScheduler([s.lr.LinearLR(o, 0.5), s.lr.ExponentialLR(o, 0.95)]),
            s.lr.ExponentialLR(o, 0.99),
        ],
        [40],
    ),
    "ChainedScheduler": lambda s, o: s.lr.ChainedScheduler(
        [s.lr.ConstantLR(o, 0.1, 20), s.lr.ExponentialLR(o, 0.9)]
    ),
    "ChainedScheduler-three": lambda s, o: s.lr.ChainedScheduler(
        [s.lr.LinearLR(o, 0.5), s.lr.CosineAnnealingLR(o, 50), s.lr.StepLR(o, 25, 0.5)], o
    ),
}


def run(side: Any, kind: str, make: Any, steps: int = STEPS) -> list[Any]:
    opt = optimizer(side, kind)
    scheduler = make(side, opt)
    rows = [(values(opt), list(scheduler.get_last_lr()))]
    for _ in range(steps):
        opt.step()
        scheduler.step()
        rows.append((values(opt), list(scheduler.get_last_lr())))
    return rows


def same(ours: list[Any], theirs: list[Any]) -> None:
    for (our_values, our_lr), (their_values, their_lr) in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our_values, their_values, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(our_lr, their_lr, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_hundred_steps(name: str, kind: str) -> None:
    make = SCHEDULERS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        same(run(Here, kind, make), run(There, kind, make))


@pytest.mark.parametrize("first", ["LinearLR-up", "StepLR-7", "CosineAnnealingLR-30"])
@pytest.mark.parametrize("second", ["ExponentialLR", "MultiStepLR", "PolynomialLR-2", "ConstantLR"])
def test_two_schedulers_of_one_optimizer(first: str, second: str) -> None:
    def make(side: Any, opt: Any) -> Any:
        schedulers = [SCHEDULERS[first](side, opt), SCHEDULERS[second](side, opt)]

        class Both:
            def step(self) -> None:
                for scheduler in schedulers:
                    scheduler.step()

            def get_last_lr(self) -> Any:
                return [lr for scheduler in schedulers for lr in scheduler.get_last_lr()]

        return Both()

    same(run(Here, "SGD", make), run(There, "SGD", make))


@pytest.mark.parametrize("name", SCHEDULERS)
def test_restored_in_the_middle(name: str) -> None:
    """Through a file, into a scheduler of a fresh optimizer: the rest is the same."""
    make = SCHEDULERS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = run(Here, "SGD", make)
        opt = optimizer(Here)
        scheduler = make(Here, opt)
        for _ in range(37):
            opt.step()
            scheduler.step()
        file = io.BytesIO()
        save({"optimizer": opt.state_dict(), "scheduler": scheduler.state_dict()}, file)
        file.seek(0)
        saved = load(file)
        opt = optimizer(Here)
        scheduler = make(Here, opt)
        opt.load_state_dict(saved["optimizer"])
        scheduler.load_state_dict(saved["scheduler"])
        rows = [(values(opt), list(scheduler.get_last_lr()))]
        for _ in range(37, STEPS):
            opt.step()
            scheduler.step()
            rows.append((values(opt), list(scheduler.get_last_lr())))
    assert rows == expected[37:]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", SCHEDULERS)
def test_state_dict_has_torchs_names(name: str) -> None:
    opt = optimizer(There)
    theirs = SCHEDULERS[name](There, opt).state_dict()
    ours = SCHEDULERS[name](Here, optimizer(Here)).state_dict()
    internal = {"_scale_fn_ref", "max_momentums", "base_momentums", "_get_lr_called_within_step"}
    assert set(theirs) - internal <= set(ours) | {"_is_initial"}


METRICS = {
    "min": [5, 4, 3.9999, 3.9999, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9, 3.5, 3.6, 3.6] * 7,
    "max": [0.1, 0.2, 0.2, 0.2, 0.20001, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.1] * 7,
}


@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"patience": 2, "factor": 0.5},
        {"patience": 0, "threshold": 0.05},
        {"patience": 1, "cooldown": 3},
        {"patience": 1, "min_lr": [0.05, 0.2]},
        {"patience": 1, "eps": 0.02, "factor": 0.3},
    ],
    ids=str,
)
def test_reduce_on_plateau(options: dict[str, Any], mode: str, threshold_mode: str) -> None:
    options = {**options, "mode": mode, "threshold_mode": threshold_mode}
    sides = []
    for side in (Here, There):
        opt = optimizer(side)
        sides.append((opt, side.lr.ReduceLROnPlateau(opt, **options)))
    (our_opt, ours), (their_opt, theirs) = sides
    for i, metric in enumerate(METRICS[mode]):
        if i == 50:
            saved = ours.state_dict()
            ours = Here.lr.ReduceLROnPlateau(our_opt)
            ours.load_state_dict(saved)
        ours.step(metric)
        theirs.step(torch.tensor(metric, dtype=torch.float64))
        np.testing.assert_allclose(values(our_opt), values(their_opt), rtol=1e-13)
        np.testing.assert_allclose(ours.get_last_lr(), theirs.get_last_lr(), rtol=1e-13)
        assert ours.num_bad_epochs == theirs.num_bad_epochs


@pytest.mark.parametrize("name", ["StepLR-7", "MultiStepLR", "CosineAnnealingLR-30", "LinearLR-up"])
def test_resuming_with_last_epoch(name: str) -> None:
    arguments: dict[str, tuple[str, dict[str, Any]]] = {
        "StepLR-7": ("StepLR", {"step_size": 7}),
        "MultiStepLR": ("MultiStepLR", {"milestones": [10, 30]}),
        "CosineAnnealingLR-30": ("CosineAnnealingLR", {"T_max": 30}),
        "LinearLR-up": ("LinearLR", {"total_iters": 33}),
    }
    kind, options = arguments[name]
    results = []
    for side in (Here, There):
        opt = optimizer(side)
        for group in opt.param_groups:
            group["initial_lr"] = group["lr"] * 2
        scheduler = getattr(side.lr, kind)(opt, **options, last_epoch=12)
        rows = [values(opt)]
        for _ in range(30):
            opt.step()
            scheduler.step()
            rows.append(values(opt))
        results.append(rows)
    np.testing.assert_allclose(*results, rtol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda s, o: s.lr.StepLR(o, 7),
        lambda s, o: s.lr.MultiStepLR(o, [3, 9]),
        lambda s, o: s.lr.ConstantLR(o),
        lambda s, o: s.lr.LinearLR(o),
        lambda s, o: s.lr.ExponentialLR(o, 0.5),
        lambda s, o: s.lr.PolynomialLR(o, 20),
        lambda s, o: s.lr.CosineAnnealingLR(o, 20),
        lambda s, o: s.lr.CosineAnnealingWarmRestarts(o, 4, 2),
        lambda s, o: s.lr.LambdaLR(o, bell),
    ],
)
def test_going_to_an_epoch(make: Any) -> None:
    results = []
    for side in (Here, There):
        opt = optimizer(side)
        scheduler = make(side, opt)
        opt.step()
        rows = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for epoch in (3, 9, 2, 17):
                scheduler.step(epoch)
                rows.append(values(opt))
        results.append(rows)
    np.testing.assert_allclose(*results, rtol=1e-12)


def outcome(call: Any) -> tuple[Any, str]:
    """Return what a call raises or warns, with torch's names for ours."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            call()
        except (TypeError, ValueError, KeyError) as error:
            return type(error), re.sub(r"\(\nParameter.*\)", "", str(error), flags=re.DOTALL)
    return [w.category for w in caught], "".join(str(w.message) for w in caught)


@pytest.mark.parametrize(
    "make",
    [
        lambda s, o: s.lr.StepLR(3, 1),
        lambda s, o: s.lr.ReduceLROnPlateau(3),
        lambda s, o: s.lr.StepLR(o, 1, last_epoch=3),
        lambda s, o: s.lr.LambdaLR(o, [bell]),
        lambda s, o: s.lr.MultiplicativeLR(o, 3),
        lambda s, o: s.lr.ConstantLR(o, 2.0),
        lambda s, o: s.lr.LinearLR(o, 0.0),
        lambda s, o: s.lr.LinearLR(o, 1.0, 2.0),
        lambda s, o: s.lr.CosineAnnealingWarmRestarts(o, 0),
        lambda s, o: s.lr.CosineAnnealingWarmRestarts(o, 1, 0),
        lambda s, o: s.lr.CosineAnnealingWarmRestarts(o, 1, eta_min="0"),
        lambda s, o: s.lr.CosineAnnealingWarmRestarts(o, 1).step(-3),
        lambda s, o: s.lr.OneCycleLR(o, 1.0),
        lambda s, o: s.lr.OneCycleLR(o, 1.0, 0),
        lambda s, o: s.lr.OneCycleLR(o, 1.0, epochs=1.5, steps_per_epoch=2),
        lambda s, o: s.lr.OneCycleLR(o, 1.0, 10, pct_start=2.0),
        lambda s, o: s.lr.OneCycleLR(o, 1.0, 10, anneal_strategy="x"),
        lambda s, o: s.lr.OneCycleLR(o, [1.0], 10),
        lambda s, o: s.lr.OneCycleLR(optimizer(s, "Adagrad"), 1.0, 10),
        lambda s, o: s.lr.CyclicLR(o, 0.1, 1.0, mode="x"),
        lambda s, o: s.lr.ReduceLROnPlateau(o, factor=1.0),
        lambda s, o: s.lr.ReduceLROnPlateau(o, mode="x"),
        lambda s, o: s.lr.ReduceLROnPlateau(o, threshold_mode="x"),
        lambda s, o: s.lr.ReduceLROnPlateau(o, min_lr=[0]),
        lambda s, o: s.lr.SequentialLR(o, [], []),
        lambda s, o: s.lr.SequentialLR(o, [s.lr.StepLR(o, 1)], [3]),
        lambda s, o: s.lr.SequentialLR(o, [s.lr.ReduceLROnPlateau(o)], []),
        lambda s, o: s.lr.SequentialLR(o, [3], []),
        lambda s, o: s.lr.ChainedScheduler([]),
        lambda s, o: s.lr.ChainedScheduler([s.lr.ReduceLROnPlateau(o)]),
        lambda s, o: s.lr.StepLR(o, 1).step(),
        lambda s, o: s.lr.StepLR(o, 1).get_lr(),
    ],
)
def test_errors_and_warnings(make: Any) -> None:
    ours = outcome(lambda: make(Here, optimizer(Here)))
    theirs = outcome(lambda: make(There, optimizer(There)))
    assert theirs[0] != []
    assert ours == theirs


def test_an_overridden_step_is_noticed() -> None:
    def override(side: Any) -> None:
        opt = optimizer(side)
        scheduler = side.lr.StepLR(opt, 1)
        opt.step = lambda: None
        scheduler.step()

    assert outcome(lambda: override(Here)) == outcome(lambda: override(There))


def test_one_cycle_refuses_a_step_too_many() -> None:
    def overrun(side: Any) -> None:
        opt = optimizer(side)
        scheduler = side.lr.OneCycleLR(opt, 1.0, 3)
        opt.step()
        for _ in range(4):
            scheduler.step()

    assert outcome(lambda: overrun(Here)) == outcome(lambda: overrun(There))
