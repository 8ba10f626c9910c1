"""Files: a state dict of 45 MB read from a `.pth` and from a safetensors file, and into a model."""

from __future__ import annotations

import atexit
import importlib
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.case import Case, Setup, Step

LAYERS, CHANNELS = 19, 256  # 19 convolutions of 3x3 between 256 channels: 44.8 MB


@cache
def checkpoint(format: str) -> Path:
    """A state dict of that size in a file of this process's own, in the system's cache of files."""
    from minitorch import from_numpy, save

    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    path = Path(folder.name) / f"model.{format}"
    random = np.random.default_rng(0)
    shape = (CHANNELS, CHANNELS, 3, 3)
    names = [f"{layer}.weight" for layer in range(LAYERS)]
    weights = {n: from_numpy(random.standard_normal(shape, dtype=np.float32)) for n in names}
    save(weights, path, format=format)
    return path


def load(library: str, format: str, **settings: Any) -> Step:
    """Read the file as a dict of tensors; mapped, a number is read when it is first used."""
    module: Any = importlib.import_module(library)
    return partial(_loaded, module.load, checkpoint(format), settings)


def load_with_safetensors() -> Step:
    """What safetensors itself does: every number is copied into an array."""
    import safetensors.numpy

    return partial(_loaded, safetensors.numpy.load_file, checkpoint("safetensors"), {})


def _loaded(load: Any, path: Path, settings: dict[str, Any]) -> None:
    load(path, **settings)


def load_into_model(library: str, format: str, **settings: Any) -> Step:
    """Read the file into a model that is there: every number is read, and copied once."""
    module: Any = importlib.import_module(library)
    nn: Any = importlib.import_module(f"{library}.nn")
    layers = [nn.Conv2d(CHANNELS, CHANNELS, 3, bias=False) for _ in range(LAYERS)]
    model, path = nn.Sequential(*layers), checkpoint(format)

    def step() -> None:
        model.load_state_dict(module.load(path, **settings))

    return step


def case(name: str, title: str, ours: dict[str, Setup], theirs: dict[str, Setup]) -> Case:
    """A row of minitorch and PyTorch."""
    return Case(name=name, title=title, setups={"minitorch": ours, "torch": theirs})


CASES = [
    case(
        "load-pth",
        "load a `.pth` of 45 MB, mapped",
        {"": partial(load, "minitorch", "torch")},
        {"mmap=True": partial(load, "torch", "torch", mmap=True)},
    ),
    case(
        "load-safetensors",
        "load a safetensors file of 45 MB, against safetensors.numpy",
        {"mapped": partial(load, "minitorch", "safetensors")},
        {"safetensors.numpy": load_with_safetensors},
    ),
    case(
        "load-copied",
        "the same, every number copied",
        {"mmap=False": partial(load, "minitorch", "safetensors", mmap=False)},
        {"safetensors.numpy": load_with_safetensors},
    ),
    case(
        "load-into-model",
        "load a `.pth` of 45 MB into a model",
        {"": partial(load_into_model, "minitorch", "torch")},
        {"mmap=True": partial(load_into_model, "torch", "torch", mmap=True)},
    ),
]
