"""Layers with parameters and containers against PyTorch."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn as tnn

import minitorch
from minitorch import nn
from tests.parity.nn.compare import both, close, outcome, same_to_second_order, spoken_here

RNG = np.random.default_rng(0)


def twins(name: str, *args, **kwargs) -> tuple:
    """Return a layer of each library, in float64 and with the same parameters."""
    ours, theirs = getattr(nn, name)(*args, **kwargs), getattr(tnn, name)(*args, **kwargs)
    ours.double(), theirs.double()
    ours.load_state_dict({k: minitorch.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    return ours, theirs


def same_with_parameters(ours, theirs, *arrays: np.ndarray, second: bool = True) -> None:
    """Assert agreement of two layers, with respect to their inputs and their parameters."""
    names = [name for name, _ in theirs.named_parameters()]
    values = [p.detach().numpy() for p in theirs.parameters()]

    def function(layer):
        def call(*tensors):
            inputs, parameters = tensors[: len(arrays)], tensors[len(arrays) :]
            return functional_call(layer, dict(zip(names, parameters, strict=True)), inputs)

        return call

    same_to_second_order(function(ours), function(theirs), *arrays, *values, second=second)


def functional_call(layer, parameters: dict, inputs: tuple):
    """Call a layer with other tensors in the place of its parameters."""
    if isinstance(layer, tnn.Module):
        return torch.func.functional_call(layer, parameters, inputs)
    kept = dict(layer._parameters)
    for name, tensor in parameters.items():
        layer._parameters[name] = tensor
    try:
        return layer(*inputs)
    finally:
        layer._parameters.update(kept)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (0, 4)])
def test_linear(shape: tuple, bias: bool) -> None:
    ours, theirs = twins("Linear", 4, 5, bias)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    same_with_parameters(ours, theirs, RNG.standard_normal(shape))


def test_linear_with_a_vector_as_weight() -> None:
    x, w = RNG.standard_normal((3, 4)), RNG.standard_normal(4)
    same_to_second_order(nn.functional.linear, tnn.functional.linear, x, w)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_bilinear(batch: tuple, bias: bool) -> None:
    ours, theirs = twins("Bilinear", 4, 3, 5, bias)
    assert repr(ours) == repr(theirs)
    x, y = RNG.standard_normal((*batch, 4)), RNG.standard_normal((*batch, 3))
    same_with_parameters(ours, theirs, x, y)


@pytest.mark.parametrize("options", [{}, {"padding_idx": 1}, {"padding_idx": -1}])
@pytest.mark.parametrize("indices", [[0, 1, 1, 3], [[0, 4], [4, 1]], 2])
def test_embedding(indices, options: dict) -> None:
    ours, theirs = twins("Embedding", 5, 3, **options)
    assert repr(ours) == repr(theirs)
    mi, ti = both(np.array(indices))
    weight = theirs.weight.detach().numpy()
    same_to_second_order(
        lambda w: functional_call(ours, {"weight": w}, (mi,)),
        lambda w: functional_call(theirs, {"weight": w}, (ti,)),
        weight,
    )


@pytest.mark.parametrize("norm_type", [2.0, 1.0])
def test_embedding_max_norm(norm_type: float) -> None:
    ours, theirs = twins("Embedding", 6, 3, max_norm=0.8, norm_type=norm_type)
    assert repr(ours) == repr(theirs)
    mi, ti = both(np.array([0, 2, 2, 5]))
    version = ours.weight._version
    close(ours(mi), theirs(ti), rtol=1e-6)
    close(ours.weight, theirs.weight, rtol=1e-6)
    assert ours.weight._version > version


def test_embedding_from_pretrained() -> None:
    table = RNG.standard_normal((4, 3))
    mt, tt = both(table)
    ours = nn.Embedding.from_pretrained(mt, padding_idx=1)
    theirs = tnn.Embedding.from_pretrained(tt, padding_idx=1)
    assert repr(ours) == repr(theirs)
    assert ours.weight.requires_grad == theirs.weight.requires_grad is False
    close(ours.weight, theirs.weight)
    assert nn.Embedding.from_pretrained(mt, freeze=False).weight.requires_grad


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_cosine_similarity(dim: int) -> None:
    x, y = RNG.standard_normal((2, 3, 4, 2))
    ours, theirs = nn.CosineSimilarity(dim), tnn.CosineSimilarity(dim)
    assert repr(ours) == repr(theirs)
    same_to_second_order(ours, theirs, x, y)
    same_to_second_order(ours, theirs, x[:, :1], y)


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("p", [2.0, 1.0, 3.0, float("inf")])
def test_pairwise_distance(p: float, keepdim: bool) -> None:
    x, y = RNG.standard_normal((2, 3, 4))
    ours, theirs = nn.PairwiseDistance(p, keepdim=keepdim), tnn.PairwiseDistance(p, keepdim=keepdim)
    assert repr(ours) == repr(theirs)
    same_to_second_order(ours, theirs, x, y)


@pytest.mark.parametrize("p", [2.0, 1.0, 3.0])
def test_normalize(p: float) -> None:
    x = RNG.standard_normal((3, 4))
    same_to_second_order(
        lambda a: nn.functional.normalize(a, p), lambda a: tnn.functional.normalize(a, p), x
    )
    zero = np.zeros((2, 3))
    same_to_second_order(nn.functional.normalize, tnn.functional.normalize, zero, second=False)


@pytest.mark.parametrize("size", [300.0, 1e-4])
def test_lengths_of_half_precision_do_not_overflow(size: float) -> None:
    x, y = (np.array(v, np.float16) * np.float16(size) for v in ([[1, 1, 1, 1]], [[1, 1, 0.3, 2]]))
    (mx, tx), (my, ty) = both(x), both(y)
    for name in ("cosine_similarity", "pairwise_distance"):
        close(getattr(nn.functional, name)(mx, my), getattr(tnn.functional, name)(tx, ty))
    close(nn.functional.normalize(mx), tnn.functional.normalize(tx))


def test_cosine_similarity_of_two_types() -> None:
    x, y = np.array([[1, 2, 3]]), RNG.standard_normal((1, 3))
    for a, b in ((x, y), (y.astype(np.float32), y)):
        ours = nn.functional.cosine_similarity(minitorch.tensor(a), minitorch.tensor(b))
        theirs = tnn.functional.cosine_similarity(torch.tensor(a), torch.tensor(b))
        close(ours, theirs, rtol=1e-7)  # PyTorch takes a length in float32 before it promotes


def test_flatten_and_unflatten() -> None:
    x = RNG.standard_normal((2, 3, 4, 5))
    for args in ((), (0,), (1, 2), (2, -1)):
        ours, theirs = nn.Flatten(*args), tnn.Flatten(*args)
        assert repr(ours) == repr(theirs)
        same_to_second_order(ours, theirs, x)
    for size in ((2, 2), [4, 1], (-1, 2)):
        ours, theirs = nn.Unflatten(2, size), tnn.Unflatten(2, size)
        assert repr(ours) == repr(theirs)
        same_to_second_order(ours, theirs, x)


def test_identity_and_dropout() -> None:
    assert repr(nn.Identity(3, a=4)) == repr(tnn.Identity(3, a=4))
    for options in ({}, {"p": 0.2, "inplace": True}):
        assert repr(nn.Dropout(**options)) == repr(tnn.Dropout(**options))
    assert outcome(lambda: nn.Dropout(1.5)) == outcome(lambda: tnn.Dropout(1.5))


ERRORS = {
    "unflatten": lambda lib: lib.nn.Unflatten(2, 3),
    "unflatten, text": lambda lib: lib.nn.Unflatten(2, (2, "3")),
    "linear": lambda lib: lib.nn.Linear(3, 2)(lib.ones(2, 4)),
    "bilinear": lambda lib: lib.nn.Bilinear(3, 2, 4)(lib.ones(2, 4), lib.ones(2, 2)),
    "bilinear size": lambda lib: lib.nn.Bilinear(0, 2, 4),
    "embedding, large": lambda lib: lib.nn.Embedding(3, 2)(lib.tensor([3])),
    "embedding, negative": lambda lib: lib.nn.Embedding(3, 2)(lib.tensor([-1])),
    "embedding, float": lambda lib: lib.nn.Embedding(3, 2)(lib.tensor([0.5])),
    "padding": lambda lib: lib.nn.Embedding(3, 2, padding_idx=3),
    "padding, functional": lambda lib: lib.nn.functional.embedding(
        lib.tensor([1]), lib.ones(3, 2), padding_idx=-4
    ),
    "weight": lambda lib: lib.nn.Embedding(3, 2, _weight=lib.ones(2, 2)),
    "pretrained": lambda lib: lib.nn.Embedding.from_pretrained(lib.ones(2)),
}


@pytest.mark.parametrize("case", ERRORS.values(), ids=ERRORS.keys())
def test_errors(case) -> None:
    ours, theirs = outcome(lambda: case(minitorch)), outcome(lambda: case(torch))
    assert ours[0] == theirs[0] != "nothing"
    assert theirs[1] in ours[1]


def models(lib) -> list:
    """Return models to be printed and saved."""
    n = lib.nn
    conv = n.Sequential(n.Linear(2, 3), n.ReLU())
    return [
        n.Sequential(),
        n.Sequential(n.Linear(2, 3), n.ReLU(inplace=True), n.Sequential(n.Dropout(0.1))),
        n.Sequential(OrderedDict([("first", n.Linear(2, 3)), ("second", n.Tanh())])),
        n.ModuleList([n.Linear(2, 2), n.Linear(2, 2), n.ReLU(), n.Linear(2, 2)]),
        n.ModuleList([conv, conv]),
        n.ModuleList([]),
        n.ModuleDict({"a": n.Linear(1, 2), "b": n.ModuleDict([["c", n.ReLU()]])}),
        n.ParameterList([n.Parameter(lib.ones(2, 3)), lib.ones(1), "text"]),
        n.ParameterList([]),
        n.ParameterDict({"z": lib.ones(2, 3), "a": n.Parameter(lib.ones(1)), "k": 3}),
        n.ParameterDict([("z", lib.ones(2, 3)), ("a", lib.ones(()))]),
        n.Sequential(n.ParameterList([lib.ones(2)]), n.ModuleList([n.ReLU(), n.ReLU()])),
    ]


@pytest.mark.parametrize("index", range(12))
def test_containers_print_and_save_alike(index: int) -> None:
    ours, theirs = models(minitorch)[index], models(torch)[index]
    assert repr(ours) == spoken_here(repr(theirs))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [n for n, _ in ours.named_modules()] == [n for n, _ in theirs.named_modules()]


EDITS = {
    "slice": lambda n, s: s[1:],
    "delete": lambda n, s: s.__delitem__(1),
    "delete a slice": lambda n, s: s.__delitem__(slice(0, 2)),
    "append": lambda n, s: s.append(n.Tanh()),
    "insert": lambda n, s: s.insert(1, n.Tanh()),
    "extend": lambda n, s: s.extend([n.Tanh(), n.GELU()]),
    "set": lambda n, s: s.__setitem__(-1, n.Tanh()),
    "pop": lambda n, s: s.pop(0),
    "add": lambda n, s: s + type(s)(*([n.Tanh()] if isinstance(s, n.Sequential) else [[n.Tanh()]])),
    "out of range": lambda n, s: s[3],
    "far out of range": lambda n, s: s[-4],
    "set out of range": lambda n, s: s.__setitem__(5, n.Tanh()),
}
SEQUENTIAL_EDITS = {
    "insert from the back": lambda n, s: s.insert(-1, n.Tanh()),
    "multiply": lambda n, s: s * 2,
    "multiply from the left": lambda n, s: 2 * s,
    "multiply in place": lambda n, s: s.__imul__(3),
    "multiply by zero": lambda n, s: s * 0,
    "multiply by a string": lambda n, s: s.__mul__("2"),
    "add in place": lambda n, s: s.__iadd__(n.Sequential(n.GELU())),
    "add a list": lambda n, s: s.__add__([n.Tanh()]),
    "insert far": lambda n, s: s.insert(7, n.Tanh()),
    "numbered names after a slice": lambda n, s: s[1:].state_dict(),
}


@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
@pytest.mark.parametrize("edit", [*EDITS, *SEQUENTIAL_EDITS])
def test_editing_lists(kind: str, edit: str) -> None:
    if kind == "ModuleList" and edit in SEQUENTIAL_EDITS:
        pytest.skip("a list cannot do that")
    action = (EDITS | SEQUENTIAL_EDITS)[edit]
    seen = []
    for n in (nn, tnn):
        modules = [n.Linear(2, 3), n.ReLU(), n.Linear(3, 2)]
        container = n.Sequential(*modules) if kind == "Sequential" else n.ModuleList(modules)
        results = []
        error = outcome(lambda n=n, c=container, r=results: r.append(action(n, c)))
        shown = repr(results[0]) if results and isinstance(results[0], n.Module) else ""
        seen.append((
            error[0], error[1].split(" for ")[0].split(" for*")[0], shown, repr(container),
            list(container.state_dict()), len(container),
        ))  # fmt: skip
    assert seen[0] == seen[1]


def test_sequential_delete_renumbers() -> None:
    ours, theirs = (n.Sequential(n.ReLU(), n.Tanh(), n.GELU()) for n in (nn, tnn))
    del ours[0]
    del theirs[0]
    assert list(ours._modules) == list(theirs._modules)
    assert repr(ours) == repr(theirs)
    assert not hasattr(ours, "2")
