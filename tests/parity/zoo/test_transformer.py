"""The zoo's transformers against the same models written with torch, step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn as tnn

import minitorch
from benchmarks.twins import copy_weights, torch_twin
from minitorch import optim
from zoo.transformer import GPT, TextCNN, TransformerClassifier

STEPS = 200


class TorchBlock(tnn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1, self.ln_2 = tnn.LayerNorm(width), tnn.LayerNorm(width)
        self.attn, self.mlp = tnn.Module(), tnn.Module()
        self.attn.c_attn, self.attn.c_proj = tnn.Linear(width, 3 * width), tnn.Linear(width, width)
        self.mlp.c_fc = tnn.Linear(width, 4 * width)
        self.mlp.c_proj = tnn.Linear(4 * width, width)
        self.heads = heads

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.attn.c_attn(self.ln_1(x)).split(width, dim=2)
        query, key, value = (
            part.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for part in parts
        )
        mixed = tnn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.attn.c_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        inner = tnn.functional.gelu(self.mlp.c_fc(self.ln_2(x)), approximate="tanh")
        return x + self.mlp.c_proj(inner)


class TorchGPT(tnn.Module):
    def __init__(self, vocab_size, context, layers, heads, width):
        super().__init__()
        self.transformer = tnn.ModuleDict(
            {
                "wte": tnn.Embedding(vocab_size, width),
                "wpe": tnn.Embedding(context, width),
                "h": tnn.ModuleList([TorchBlock(width, heads) for _ in range(layers)]),
                "ln_f": tnn.LayerNorm(width),
            }
        )
        self.lm_head = tnn.Linear(width, vocab_size, bias=False)
        self.lm_head.weight = self.transformer["wte"].weight

    def forward(self, ids):
        x = self.transformer["wte"](ids) + self.transformer["wpe"].weight[: ids.shape[1]]
        for block in self.transformer["h"]:
            x = block(x)
        return self.lm_head(self.transformer["ln_f"](x))


class TorchClassifier(tnn.Module):
    def __init__(self, vocab_size, d_model, nhead, layers, inner, norm_first, pooling):
        super().__init__()
        self.embedding = tnn.Embedding(vocab_size, d_model, padding_idx=0)
        self.layers = tnn.ModuleList(
            [
                tnn.TransformerEncoderLayer(
                    d_model, nhead, inner, 0.0, "relu", batch_first=True, norm_first=norm_first
                )
                for _ in range(layers)
            ]
        )
        self.norm = tnn.LayerNorm(d_model) if norm_first else tnn.Identity()
        self.classifier = tnn.Linear(d_model * (2 if pooling == "mean_max" else 1), 3)
        self.pooling = pooling
        if pooling == "class_token":
            self.class_token = tnn.Parameter(torch.zeros(d_model))
        place = torch.arange(100.0)[:, None]
        rate = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        self.table = torch.zeros(100, d_model)
        self.table[:, 0::2], self.table[:, 1::2] = torch.sin(place * rate), torch.cos(place * rate)

    def forward(self, ids):
        x = self.embedding(ids) * math.sqrt(self.embedding.embedding_dim)
        padding = ids == 0
        if self.pooling == "class_token":
            first = self.class_token.expand(len(ids), 1, -1) * math.sqrt(x.shape[2])
            x = torch.cat([first, x], dim=1)
            padding = torch.cat([torch.zeros(len(ids), 1, dtype=torch.bool), padding], dim=1)
        x = x + self.table[: x.shape[1]].to(x.dtype)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=padding)
        x = self.norm(x)
        if self.pooling == "class_token":
            return self.classifier(x[:, 0])
        real = (~padding).unsqueeze(-1)
        parts = [(x * real).sum(1) / real.sum(1)]
        if self.pooling == "mean_max":
            parts.append(x.masked_fill(~real, -math.inf).amax(1))
        return self.classifier(torch.cat(parts, dim=-1))


def share_weights(ours, theirs):
    """Give ours the weights of theirs, by name."""
    state = {name: minitorch.tensor(w.numpy()) for name, w in theirs.state_dict().items()}
    missing = ours.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys
    assert all(name.startswith("positions.") for name in missing.missing_keys)


def losses(module, model, optimizer, batches, tensor):
    found = []
    for inputs, targets in batches:
        optimizer.zero_grad()
        scores = model(tensor(inputs))
        loss = module.nn.functional.cross_entropy(
            scores.reshape(-1, scores.shape[-1]), tensor(targets).reshape(-1)
        )
        loss.backward()
        module.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        found.append(loss.item())
    return np.array(found)


def follow(ours, theirs, batches, tolerance):
    settings = {"lr": 1e-3, "betas": (0.9, 0.99), "weight_decay": 0.1}
    first = losses(
        minitorch,
        ours,
        optim.AdamW(ours.parameters(), **settings),
        batches,
        lambda a: minitorch.tensor(a),
    )
    second = losses(
        torch,
        theirs,
        torch.optim.AdamW(theirs.parameters(), **settings),
        batches,
        lambda a: torch.tensor(a),
    )
    assert second[-20:].mean() < second[:20].mean()
    np.testing.assert_allclose(first, second, rtol=tolerance)


def test_the_decoder_follows_for_200_steps():
    torch.manual_seed(0)
    theirs = TorchGPT(31, 16, 2, 2, 16)
    ours = GPT(31, 16, layers=2, heads=2, width=16)
    share_weights(ours, theirs)
    rng = np.random.default_rng(0)
    text = np.cumsum(rng.integers(0, 3, 4000)) % 31
    starts = rng.integers(0, len(text) - 17, (STEPS, 6))
    windows = text[starts[..., None] + np.arange(17)]
    follow(ours, theirs, [(w[:, :-1], w[:, 1:]) for w in windows], 1e-3)


@pytest.mark.parametrize(
    ("norm_first", "pooling"), [(True, "mean"), (False, "mean_max"), (True, "class_token")]
)
def test_the_classifier_follows_for_200_steps(norm_first, pooling):
    torch.manual_seed(1)
    theirs = TorchClassifier(40, 16, 4, 2, 32, norm_first, pooling)
    ours = TransformerClassifier(
        40,
        3,
        d_model=16,
        nhead=4,
        dim_feedforward=32,
        dropout=0.0,
        activation="relu",
        norm_first=norm_first,
        pooling=pooling,
        max_length=50,
    )
    share_weights(ours, theirs)
    rng = np.random.default_rng(0)
    batches = []
    for _ in range(STEPS):
        ids = rng.integers(1, 40, (12, int(rng.integers(4, 14))))
        targets = ids[:, :3].sum(1) % 7 // 3
        ids[rng.random(ids.shape) < 0.1] = 0
        ids[:, 0] += ids[:, 0] == 0
        batches.append((ids, targets))
    follow(ours, theirs, batches, 2e-3)


@pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel:UserWarning")
@pytest.mark.parametrize("windows", [[3, 4, 5], [1, 2]])
def test_filters_give_the_same_scores_and_gradients(windows):
    """The very source, made of torch; even windows are padded on the same side."""
    theirs = torch_twin("zoo.transformer.cnn").TextCNN(40, 3, 16, windows, 8, 0.0, 0.0).double()
    ours = TextCNN(40, 3, 16, windows, 8, 0.0, 0.0)
    copy_weights(ours, theirs)
    ours.double()
    ids = np.random.default_rng(0).integers(1, 40, (5, 11))
    ids[2, 6:] = 0
    scores, expected = ours(minitorch.tensor(ids)), theirs(torch.tensor(ids))
    np.testing.assert_allclose(scores.detach().numpy(), expected.detach().numpy(), rtol=1e-9)
    scores.square().sum().backward()
    expected.square().sum().backward()
    for (name, one), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(
            one.grad.numpy(), other.grad.numpy(), rtol=1e-7, atol=1e-10, err_msg=name
        )
