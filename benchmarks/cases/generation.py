"""Writing text with a key-value cache.

The zoo has a decoder for this, `CachedDecoder`, that calls kernels on arrays. PyTorch writes in two
ways, of which the faster counts: the usual modules, and the same functions without any module.
"""

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


def pytorch(first: int, modules: bool) -> Step:
    """The same, with buffers for keys and values that are as long as the context."""
    import torch

    torch.manual_seed(0)
    model = build_pytorch(torch)
    if not modules:
        model = without_modules(torch, model)
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


def without_modules(torch: Any, model: Any) -> Callable[..., Any]:
    """The same network as one function of its weights."""
    functional: Any = torch.nn.functional
    words, places = model.words.weight, model.places.weight
    blocks = [(*block.parameters(), block.keys, block.values) for block in model.blocks]
    (scale, shift), head = model.norm.parameters(), model.head.weight
    shape, size = (WIDTH,), WIDTH // HEADS

    def run(ids: Any, start: int) -> Any:
        n, length = ids.shape
        end = start + length
        x = functional.embedding(ids, words) + places[start:end]
        for w1, b1, w2, b2, wi, bi, wo, bo, wu, bu, wd, bd, keys, values in blocks:
            mixed = functional.linear(functional.layer_norm(x, shape, w1, b1), wi, bi)
            heads = mixed.view(n, length, 3, HEADS, size).permute(2, 0, 3, 1, 4)
            keys[:, :, start:end], values[:, :, start:end] = heads[1], heads[2]
            seen = functional.scaled_dot_product_attention(
                heads[0], keys[:, :, :end], values[:, :, :end], is_causal=length > 1
            )
            x = x + functional.linear(seen.transpose(1, 2).reshape(n, length, WIDTH), wo, bo)
            inner = functional.linear(functional.layer_norm(x, shape, w2, b2), wu, bu)
            x = x + functional.linear(functional.gelu(inner, approximate="tanh"), wd, bd)
        return functional.linear(functional.layer_norm(x, shape, scale, shift), head)

    return run


def setups(first: int) -> dict[str, dict[str, Setup]]:
    """Both libraries' ways to write."""
    return {
        "minitorch": {"": partial(ours, first)},
        "torch": {
            "modules": partial(pytorch, first, modules=True),
            "functions": partial(pytorch, first, modules=False),
        },
    }


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
