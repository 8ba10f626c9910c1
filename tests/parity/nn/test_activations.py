"""Activations against PyTorch: values, both derivatives, kinks, in-place forms, repr."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn as tnn

import minitorch
from minitorch import nn
from tests.parity.nn.compare import close, outcome, same_at, same_to_second_order, warnings_of

LAYERS = {
    "ReLU": [{}],
    "ReLU6": [{}],
    "LeakyReLU": [{}, {"negative_slope": 0.3}],
    "ELU": [{}, {"alpha": 0.5}],
    "SELU": [{}],
    "CELU": [{}, {"alpha": 2.0}, {"alpha": -1.5}],
    "GELU": [{}, {"approximate": "tanh"}],
    "SiLU": [{}],
    "Mish": [{}],
    "Sigmoid": [{}],
    "LogSigmoid": [{}],
    "Tanh": [{}],
    "Tanhshrink": [{}],
    "Softplus": [{}, {"beta": 2.0, "threshold": 3.0}],
    "Softsign": [{}],
    "Softmax": [{"dim": 1}, {"dim": -1}, {"dim": 0}],
    "LogSoftmax": [{"dim": 1}, {"dim": 0}],
    "Softmin": [{"dim": 1}],
    "Hardtanh": [{}, {"min_val": -0.5, "max_val": 2.0}],
    "Hardsigmoid": [{}],
    "Hardswish": [{}],
    "Threshold": [{"threshold": 0.1, "value": 20.0}],
    "GLU": [{}, {"dim": 1}],
}
CASES = [(name, options) for name, variants in LAYERS.items() for options in variants]
INPLACE = [
    "ReLU",
    "ReLU6",
    "LeakyReLU",
    "ELU",
    "SELU",
    "CELU",
    "SiLU",
    "Mish",
    "Hardtanh",
    "Hardsigmoid",
    "Hardswish",
    "Threshold",
]


def limits(name: str) -> dict[str, Any]:
    """Return how far to compare.

    PyTorch's hardsigmoid has a float32 constant 1/6 in its gradient, and no second derivative.
    """
    return {"rtol": 1e-7, "second": False} if name == "Hardsigmoid" else {}


def layers(name: str, options: dict) -> tuple:
    return getattr(nn, name)(**options), getattr(tnn, name)(**options)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_value_and_derivatives(name: str, options: dict) -> None:
    x = np.random.default_rng(1).standard_normal((3, 4, 6)) * 3
    ours, theirs = layers(name, options)
    same_to_second_order(ours, theirs, x, **limits(name))


@pytest.mark.parametrize(("name", "options"), [c for c in CASES if c[0] != "GLU"])
def test_at_the_kinks(name: str, options: dict) -> None:
    x = np.array([[-3.0, -1.0, -0.5, 0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 6.0]])
    if options.get("threshold") == 0.1:
        x = x[:, x[0] != 0.1]  # PyTorch compares with the threshold in float64 there, too
    ours, theirs = layers(name, options)
    same_to_second_order(ours, theirs, x, **limits(name) | {"second": False})


@pytest.mark.parametrize(("name", "options"), [c for c in CASES if c[0] != "GLU"])
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_far_out_in_float32(name: str, options: dict) -> None:
    x = np.array([[-1e4, -200.0, -50.0, -10.0, 10.0, 50.0, 200.0, 1e4]], np.float32)
    ours, theirs = layers(name, options)
    same_to_second_order(ours, theirs, x, second=False, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "options"), [c for c in CASES if c[0] != "GLU"])
def test_second_derivatives_at_the_kinks(name: str, options: dict) -> None:
    x = np.array([[-3.0, -1.0, 0.0, 1.0, 3.0, 6.0]])
    same_at(lambda lib, a: getattr(lib.nn, name)(**options)(a), x, second=name != "Hardsigmoid")


@pytest.mark.parametrize(("name", "options"), [c for c in CASES if c[0] != "GLU"])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_at_infinity_and_nan(name: str, options: dict) -> None:
    x = np.array([[np.nan, np.inf, -np.inf, 2.0, -2.0]])
    same_at(lambda lib, a: getattr(lib.nn, name)(**options)(a), x, second=name != "Hardsigmoid")


def test_a_penalty_on_the_gradient_of_a_net_of_straight_pieces() -> None:
    w1, w2 = (np.random.default_rng(6).standard_normal(shape) for shape in ((2, 4), (4, 1)))
    for name in ("ReLU", "ReLU6", "LeakyReLU", "Hardtanh", "PReLU"):
        same_at(
            lambda lib, a, name=name: (
                getattr(lib.nn, name)().double()(a @ lib.tensor(w1)) @ lib.tensor(w2)
            ),
            np.array([[0.0, 1.0]]),
        )


INTEGERS = """
    elu selu celu silu mish softplus leaky_relu logsigmoid hardswish hardsigmoid gelu hardtanh relu6
    relu
