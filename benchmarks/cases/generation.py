"""Writing text with a key-value cache: the zoo's decoder, and the usual program for PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.case import Case, Setup, Step

CHARACTERS = 65
CONTEXT = 256
LAYERS, HEADS, WIDTH = 4, 4, 128
COUNT = 32


def ours(first: int) -> Step:
    """The likeliest characters after ``first`` others, one at a time."""
    import minitorch
    from zoo.transformer import GPT, CachedDecoder

    minitorch.manual_seed(0)
    decoder = CachedDecoder(GPT(CHARACTERS, CONTEXT, LAYERS, HEADS, WIDTH))
    decoder.read([0] * first)

    def step() -> None:
        decoder.length = first
        token = 0
        for _ in range(COUNT):
            token = int(decoder.read([token]).argmax())

    return step


def pytorch(first: int) -> Step:
    """The same, with buffers for keys and values that are as long as the context."""
    import torch

    torch.manual_seed(0)
    model = build_pytorch(torch)
    with torch.inference_mode():
        model(torch.zeros(1, first, dtype=torch.int64), 0)

    def step() -> None:
        token = 0
        with torch.inference_mode():
            for place in range(first, first + COUNT):
                token = int(model(torch.tensor([[token]]), place)[0, -1].argmax())

    return step


def build_pytorch(torch: Any) -> Callable[..., Any]:
    """GPT-2's architecture, with a cache."""
    nn: Any = torch.nn
    functional: Any = nn.functional

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.inputs, self.output = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.inner, self.outer = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
            self.keys, self.values = torch.empty(2, 1, HEADS, CONTEXT, WIDTH // HEADS)

        def forward(self, x: Any, start: int) -> Any:
            n, length, _ = x.shape
            end = start + length
            query, key, value = (
                part.view(n, length, HEADS, -1).transpose(1, 2)
                for part in self.inputs(self.norm1(x)).split(WIDTH, dim=2)
            )
            self.keys[:, :, start:end], self.values[:, :, start:end] = key, value
            mixed = functional.scaled_dot_product_attention(
                query, self.keys[:, :, :end], self.values[:, :, :end], is_causal=length > 1
            )
            x = x + self.output(mixed.transpose(1, 2).reshape(n, length, WIDTH))
            inner = functional.gelu(self.inner(self.norm2(x)), approximate="tanh")
            return x + self.outer(inner)

    class Model(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(CHARACTERS, WIDTH)
            self.places = nn.Embedding(CONTEXT, WIDTH)
            self.blocks = nn.ModuleList([Block() for _ in range(LAYERS)])
            self.norm = nn.LayerNorm(WIDTH)
            self.head = nn.Linear(WIDTH, CHARACTERS, bias=False)

        def forward(self, ids: Any, start: int) -> Any:
            x = self.words(ids) + self.places.weight[start : start + ids.shape[1]]
            for block in self.blocks:
                x = block(x, start)
            return self.head(self.norm(x))

    return Model().eval()


def setups(first: int) -> dict[str, dict[str, Setup]]:
    """Both libraries' ways to write."""
    return {"minitorch": {"": partial(ours, first)}, "torch": {"": partial(pytorch, first)}}


CASES = [
    Case(
        name=f"write-{place}",
        title=f"write {COUNT} characters with a cache, width {WIDTH}, {LAYERS} layers, {place} of "
        f"a context of {CONTEXT}",
        setups=setups(first),
        seconds=0.1,
    )
    for place, first in (("start", 1), ("end", CONTEXT - COUNT))
]
