"""Layers between the products: normalization, softmax, GELU, embedding, and a large update.

Each row is a forward and a backward pass; in the last an optimizer's step over large parameters.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.case import Case, Setup, Step
from benchmarks.inputs import normal

IMAGES = (32, 64, 32, 32)
TOKENS, VOCABULARY, WIDTH = (64, 64), 1000, 128
SIDE = 1024  # of two square parameters


def passes(layer: Any, x: Any, g: Any) -> Step:
    """Forward and backward through a layer, with fresh gradients."""
    parameters = list(layer.parameters())
    if x.is_floating_point():
        x.requires_grad_()

    def step() -> None:
        x.grad = None
        for p in parameters:
            p.grad = None
        layer(x).backward(g)

    return step


def images(library: str) -> Step:
    """BatchNorm2d and ReLU, channels last in memory for both libraries."""
    torch: Any = importlib.import_module(library)
    layer = torch.nn.Sequential(torch.nn.BatchNorm2d(IMAGES[1]), torch.nn.ReLU())
    n, c, h, w = IMAGES
    x, g = (torch.from_numpy(normal(n, h, w, c).transpose(0, 3, 1, 2)) for _ in range(2))
    return passes(layer, x, g)


def rows(library: str, shape: tuple[int, int], name: str, *arguments: Any) -> Step:
    """A layer that works on rows, or on every element."""
    torch: Any = importlib.import_module(library)
    layer = getattr(torch.nn, name)(*arguments)
    return passes(layer, torch.from_numpy(normal(*shape)), torch.from_numpy(normal(*shape)))


def embedding(library: str) -> Step:
    """Rows of a table, and their gradient."""
    torch: Any = importlib.import_module(library)
    indices = np.random.default_rng(0).integers(0, VOCABULARY, TOKENS)
    layer = torch.nn.Embedding(VOCABULARY, WIDTH)
    return passes(layer, torch.from_numpy(indices), torch.from_numpy(normal(*TOKENS, WIDTH)))


def update(library: str, **setting: bool) -> Step:
    """One step of AdamW."""
    torch: Any = importlib.import_module(library)
    parameters = [torch.nn.Parameter(torch.from_numpy(normal(SIDE, SIDE))) for _ in range(2)]
    for p in parameters:
        p.grad = torch.from_numpy(normal(SIDE, SIDE))
    step: Step = torch.optim.AdamW(parameters, **setting).step
    return step


def jax_step(function: Callable[[Any, Any], Any], shape: tuple[int, ...]) -> Step:
    """A function of an array and JAX's neural network functions, compiled with its gradient."""
    import jax
    import jax.numpy as jnp

    x, g = jnp.asarray(normal(*shape)), jnp.asarray(normal(*shape))

    def both(x: Any, g: Any) -> Any:
        out, pull = jax.vjp(partial(function, jax.nn), x)
        return out, pull(g)

    compiled = jax.jit(both)

    def step() -> None:
        compiled(x, g)[1][0].block_until_ready()

    return step


def standardized(x: Any, axes: tuple[int, ...]) -> Any:
    """An array with mean 0 and variance 1 over some axes."""
    rest = x - x.mean(axes, keepdims=True)
    return rest / ((rest * rest).mean(axes, keepdims=True) + 1e-5) ** 0.5


JAX: dict[str, Callable[[Any, Any], Any]] = {
    "LayerNorm": lambda nn, x: standardized(x, (1,)),
    "Softmax": lambda nn, x: nn.softmax(x),
    "GELU none": lambda nn, x: nn.gelu(x, approximate=False),
    "GELU tanh": lambda nn, x: nn.gelu(x),
}


def row_case(key: str, title: str, shape: tuple[int, int], name: str, *arguments: Any) -> Case:
    """A row for a layer in every library."""
    function = JAX[f"GELU {arguments[0]}" if name == "GELU" else name]
    setups: dict[str, dict[str, Setup]] = {
        library: {"": partial(rows, library, shape, name, *arguments)}
        for library in ("minitorch", "torch")
    }
    setups["jax"] = {"": partial(jax_step, function, shape)}
    return Case(name=key, title=f"{title} of {shape[0]:,} x {shape[1]:,}", setups=setups)


CASES = [
    Case(
        name="batchnorm-relu",
        title="BatchNorm2d + ReLU of 32 x 64 x 32 x 32",
        setups={
            "minitorch": {"": partial(images, "minitorch")},
            "torch": {"channels last": partial(images, "torch")},
            "jax": {
                "channels last": partial(
                    jax_step,
                    lambda nn, x: nn.relu(standardized(x, (0, 1, 2))),
                    (IMAGES[0], *IMAGES[2:], IMAGES[1]),
                )
            },
        },
    ),
    row_case("layernorm-128", "LayerNorm", (4096, 128), "LayerNorm", 128),
    row_case("layernorm-512", "LayerNorm", (4096, 512), "LayerNorm", 512),
    row_case("softmax", "softmax", (16384, 64), "Softmax", -1),
    row_case("gelu-tanh", "GELU, tanh", (4096, 512), "GELU", "tanh"),
    row_case("gelu-exact", "GELU, exact", (4096, 512), "GELU", "none"),
    Case(
        name="embedding",
        title="embedding of 4,096 tokens, width 128, vocabulary 1,000",
        setups={library: {"": partial(embedding, library)} for library in ("minitorch", "torch")},
    ),
    Case(
        name="update-adamw-large",
        title="AdamW update of 2,097,152 parameters",
        setups={
            "minitorch": {"": partial(update, "minitorch")},
            "torch": {
                "": partial(update, "torch"),
                "fused optimizer": partial(update, "torch", fused=True),
            },
        },
        memory=False,
    ),
]