"""


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
@pytest.mark.parametrize("name", INTEGERS.split())
def test_integers(name: str, dtype: str) -> None:
    def call(lib: Any) -> Any:
        return getattr(lib.nn.functional, name)(lib.tensor([1, 9, 3], dtype=getattr(lib, dtype)))

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    if outcome(lambda: call(torch))[0] == "nothing":
        close(call(minitorch), call(torch))


def test_limits_of_integers() -> None:
    for call in (
        lambda lib, x: lib.nn.functional.hardtanh(x, -1.5, 1.5),
        lambda lib, x: lib.nn.functional.threshold(x, 1, 20.5),
    ):
        x = np.array([1, -2, 3])
        close(call(minitorch, minitorch.tensor(x)), call(torch, torch.tensor(x)))


@pytest.mark.parametrize(("name", "options"), CASES)
def test_repr(name: str, options: dict) -> None:
    ours, theirs = layers(name, options)
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("name", INPLACE)
def test_inplace(name: str) -> None:
    options = LAYERS[name][0] | {"inplace": True}
    ours, theirs = layers(name, options)
    assert repr(ours) == repr(theirs)
    x = np.random.default_rng(2).standard_normal((3, 4))

    def through(layer):
        def function(x):
            y = x * 2
            out = layer(y)
            assert out is y
            return out * y

        return function

    same_to_second_order(through(ours), through(theirs), x, **limits(name))


IN_PLACE_ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "celu_": [{}, {"alpha": 2.0}],
    "elu_": [{}, {"alpha": 0.5}],
    "hardtanh_": [{}, {"min_val": -0.5, "max_val": 0.3}],
    "leaky_relu_": [{}, {"negative_slope": 0.3}],
    "relu_": [{}],
    "rrelu_": [{}, {"lower": 0.1, "upper": 0.3}],
    "selu_": [{}],
    "threshold_": [{"threshold": 0.1, "value": 20.0}],
}


def test_every_in_place_function_of_an_activation_that_is_here_is_here() -> None:
    theirs = {name for name in dir(tnn.functional) if name[-1] == "_" != name[0]}
    known = {name for name in theirs if hasattr(nn.functional, name[:-1])}
    assert known == set(IN_PLACE_ARGUMENTS)


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, options) for name, each in IN_PLACE_ARGUMENTS.items() for options in each],
)
def test_functions_in_place(name: str, options: dict[str, Any]) -> None:
    def through(library: Any, by_name: bool) -> Any:
        function = getattr(library.nn.functional, name)

        def apply(x: Any) -> Any:
            y = x * 2
            out = function(y, **options) if by_name else function(y, *options.values())
            assert out is y
            return out * 3

        return apply

    x = np.random.default_rng(2).standard_normal((3, 4))
    for by_name in (True, False):
        ours, theirs = through(minitorch, by_name), through(torch, by_name)
        same_to_second_order(ours, theirs, x)


def test_inplace_on_a_leaf_is_refused() -> None:
    x = minitorch.ones(2, requires_grad=True)
    y = torch.ones(2, requires_grad=True)
    ours = outcome(lambda: nn.ReLU(inplace=True)(x))
    assert ours == outcome(lambda: tnn.ReLU(inplace=True)(y))


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 4)])
@pytest.mark.parametrize("count", [1, 3])
def test_prelu(shape: tuple, count: int) -> None:
    if count > 1 and len(shape) == 1:
        pytest.skip("no channels")
    rng = np.random.default_rng(3)
    x, weight = rng.standard_normal(shape), rng.random(count)
    same_to_second_order(nn.functional.prelu, torch.nn.functional.prelu, x, weight)
    ours, theirs = nn.PReLU(count, 0.1), tnn.PReLU(count, 0.1)
    assert repr(ours) == repr(theirs)
    close(ours.weight, theirs.weight)


def test_errors() -> None:
    cases = [
        lambda lib, F, x: F.prelu(x, lib.ones(2)),
        lambda lib, F, x: F.prelu(lib.tensor(1.0), lib.ones(2)),
        lambda lib, F, x: F.glu(x),
        lambda lib, F, x: F.glu(x.long(), 0),
        lambda lib, F, x: F.prelu(x.long(), lib.ones(1)),
        lambda lib, F, x: F.hardtanh(x.bool()),
        lambda lib, F, x: F.threshold(x.bool(), 0.1, 1.0),
        lambda lib, F, x: F.hardtanh(x, 2.0, 1.0),
        lambda lib, F, x: lib.nn.Hardtanh(2.0, 1.0),
        lambda lib, F, x: lib.nn.GELU("foo")(x),
        lambda lib, F, x: F.celu(x, 0.0),
        lambda lib, F, x: F.softmax(x, 2),
    ]
    for case in cases:
        ours = outcome(lambda case=case: case(minitorch, nn.functional, minitorch.ones(2, 3)))
        theirs = outcome(lambda case=case: case(torch, tnn.functional, torch.ones(2, 3)))
        assert ours == theirs
        assert ours[0] != "nothing"


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (2, 3, 4, 5)])
def test_implicit_dim(name: str, shape: tuple) -> None:
    x = np.random.default_rng(4).standard_normal(shape)
    ours, theirs = getattr(nn.functional, name), getattr(tnn.functional, name)
    a = warnings_of(lambda: ours(minitorch.tensor(x)))
    assert a == warnings_of(lambda: theirs(torch.tensor(x)))
    dim = 0 if len(shape) in (1, 3) else 1
    close(ours(minitorch.tensor(x), dim), theirs(torch.tensor(x), dim))


def test_softmax_dtype() -> None:
    x = np.random.default_rng(5).standard_normal((2, 3)).astype(np.float32)
    ours = nn.functional.softmax(minitorch.tensor(x), 1, dtype=minitorch.float64)
    close(ours, tnn.functional.softmax(torch.tensor(x), 1, dtype=torch.float64))


SOFTENED = [{}, {"tau": 0.3, "dim": 0}, {"hard": True}, {"tau": 2.0, "hard": True, "dim": 1}]


@pytest.mark.parametrize("options", SOFTENED, ids=str)
def test_gumbel_softmax(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    noise, logits = rng.exponential(size=(3, 4, 5)), rng.standard_normal((3, 4, 5))
    for lib in (minitorch, torch):
        drawn = lib.tensor(noise)
        monkeypatch.setattr(lib.Tensor, "exponential_", lambda x, drawn=drawn: x.copy_(drawn))
    same_to_second_order(
        lambda a: nn.functional.gumbel_softmax(a, **options),
        lambda a: tnn.functional.gumbel_softmax(a, **options),
        logits,
    )


def test_gumbel_softmax_warns_of_eps() -> None:
    ours, theirs = (
        warnings_of(lambda lib=lib: lib.nn.functional.gumbel_softmax(lib.zeros(2), eps=0.1))
        for lib in (minitorch, torch)
    )
    assert ours == theirs
    assert len(ours) == 1
