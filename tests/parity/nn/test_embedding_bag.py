"""Bags of embeddings against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.parity.nn.compare import both, close, outcome, same_to_second_order

T = torch.nn.functional
RNG = np.random.default_rng(0)


def agree(indices: Any, offsets: Any, mode: str, weighted: bool = False, **options: Any) -> None:
    """Assert agreement in value and derivatives, also by the weights of the samples."""
    table = np.random.default_rng(1).standard_normal((5, 3))
    mi, ti = both(np.array(indices, np.int64))
    mo, to = both(None if offsets is None else np.array(offsets, np.int64))
    shared = {"mode": mode, **options}
    if not weighted:
        same_to_second_order(
            lambda w: F.embedding_bag(mi, w, mo, **shared),
            lambda w: T.embedding_bag(ti, w, to, **shared),
            table,
            second=mode != "max",
        )
        return
    each = np.random.default_rng(2).standard_normal(np.shape(indices))
    same_to_second_order(
        lambda w, s: F.embedding_bag(mi, w, mo, per_sample_weights=s, **shared),
        lambda w, s: T.embedding_bag(ti, w, to, per_sample_weights=s, **shared),
        table,
        each,
        second=False,
    )


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("options", [{}, {"padding_idx": 2}, {"padding_idx": -1}], ids=str)
def test_bags(mode: str, options: dict) -> None:
    agree([[0, 2, 2], [4, 1, 2]], None, mode, **options)
    agree([0, 2, 2, 4, 1], [0, 0, 3, 5], mode, **options)
    agree([0, 2, 2, 4, 1], [0, 2, 5], mode, include_last_offset=True, **options)
    agree([2, 2], [0], mode, **options)
    agree([], [0, 0], mode, **options)
    if mode == "sum":
        agree([[0, 2, 2], [4, 1, 2]], None, mode, weighted=True, **options)
        agree([0, 2, 2, 4, 1], [0, 0, 3], mode, weighted=True, **options)


@given(st.data())
@settings(max_examples=40)
def test_any_bags(data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(0, 4), max_size=8))
    offsets = sorted(data.draw(st.lists(st.integers(0, len(indices)), max_size=4)))
    padding = data.draw(st.sampled_from([None, 0, 3]))
    for mode in ("sum", "mean", "max"):
        agree(indices, [0, *offsets], mode, padding_idx=padding)


@pytest.mark.parametrize("max_norm", [None, 0.7])
def test_layer(max_norm: float | None) -> None:
    options = {"max_norm": max_norm, "norm_type": 1, "mode": "sum", "padding_idx": 1}
    table = RNG.standard_normal((5, 3))
    for extra in ({}, options):
        ours = nn.EmbeddingBag(5, 3, _weight=minitorch.tensor(table.copy()), **extra)
        theirs = torch.nn.EmbeddingBag(5, 3, _weight=torch.tensor(table.copy()), **extra)
        assert repr(ours) == repr(theirs)
        assert list(ours.state_dict()) == list(theirs.state_dict())
        mi, ti = both(np.array([0, 2, 2, 1]))
        mo, to = both(np.array([0, 3]))
        close(ours(mi, mo), theirs(ti, to), rtol=1e-6)
        close(ours.weight, theirs.weight, rtol=1e-6)
    assert not nn.EmbeddingBag(5, 3, padding_idx=-1).weight.detach()[4].numpy().any()


def test_from_pretrained() -> None:
    table = RNG.standard_normal((4, 3))
    mt, tt = both(table)
    ours = nn.EmbeddingBag.from_pretrained(mt, mode="max")
    theirs = torch.nn.EmbeddingBag.from_pretrained(tt, mode="max")
    assert repr(ours) == repr(theirs)
    assert ours.weight.requires_grad == theirs.weight.requires_grad is False
    mi, ti = both(np.array([[0, 3]]))
    close(ours(mi), theirs(ti))


ERRORS = """
    F.embedding_bag(i([1, 2]), w)
    F.embedding_bag(i([1, 2]), w, i([0, 3]))
    F.embedding_bag(i([1, 2]), w, i([[0, 1]]))
    F.embedding_bag(i([[[1, 2]]]), w)
    F.embedding_bag(i([1, 4]), w, i([0]))
    F.embedding_bag(i([1, -1]), w, i([0]))
    F.embedding_bag(i([1.0, 2]), w, i([0]))
    F.embedding_bag(i([1, 2]), w, i([0.0]))
    F.embedding_bag(i([1, 2]), w, i([0]), mode="foo")
    F.embedding_bag(i([1, 2]), w, i([0]), mode="sum", per_sample_weights=o(3))
    F.embedding_bag(i([1, 2]), w, i([0]), mode="sum", per_sample_weights=o(2).double())
    F.embedding_bag(i([1, 2]), w, i([]).long(), include_last_offset=True)
    F.embedding_bag(i([1, 2]), w, i([0]), padding_idx=7)
    F.embedding_bag(i([1, 2]), w, i([0]), padding_idx=-7)
    F.embedding_bag(i([1, 2]), w[0], i([0]))
    F.embedding_bag(i([1, 2]), w, i([0]), mode="max", scale_grad_by_freq=True)
    F.embedding_bag(i([1, 2]), w, i([0]), mode="max", sparse=True)
    n.EmbeddingBag(3, 2, mode="foo")(i([1]), i([0]))
    n.EmbeddingBag(3, 2, padding_idx=5)
    n.EmbeddingBag(3, 2, padding_idx=-5)
    n.EmbeddingBag(3, 2, _weight=o(2, 2))
    n.EmbeddingBag.from_pretrained(o(2))
"""


@pytest.mark.parametrize("text", ERRORS.strip().splitlines())
def test_errors(text: str) -> None:
    def call(lib: Any) -> Any:
        names = {"i": lib.tensor, "o": lib.ones, "w": lib.ones(4, 3), "n": lib.nn}
        return eval(text.strip(), {"F": lib.nn.functional, **names})

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    assert outcome(lambda: call(torch))[0] != "nothing"


def test_what_it_cannot_do() -> None:
    for name in ("sparse", "scale_grad_by_freq"):
        with pytest.raises(NotImplementedError, match=f"EmbeddingBag: {name}=True"):
            nn.EmbeddingBag(3, 2, **{name: True})
