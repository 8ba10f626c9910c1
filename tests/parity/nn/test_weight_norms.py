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


CASES = [
    ("weight_norm", {}),
    ("weight_norm", {"dim": None}),
    ("weight_norm", {"dim": 1}),
    ("weight_norm", {"dim": -2}),
    ("weight_norm", {"name": "bias"}),
    ("spectral_norm", {}),
    ("spectral_norm", {"n_power_iterations": 3, "dim": 1, "eps": 1e-6}),
]


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_training(kind: str, name: str, options: dict[str, Any]) -> None:
    if options == {"name": "bias"} and "Conv" in kind:
        pytest.skip("the same as for Linear")
    ours, theirs = layers(kind, name, **options)
    batches = [RNG.standard_normal(SHAPES[kind]).astype(np.float32) for _ in range(4)]
    close(train(minitorch, ours, batches), train(torch, theirs, batches), rtol=RTOL, atol=1e-6)
    remove = f"remove_{name.rpartition('.')[2]}"
    for lib, layer in ((minitorch, ours), (torch, theirs)):
        if name in ("weight_norm", "spectral_norm"):
            assert getattr(lib.nn.utils, remove)(layer, options.get("name", "weight")) is layer
    x = batches[0]
    close(ours(minitorch.tensor(x)), theirs(torch.tensor(x)), rtol=RTOL, atol=1e-6)
    shapes = [{k: tuple(v.shape) for k, v in m.state_dict().items()} for m in (ours, theirs)]
    assert shapes[0] == shapes[1]
    assert not ours._forward_pre_hooks
    assert not ours._state_dict_hooks


# PyTorch has one operation for weight_norm with a dim, whose second gradient its own gradgradcheck
# refuses; ours is checked by finite differences in tests/minitorch/nn/test_weight_norms.py.
@pytest.mark.parametrize(("name", "options"), [CASES[1], *CASES[5:]], ids=str)
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
