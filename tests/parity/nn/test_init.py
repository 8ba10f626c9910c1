"""Initialisers against PyTorch: distributions, fixed patterns, errors and warnings."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import minitorch
from minitorch.nn import init
from tests.parity.nn.compare import close, outcome, warnings_of

SHAPE = (60, 40, 5, 5)
RANDOM = [
    ("uniform_", {}),
    ("uniform_", {"a": -2.0, "b": 3.0}),
    ("normal_", {}),
    ("normal_", {"mean": 1.0, "std": 0.2}),
    ("trunc_normal_", {}),
    ("trunc_normal_", {"mean": 0.5, "std": 2.0, "a": -1.0, "b": 1.5}),
    ("trunc_normal_", {"mean": 0.0, "std": 1.0, "a": 1.5, "b": 4.0}),
    ("xavier_uniform_", {}),
    ("xavier_uniform_", {"gain": 2.0}),
    ("xavier_normal_", {"gain": 0.5}),
    ("kaiming_uniform_", {}),
    ("kaiming_uniform_", {"a": math.sqrt(5)}),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {}),
    ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "tanh"}),
]


def filled(lib, name: str, shape: tuple, **options) -> np.ndarray:
    lib.manual_seed(1)
    tensor = lib.empty(*shape)
    result = getattr(lib.nn.init, name)(tensor, **options)
    assert result is tensor
    return tensor.numpy()


@pytest.mark.parametrize(("name", "options"), RANDOM)
def test_distribution(name: str, options: dict) -> None:
    ours, theirs = (filled(lib, name, SHAPE, **options).ravel() for lib in (minitorch, torch))
    deviation = float(theirs.std())
    error = deviation / math.sqrt(theirs.size)
    assert abs(ours.mean() - theirs.mean()) < 8 * error
    assert abs(ours.std() / deviation - 1) < 0.02
    quantiles = np.linspace(0.02, 0.98, 25)
    ours_at, theirs_at = np.quantile(ours, quantiles), np.quantile(theirs, quantiles)
    np.testing.assert_allclose(ours_at, theirs_at, atol=0.06 * deviation)
    if "uniform" in name or "trunc" in name:
        assert ours.min() == pytest.approx(theirs.min(), abs=0.05 * deviation)
        assert ours.max() == pytest.approx(theirs.max(), abs=0.05 * deviation)


def layer_distributions(lib) -> dict[str, np.ndarray]:
    lib.manual_seed(2)
    n = lib.nn
    layers = {
        "linear": n.Linear(64, 400),
        "bilinear": n.Bilinear(9, 40, 50),
        "embedding": n.Embedding(200, 50, padding_idx=3),
        "prelu": n.PReLU(4, 0.3),
    }
    return {
        f"{name}.{key}": parameter.detach().numpy().ravel()
        for name, layer in layers.items()
        for key, parameter in layer.named_parameters()
    }


def test_layers_start_alike() -> None:
    ours, theirs = layer_distributions(minitorch), layer_distributions(torch)
    assert list(ours) == list(theirs)
    for name, values in theirs.items():
        many = values.size > 1000
        assert ours[name].std() == pytest.approx(values.std(), rel=0.03 if many else 0.3), name
        assert abs(ours[name]).max() == pytest.approx(abs(values).max(), rel=0.3), name
    assert not minitorch.nn.Embedding(5, 3, padding_idx=2).weight.detach().numpy()[2].any()


PATTERNS = [
    ("constant_", (2, 3), {"val": 0.3}),
    ("ones_", (2, 3), {}),
    ("zeros_", (2, 3), {}),
    ("eye_", (3, 5), {}),
    ("eye_", (5, 3), {}),
    ("dirac_", (4, 3, 3), {}),
    ("dirac_", (6, 2, 3, 4), {"groups": 3}),
    ("dirac_", (2, 5, 1, 2, 3), {"groups": 2}),
]


@pytest.mark.parametrize(("name", "shape", "options"), PATTERNS)
def test_pattern(name: str, shape: tuple, options: dict) -> None:
    ours, theirs = (filled(lib, name, shape, **options) for lib in (minitorch, torch))
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("nonlinearity", [
    "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu",
])  # fmt: skip
def test_gain(nonlinearity: str) -> None:
    for param in (None, 0.3, 2):
        ours = init.calculate_gain(nonlinearity, param)
        assert ours == pytest.approx(torch.nn.init.calculate_gain(nonlinearity, param))


ERRORS = {
    "eye": lambda lib: lib.nn.init.eye_(lib.empty(3)),
    "dirac": lambda lib: lib.nn.init.dirac_(lib.empty(3, 3)),
    "dirac groups": lambda lib: lib.nn.init.dirac_(lib.empty(3, 3, 3), groups=2),
    "fan": lambda lib: lib.nn.init.xavier_normal_(lib.empty(3)),
    "mode": lambda lib: lib.nn.init.kaiming_normal_(lib.empty(3, 3), mode="fan"),
    "gain": lambda lib: lib.nn.init.calculate_gain("swish"),
    "slope": lambda lib: lib.nn.init.calculate_gain("leaky_relu", "a"),
    "slope, bool": lambda lib: lib.nn.init.calculate_gain("leaky_relu", True),
    "orthogonal": lambda lib: lib.nn.init.orthogonal_(lib.empty(3)),
    "sparse": lambda lib: lib.nn.init.sparse_(lib.empty(3), 0.1),
}


@pytest.mark.parametrize("case", ERRORS.values(), ids=ERRORS.keys())
def test_errors(case) -> None:
    ours = outcome(lambda: case(minitorch))
    assert ours == outcome(lambda: case(torch))
    assert ours[0] != "nothing"


@pytest.mark.parametrize("case", [
    lambda lib: lib.nn.init.kaiming_uniform_(lib.empty(0, 3)),
    lambda lib: lib.nn.init.kaiming_normal_(lib.empty(0, 3)),
    lambda lib: lib.nn.init.trunc_normal_(lib.empty(3), mean=8.0, a=0.0, b=5.0),
])  # fmt: skip
def test_warnings(case) -> None:
    ours = warnings_of(lambda: case(minitorch))
    assert ours == warnings_of(lambda: case(torch))
    assert len(ours) == 1


def test_orthogonal_and_sparse_as_there() -> None:
    for shape in ((5, 8), (8, 5), (4, 3, 2), (0, 3)):
        a = filled(minitorch, "orthogonal_", shape, gain=2.0)
        b = filled(torch, "orthogonal_", shape, gain=2.0)
        if a.size:
            a, b = a.reshape(shape[0], -1), b.reshape(shape[0], -1)
            np.testing.assert_allclose(np.linalg.svd(a)[1], np.linalg.svd(b)[1], atol=1e-5)
    a, b = (filled(lib, "sparse_", (50, 400), sparsity=0.13) for lib in (minitorch, torch))
    np.testing.assert_array_equal((a == 0).sum(0), (b == 0).sum(0))
    assert a[a != 0].std() == pytest.approx(b[b != 0].std(), rel=0.03)


def test_fans() -> None:
    for shape in ((3, 4), (3, 4, 5), (3, 4, 5, 6)):
        ours = init._calculate_fan_in_and_fan_out(minitorch.empty(*shape))
        assert ours == torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(*shape))
    close(init.constant_(minitorch.empty(2), 1), torch.nn.init.constant_(torch.empty(2), 1))


OLD_NAMES = {
    "uniform": {"a": -1.0},
    "normal": {"std": 2.0},
    "constant": {"val": 3.0},
    "eye": {},
    "dirac": {},
    "orthogonal": {},
    "sparse": {"sparsity": 0.5},
    "xavier_uniform": {"gain": 2.0},
    "xavier_normal": {},
    "kaiming_uniform": {"mode": "fan_out"},
    "kaiming_normal": {"a": 0.1},
}


@pytest.mark.parametrize("name", OLD_NAMES)
def test_old_names(name: str) -> None:
    shape = (4, 3, 5) if name == "dirac" else (4, 3)
    found = []
    for lib in (minitorch, torch):
        function = getattr(lib.nn.init, name)
        tensor = lib.empty(*shape)
        found.append(warnings_of(lambda f=function, t=tensor: f(t, **OLD_NAMES[name])))
        assert function.__name__ == name
    assert found[0] == found[1]
    assert len(found[0]) == 1
    with pytest.warns(FutureWarning):
        old = filled_as(name, shape)
    np.testing.assert_array_equal(old, filled_as(f"{name}_", shape))


def filled_as(name: str, shape: tuple) -> np.ndarray:
    return filled(minitorch, name, shape, **OLD_NAMES[name.removesuffix("_")])
