"""Clipping gradients and flattening parameters, against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import minitorch
from minitorch.nn import utils
from tests.parity.nn.compare import close, outcome, same_to_second_order, warnings_of

RNG = np.random.default_rng(0)
GRADIENTS = [RNG.standard_normal(shape).astype(np.float32) for shape in ((3, 4), (5,), (), (2, 0))]


def parameters(lib, gradients=GRADIENTS) -> list:
    made = []
    for gradient in gradients:
        parameter = lib.nn.Parameter(lib.zeros(gradient.shape))
        parameter.grad = lib.tensor(gradient)
        made.append(parameter)
    return [*made, lib.nn.Parameter(lib.zeros(2))]


@pytest.mark.parametrize("norm_type", [2, 2.0, 1.0, 3.0, 0.5, "inf", float("inf")])
@pytest.mark.parametrize("max_norm", [0.1, 1.0, 100.0])
def test_clip_grad_norm(max_norm: float, norm_type) -> None:
    gradients = GRADIENTS[:3]
    ours, theirs = parameters(minitorch, gradients), parameters(torch, gradients)
    a = utils.clip_grad_norm_(ours, max_norm, norm_type)
    b = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    close(a, b, rtol=1e-5)
    close([p.grad for p in ours], [p.grad for p in theirs], rtol=1e-5)


def test_clip_grad_norm_of_one_tensor_and_of_none() -> None:
    (ours, *_), (theirs, *_) = parameters(minitorch), parameters(torch)
    close(utils.clip_grad_norm_(ours, 1.0), torch.nn.utils.clip_grad_norm_(theirs, 1.0), rtol=1e-5)
    close(ours.grad, theirs.grad, rtol=1e-5)
    close(utils.clip_grad_norm_([], 1.0), torch.nn.utils.clip_grad_norm_([], 1.0))
    a = warnings_of(lambda: utils.clip_grad_norm_((p for p in ()), 1.0))
    assert a == warnings_of(lambda: torch.nn.utils.clip_grad_norm_((p for p in ()), 1.0))
    assert len(a) == 1


def test_mixed_types() -> None:
    gradients = [GRADIENTS[0], GRADIENTS[1].astype(np.float64)]
    made = []
    for lib in (minitorch, torch):
        pair = [lib.nn.Parameter(lib.tensor(g * 0)) for g in gradients]
        for parameter, gradient in zip(pair, gradients, strict=True):
            parameter.grad = lib.tensor(gradient)
        lib.nn.utils.clip_grad_norm_(pair, 0.5)
        made.append([p.grad for p in pair])
    close(*made, rtol=1e-5)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_non_finite_gradients(bad: float) -> None:
    gradients = [np.array([bad, 1.0], np.float32), GRADIENTS[1]]
    ours, theirs = parameters(minitorch, gradients), parameters(torch, gradients)
    error = outcome(lambda: utils.clip_grad_norm_(ours, 1.0, error_if_nonfinite=True))
    assert error == outcome(
        lambda: torch.nn.utils.clip_grad_norm_(theirs, 1.0, error_if_nonfinite=True)
    )
    assert error[0] == "RuntimeError"
    close([p.grad for p in ours], [p.grad for p in theirs])
    utils.clip_grad_norm_(ours, 1.0)
    torch.nn.utils.clip_grad_norm_(theirs, 1.0)
    close([p.grad for p in ours], [p.grad for p in theirs])


def test_the_two_halves() -> None:
    ours, theirs = parameters(minitorch, GRADIENTS[:3]), parameters(torch, GRADIENTS[:3])
    a = utils.get_total_norm([p.grad for p in ours[:-1]])
    b = torch.nn.utils.get_total_norm([p.grad for p in theirs[:-1]])
    close(a, b, rtol=1e-5)
    utils.clip_grads_with_norm_(ours, 0.3, a)
    torch.nn.utils.clip_grads_with_norm_(theirs, 0.3, b)
    close([p.grad for p in ours], [p.grad for p in theirs], rtol=1e-5)


def test_clip_grad_value() -> None:
    ours, theirs = parameters(minitorch), parameters(torch)
    version = ours[0].grad._version
    utils.clip_grad_value_(ours, 0.5)
    torch.nn.utils.clip_grad_value_(theirs, 0.5)
    close([p.grad for p in ours], [p.grad for p in theirs])
    assert ours[0].grad._version == version + 1


def test_parameters_as_a_vector() -> None:
    ours, theirs = minitorch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    values = RNG.standard_normal(8).astype(np.float32)
    utils.vector_to_parameters(minitorch.tensor(values), ours.parameters())
    torch.nn.utils.vector_to_parameters(torch.tensor(values), theirs.parameters())
    close(list(ours.parameters()), list(theirs.parameters()))
    vector = utils.parameters_to_vector(ours.parameters())
    close(vector, torch.nn.utils.parameters_to_vector(theirs.parameters()))
    vector.sum().backward()
    assert (ours.weight.grad == 1).all()
    error = outcome(lambda: utils.vector_to_parameters([1.0], ours.parameters()))
    assert error == outcome(lambda: torch.nn.utils.vector_to_parameters([1.0], theirs.parameters()))


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("shape", [(), (2,), (3, 2)])
def test_pad_sequence(shape: tuple, side: str, batch_first: bool) -> None:
    arrays = [RNG.standard_normal((length, *shape)) for length in (3, 1, 4, 0)]
    options = {"batch_first": batch_first, "padding_value": -1.5, "padding_side": side}
    same_to_second_order(
        lambda *xs: utils.rnn.pad_sequence(xs, **options),
        lambda *xs: torch.nn.utils.rnn.pad_sequence(xs, **options),
        *arrays,
    )


def test_pad_sequence_of_integers() -> None:
    arrays = [np.array([1, 2]), np.array([3], np.int32), np.array([4.7, 5.2, 6.0])]
    ours, theirs = (
        lib.nn.utils.rnn.pad_sequence(lib.tensor(x) for x in arrays) for lib in (minitorch, torch)
    )
    close(ours, theirs)
    whole = np.arange(6).reshape(2, 3)
    ours, theirs = (lib.nn.utils.rnn.pad_sequence(lib.tensor(whole)) for lib in (minitorch, torch))
    close(ours, theirs)


def test_errors_of_pad_sequence() -> None:
    cases = [
        lambda lib, pad: pad([]),
        lambda lib, pad: pad(3),
        lambda lib, pad: pad([lib.ones(2)], padding_side="top"),
    ]
    for case in cases:
        ours = outcome(lambda case=case: case(minitorch, utils.rnn.pad_sequence))
        assert ours == outcome(lambda case=case: case(torch, torch.nn.utils.rnn.pad_sequence))
        assert ours[0] != "nothing"


def test_the_old_name_of_clip_grad_norm() -> None:
    ours, theirs = parameters(minitorch), parameters(torch)
    a = warnings_of(lambda: utils.clip_grad_norm(ours, 0.5, 1.0))
    assert a == warnings_of(lambda: torch.nn.utils.clip_grad_norm(theirs, 0.5, 1.0))
    assert len(a) == 1
    close([p.grad for p in ours[:-1]], [p.grad for p in theirs[:-1]], rtol=1e-5)
