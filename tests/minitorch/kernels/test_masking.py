"""What a mask lets through, against ``np.where``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minitorch.kernels.masking import masked


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 5)])
def test_masked(dtype: Any, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x = rng.choice([np.inf, np.nan, -2.5, -0.0], shape).astype(dtype)
    mask = rng.random(shape) < 0.5
    wide = [np.broadcast_to(array[..., None], (*shape, 5)) for array in (x, mask)]
    for given, holds in ((x, mask), (x.T, mask.T), wide):
        np.testing.assert_array_equal(masked(given, holds), np.where(holds, given, 0), strict=True)


def test_masked_broadcasts() -> None:
    x = np.array([[np.nan], [1.0]], np.float32)
    assert masked(x, np.array([[False, False]])).tolist() == [[0, 0], [0, 0]]
