"""Transformer layers, stacks and positions against PyTorch."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch import nn as tnn

import minitorch
from minitorch import nn
from tests.parity.nn.compare import close, outcome

RNG = np.random.default_rng(0)
E, H, FF = 8, 2, 12


def normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def copied(ours, theirs) -> tuple:
    """Give two float64 modules the same parameters, none of them at its initial value."""
    ours.double(), theirs.double()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(torch.tensor(0.1 * normal(*parameter.shape)))
    ours.load_state_dict({k: minitorch.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    return ours, theirs


def quietly(make):
    """Return ``make()``; PyTorch has a lot to say about nested tensors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


def same(pair: tuple, inputs: list[np.ndarray], **masks: np.ndarray) -> None:
    """Assert agreement of the output, and of the gradients of inputs and parameters."""
    results = []
    for library, module in zip((minitorch, torch), pair, strict=True):
        xs = [library.tensor(x, requires_grad=True) for x in inputs]
        given = {
            name: library.tensor(m) if isinstance(m, np.ndarray) else m for name, m in masks.items()
        }
        module.zero_grad()
        out = quietly(lambda m=module, xs=xs, given=given: m(*xs, **given))
        weight = library.tensor(np.cos(np.arange(out.numel())).reshape(tuple(out.shape)))
        (out * weight).sum().backward()
        results.append([out, *(x.grad for x in xs), *(p.grad for p in module.parameters())])
    close(results[0], results[1], rtol=1e-8, atol=1e-9)


CAUSAL = np.triu(np.full((5, 5), -np.inf), 1)
HIDDEN = np.array([[False] * 5, [False, False, False, True, True]])
VARIANTS = [
    {},
    {"batch_first": True, "activation": "gelu"},
    {"norm_first": True, "bias": False},
    {"norm_first": True, "batch_first": True, "layer_norm_eps": 1e-2},
]


def sized(options: dict, *lengths: int) -> list[np.ndarray]:
    first = options.get("batch_first", False)
    return [normal(2, n, E) if first else normal(n, 2, E) for n in lengths]


@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize(
    "masks",
    [
        {},
        {"src_mask": CAUSAL, "is_causal": True},
        {"src_mask": np.isneginf(CAUSAL), "src_key_padding_mask": HIDDEN},
    ],
)
def test_encoder_layer(options: dict, masks: dict):
    pair = [n.TransformerEncoderLayer(E, H, FF, 0.0, **options) for n in (nn, tnn)]
    same(copied(*pair), sized(options, 5), **masks)


@pytest.mark.parametrize("activation", [("SiLU",), ("ReLU",)])
def test_an_activation_that_is_a_module_or_a_function(activation: tuple):
    pair = [
        n.TransformerEncoderLayer(E, H, FF, 0.0, getattr(n, activation[0])()) for n in (nn, tnn)
    ]
    same(copied(*pair), [normal(5, E)])
    pair = [n.TransformerEncoderLayer(E, H, FF, 0.0, n.functional.elu) for n in (nn, tnn)]
    same(copied(*pair), [normal(5, E)])
    expected = outcome(lambda: tnn.TransformerEncoderLayer(E, H, FF, 0.0, "swish"))
    assert outcome(lambda: nn.TransformerEncoderLayer(E, H, FF, 0.0, "swish")) == expected


@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize(
    "masks",
    [
        {},
        {"tgt_mask": CAUSAL, "tgt_is_causal": True, "memory_mask": RNG.random((5, 4)) < 0.2},
        {"tgt_key_padding_mask": HIDDEN, "memory_key_padding_mask": HIDDEN[:, 1:]},
    ],
)
def test_decoder_layer(options: dict, masks: dict):
    pair = [n.TransformerDecoderLayer(E, H, FF, 0.0, **options) for n in (nn, tnn)]
    same(copied(*pair), sized(options, 5, 4), **masks)


@pytest.mark.parametrize("options", VARIANTS[:2])
@pytest.mark.parametrize("masks", [{}, {"mask": CAUSAL}, {"src_key_padding_mask": HIDDEN}])
def test_encoder(options: dict, masks: dict):
    pair = [
        quietly(
            lambda n=n: n.TransformerEncoder(
                n.TransformerEncoderLayer(E, H, FF, 0.0, **options), 2, n.LayerNorm(E)
            )
        )
        for n in (nn, tnn)
    ]
    same(copied(*pair), sized(options, 5), **masks)


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("kind", ["left", "right", "float", "masked"])
def test_the_outputs_of_padding_in_evaluation(nested: bool, check: bool, norm: bool, kind: str):
    pair = [
        n.TransformerEncoder(
            n.TransformerEncoderLayer(E, H, FF, batch_first=True),
            2,
            n.LayerNorm(E) if norm else None,
            nested,
            check,
        ).eval()
        for n in (nn, tnn)
    ]
    copied(*pair)
    padding = HIDDEN if kind != "left" else HIDDEN[:, ::-1].copy()
    if kind == "left" and not check:
        pytest.skip("PyTorch takes padding at the start for padding at the end")
    if kind == "float":
        padding = np.where(padding, -np.inf, 0.0)
    options = {"mask": CAUSAL} if kind == "masked" else {}
    x = normal(2, 5, E)
    results = []
    for library, module in zip((minitorch, torch), pair, strict=True):
        given = {name: library.tensor(mask) for name, mask in options.items()}
        with library.no_grad():
            out = quietly(
                lambda m=module, library=library, given=given: m(
                    library.tensor(x), src_key_padding_mask=library.tensor(padding), **given
                )
            )
        results.append(out)
    close(*results)


