"""Attention in pieces against the textbook's three lines."""

from __future__ import annotations

import numpy as np
import pytest

from minitorch import kernels
from minitorch.kernels import attention

RNG = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def naive_weights(q, k, scale, mask, causal) -> np.ndarray:
    scores = scale * q @ k.swapaxes(-1, -2)
    scores = scores if mask is None else scores + mask
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    top = scores.max(-1, keepdims=True, initial=-1e300)
    e = np.exp(scores - top)
    total = e.sum(-1, keepdims=True)
    return np.divide(e, total, out=np.zeros_like(e), where=total > 0)


def naive_gradients(g, q, k, v, scale, p, factors) -> tuple:
    dp = g @ v.swapaxes(-1, -2) * factors
    ds = p * (dp - (p * dp).sum(-1, keepdims=True)) * scale
    used = p * factors
    return ds @ k, ds.swapaxes(-1, -2) @ q, used.swapaxes(-1, -2) @ g


SIZES = [(2, 3, 5, 7, 4, 6), (7, 2, 8, 8, 4, 4), (1, 3, 20, 30, 4, 4), (1, 2, 30, 20, 3, 5),
         (1, 1, 1, 9, 4, 4), (5, 3, 9, 1, 2, 2)]  # fmt: skip


@pytest.fixture(params=[64 * 1024, 256, 40], autouse=True)
def _pieces(request, monkeypatch):
    """All at once; groups of heads; blocks of queries. Threads for whatever can be shared."""
    monkeypatch.setattr(attention, "_PIECE", request.param)
    monkeypatch.setattr(attention, "_WORTH_A_THREAD", 1)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("p", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("size", SIZES)
def test_attention_and_its_gradients(size: tuple, causal: bool, masked: bool, p: float):
    b, h, n, s, d, e = size
    q, k, v, g = normal(b, h, n, d), normal(b, h, s, d), normal(b, h, s, e), normal(b, h, n, e)
    mask = np.where(RNG.random((b, 1, n, s)) < 0.4, -np.inf, normal(1, 1, 1, s)) if masked else None
    call = kernels.Attention(q, k, v, 0.3, mask, causal)
    out, kept = kernels.attend(call, p, np.random.Generator(np.random.SFC64(1)))
    weights = naive_weights(q, k, 0.3, mask, causal)
    factors = kernels.dropout_factors(call, kept) if p else np.ones((b, h, n, s))
    np.testing.assert_allclose(out, (weights * factors) @ v, atol=1e-12)
    into = tuple(np.full(x.shape, np.nan) for x in (q, k, v))
    kernels.attention_gradients(call, g, out, kept, into)
    expected = naive_gradients(g, q, k, v, 0.3, weights, factors)
    for found, right in zip(into, expected, strict=True):
        np.testing.assert_allclose(found, right, atol=1e-12)


@pytest.mark.parametrize("keys", [1, 9])
def test_one_query_is_attended_to_in_few_calls(monkeypatch, keys: int):
    monkeypatch.setattr(attention, "_FEW", 48 * 1024)
    buffer = normal(2, 3, 20, 4)
    q, k, v = normal(2, 3, 1, 4), buffer[:, :, :keys], normal(2, 3, keys, 5)
    call = kernels.Attention(q, k, v, 0.3)
    out, kept = kernels.attend(call)
    assert call.work is None
    weights = naive_weights(q, k, 0.3, None, False)
    np.testing.assert_allclose(out, weights @ v, atol=1e-12)
    into = tuple(np.empty(x.shape) for x in (q, k, v))
    g = normal(2, 3, 1, 5)
    kernels.attention_gradients(call, g, out, kept, into)
    expected = naive_gradients(g, q, k, v, 0.3, weights, np.ones(weights.shape))
    for found, right in zip(into, expected, strict=True):
        np.testing.assert_allclose(found, right, atol=1e-12)


def test_any_memory_order_will_do():
    q, k, v, g = (normal(2, 3, 6, 4) for _ in range(4))
    expected = kernels.attend(kernels.Attention(q, k, v, 1.0))[0]
    for order in ((0, 2, 1, 3), (3, 2, 1, 0), (2, 0, 3, 1)):
        inverse = np.argsort(order)
        a, b, c, d = (
            np.ascontiguousarray(x.transpose(order)).transpose(inverse) for x in (q, k, v, g)
        )
        call = kernels.Attention(a, b, c, 1.0)
        out, kept = kernels.attend(call)
        np.testing.assert_allclose(out, expected, rtol=1e-12)
        into = tuple(np.empty_like(x) for x in (a, b, c))
        kernels.attention_gradients(call, d, out, kept, into)
        plain = tuple(np.empty_like(x) for x in (q, k, v))
        kernels.attention_gradients(kernels.Attention(q, k, v, 1.0), g, expected, kept, plain)
        np.testing.assert_allclose(into, plain, rtol=1e-9, atol=1e-12)


def test_heads_of_one_projection_need_no_copy():
    packed = normal(2, 6, 3, 4, 5)  # (N, L, 3, H, D)
    q, k, v = (packed[:, :, i].transpose(0, 2, 1, 3) for i in range(3))
    call = kernels.Attention(q, k, v, 1.0)
    assert np.shares_memory(call.k, packed)
    out, _ = kernels.attend(call)
    merged = out.transpose(0, 2, 1, 3).reshape(2, 6, 20)
    assert np.shares_memory(merged, out)


def test_dropout_keeps_the_share_it_should_and_repeats_with_the_seed():
    q = np.zeros((4, 4, 32, 8))
    call = kernels.Attention(q, q, q, 1.0)
    draws = [
        kernels.dropout_factors(
            call, kernels.attend(call, 0.3, np.random.Generator(np.random.SFC64(seed)))[1]
        )
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0] != draws[2]).any()
    kept = (draws[0] > 0).mean()
    assert abs(kept - 0.7) < 0.02
    np.testing.assert_allclose(draws[0].max(), 1 / 0.7, rtol=1e-4)


def test_scores_too_large_for_exp_do_no_harm():
    q = 1e4 * normal(1, 1, 3, 4)
    out, kept = kernels.attend(kernels.Attention(q, q, q, 1.0))
    assert np.isfinite(out).all()
    assert np.isfinite(kept.lse).all()
