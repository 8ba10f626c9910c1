"""What a step begins with, the same for every library."""

from __future__ import annotations

import numpy as np


def normal(*shape: int) -> np.ndarray:
    """Normal numbers in float32."""
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
