"""Training steps of transformers: encoders of three sizes, and a small GPT."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks.case import Case, Setup, Step

VOCABULARY = 1000
CHARACTERS = 65


@dataclass(frozen=True)
class Size:
    """How large a model and its batch are."""

    width: int
    heads: int
    layers: int
    tokens: int
    batch: int


def batch(size: Size, vocabulary: int) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and what is to be predicted for each, the same for every library."""
    random = np.random.default_rng(0)
    shape = (2, size.batch, size.tokens)
    tokens, targets = random.integers(0, vocabulary, shape)
    return tokens, targets


def training(torch: Any, functional: Any, model: Any, data: Any, **setting: bool) -> Step:
    """One step of AdamW on the cross-entropy of every token."""
    update = torch.optim.AdamW(model.parameters(), lr=1e-3, **setting)
    x, y = map(torch.from_numpy, data)
    y = y.reshape(-1)

    def step() -> None:
        scores = model(x)
        loss = functional.cross_entropy(scores.reshape(-1, scores.shape[-1]), y)
        update.zero_grad()
        loss.backward()
        update.step()

    return step


def encoder(library: str, size: Size, dropout: float, **setting: bool) -> Step:
    """Embedding, layers and a linear head: the same program for minitorch and for PyTorch."""
    torch: Any = importlib.import_module(library)
    nn: Any = importlib.import_module(f"{library}.nn")
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(
        size.width, size.heads, 4 * size.width, dropout, batch_first=True
    )
    model = nn.Sequential(
        nn.Embedding(VOCABULARY, size.width),
        nn.TransformerEncoder(layer, size.layers, enable_nested_tensor=False),
        nn.Linear(size.width, VOCABULARY),
    )
    return training(torch, nn.functional, model, batch(size, VOCABULARY), **setting)


def gpt(library: str, size: Size, **setting: bool) -> Step:
    """A decoder of characters with the GELU of GPT-2: the same program for both libraries."""
    torch: Any = importlib.import_module(library)
    nn: Any = importlib.import_module(f"{library}.nn")
    functional = nn.functional

    class Attention(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inputs = nn.Linear(size.width, 3 * size.width, bias=False)
            self.output = nn.Linear(size.width, size.width, bias=False)

        def forward(self, x: Any) -> Any:
            n, length, width = x.shape
            heads = (n, length, size.heads, width // size.heads)
            q, k, v = (
                part.view(*heads).transpose(1, 2) for part in self.inputs(x).split(width, dim=2)
            )
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.output(y.transpose(1, 2).contiguous().view(n, length, width))

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm1 = nn.LayerNorm(size.width, bias=False)
            self.attention = Attention()
            self.norm2 = nn.LayerNorm(size.width, bias=False)
            self.feedforward = nn.Sequential(
                nn.Linear(size.width, 4 * size.width, bias=False),
                nn.GELU(approximate="tanh"),
                nn.Linear(4 * size.width, size.width, bias=False),
            )

        def forward(self, x: Any) -> Any:
            x = x + self.attention(self.norm1(x))
            return x + self.feedforward(self.norm2(x))

    class Model(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(CHARACTERS, size.width)
            self.places = nn.Embedding(size.tokens, size.width)
            self.blocks = nn.Sequential(*(Block() for _ in range(size.layers)))
            self.norm = nn.LayerNorm(size.width, bias=False)
            self.head = nn.Linear(size.width, CHARACTERS, bias=False)
            self.head.weight = self.words.weight

        def forward(self, x: Any) -> Any:
            places = self.places(torch.arange(x.shape[1]))
            return self.head(self.norm(self.blocks(self.words(x) + places)))

    torch.manual_seed(0)
    return training(torch, functional, Model(), batch(size, CHARACTERS), **setting)


def setups(build: Any, *arguments: Any) -> dict[str, dict[str, Setup]]:
    """Both libraries' ways to do one step."""
    return {
        "minitorch": {"": partial(build, "minitorch", *arguments)},
        "torch": {
            "": partial(build, "torch", *arguments),
            "fused optimizer": partial(build, "torch", *arguments, fused=True),
        },
    }


ENCODERS = [
    (Size(128, 4, 2, 64, 64), 0.1),
    (Size(128, 4, 2, 64, 64), 0.0),
    (Size(64, 4, 2, 32, 32), 0.1),
    (Size(256, 8, 4, 128, 32), 0.1),
]
GPT = Size(128, 4, 4, 64, 12)

CASES = [
    *(
        Case(
            name=f"encoder-d{size.width}" + ("" if dropout else "-no-dropout"),
            title=f"transformer encoder step, width {size.width}, {size.layers} layers, "
            f"{size.batch} x {size.tokens} tokens, "
            + (f"dropout {dropout}" if dropout else "no dropout"),
            setups=setups(encoder, size, dropout),
            seconds=0.3,
            rounds=20,
        )
        for size, dropout in ENCODERS
    ),
    Case(
        name="gpt",
        title=f"GPT step, width {GPT.width}, {GPT.layers} layers, {GPT.batch} x {GPT.tokens} "
        "characters",
        setups=setups(gpt, GPT),
        seconds=0.2,
    ),
]
