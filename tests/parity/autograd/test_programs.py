"""Random programs of views, in-place changes and plain operations do the same in both libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import minitorch

# name -> what it does to v, with another tensor w and a small number k; a result joins the tensors
PLAIN: dict[str, Any] = {
    "add": lambda t, v, w, k: v + w,
    "mul": lambda t, v, w, k: v * w,
    "sub": lambda t, v, w, k: w - v,
    "div": lambda t, v, w, k: v / (w * w + 1),
    "scale": lambda t, v, w, k: v * 0.5,
    "tanh": lambda t, v, w, k: v.tanh(),
    "sigmoid": lambda t, v, w, k: v.sigmoid(),
    "relu": lambda t, v, w, k: v.relu(),
    "square": lambda t, v, w, k: v**2,
    "sum": lambda t, v, w, k: v.sum(0),
    "clone": lambda t, v, w, k: v.clone(),
    "detach": lambda t, v, w, k: v.detach(),
    "gather": lambda t, v, w, k: v[t.tensor([0, 1, 0])],
    "mask": lambda t, v, w, k: v[v > 0.3],
}
VIEWS: dict[str, Any] = {
    "row": lambda t, v, w, k: v[k],
    "column": lambda t, v, w, k: v[..., k],
    "slice": lambda t, v, w, k: v[k:],
    "step": lambda t, v, w, k: v[::2],
    "t": lambda t, v, w, k: v.t(),
    "flat": lambda t, v, w, k: v.view(-1),
    "reshape": lambda t, v, w, k: v.reshape(2, -1),
    "unsqueeze": lambda t, v, w, k: v.unsqueeze(-1),
    "squeeze": lambda t, v, w, k: v.squeeze(),
    "narrow": lambda t, v, w, k: v.narrow(0, k, 1),
    "transpose": lambda t, v, w, k: v.transpose(0, -1),
}


def _set(v: Any, index: Any, value: Any) -> None:
    v[index] = value


def _quietly(t: Any, change: Any) -> None:
    with t.no_grad():
        change()


INPLACE: dict[str, Any] = {
    "add_": lambda t, v, w, k: v.add_(w),
    "mul_": lambda t, v, w, k: v.mul_(w),
    "div_": lambda t, v, w, k: v.div_(w * w + 1),
    "scale_": lambda t, v, w, k: v.mul_(0.5),
    "tanh_": lambda t, v, w, k: v.tanh_(),
    "sigmoid_": lambda t, v, w, k: v.sigmoid_(),
    "relu_": lambda t, v, w, k: v.relu_(),
    "square_": lambda t, v, w, k: v.pow_(2),
    "zero_": lambda t, v, w, k: v.zero_(),
    "copy_": lambda t, v, w, k: v.copy_(w),
    "masked_fill_": lambda t, v, w, k: v.masked_fill_(v > 0.5, 0.25),
    "set_row": lambda t, v, w, k: _set(v, k, w),
    "set_number": lambda t, v, w, k: _set(v, slice(k, None), 0.75),
    "set_mask": lambda t, v, w, k: _set(v, v > 0.4, 0.1),
    "set_places": lambda t, v, w, k: _set(v, t.tensor([1, 0]), w),
    "quiet_scale_": lambda t, v, w, k: _quietly(t, lambda: v.mul_(0.5)),
    "unsqueeze_": lambda t, v, w, k: v.unsqueeze_(k - 1),
    "squeeze_": lambda t, v, w, k: v.squeeze_(),
    "transpose_": lambda t, v, w, k: v.transpose_(0, -1),
    "data_scale_": lambda t, v, w, k: v.data.mul_(0.5),
}
OPERATIONS = PLAIN | VIEWS | INPLACE
START = np.random.default_rng(0).uniform(0.1, 1.0, (3, 4))


def run(t: Any, program: list[tuple[str, int, int, int]]) -> tuple[list[Any], str]:
    """What the tensors and the gradients are in the end, and where it was refused."""
    a = t.tensor(START.tolist(), dtype=t.float64, requires_grad=True)
    b = t.tensor(START[0].tolist(), dtype=t.float64, requires_grad=True)
    tensors = [a, b, a * 1, b * 2, t.tensor(START[::-1].tolist(), dtype=t.float64)]
    stage = ""
    try:
        for number, (name, i, j, k) in enumerate(program):
            stage = f"{number} {name}"
            v, w = tensors[i % len(tensors)], tensors[j % len(tensors)]
            assert v.grad_fn is None or v.requires_grad  # asking makes torch renew a stale history
            result = OPERATIONS[name](t, v, w, k)
            if name not in INPLACE:
                tensors.append(result)
        stage = "backward"
        sum((v * v).sum() for v in tensors).backward()
        stage = ""
    except (RuntimeError, IndexError) as error:
        assume(not any(limit in str(error) for limit in TORCH_ONLY))
        stage += " refused"
    found = [v.detach() for v in tensors] + [x.grad for x in (a, b)]
    return [
        None if v is None else np.array(v.tolist()).reshape(tuple(v.shape)) for v in found
    ], stage


# What torch refuses for reasons of its own: NumPy copes with overlapping memory.
TORCH_ONLY = ("refer to a single memory location",)
INSTRUCTIONS = st.tuples(
    st.one_of(st.sampled_from(sorted(INPLACE)), st.sampled_from(sorted(OPERATIONS))),
    st.integers(0, 30).map(lambda i: 30 - i),  # the newest tensors first
    st.integers(0, 30),
    st.integers(0, 2),
)


def check(program: list[tuple[str, int, int, int]]) -> None:
    """Assert that both libraries come to the same end."""
    ours, our_stage = run(minitorch, program)
    theirs, their_stage = run(torch, program)
    assert our_stage == their_stage
    assert len(ours) == len(theirs)
    for x, y in zip(ours, theirs, strict=True):
        if y is None or x is None:
            assert x is y
            continue
        assert x.shape == y.shape
        np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-12)


@settings(max_examples=300)
@given(st.lists(INSTRUCTIONS, max_size=6))
def test_short_programs(program):
    check(program)


@pytest.mark.slow
@settings(max_examples=1500)
@given(st.lists(INSTRUCTIONS, max_size=12))
def test_long_programs(program):
    check(program)
