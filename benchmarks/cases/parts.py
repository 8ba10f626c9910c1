"""Parts of a step alone: an optimizer's update, the loss forward and backward."""

from __future__ import annotations

import importlib
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.case import Case, Setup, Step
from benchmarks.cases.mlp import SETTINGS, SIZES, numpy_adam, numpy_sgd, weights

LOSS_SHAPES = ((128, 10), (1024, 1000))


def update(library: str, optimizer: str, **setting: bool) -> Step:
    """One step of the optimizer over the MLP's parameters."""
    nn: Any = importlib.import_module(f"{library}.nn")
    optim: Any = importlib.import_module(f"{library}.optim")
    layers = [nn.Linear(*pair) for pair in pairwise(SIZES)]
    parameters = [p for layer in layers for p in layer.parameters()]
    sum((p * p).sum() for p in parameters).backward()
    step: Step = getattr(optim, optimizer)(parameters, **SETTINGS[optimizer], **setting).step
    return step


def numpy_update(optimizer: str) -> Step:
    """What a user of mygrad writes."""
    arrays = [array for layer in weights() for array in layer]
    gradients = [array * 0.1 for array in arrays]
    return partial({"SGD": numpy_sgd, "Adam": numpy_adam}[optimizer](arrays), gradients)


def scores(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Logits and labels."""
    random = np.random.default_rng(0)
    return random.standard_normal(shape, dtype=np.float32), random.integers(0, shape[1], shape[0])


def loss(library: str, shape: tuple[int, int]) -> Step:
    """Cross-entropy and its gradient."""
    torch: Any = importlib.import_module(library)
    functional: Any = importlib.import_module(f"{library}.nn.functional")
    x, y = map(torch.from_numpy, scores(shape))
    x.requires_grad_()

    def step() -> None:
        x.grad = None
        functional.cross_entropy(x, y).backward()

    return step


def mygrad_loss(shape: tuple[int, int]) -> Step:
    """The same in mygrad."""
    import mygrad as mg
    from mygrad.nnet.losses import softmax_crossentropy

    logits, y = scores(shape)
    x = mg.tensor(logits)

    def step() -> None:
        softmax_crossentropy(x, y).backward()

    return step


def jax_loss(shape: tuple[int, int]) -> Step:
    """The same in JAX, compiled."""
    import jax
    import jax.numpy as jnp

    x, y = map(jnp.asarray, scores(shape))

    def mean_loss(x: Any, y: Any) -> Any:
        return -jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], axis=1).mean()

    gradient = jax.jit(jax.value_and_grad(mean_loss))

    def step() -> None:
        gradient(x, y)[1].block_until_ready()

    return step


def update_setups(optimizer: str) -> dict[str, dict[str, Setup]]:
    """Every library's ways to update."""
    return {
        "minitorch": {"": partial(update, "minitorch", optimizer)},
        "torch": {
            "": partial(update, "torch", optimizer),
            "fused optimizer": partial(update, "torch", optimizer, fused=True),
        },
        "mygrad": {"": partial(numpy_update, optimizer)},
    }


CASES = [
    *(
        Case(
            name=f"update-{optimizer.lower()}",
            title=f"{optimizer} update of the MLP's 109,386 parameters",
            setups=update_setups(optimizer),
            memory=False,
        )
        for optimizer in SETTINGS
    ),
    *(
        Case(
            name=f"loss-{shape[0]}x{shape[1]}",
            title=f"cross-entropy of {shape[0]:,} x {shape[1]:,}, forward and backward",
            setups={
                "minitorch": {"": partial(loss, "minitorch", shape)},
                "torch": {"": partial(loss, "torch", shape)},
                "mygrad": {"": partial(mygrad_loss, shape)},
                "jax": {"": partial(jax_loss, shape)},
            },
        )
        for shape in LOSS_SHAPES
    ),
]
