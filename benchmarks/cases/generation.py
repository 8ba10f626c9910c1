"""Writing text with a key-value cache: the zoo's decoder, and the same source with torch in it."""

from __future__ import annotations

import importlib
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import zoo.transformer.cache
import zoo.transformer.gpt
from benchmarks.case import Case, Step

CHARACTERS = 65
CONTEXT = 256


def module_of(library: str, source: Any) -> Any:
    """The module ``source``, written for minitorch, with ``library`` in its place."""
    if library == "minitorch":
        return source
    text = Path(source.__file__).read_text(encoding="utf-8").replace("minitorch", library)
    name = f"{source.__name__.replace('zoo', 'benchmarks')}.{library}"
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, name, "exec"), module.__dict__)
    return module


def write(library: str, first: int, count: int) -> Step:
    """The likeliest ``count`` characters after ``first`` others, one at a time."""
    torch: Any = importlib.import_module(library)
    cache_module = module_of(library, zoo.transformer.cache)
    gpt = module_of(library, zoo.transformer.gpt)
    gpt.KeyValueCache = cache_module.KeyValueCache
    torch.manual_seed(0)
    model = gpt.GPT(CHARACTERS, CONTEXT, layers=4, heads=4, width=128).eval()
    cache = model.new_cache()
    with torch.no_grad():
        model(torch.zeros(1, first, dtype=torch.int64), cache)

    def step() -> None:
        cache.length = first
        token = 0
        with torch.no_grad():
            for _ in range(count):
                token = int(model(torch.tensor([[token]]), cache)[0, -1].argmax())

    return step


CASES = [
    Case(
        name=f"write-{place}",
        title=f"write 32 characters with a cache, width 128, 4 layers, {place} of a context of "
        f"{CONTEXT}",
        setups={
            library: {"": partial(write, library, first, 32)} for library in ("minitorch", "torch")
        },
        seconds=0.1,
    )
    for place, first in (("start", 1), ("end", CONTEXT - 32))
]
