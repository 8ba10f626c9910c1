"""Weights that are computed from others, by hooks and by parametrizations, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from tests.parity.nn.compare import close, outcome, warnings_of

RNG = np.random.default_rng(0)
SHAPES = {  # of a batch
    "Linear": (5, 4),
    "Conv1d": (5, 4, 6),
    "Conv2d": (2, 4, 5, 6),
    "ConvTranspose2d": (2, 4, 5, 5),
}
ARGUMENTS = {kind: (4, 3) if kind == "Linear" else (4, 3, 2) for kind in SHAPES}
RTOL = 2e-5


def layers(kind: str, function: str, **options: Any) -> tuple[Any, Any]:
    """Return a layer in each library under a normalization, with the same state."""
    made = []
    for lib in (minitorch, torch):
        layer = getattr(lib.nn, kind)(*ARGUMENTS[kind])
        place = lib.nn.utils
        for part in function.split("."):
            place = getattr(place, part)
        if function == "weight_norm":
            with pytest.warns(FutureWarning):
                assert place(layer, **options) is layer
        else:
            assert place(layer, **options) is layer
        made.append(layer)
    ours, theirs = made
    copy_state(ours, theirs)
    return ours, theirs


def copy_state(ours: Any, theirs: Any) -> None:
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict({key: minitorch.tensor(value.numpy()) for key, value in state.items()})


def train(lib: Any, layer: Any, batches: list[np.ndarray]) -> list[Any]:
    """Return the outputs, the state after some steps, and the output in evaluation."""
    optimizer = lib.optim.SGD(layer.parameters(), lr=0.05)
    found = []
    for batch in batches:
        optimizer.zero_grad()
        out = layer(lib.tensor(batch))
        (out * out).mean().backward()
        optimizer.step()
        found.append(out)
    found += [parameter.grad for parameter in layer.parameters()]
    layer.eval()
    found.append(layer(lib.tensor(batches[0])))
    found.append(layer(lib.tensor(batches[0])))
    return [*found, *layer.state_dict().values()]


HOOKS = ("weight_norm", "spectral_norm")
CASES = [
    ("weight_norm", {}),
    ("weight_norm", {"dim": None}),
    ("weight_norm", {"dim": 1}),
    ("weight_norm", {"dim": -2}),
    ("weight_norm", {"name": "bias"}),
    ("spectral_norm", {}),
    ("spectral_norm", {"n_power_iterations": 3, "dim": 1, "eps": 1e-6}),
    ("parametrizations.weight_norm", {}),
    ("parametrizations.weight_norm", {"dim": None}),
    ("parametrizations.weight_norm", {"dim": 1}),
    ("parametrizations.spectral_norm", {}),
    ("parametrizations.spectral_norm", {"n_power_iterations": 3, "dim": -1, "eps": 1e-6}),
    ("parametrizations.spectral_norm", {"name": "bias"}),
]


def named(case: tuple[str, dict[str, Any]]) -> bool:
    """Return whether the case is of another tensor than the weight."""
    return "name" in case[1]


@pytest.mark.parametrize(
    ("kind", "name", "options"),
    [(kind, *case) for kind in SHAPES for case in CASES if kind == "Linear" or not named(case)],
    ids=str,
)
def test_training(kind: str, name: str, options: dict[str, Any]) -> None:
    ours, theirs = layers(kind, name, **options)
    batches = [RNG.standard_normal(SHAPES[kind]).astype(np.float32) for _ in range(4)]
    close(train(minitorch, ours, batches), train(torch, theirs, batches), rtol=RTOL, atol=1e-6)
    assert repr(ours) == repr(theirs)
    tensor_name = options.get("name", "weight")
    for lib, layer in ((minitorch, ours), (torch, theirs)):
        if name in HOOKS:
            remove = getattr(lib.nn.utils, f"remove_{name}")
        else:
            remove = lib.nn.utils.parametrize.remove_parametrizations
        assert remove(layer, tensor_name) is layer
        assert type(layer) is getattr(lib.nn, kind)
    x = batches[0]
    close(ours(minitorch.tensor(x)), theirs(torch.tensor(x)), rtol=RTOL, atol=1e-6)
    shapes = [{k: tuple(v.shape) for k, v in m.state_dict().items()} for m in (ours, theirs)]
    assert shapes[0] == shapes[1]
    assert not ours._forward_pre_hooks
    assert not ours._state_dict_hooks


# PyTorch has one operation for weight_norm with a dim, whose second gradient its own gradgradcheck
# refuses; ours is checked by finite differences in tests/minitorch/nn/test_weight_norms.py.
SECOND = [case for case in CASES if "weight" not in case[0] or case[1] == {"dim": None}]


@pytest.mark.parametrize(("name", "options"), SECOND, ids=str)
def test_two_forwards_before_a_backward_and_second_gradients(name: str, options: Any) -> None:
    pair = layers("Linear", name, **options)
    x, y = RNG.standard_normal((2, 5, 4)).astype(np.float32)
    found = []
    for lib, layer in zip((minitorch, torch), pair, strict=True):
        loss = (layer(lib.tensor(x)) ** 2 - layer(lib.tensor(y))).mean()
        grads = lib.autograd.grad(loss, list(layer.parameters()), create_graph=True)
        sum((g * g).sum() for g in grads).backward()
        found.append([*grads, *[p.grad for p in layer.parameters()]])
    close(*found, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
def test_refusals_and_warnings(name: str) -> None:
    def twice(lib: Any) -> Any:
        apply = getattr(lib.nn.utils, name)
        return lambda: apply(apply(lib.nn.Linear(2, 3)))

    def removed(lib: Any) -> Any:
        return lambda: getattr(lib.nn.utils, f"remove_{name}")(lib.nn.Linear(2, 3))

    assert outcome(twice(minitorch)) == outcome(twice(torch))
    assert outcome(removed(minitorch)) == outcome(removed(torch))
    found = [
        warnings_of(lambda lib=lib: getattr(lib.nn.utils, name)(lib.nn.Linear(2, 3)))
        for lib in (minitorch, torch)
    ]
    assert found[0] == found[1]
    assert len(found[0]) == (name == "weight_norm")


@pytest.mark.parametrize("arguments", [{"n_power_iterations": 0}, {"name": "n"}, {"name": "bias"}])
def test_spectral_norm_refuses(arguments: dict[str, Any]) -> None:
    def normalized(lib: Any) -> Any:
        layer = lib.nn.Linear(2, 3, bias=False)
        return lambda: lib.nn.utils.spectral_norm(layer, **arguments)

    ours, theirs = (outcome(normalized(lib)) for lib in (minitorch, torch))
    assert ours == theirs


def test_the_version_of_a_spectral_norm_is_saved() -> None:
    ours, theirs = layers("Linear", "spectral_norm")
    assert dict(ours.state_dict()._metadata) == dict(theirs.state_dict()._metadata)


def test_weight_norm_of_a_recurrent_layer() -> None:
    made = []
    for lib in (minitorch, torch):
        layer = lib.nn.LSTM(3, 4)
        with pytest.warns(FutureWarning):
            lib.nn.utils.weight_norm(layer, "weight_hh_l0")
        made.append(layer)
    ours, theirs = made
    state = theirs.state_dict()
    assert sorted(ours.state_dict()) == sorted(state)
    ours.load_state_dict({key: minitorch.tensor(value.numpy()) for key, value in state.items()})
    x = RNG.standard_normal((5, 2, 3)).astype(np.float32)
    found = []
    for lib, layer in zip((minitorch, torch), made, strict=True):
        out, _ = layer(lib.tensor(x))
        (out * out).sum().backward()
        found.append([out, *[layer.get_parameter(key).grad for key in state]])
    close(*found, rtol=1e-4, atol=1e-6)


def make_symmetric(lib: Any, inverse: bool = True) -> Any:
    class Symmetric(lib.nn.Module):
        def forward(self, x: Any) -> Any:
            return x.triu() + x.triu(1).T

    class Doubled(lib.nn.Module):
        def forward(self, x: Any) -> Any:
            return 2 * x

    if inverse:
        Symmetric.right_inverse = lambda self, x: x.triu()
        Doubled.right_inverse = lambda self, x: x / 2
    return Symmetric(), Doubled()


def make_outer(lib: Any) -> Any:
    class Outer(lib.nn.Module):
        def forward(self, x: Any, y: Any) -> Any:
            return x[:, None] * y[None, :]

        def right_inverse(self, z: Any) -> Any:
            return z[:, 0].clone(), z[0].clone()

    return Outer()


def square_layers() -> list[tuple[Any, Any]]:
    weight = RNG.standard_normal((4, 4)).astype(np.float32)
    pairs = []
    for lib in (minitorch, torch):
        layer = lib.nn.Linear(4, 4)
        with lib.no_grad():
            layer.weight.copy_(lib.tensor(weight))
            layer.bias.zero_()
        pairs.append((lib, layer))
    return pairs


@pytest.mark.parametrize("leave", [True, False])
def test_two_parametrizations_of_one_weight(leave: bool) -> None:
    found = []
    for lib, layer in square_layers():
        P = lib.nn.utils.parametrize
        learned = layer.weight
        for parametrization in make_symmetric(lib):
            P.register_parametrization(layer, "weight", parametrization)
        P.register_parametrization(layer, "bias", make_symmetric(lib)[1])
        assert layer.parametrizations.weight.original is learned
        optimizer = lib.optim.SGD([learned], 0.1)
        (layer(lib.ones(2, 4)) ** 2).sum().backward()
        optimizer.step()
        seen = [layer.weight, learned.grad, *layer.state_dict().values()]
        layer.weight = lib.arange(16.0).reshape(4, 4)
        seen += [layer.weight, learned.detach().clone()]
        keys, name = [*layer.state_dict()], type(layer).__name__
        assert P.type_before_parametrizations(layer) is lib.nn.Linear
        P.remove_parametrizations(layer, "weight", leave)
        assert layer.weight is learned
        facts = [P.is_parametrized(layer), P.is_parametrized(layer, "weight")]
        P.remove_parametrizations(layer, "bias", leave)
        facts += [P.is_parametrized(layer), sorted(layer.state_dict()), keys, name]
        found.append((facts, [*seen, layer.weight, layer.bias]))
    assert found[0][0] == found[1][0]
    close(found[0][1], found[1][1], rtol=RTOL, atol=1e-6)


def test_several_originals() -> None:
    found = []
    for lib, layer in square_layers():
        P = lib.nn.utils.parametrize
        P.register_parametrization(layer, "weight", make_outer(lib))
        layer(lib.ones(2, 4)).sum().backward()
        listed = layer.parametrizations.weight
        seen = [layer.weight, listed.original0.grad, listed.original1.grad]
        layer.weight = lib.ones(4, 4) * 3
        seen.append(layer.weight)
        refused = outcome(
            lambda layer=layer, P=P: P.remove_parametrizations(layer, "weight", False)
        )
        P.remove_parametrizations(layer, "weight")
        found.append((refused, [*seen, layer.weight], type(layer.weight).__name__))
    assert found[0][0] == found[1][0]
    assert found[0][2] == found[1][2]
    close(found[0][1], found[1][1])


WRONG = {
    "of no such tensor": lambda lib, P, m: P.register_parametrization(m, "x", lib.nn.Identity()),
    "without an inverse": lambda lib, P, m: setattr(
        P.register_parametrization(m, "weight", make_symmetric(lib, False)[0]), "weight", m.weight
    ),
    "of another shape": lambda lib, P, m: P.register_parametrization(
        m, "weight", lib.nn.Flatten(0)
    ),
    "of another shape, second": lambda lib, P, m: P.register_parametrization(
        P.register_parametrization(m, "weight", lib.nn.Identity()), "weight", lib.nn.Flatten(0)
    ),
    "removed though not there": lambda lib, P, m: P.remove_parametrizations(m, "weight"),
    "dim": lambda lib, P, m: lib.nn.utils.parametrizations.spectral_norm(m, dim=5),
    "iterations": lambda lib, P, m: lib.nn.utils.parametrizations.spectral_norm(
        m, n_power_iterations=0
    ),
    "name": lambda lib, P, m: lib.nn.utils.parametrizations.spectral_norm(m, "x"),
    "a parameter": lambda lib, P, m: setattr(
        P.register_parametrization(m, "weight", lib.nn.Identity()),
        "weight",
        lib.nn.Parameter(lib.ones(4, 4)),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_parametrize_refuses(name: str) -> None:
    found = [
        outcome(lambda lib=lib, layer=layer: WRONG[name](lib, lib.nn.utils.parametrize, layer))
        for lib, layer in square_layers()
    ]
    assert found[0] == found[1]
    assert found[0][0] != "nothing"
