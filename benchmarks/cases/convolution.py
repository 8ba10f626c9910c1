"""Convolution: one layer, and the residual networks that are made of it.

PyTorch runs in its faster memory format, channels last. A row "reduced precision" lets minitorch
use Winograd's larger tiles (``minitorch.backends.conv.allow_reduced_precision``); PyTorch has
nothing of the kind on a CPU and does the same work in both rows.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np

from benchmarks.case import Case, Setup, Step
from benchmarks.inputs import normal
from benchmarks.twins import module_of

LAYER = (8, 64, 32)  # images, channels in and out, height and width


def precision(library: str, reduced: bool) -> Callable[[], Any]:
    """What a step runs under."""
    if library == "minitorch" and reduced:
        conv = importlib.import_module(library).backends.conv
        return partial(conv.flags, allow_reduced_precision=True)
    return nullcontext


def images(library: str, n: int, channels: int, size: int) -> Any:
    """Images that lie in memory as another layer would leave them, channels last."""
    array = normal(n, size, size, channels).transpose(0, 3, 1, 2)
    return importlib.import_module(library).from_numpy(array)


def channels_last(library: str, model: Any) -> Any:
    """The model in the memory format that is faster; minitorch knows by itself."""
    if library == "torch":
        return model.to(memory_format=importlib.import_module(library).channels_last)
    return model


# ------------------------------------------------------------------------------------ one layer


def layer(library: str, reduced: bool = False) -> Step:
    """The layer and the gradients of its input and its weight."""
    torch: Any = importlib.import_module(library)
    n, channels, size = LAYER
    model = channels_last(library, torch.nn.Conv2d(channels, channels, 3, padding=1, bias=False))
    x, g = images(library, n, channels, size).requires_grad_(), images(library, n, channels, size)
    under = precision(library, reduced)

    def step() -> None:
        x.grad = model.weight.grad = None
        with under():
            model(x).backward(g)

    return step


def mygrad_layer() -> Step:
    """The same in mygrad, whose windows are those of the padded input."""
    import mygrad as mg
    from mygrad.nnet.layers import conv_nd

    n, channels, size = LAYER
    x = mg.tensor(normal(n, channels, size, size))
    weight = mg.tensor(normal(channels, channels, 3, 3))
    g = normal(n, channels, size, size)

    def step() -> None:
        conv_nd(x, weight, stride=1, padding=1).backward(g)

    return step


def jax_layer() -> Step:
    """The same in JAX, compiled, with its channels last."""
    import jax
    import jax.numpy as jnp

    n, channels, size = LAYER
    x, g = (jnp.asarray(normal(n, size, size, channels)) for _ in range(2))
    weight = jnp.asarray(normal(3, 3, channels, channels))

    def convolve(x: Any, weight: Any) -> Any:
        return jax.lax.conv_general_dilated(
            x, weight, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    def forward_and_backward(x: Any, weight: Any, g: Any) -> Any:
        out, pull = jax.vjp(convolve, x, weight)
        return out, pull(g)

    compiled = jax.jit(forward_and_backward)

    def step() -> None:
        compiled(x, weight, g)[1][1].block_until_ready()

    return step


# ------------------------------------------------------------------------------------- networks


def network(library: str, name: str) -> Any:
    """A residual network for CIFAR-10."""
    torch: Any = importlib.import_module(library)
    torch.manual_seed(0)
    options = {"stem": "cifar"} if name == "resnet18" else {}
    return getattr(module_of(library, "zoo.resnet.model"), name)(num_classes=10, **options)


def training(library: str, name: str, batch: int, reduced: bool = False) -> Step:
    """Forward, cross-entropy, backward, SGD with momentum."""
    torch: Any = importlib.import_module(library)
    functional: Any = importlib.import_module(f"{library}.nn.functional")
    optim: Any = importlib.import_module(f"{library}.optim")
    model, x = channels_last(library, network(library, name)), images(library, batch, 3, 32)
    y = torch.from_numpy(np.random.default_rng(1).integers(0, 10, batch))
    update = optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    under = precision(library, reduced)

    def step() -> None:
        with under():
            loss = functional.cross_entropy(model(x), y)
            update.zero_grad()
            loss.backward()
            update.step()

    return step


def both(setup: Callable[..., Step], *arguments: Any, reduced: bool | None = None) -> Any:
    """The two libraries' setups; with `reduced`, minitorch gets that choice."""
    options = {} if reduced is None else {"reduced": reduced}
    found: dict[str, dict[str, Setup]] = {
        "minitorch": {"": partial(setup, "minitorch", *arguments, **options)},
        "torch": {"": partial(setup, "torch", *arguments)},
    }
    return found


TITLES = {"resnet18": "ResNet-18 (CIFAR stem)", "resnet20": "ResNet-20"}
ENDS = {False: "", True: ", reduced precision"}

CASES = [
    *(
        Case(
            name="conv-layer" + ("-reduced" if reduced else ""),
            title="3x3 convolution, 64 channels, 32x32, batch 8, forward and backward"
            + ENDS[reduced],
            setups=both(layer, reduced=reduced)
            | ({} if reduced else {"mygrad": {"": mygrad_layer}, "jax": {"": jax_layer}}),
            seconds=0.2,
        )
        for reduced in (False, True)
    ),
    *(
        Case(
            name=f"{name}-b{batch}" + ("-reduced" if reduced else ""),
            title=f"{TITLES[name]} step, batch {batch}, SGD" + ENDS[reduced],
            setups=both(training, name, batch, reduced=reduced),
            seconds=1.0,
            rounds=12,
            memory=name == "resnet18" and batch == 32,
        )
        for name, batch, reduced in (
            ("resnet18", 32, False),
            ("resnet18", 32, True),
            ("resnet18", 128, False),
            ("resnet18", 128, True),
            ("resnet20", 128, False),
            ("resnet20", 128, True),
        )
    ),
]
