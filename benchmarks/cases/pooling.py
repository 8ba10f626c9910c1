"""Pooling of a batch of images, forward and backward."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

import numpy as np

from benchmarks.case import Case, Step
from benchmarks.inputs import normal

SHAPE = (32, 64, 32, 32)
POOLINGS: dict[str, tuple[str, str, tuple[int, ...]]] = {
    "max-pool-2": ("max pooling 2x2", "max_pool2d", (2,)),
    "max-pool-3": ("max pooling 3x3, stride 2", "max_pool2d", (3, 2, 1)),
    "avg-pool-2": ("average pooling 2x2", "avg_pool2d", (2,)),
    "mean-pool": ("mean of each channel", "adaptive_avg_pool2d", (1,)),
}


def pooling(library: str, function: str, arguments: tuple[int, ...], channels_last: bool) -> Step:
    """One pooling and its gradient."""
    torch: Any = importlib.import_module(library)
    pool = getattr(importlib.import_module(f"{library}.nn.functional"), function)
    image = normal(*SHAPE)
    if channels_last:  # the same shape, another order in memory
        image = np.ascontiguousarray(image.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    x = torch.from_numpy(image).requires_grad_()
    g = torch.from_numpy(np.ones_like(pool(x, *arguments).detach().numpy()))

    def step() -> None:
        x.grad = None
        pool(x, *arguments).backward(g)

    return step


CASES = [
    Case(
        name=name,
        title=f"{title} of {'x'.join(map(str, SHAPE))}, forward and backward",
        setups={
            "minitorch": {"": partial(pooling, "minitorch", function, arguments, True)},
            "torch": {
                "": partial(pooling, "torch", function, arguments, False),
                "channels last": partial(pooling, "torch", function, arguments, True),
            },
        },
        memory=False,
    )
    for name, (title, function, arguments) in POOLINGS.items()
]
