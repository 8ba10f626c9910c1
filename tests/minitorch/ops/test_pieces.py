"""Views that come several at once: split, chunk, unbind, tensor_split."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

import minitorch

CUTS = {
    "split": lambda x: x.split(2),
    "chunk": lambda x: x.chunk(3),
    "unbind": lambda x: x.unbind(),
    "tensor_split": lambda x: x.tensor_split(3),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_pieces_share_memory_and_version(cut: Any) -> None:
    x = minitorch.zeros(6, 2)
    piece = cut(x)[1]
    piece.add_(1)
    assert x.sum() == piece.numel()
    assert x._version == piece._version == 1


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_recorded_change_in_place_is_refused(cut: Any) -> None:
    x = minitorch.zeros(6, 2, requires_grad=True) * 1
    with pytest.raises(RuntimeError, match="output of a function that returns multiple views"):
        cut(x)[0].add_(1)


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_piece_of_a_changed_base_is_refused(cut: Any) -> None:
    x = minitorch.ones(6, 2, requires_grad=True) * 1
    piece = cut(x)[0]
    x.mul_(2)
    with pytest.raises(RuntimeError, match="output of a function that returns multiple views"):
        piece * 2


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_unused_pieces_get_zeros(cut: Any) -> None:
    x = minitorch.ones(6, 2, requires_grad=True)
    (gradient,) = minitorch.autograd.grad(cut(x)[1].sum(), x)
    assert gradient.sum() == cut(x)[1].numel()


def test_the_gradient_takes_memory_once_not_once_a_piece() -> None:
    x = minitorch.ones(400, 250, requires_grad=True)
    rows = minitorch.stack([row * 2 for row in x]).sum()
    tracemalloc.start()
    rows.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * x.nbytes
