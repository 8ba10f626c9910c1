"""One seed for everything that draws."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

import minitorch


def seed_everything(seed: int) -> None:
    """Seed minitorch, Python's ``random`` and NumPy's legacy generator.

    Raises:
        ValueError: when ``seed`` is not within ``[0, 2**32)``.
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be between 0 and {2**32 - 1}, got {seed}")
    minitorch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  for data sets that draw from it


def random_state() -> dict[str, Any]:
    """The state of what :func:`seed_everything` seeded, as a tensor and plain values."""
    version, words, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state(legacy=True)  # noqa: NPY002
    return {
        "minitorch": minitorch.get_rng_state(),
        "python": [version, list(words), gauss],
        "numpy": [
            str(kind),
            np.asarray(keys).tolist(),
            int(position),
            int(has_gauss),
            float(cached),
        ],
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Undo :func:`random_state`."""
    minitorch.set_rng_state(state["minitorch"])
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    np.random.set_state(tuple(state["numpy"]))  # noqa: NPY002