def test_stacks_say_when_they_are_nested():
    for options in ({}, {"batch_first": True}, {"batch_first": True, "norm_first": True}):
        uses = [
            quietly(
                lambda n=n, o=options: (
                    n.TransformerEncoder(
                        n.TransformerEncoderLayer(E, H, FF, **o), 1
                    ).use_nested_tensor
                )
            )
            for n in (nn, tnn)
        ]
        assert uses[0] == uses[1]


@pytest.mark.parametrize("mask", [CAUSAL, CAUSAL != 0, normal(5, 5)])
@pytest.mark.parametrize("said", [None, False])
def test_decoder(mask: np.ndarray, said: bool | None):
    pair = [
        n.TransformerDecoder(n.TransformerDecoderLayer(E, H, FF, 0.0), 2, n.LayerNorm(E))
        for n in (nn, tnn)
    ]
    same(copied(*pair), [normal(5, 2, E), normal(4, 2, E)], tgt_mask=mask, tgt_is_causal=said)


@pytest.mark.parametrize("options", VARIANTS[:3])
def test_transformer(options: dict):
    pair = [quietly(lambda n=n: n.Transformer(E, H, 2, 2, FF, 0.0, **options)) for n in (nn, tnn)]
    mask = tnn.Transformer.generate_square_subsequent_mask(5).double().numpy()
    same(
        copied(*pair),
        sized(options, 4, 5),
        tgt_mask=mask,
        src_key_padding_mask=HIDDEN[:, 1:],
        memory_key_padding_mask=HIDDEN[:, 1:],
    )


def test_the_square_mask():
    for options in ({}, {"dtype": "float64"}):
        ours, theirs = (
            n.Transformer.generate_square_subsequent_mask(
                3, **{name: getattr(library, value) for name, value in options.items()}
            )
            for library, n in ((minitorch, nn), (torch, tnn))
        )
        close(ours, theirs)


def test_errors():
    ours, theirs = (quietly(lambda n=n: n.Transformer(E, H, 1, 1, FF)) for n in (nn, tnn))
    for shapes in (((4, 2, E), (5, 3, E)), ((4, 2, E), (5, 2, 6)), ((4, 6), (5, 6))):
        results = [
            outcome(lambda lib=library, m=model, s=shapes: m(*(lib.ones(*shape) for shape in s)))
            for library, model in ((minitorch, ours), (torch, theirs))
        ]
        assert results[0] == results[1]


def test_initial_values_have_torch_s_distributions():
    pair = [quietly(lambda n=n: n.Transformer(64, 4, 1, 1, 128)) for n in (nn, tnn)]
    for (name, x), (other, y) in zip(*(m.named_parameters() for m in pair), strict=True):
        assert name == other
        np.testing.assert_allclose(x.std().item(), y.std().item(), rtol=0.25, atol=1e-7)


def step_losses(library, n, steps: int, state: dict) -> list[float]:
    """Train a small encoder on a task it can learn, and return its losses."""
    layer = n.TransformerEncoderLayer(16, 4, 32, 0.0, batch_first=True, norm_first=True)
    model = n.ModuleDict(
        {
            "words": n.Embedding(20, 16),
            "encoder": n.TransformerEncoder(layer, 2, enable_nested_tensor=False),
            "head": n.Linear(16, 20),
        }
    ).double()
    if state:
        model.load_state_dict({k: minitorch.tensor(v.numpy()) for k, v in state.items()})
    else:
        state.update({k: v.clone() for k, v in model.state_dict().items()})
    optimizer = library.optim.AdamW(model.parameters(), lr=3e-3)
    rng = np.random.default_rng(1)
    losses = []
    for _ in range(steps):
        words = rng.integers(1, 20, (8, 10))
        padding = np.arange(10) >= rng.integers(5, 11, (8, 1))
        words[padding] = 0
        x, hidden = library.tensor(words), library.tensor(padding)
        encoded = model["encoder"](model["words"](x), src_key_padding_mask=hidden)
        scores = model["head"](encoded)
        target = library.tensor(words[:, ::-1].copy())
        loss = n.functional.cross_entropy(scores.reshape(-1, 20), target.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.slow
def test_two_hundred_training_steps_follow_torch_s():
    state: dict = {}
    theirs = step_losses(torch, tnn, 200, state)
    ours = step_losses(minitorch, nn, 200, state)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert ours[-1] < ours[0] / 1.2


def test_rotary_embedding_is_a_rotation_by_complex_numbers():
    x = normal(2, 3, 7, 6)
    for interleaved in (True, False):
        rotary = nn.RotaryEmbedding(6, 20, base=100.0, interleaved=interleaved).double()
        pairs = x.reshape(2, 3, 7, 3, 2) if interleaved else np.stack(np.split(x, 2, -1), -1)
        z = torch.view_as_complex(torch.tensor(np.ascontiguousarray(pairs)))
        angles = torch.arange(2, 9)[:, None] * 100.0 ** (-torch.arange(3) / 3)
        turned = torch.view_as_real(z * torch.polar(torch.ones(7, 3), angles.float())).numpy()
        expected = turned.reshape(x.shape)
        if not interleaved:
            expected = np.concatenate([turned[..., 0], turned[..., 1]], -1)
        found = rotary(minitorch.tensor(x), offset=2).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-6)
