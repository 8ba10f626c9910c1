"""Masks for dropout."""

from __future__ import annotations

from typing import Any

import numpy as np


def dropout_mask(
    shape: tuple[int, ...], p: float, dtype: Any, generator: np.random.Generator
) -> np.ndarray:
    """Return an array of ``1 / (1 - p)`` with probability ``1 - p``, else 0.

    Sixteen random bits decide an element, so p is rounded to a multiple of 2^-16, and the scale
    with it: the expectation stays exact. Raw bits cost a tenth of uniform floats.
    """
    threshold = round(p * 65536)
    if threshold >= 65536:
        return np.zeros(shape, dtype)
    count = int(np.prod(shape))
    bit_generator: Any = generator.bit_generator
    words = bit_generator.random_raw((count + 3) // 4)
    bits = np.asarray(words, np.uint64).view(np.uint16)[:count].reshape(shape)
    mask = (bits >= threshold).astype(dtype)
    mask *= 65536 / (65536 - threshold)
    return mask
