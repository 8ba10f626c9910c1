"""The zoo's networks built from PyTorch's layers: the very source, with torch for minitorch."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]


def module_of(library: str, name: str) -> ModuleType:
    """Return the zoo's module of that name, made of either library."""
    return importlib.import_module(name) if library == "minitorch" else torch_twin(name)


def torch_twin(name: str) -> ModuleType:
    """Return the zoo's module of that name, and what it imports of the zoo, made of torch.

    A network that says nothing but torch's names means the same to both libraries. The zoo itself,
    and with it minitorch, is not imported: a process that measures torch holds torch alone.
    """
    known = sys.modules.get(_twin_name(name))
    if known is not None:
        return known
    path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
    source = path.read_text(encoding="utf-8")
    for needed in sorted(set(re.findall(r"^from (zoo\.[\w.]+) import", source, re.MULTILINE))):
        torch_twin(needed)
        source = source.replace(f"from {needed} import", f"from {_twin_name(needed)} import")
    module = ModuleType(_twin_name(name))
    sys.modules[module.__name__] = module
    exec(compile(re.sub(r"\bminitorch\b", "torch", source), str(path), "exec"), vars(module))
    return module


def copy_weights(ours: Any, theirs: Any) -> None:
    """Give the twin the weights and statistics of a network."""
    import torch

    state = {name: np.array(value) for name, value in ours.state_dict().items()}
    theirs.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})


def _twin_name(name: str) -> str:
    return f"torch_twin_{name.replace('.', '_')}"
