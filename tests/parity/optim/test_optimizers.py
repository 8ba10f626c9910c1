"""Every optimizer takes the steps that torch's takes, with every option, alone and together."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import minitorch  # noqa: E402
from minitorch import optim  # noqa: E402
from minitorch.kernels.parallel import ALONE as BLOCK  # noqa: E402
from minitorch.tensor import wrap  # noqa: E402

STEPS = 50


def grid(**options: list[Any]) -> list[dict[str, Any]]:
    return [
        dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())
    ]


# Every optimizer that both have; Momentum is SGD by the name that textbooks use, and LBFGS, which
# calls the closure more than once, has a file of its own.
NAMES = [
    name
    for name, kind in vars(optim).items()
    if inspect.isclass(kind)
    and issubclass(kind, optim.Optimizer)
    and name not in ("Optimizer", "Momentum", "LBFGS")
]
CASES: list[tuple[str, dict[str, Any]]] = [
    *(
        ("SGD", case)
        for case in grid(
            lr=[0.05],
            momentum=[0, 0.9],
            dampening=[0, 0.3],
            weight_decay=[0, 0.01],
            nesterov=[False, True],
            maximize=[False, True],
        )
        if not case["nesterov"] or (case["momentum"] and not case["dampening"])
    ),
    *(
        ("Adagrad", case)
        for case in grid(
            lr=[0.05],
            lr_decay=[0, 0.1],
            weight_decay=[0, 0.01],
            initial_accumulator_value=[0, 0.5],
            eps=[1e-10, 1e-3],
            maximize=[False, True],
        )
    ),
    *(
        ("RMSprop", case)
        for case in grid(
            alpha=[0.99, 0.9],
            eps=[1e-8, 1e-3],
            weight_decay=[0, 0.01],
            momentum=[0, 0.9],
            centered=[False, True],
            maximize=[False, True],
        )
    ),
    *(
        (name, case)
        for name in ("Adam", "AdamW")
        for case in grid(
            lr=[0.01],
            betas=[(0.9, 0.999), (0.5, 0.9)],
            eps=[1e-8, 1e-3],
            weight_decay=[0, 0.1],
            amsgrad=[False, True],
            maximize=[False, True],
        )
    ),
    ("Adam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    *(
        ("Adadelta", case)
        for case in grid(
            lr=[1.0, 0.1],
            rho=[0.9, 0.5],
            eps=[1e-6, 1e-3],
            weight_decay=[0, 0.01],
            maximize=[False, True],
        )
    ),
    *(
        ("Adamax", case)
        for case in grid(
            betas=[(0.9, 0.999), (0.5, 0.9)],
            eps=[1e-8, 1e-3],
            weight_decay=[0, 0.1],
            maximize=[False, True],
        )
    ),
    *(
        (name, case)
        for name in ("NAdam", "RAdam")
        for case in grid(
            lr=[0.01],
            betas=[(0.9, 0.999), (0.5, 0.9)],  # of which RAdam never trusts the second
            eps=[1e-8, 1e-3],
            weight_decay=[0, 0.1],
            decoupled_weight_decay=[False, True],
            maximize=[False, True],
        )
    ),
    ("NAdam", {"momentum_decay": 0.1}),
    *(
        ("ASGD", case)
        for case in grid(
            lambd=[1e-4, 0.1],
            alpha=[0.75, 0.5],
            t0=[1e6, 10],
            weight_decay=[0, 0.1],
            maximize=[False, True],
        )
    ),
    *(
        ("Rprop", case)
        for case in grid(
            etas=[(0.5, 1.2), (0.1, 3.0)],
            step_sizes=[(1e-6, 50), (0.005, 0.02)],
            maximize=[False, True],
        )
    ),
    *(
        ("Adafactor", case)
        for case in grid(
            lr=[0.01, 0.5],
            beta2_decay=[-0.8, -0.3],
            eps=[(None, 1e-3), (1e-3, 0.1)],
            d=[1.0, 1.5],
            weight_decay=[0.0, 0.1],
            maximize=[False, True],
        )
    ),
    *((name, {}) for name in NAMES),
]


def test_every_optimizer_is_compared_with_options() -> None:
    assert {name for name, options in CASES if options} == set(NAMES)


def describe(case: tuple[str, dict[str, Any]]) -> str:
    name, options = case
    return name + "".join(f",{key}={value}" for key, value in options.items())


class Twins:
    """The same parameters here and in torch, given the same gradients."""

    def __init__(self, shapes: list[tuple[int, ...]], dtype: Any, order: str = "C") -> None:
        self.rng = np.random.default_rng(0)
        self.dtype, self.order = dtype, order
        arrays = [self.draw(shape) for shape in shapes]
        self.ours = [wrap(array.copy(order="K")) for array in arrays]
        self.theirs = [torch.tensor(array, requires_grad=True) for array in arrays]

    def draw(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.array(self.rng.standard_normal(shape), self.dtype, order=self.order)

    def gradients(self, skip: int | None = None) -> None:
        """Set new gradients, correlated with the parameter; none on parameter `skip`."""
        for i, (ours, theirs) in enumerate(zip(self.ours, self.theirs, strict=True)):
            ours.grad = theirs.grad = None
            if i != skip:
                array = self.draw(ours._array.shape) + 0.3 * theirs.detach().numpy()
                ours.grad = wrap(np.array(array, self.dtype, order=self.order))
                theirs.grad = torch.tensor(array, dtype=theirs.dtype)

    def compare(self) -> None:
        for ours, theirs in zip(self.ours, self.theirs, strict=True):
            close(ours._array, theirs.detach().numpy())


def close(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Within 1e-12 of the largest element in float64, 1e-6 in float32."""
    assert ours.dtype == theirs.dtype
    tolerance = {"float64": 1e-12, "float32": 1e-6}[str(ours.dtype)]
    scale = max(1.0, float(np.abs(theirs).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * scale)


def compare_state(ours: Any, theirs: Any) -> None:
    """Compare state dicts, values and layout."""
    ours, theirs = ours.state_dict(), theirs.state_dict()
    assert ours["param_groups"] == theirs["param_groups"]
    assert list(ours["state"]) == list(theirs["state"])
    for number, values in theirs["state"].items():
        assert list(ours["state"][number]) == list(values)
        for name, value in values.items():
            close(ours["state"][number][name]._array, value.numpy())


@pytest.mark.parametrize("case", CASES, ids=describe)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["f32", "f64"])
def test_fifty_steps(case: tuple[str, dict[str, Any]], dtype: Any) -> None:
    name, options = case
    twins = Twins([(4, 3), (5,), ()], dtype)
    ours = getattr(optim, name)(twins.ours, **options)
    theirs = getattr(torch.optim, name)(twins.theirs, **options)
    for step in range(STEPS):
        twins.gradients(skip=1 if step in (0, 7) else None)
        ours.step()
        theirs.step()
        twins.compare()
    compare_state(ours, theirs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_parameter_of_several_blocks(name: str, order: str) -> None:
    twins = Twins([(3, BLOCK // 2 + 17)], np.float64, order)
    options = {"lr": 0.01} | ({} if name == "Rprop" else {"weight_decay": 0.1})
    options |= {"momentum": 0.9, "nesterov": True} if name == "SGD" else {}
    ours = getattr(optim, name)(twins.ours, **options)
    theirs = getattr(torch.optim, name)(twins.theirs, **options)
    for _ in range(5):
        twins.gradients()
        ours.step()
        theirs.step()
    twins.compare()
    compare_state(ours, theirs)


def test_groups_with_options_of_their_own() -> None:
    twins = Twins([(3,), (2, 2), (4,)], np.float64)

    def groups(params: list[Any]) -> list[dict[str, Any]]:
        return [{"params": params[:1]}, {"params": params[1], "lr": 0.5, "momentum": 0.0}]

    ours = optim.SGD(groups(twins.ours), lr=0.1, momentum=0.9)
    theirs = torch.optim.SGD(groups(twins.theirs), lr=0.1, momentum=0.9)
    for step in range(6):
        if step == 3:
            ours.add_param_group({"params": twins.ours[2:], "nesterov": True})
            theirs.add_param_group({"params": twins.theirs[2:], "nesterov": True})
        twins.gradients()
        ours.step()
        theirs.step()
    twins.compare()
    compare_state(ours, theirs)


@pytest.mark.parametrize(
    "name", ["Adam", "AdamW", "NAdam", "RAdam", "Adafactor", "RMSprop", "Adadelta"]
)
def test_half_precision_does_not_overflow(name: str) -> None:
    ends = []
    for library in (minitorch, torch):
        p = library.ones(300, 300, dtype=library.float16, requires_grad=True)
        optimizer = getattr(library.optim, name)([p], lr=0.01)
        for scale in (0.5, 300.0, 0.5):
            if name != "Adafactor" or scale < 256:  # whose sums of squares overflow in torch, too
                p.grad = library.full((300, 300), scale, dtype=library.float16)
                optimizer.step()
        ends.append(p.detach().numpy())
    assert np.isfinite(ends[0]).all()
    np.testing.assert_allclose(*ends, atol=2e-3)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_rprop_gets_over_a_gradient_that_is_no_number() -> None:
    ends = []
    for library in (minitorch, torch):
        p = library.ones(2, requires_grad=True)
        optimizer = library.optim.Rprop([p])
        for g in ([1.0, 1.0], [float("nan"), 1.0], [1.0, 1.0]):
            p.grad = library.tensor(g)
            optimizer.step()
        ends.append(p.detach().numpy())
    np.testing.assert_allclose(*ends, rtol=1e-6)


def test_adafactor_continues_from_what_was_saved() -> None:
    ours = Twins([(4, 3)], np.float32).ours
    optimizer = optim.Adafactor(ours)
    ours[0].grad = wrap(np.ones((4, 3), np.float32))
    optimizer.step()
    state = optimizer.state_dict()
    state["state"][0]["step"] = 1.0  # a plain number does as well
    optimizer.load_state_dict(state)
    optimizer.step()
    assert optimizer.state[ours[0]]["step"].item() == 2.0
    other = optim.Adafactor(Twins([(5,)], np.float32).ours)
    with pytest.raises(
        ValueError, match=r"row_var of shape \[4, 1\] for a parameter of shape \[5\]"
    ):
        other.load_state_dict(state)


def test_momentum_that_is_switched_on_and_off() -> None:
    twins = Twins([(3,)], np.float64)
    ours, theirs = optim.SGD(twins.ours, 0.1), torch.optim.SGD(twins.theirs, 0.1)
    for momentum in (0, 0, 0.9, 0.5, 0, 0.9):
        for optimizer in (ours, theirs):
            optimizer.param_groups[0]["momentum"] = momentum
        twins.gradients()
        ours.step()
        theirs.step()
        twins.compare()


@pytest.mark.parametrize("name", NAMES)
def test_state_dicts_interchange(name: str) -> None:
    options = {"lr": 0.02, **({"momentum": 0.9} if name in {"SGD", "RMSprop"} else {})}
    twins = Twins([(3, 4), (5,)], np.float64)
    theirs = getattr(torch.optim, name)(twins.theirs, **options)
    ours = getattr(optim, name)(twins.ours, **options)
    for _ in range(3):
        twins.gradients()
        theirs.step()
        ours.step()
    from_torch = getattr(optim, name)(twins.ours, lr=9.0)
    from_torch.load_state_dict(theirs.state_dict())
    to_torch = getattr(torch.optim, name)(twins.theirs, lr=9.0)
    state = ours.state_dict()
    state["state"] = {
        number: {key: torch.tensor(value._array) for key, value in values.items()}
        for number, values in state["state"].items()
    }
    to_torch.load_state_dict(state)
    for _ in range(3):
        twins.gradients()
        from_torch.step()
        to_torch.step()
        twins.compare()
    compare_state(from_torch, to_torch)


@pytest.mark.parametrize("name", NAMES)
def test_repr_and_defaults(name: str) -> None:
    twins = Twins([(2,)], np.float32)
    ours = getattr(optim, name)([("w", twins.ours[0])])
    theirs = getattr(torch.optim, name)([("w", twins.theirs[0])])
    assert repr(ours) == repr(theirs)
    assert ours.defaults == theirs.defaults
    assert list(ours.param_groups[0]) == list(theirs.param_groups[0])


INVALID = [
    ("SGD", {"lr": -1.0}),
    ("SGD", {"momentum": -0.5}),
    ("SGD", {"weight_decay": -1.0}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("Adagrad", {"lr": -1.0}),
    ("Adagrad", {"lr_decay": -1.0}),
    ("Adagrad", {"weight_decay": -1.0}),
    ("Adagrad", {"initial_accumulator_value": -1.0}),
    ("Adagrad", {"eps": -1.0}),
    ("RMSprop", {"lr": -1.0}),
    ("RMSprop", {"alpha": -1.0}),
    ("RMSprop", {"momentum": -1.0}),
    ("RMSprop", {"weight_decay": -1.0}),
    ("RMSprop", {"eps": -1.0}),
    ("Adam", {"lr": float("nan")}),
    ("Adam", {"betas": (1.0, 0.999)}),
    ("Adam", {"betas": (0.9, -0.1)}),
    ("AdamW", {"weight_decay": -1.0}),
    ("AdamW", {"eps": -1.0}),
    ("Adadelta", {"lr": -1.0}),
    ("Adadelta", {"rho": 1.5}),
    ("Adadelta", {"eps": -1.0}),
    ("Adadelta", {"weight_decay": -1.0}),
    ("Adamax", {"lr": -1.0}),
    ("Adamax", {"betas": (0.9, 1.0)}),
    ("NAdam", {"momentum_decay": -1.0}),
    ("RAdam", {"eps": -1.0}),
    ("ASGD", {"weight_decay": -1.0}),
    ("Rprop", {"etas": (0.5, 0.9)}),
    ("Adafactor", {"lr": -1.0}),
    ("Adafactor", {"beta2_decay": 0.5}),
    ("Adafactor", {"eps": (-1.0, 1e-3)}),
    ("Adafactor", {"eps": (None, -1.0)}),
    ("Adafactor", {"d": 0.5}),
    ("Adafactor", {"weight_decay": -1.0}),
    ("LBFGS", {"lr": -1.0}),
]


def message(call: Any) -> tuple[type, str]:
    with pytest.raises(Exception) as caught:
        call()
    return caught.type, str(caught.value).replace("torch.", "").replace("mini", "")


@pytest.mark.parametrize("case", INVALID, ids=describe)
def test_invalid_options(case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    twins = Twins([(2,)], np.float32)
    ours = message(lambda: getattr(optim, name)(twins.ours, **options))
    assert ours == message(lambda: getattr(torch.optim, name)(twins.theirs, **options))


@pytest.mark.parametrize(
    "make",
    [
        lambda p: [],
        lambda p: [{"params": {p}}],
        lambda p: [{"params": [p]}, {"params": [p]}],
        lambda p: [3],
        lambda p: [{"params": [("w", p), p]}],
        lambda p: [{"params": [("w", p)]}, {"params": [p]}],
    ],
    ids=["empty", "set", "twice", "number", "some-named", "named-and-not"],
)
def test_invalid_parameters(make: Any) -> None:
    twins = Twins([(2,)], np.float32)
    ours = message(lambda: optim.SGD(make(twins.ours[0])))
    assert ours == message(lambda: torch.optim.SGD(make(twins.theirs[0])))


def test_invalid_state_dicts() -> None:
    twins = Twins([(2,), (3,)], np.float32)
    ours, theirs = optim.SGD(twins.ours), torch.optim.SGD(twins.theirs)
    for groups in ([], [{"params": [0]}]):
        state: dict[str, Any] = {"state": {}, "param_groups": groups}
        assert message(lambda s=state: ours.load_state_dict(s)) == message(
            lambda s=state: theirs.load_state_dict(s)
        )
