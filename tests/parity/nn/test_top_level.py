"""The functions of networks that torch has beside its operations, called as torch's are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch.nn import functional as F
from tests.parity.nn.compare import close

CALLS = """
    adaptive_avg_pool1d(r(2, 3, 7), 4)
    avg_pool1d(r(2, 3, 7), 3, 2, 1, True, False)
    bilinear(r(3, 4), r(3, 5), r(2, 4, 5), r(2))
    celu(r(3, 4), 0.5)
    celu(r(3, 4), alpha=2.0)
    celu_(r(3, 4), 0.5)
    channel_shuffle(r(2, 6, 3, 2), 3)
    conv1d(r(2, 4, 7), r(6, 2, 3), r(6), 2, 1, 1, 2)
    conv2d(r(2, 4, 7, 5), r(6, 2, 3, 3), r(6), 2, 1, 1, 2)
    conv3d(r(2, 4, 5, 6, 4), r(6, 2, 3, 2, 3), r(6), 2, 1, 1, 2)
    conv_transpose1d(r(2, 4, 5), r(4, 3, 3), r(6), 2, 1, 1, 2, 1)
    conv_transpose2d(r(2, 4, 5, 3), r(4, 3, 3, 3), r(6), 2, 1, 1, 2, 1)
    cosine_similarity(r(3, 4), r(3, 4), 0, 0.1)
    alpha_dropout(r(3, 4), 0.5, False)
    feature_alpha_dropout(r(3, 4), 0.5, False)
    hardshrink(r(3, 4), 0.7)
    rrelu(r(3, 4), 0.1, 0.3)
    rrelu_(r(3, 4), 0.1, 0.3)
    max_pool1d(r(2, 3, 9), 3, 2, 1, 1, True)
    max_pool2d(r(2, 3, 9, 7), 3, 2, 1, 1, True)
    max_pool3d(r(2, 3, 5, 6, 4), 3, 2, 1, 1, True)
    pairwise_distance(r(3, 4), r(3, 4), 3.0, 0.1, True)
    pixel_shuffle(r(2, 8, 3, 2), 2)
    pixel_unshuffle(r(2, 2, 4, 6), 2)
    relu_(r(3, 4))
    selu(r(3, 4))
    selu_(r(3, 4))
    threshold(r(3, 4), 0.1, 7.0)
    threshold_(r(3, 4), 0.1, 7.0)
"""


@pytest.mark.parametrize("text", CALLS.strip().splitlines())
def test_calls(text: str) -> None:
    def call(lib: Any) -> Any:
        rng = np.random.default_rng(0)
        return eval(
            f"lib.{text.strip()}",
            {"lib": lib, "r": lambda *shape: lib.tensor(rng.standard_normal(shape))},
        )

    close(call(minitorch), call(torch))
    name = text.strip().partition("(")[0]
    assert getattr(minitorch, name) is getattr(F, name)
