"""Scaled dot-product and multi-head attention against PyTorch."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch import nn as tnn

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.parity.nn.compare import both, close, outcome, same_to_second_order, spoken_here
from tests.parity.nn.test_layers import twins

RNG = np.random.default_rng(0)
L, S, E = 3, 5, 4


@pytest.fixture(autouse=True)
def _plain_torch():
    """PyTorch differentiates attention twice only where it computes it in the plain way."""
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        yield


def normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def qkv(*lead: int, v: int = 6) -> tuple[np.ndarray, ...]:
    return normal(*lead, L, E), normal(*lead, S, E), normal(*lead, S, v)


def same_attention(arrays: tuple, mask: np.ndarray | None = None, **options) -> None:
    """Assert agreement in value, gradients and second gradients."""
    ours_mask, theirs_mask = both(mask)

    def theirs(q, k, v):
        return tnn.functional.scaled_dot_product_attention(q, k, v, theirs_mask, **options)

    def ours(q, k, v):
        return F.scaled_dot_product_attention(q, k, v, ours_mask, **options)

    same_to_second_order(ours, theirs, *arrays)


@pytest.mark.parametrize("lead", [(), (2,), (2, 3), (2, 1, 3)])
@pytest.mark.parametrize("options", [{}, {"is_causal": True}, {"scale": 0.7}])
def test_attention(lead: tuple, options: dict):
    same_attention(qkv(*lead), **options)


def test_more_queries_than_keys_with_a_causal_mask():
    same_attention((normal(2, 5, E), normal(2, 3, E), normal(2, 3, 2)), is_causal=True)


MASKS = [(L, S), (1, S), (L, 1), (3, L, S), (2, 1, L, S), (2, 3, 1, S), (2, 1, 1, S), (S,)]


@pytest.mark.parametrize("shape", MASKS)
def test_masks(shape: tuple):
    arrays = qkv(2, 3)
    hidden = RNG.random(shape) < 0.4
    same_attention(arrays, ~hidden)  # perhaps rows in which every key is hidden
    same_attention(arrays, normal(*shape))
    same_attention(arrays, np.where(hidden, -np.inf, normal(*shape)))


@pytest.mark.parametrize("kind", [bool, float])
def test_a_query_that_sees_no_key_gets_zeros(kind: type):
    mask = np.ones((L, S), bool)
    mask[1] = False
    mask = mask if kind is bool else np.where(mask, 0.0, -np.inf)
    same_attention(qkv(2, 3), mask)
    q, k, v = (minitorch.tensor(x) for x in qkv(2, 3))
    out = F.scaled_dot_product_attention(q, k, v, minitorch.tensor(mask))
    assert (out[:, :, 1] == 0).all()


def test_inputs_that_are_broadcast():
    same_attention((normal(2, 1, L, E), normal(1, 3, S, E), normal(2, 3, S, 2)))
    same_attention((normal(L, E), normal(2, S, E), normal(S, 2)))
    same_attention((normal(2, 1, L, E), normal(S, E), normal(3, S, 2)), normal(L, S))


def test_several_leading_dimensions_and_a_mask():
    same_attention(qkv(2, 2, 3), normal(2, 1, 3, 1, S))
    same_attention(qkv(2, 2, 3), normal(2, 1, L, S))


@pytest.mark.parametrize("heads", [(6, 2, 2), (6, 2, 3), (2, 2, 1), (4, 4, 4)])
def test_heads_of_keys_that_several_queries_share(heads: tuple):
    q, k, v = heads
    same_attention((normal(2, q, L, E), normal(2, k, S, E), normal(2, v, S, 6)), enable_gqa=True)


def test_a_mask_that_is_learned():
    same_to_second_order(
        F.scaled_dot_product_attention,
        tnn.functional.scaled_dot_product_attention,
        *qkv(2, 3),
        normal(3, L, S),
    )


def test_nothing_to_attend():
    for arrays in (
        (normal(2, 0, E), normal(2, S, E), normal(2, S, E)),
        (normal(2, L, E), normal(2, 0, E), normal(2, 0, E)),
        (normal(0, L, E), normal(0, S, E), normal(0, S, E)),
    ):
        same_attention(arrays)


@pytest.mark.parametrize("causal", [False, True])
def test_many_heads_and_long_sequences(causal: bool):
    """Sizes that are cut into several groups, and into several blocks of queries."""
    for shape in ((40, 2, 48, 8), (1, 1, 600, 4), (1, 12, 100, 8)):
        arrays = [normal(*shape).astype(np.float32) for _ in range(4)]
        results = []
        for library, attend in (
            (minitorch, F.scaled_dot_product_attention),
            (torch, tnn.functional.scaled_dot_product_attention),
        ):
            q, k, v, g = map(library.tensor, arrays)
            for x in (q, k, v):
                x.requires_grad_()
            out = attend(q, k, v, is_causal=causal)
            out.backward(g)
            results.append([out, q.grad, k.grad, v.grad])
        close(*results, rtol=1e-4, atol=1e-5)


def test_half_precision_is_computed_in_single():
    arrays = [x.astype(np.float16) for x in qkv(2, 3)]
    mask = normal(L, S).astype(np.float16)
    ours = F.scaled_dot_product_attention(*map(minitorch.tensor, (*arrays, mask)))
    theirs = tnn.functional.scaled_dot_product_attention(*map(torch.tensor, (*arrays, mask)))
    close(ours, theirs, rtol=2e-3, atol=1e-3)


BAD = {
    "one dimension": lambda m, S_: S_(m.ones(3), m.ones(3), m.ones(3)),
    "dtypes": lambda m, S_: S_(m.ones(2, 4), m.ones(2, 4).double(), m.ones(2, 4)),
    "mask of doubles": lambda m, S_: S_(*[m.ones(2, 4)] * 3, m.ones(2, 2).double()),
    "mask of integers": lambda m, S_: S_(*[m.ones(2, 4)] * 3, m.ones(2, 2, dtype=m.int64)),
    "mask and is_causal": lambda m, S_: S_(*[m.ones(2, 4)] * 3, m.ones(2, 2), is_causal=True),
    "shape of the mask": lambda m, S_: S_(*[m.ones(3, 2, 4)] * 3, m.ones(3, 2)),
    "too many dimensions": lambda m, S_: S_(*[m.ones(3, 2, 4)] * 3, m.ones(7, 1, 1, 1)),
    "probability": lambda m, S_: S_(*[m.ones(2, 4)] * 3, dropout_p=1.5),
    "batch of the mask": lambda m, S_: S_(*[m.ones(1, 2, 4)] * 3, m.ones(3, 2, 2)),
    "batches": lambda m, S_: S_(m.ones(2, 3, 4), m.ones(3, 3, 4), m.ones(2, 3, 4)),
}


@pytest.mark.parametrize("name", BAD)
def test_errors(name: str):
    call = BAD[name]
    ours = outcome(lambda: call(minitorch, F.scaled_dot_product_attention))
    theirs = outcome(lambda: call(torch, tnn.functional.scaled_dot_product_attention))
    assert ours[0] == theirs[0] == "RuntimeError"
    assert ours[1].startswith(theirs[1])


# ------------------------------------------------------------------------ multi-head attention

N, H = 2, 2
LAYERS = {
    "plain": {},
    "batch_first": {"batch_first": True},
    "no bias": {"bias": False},
    "added keys": {"add_bias_kv": True, "add_zero_attn": True},
    "other sizes": {"kdim": 3, "vdim": 5},
    "other sizes, batch_first": {"kdim": 3, "batch_first": True, "add_bias_kv": True},
}


def masks(kind: str) -> dict:
    """Masks in which no row is hidden throughout."""
    hidden = RNG.random((L, S)) < 0.4
    hidden[:, 0] = False
    padding = np.array([[False] * S, [False, False, False, True, True]])
    per_head = RNG.random((N * H, L, S)) < 0.4
    per_head[..., 0] = False
    return {
        "none": {},
        "attn": {"attn_mask": hidden},
        "float": {"attn_mask": np.where(hidden, -np.inf, normal(L, S))},
        "per head": {"attn_mask": per_head},
        "padding": {"key_padding_mask": padding},
        "both": {"attn_mask": hidden, "key_padding_mask": padding},
        "both float": {"attn_mask": normal(L, S), "key_padding_mask": normal(N, S)},
    }[kind]


def same_layer(ours, theirs, inputs: list[np.ndarray], place, given: dict, **options) -> None:
    """Assert agreement of output, weights, and first and second gradients.

    `place` makes query, key and value of the inputs.
    """
    names = [name for name, _ in theirs.named_parameters()]
    values = [p.detach().numpy() for p in theirs.parameters()]
    results = {}

    def function(layer, library):
        extra = {name: library.tensor(mask) for name, mask in given.items()}

        def call(*tensors):
            xs, parameters = tensors[: len(inputs)], tensors[len(inputs) :]
            named = dict(zip(names, parameters, strict=True))
            out, weights = call_with(layer, named, place(*xs), {**extra, **options})
            results[library] = weights
            return out if weights is None else library.cat([out.flatten(), weights.flatten()])

        return call

    same_to_second_order(function(ours, minitorch), function(theirs, torch), *inputs, *values)
    close(results[minitorch], results[torch])


def call_with(layer, parameters: dict, inputs: tuple, options: dict):
    """Call attention with other tensors in the place of its parameters."""
    if isinstance(layer, tnn.Module):
        return torch.func.functional_call(layer, parameters, inputs, options)
    own = {n: p for n, p in parameters.items() if "." not in n}
    projection = {n.split(".")[1]: p for n, p in parameters.items() if "." in n}
    kept = dict(layer._parameters), dict(layer.out_proj._parameters)
    for registry, tensors in ((layer._parameters, own), (layer.out_proj._parameters, projection)):
        for name, tensor in tensors.items():
            registry[name] = tensor
    try:
        return layer(*inputs, **options)
    finally:
        layer._parameters.update(kept[0])
        layer.out_proj._parameters.update(kept[1])


@pytest.mark.parametrize("kind", ["none", "both", "both float", "per head"])
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("weights", [True, False])
def test_multi_head_attention(layer: str, kind: str, weights: bool):
    options = LAYERS[layer]
    ours, theirs = twins("MultiheadAttention", E, H, **options)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    first = options.get("batch_first", False)
    sizes = (L, E), (S, options.get("kdim", E)), (S, options.get("vdim", E))
    inputs = [normal(N, n, size) if first else normal(n, N, size) for n, size in sizes]
    same_layer(ours, theirs, inputs, lambda *x: x, masks(kind), need_weights=weights)


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("name", ["attn_mask", "key_padding_mask"])
def test_a_query_from_which_all_is_hidden(name: str, weights: bool):
    ours, theirs = twins("MultiheadAttention", 4, 2, batch_first=True)
    x = normal(2, 3, 4)
    mask = np.zeros((3, 3) if name == "attn_mask" else (2, 3), bool)
    mask[1] = True
    (mx, tx), (mm, tm) = both(x), both(mask)
    close(
        ours(mx, mx, mx, need_weights=weights, **{name: mm}),
        theirs(tx, tx, tx, need_weights=weights, **{name: tm}),
    )


@pytest.mark.parametrize("kind", ["attn", "float", "padding"])
@pytest.mark.parametrize("first", [True, False])
def test_keys_that_are_the_values(kind: str, first: bool):
    ours, theirs = twins("MultiheadAttention", E, H, batch_first=first)
    inputs = [normal(N, n, E) if first else normal(n, N, E) for n in (L, S)]
    given = masks(kind)
    same_layer(ours, theirs, inputs, lambda q, k: (q, k, k), given, need_weights=False)
    options = {"average_attn_weights": False}
    same_layer(ours, theirs, inputs, lambda q, k: (q, k, k), given, **options)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_self_attention(first: bool, bias: bool, weights: bool, causal: bool):
    ours, theirs = twins("MultiheadAttention", E, H, bias=bias, batch_first=first)
    x = normal(N, L, E) if first else normal(L, N, E)
    mask = np.triu(np.full((L, L), -np.inf), 1)
    options = {"need_weights": weights, "is_causal": causal}
    same_layer(ours, theirs, [x], lambda x: (x, x, x), {"attn_mask": mask}, **options)
    same_layer(ours, theirs, [x], lambda x: (x, x, x), {}, need_weights=weights)


def test_inputs_without_a_batch():
    ours, theirs = twins("MultiheadAttention", E, H, batch_first=True)
    given = {"key_padding_mask": np.array([False, False, True, False, True])}
    inputs = [normal(L, E), normal(S, E), normal(S, E)]
    same_layer(ours, theirs, inputs, lambda *x: x, given)
    per_head = {"attn_mask": RNG.random((H, L, L)) < 0.2}
    per_head["attn_mask"][..., 0] = False
    same_layer(ours, theirs, [normal(L, E)], lambda x: (x, x, x), per_head, need_weights=False)


def test_its_functional_form_with_given_keys_and_values():
    q, k, v = normal(L, N, E), normal(N * H, S, E // H), normal(N * H, S, E // H)
    key = normal(S, N, E)
    weight, bias, out, out_bias = normal(3 * E, E), normal(3 * E), normal(E, E), normal(E)

    def call(library, f):
        def function(q, key, k, v, weight, bias, out, out_bias):
            return f.multi_head_attention_forward(
                q, key, key, E, H, weight, bias, None, None, True, 0.0, out, out_bias,
                static_k=k, static_v=v, need_weights=False,
            )[0]  # fmt: skip

        return function

    same_to_second_order(
        call(minitorch, F), call(torch, tnn.functional), q, key, k, v, weight, bias, out, out_bias
    )


def test_its_functional_form_with_separate_weights():
    q, key, value = normal(L, N, E), normal(S, N, 3), normal(S, N, 5)
    parts = normal(E, E), normal(E, 3), normal(E, 5), normal(E, E)

    def call(f):
        def function(q, key, value, wq, wk, wv, out):
            return f.multi_head_attention_forward(
                q, key, value, E, H, None, None, None, None, False, 0.0, out, None,
                use_separate_proj_weight=True, q_proj_weight=wq, k_proj_weight=wk,
                v_proj_weight=wv,
            )[0]  # fmt: skip

        return function

    same_to_second_order(call(F), call(tnn.functional), q, key, value, *parts)


WRONG = {
    "dimensions": lambda m, a: a(m.ones(4), m.ones(4), m.ones(4)),
    "key": lambda m, a: a(m.ones(3, 2, 4), m.ones(3, 4), m.ones(3, 4)),
    "unbatched key": lambda m, a: a(m.ones(3, 4), m.ones(3, 2, 4), m.ones(3, 2, 4)),
    "size": lambda m, a: a(*[m.ones(3, 2, 6)] * 3),
    "value": lambda m, a: a(m.ones(3, 2, 4), m.ones(3, 2, 4), m.ones(5, 2, 4)),
    "mask": lambda m, a: a(*[m.ones(3, 2, 4)] * 3, attn_mask=m.ones(2, 3)),
    "mask of heads": lambda m, a: a(*[m.ones(3, 2, 4)] * 3, attn_mask=m.ones(2, 3, 3)),
    "mask of one dimension": lambda m, a: a(*[m.ones(3, 2, 4)] * 3, attn_mask=m.ones(3)),
    "unbatched mask": lambda m, a: a(*[m.ones(3, 4)] * 3, attn_mask=m.ones(1, 3, 3)),
    "integers": lambda m, a: a(*[m.ones(3, 2, 4)] * 3, attn_mask=m.ones(3, 3, dtype=m.int64)),
    "padding": lambda m, a: a(*[m.ones(3, 2, 4)] * 3, key_padding_mask=m.ones(3)),
    "padding's batch": lambda m, a: a(*[m.ones(3, 2, 4)] * 3, key_padding_mask=m.ones(3, 3)),
    "padding's keys": lambda m, a: a(*[m.ones(3, 2, 4)] * 3, key_padding_mask=m.ones(2, 4)),
    "unbatched padding": lambda m, a: a(*[m.ones(3, 4)] * 3, key_padding_mask=m.ones(1, 3)),
    "no mask": lambda m, a: a(*[m.ones(3, 2, 4)] * 3, is_causal=True),
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_of_the_layer(name: str):
    ours, theirs = nn.MultiheadAttention(4, 2), tnn.MultiheadAttention(4, 2)
    expected = outcome(lambda: WRONG[name](torch, theirs))
    assert expected[0] != "nothing"
    assert outcome(lambda: WRONG[name](minitorch, ours)) == expected


@pytest.mark.parametrize("arguments", [(0, 1), (4, 0), (4, 3)])
def test_errors_of_its_constructor(arguments: tuple):
    expected = outcome(lambda: tnn.MultiheadAttention(*arguments))
    assert outcome(lambda: nn.MultiheadAttention(*arguments)) == expected


def test_masks_of_two_types_warn():
    texts = []
    for library, n in ((minitorch, nn), (torch, tnn)):
        x = library.ones(3, 2, 4)
        padding = library.zeros(2, 3, dtype=library.bool)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            n.MultiheadAttention(4, 2)(x, x, x, padding, attn_mask=library.zeros(3, 3))
        texts.append({spoken_here(str(w.message)) for w in caught})
    assert texts[0] == texts[1]


def test_initial_values_have_torch_s_distributions():
    for options in ({}, {"kdim": 80, "add_bias_kv": True}):
        ours = nn.MultiheadAttention(64, 4, **options)
        theirs = tnn.MultiheadAttention(64, 4, **options)
        for (name, x), (other, y) in zip(
            ours.named_parameters(), theirs.named_parameters(), strict=True
        ):
            assert name == other
            np.testing.assert_allclose(x.std().item(), y.std().item(), rtol=0.25, atol=1e-7)
            np.testing.assert_allclose(x.mean().item(), y.mean().item(), atol=0.05)


def test_dropout_is_unbiased_in_value_and_gradient():
    """The mean over many draws is what attention without dropout gives."""
    arrays = [normal(1, 2, 4, 3) for _ in range(4)]
    q, k, v, g = (minitorch.tensor(np.repeat(x, 4000, 0)) for x in arrays)
    for x in (q, k, v):
        x.requires_grad_()
    F.scaled_dot_product_attention(q, k, v, dropout_p=0.3).backward(g)
    xs = [torch.tensor(x, requires_grad=True) for x in arrays[:3]]
    out = tnn.functional.scaled_dot_product_attention(*xs)
    out.backward(torch.tensor(arrays[3]))
    for x, y in zip((q, k, v), xs, strict=True):
        found = x.grad.numpy()
        spread = found.std(0) / np.sqrt(len(found)) + 1e-3
        assert (np.abs(found.mean(0) - y.grad.numpy()[0]) < 5 * spread).all()


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("weights", [True, False])
def test_dropout_of_the_layer(first: bool, weights: bool):
    layer = nn.MultiheadAttention(8, 2, dropout=0.5, batch_first=first)
    x = minitorch.randn(4, 6, 8)
    a, b = (layer(x, x, x, need_weights=weights)[0] for _ in range(2))
    assert (a != b).any()
    minitorch.manual_seed(3)
    c = layer(x, x, x, need_weights=weights)[0]
    minitorch.manual_seed(3)
    assert (c == layer(x, x, x, need_weights=weights)[0]).all()
    layer.eval()
    a, b = (layer(x, x, x, need_weights=weights)[0] for _ in range(2))
    assert (a == b).all()
