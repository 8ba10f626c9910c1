"""Attention as an operation: derivatives by finite differences, memory, and what it keeps."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import minitorch
from minitorch import ops
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn import functional as F

RNG = np.random.default_rng(0)


def variable(*shape: int) -> minitorch.Tensor:
    return minitorch.tensor(RNG.standard_normal(shape), requires_grad=True)


MASKS = {
    "none": {},
    "causal": {"causal": True},
    "mask": {"mask": minitorch.tensor(np.where(np.eye(3) > 0, -np.inf, 0.5)[None, None])},
    "hidden": {"mask": minitorch.tensor(np.where(np.tri(3, k=-1) > 0, 0.5, -np.inf)[None, None])},
}  # fmt: skip


@pytest.mark.parametrize("options", MASKS.values(), ids=MASKS)
def test_derivatives(options: dict):
    q, k, v = variable(2, 1, 3, 2), variable(2, 1, 3, 2), variable(2, 1, 3, 3)

    def attend(q, k, v):
        return ops.attend(q, k, v, scale=0.7, **options)

    assert gradcheck(attend, (q, k, v))
    assert gradgradcheck(attend, (q, k, v))


@pytest.mark.parametrize("options", MASKS.values(), ids=MASKS)
def test_derivatives_of_packed_projections(options: dict):
    x = variable(2, 3, 12)

    def attend(x):
        return ops.attend_to_self(x, 2, scale=0.7, **options)

    assert gradcheck(attend, (x,))
    assert gradgradcheck(attend, (x,))


def test_packed_projections_give_what_their_parts_give():
    x = variable(2, 5, 12)
    for tensor in (x, variable(5, 2, 12).transpose(0, 1)):  # the second in the other memory order
        q, k, v = (part.reshape(2, 5, 2, 2).transpose(1, 2) for part in ops.split(tensor, 4, -1))
        expected = ops.attend(q, k, v, causal=True).transpose(1, 2).reshape(2, 5, 4)
        found = ops.attend_to_self(tensor, 2, causal=True)
        np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
        gradients = [minitorch.autograd.grad(y.sin().sum(), tensor)[0] for y in (expected, found)]
        np.testing.assert_allclose(*(g.numpy() for g in gradients), rtol=1e-12)


def test_derivatives_with_dropout_are_those_of_what_was_kept():
    q, k, v = variable(1, 2, 3, 2), variable(1, 2, 4, 2), variable(1, 2, 4, 2)

    def attend(q, k, v):
        minitorch.manual_seed(5)
        return ops.attend(q, k, v, scale=0.7, p=0.4)

    assert gradcheck(attend, (q, k, v))
    assert gradgradcheck(attend, (q, k, v))


def test_a_learned_mask_has_a_gradient():
    q, k, v, mask = variable(1, 2, 3, 2), variable(1, 2, 4, 2), variable(1, 2, 4, 2), variable(3, 4)
    assert gradcheck(F.scaled_dot_product_attention, (q, k, v, mask))


def test_a_query_that_sees_no_key_does_no_harm_to_a_loss():
    q, k, v = variable(1, 1, 2, 3), variable(1, 1, 4, 3), variable(1, 1, 4, 3)
    mask = minitorch.tensor([[False] * 4, [True] * 4])
    for weights in (
        F.scaled_dot_product_attention(q, k, v, mask),
        ops.attention_weights(q, k, 1.0, np.where(mask.numpy(), 0, -np.inf)) @ v,
    ):
        (weights**2).sum().backward()
    assert all(np.isfinite(x.grad.numpy()).all() for x in (q, k, v))


def peak_of(function) -> int:
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_long_sequences_take_no_square_of_memory():
    q, k, v = (minitorch.randn(1, 2, 3000, 8, requires_grad=True) for _ in range(3))

    def step():
        F.scaled_dot_product_attention(q, k, v, is_causal=True).sum().backward()

    step()  # scratch memory is kept
    assert peak_of(step) < 2 * 3000 * 3000  # a quarter of the probabilities, in bytes


def test_what_is_kept_goes_with_the_backward_pass():
    q = variable(1, 2, 64, 4)
    out = F.scaled_dot_product_attention(q, q, q, dropout_p=0.5)
    node = out.grad_fn
    out.sum().backward()
    with pytest.raises(RuntimeError, match="second time"):
        out.sum().backward()
    assert node._saved is None
    assert not any(isinstance(value, np.ndarray) for value in vars(node).values())


def test_one_seed_gives_one_result():
    x = minitorch.randn(8, 16, 24)

    def attend():
        minitorch.manual_seed(3)
        return ops.attend_to_self(x, 2, p=0.3)

    assert (attend() == attend()).all()


def test_without_recording_nothing_is_kept():
    q = variable(1, 2, 8, 4)
    with minitorch.no_grad():
        out = F.scaled_dot_product_attention(q, q, q)
    assert out.grad_fn is None
    assert not out.requires_grad
