"""Training steps of recurrent networks: models of characters with an LSTM and with a GRU."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.case import Case, Step
from benchmarks.cases.transformer import CHARACTERS, Size, batch, setups, training

SIZE = Size(width=256, heads=0, layers=1, tokens=64, batch=32)


def characters(library: str, kind: str, **setting: bool) -> Step:
    """Embedding, a recurrent layer and a linear head: the same program for both libraries."""
    torch: Any = importlib.import_module(library)
    nn: Any = importlib.import_module(f"{library}.nn")

    class Model(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(CHARACTERS, SIZE.width)
            self.memory = getattr(nn, kind)(SIZE.width, SIZE.width, SIZE.layers, batch_first=True)
            self.head = nn.Linear(SIZE.width, CHARACTERS)

        def forward(self, x: Any) -> Any:
            return self.head(self.memory(self.words(x))[0])

    torch.manual_seed(0)
    return training(torch, nn.functional, Model(), batch(SIZE, CHARACTERS), **setting)


CASES = [
    Case(
        name=f"{kind.lower()}-characters",
        title=f"{kind} step, width {SIZE.width}, {SIZE.batch} x {SIZE.tokens} characters",
        setups=setups(characters, kind),
        seconds=0.2,
    )
    for kind in ("LSTM", "GRU")
]
