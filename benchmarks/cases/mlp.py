"""A training step of the 784-128-64-10 network: forward, cross-entropy, backward, update."""

from __future__ import annotations

import importlib
from functools import partial
from itertools import cycle, pairwise
from typing import Any

import numpy as np

from benchmarks.case import Case, Setup, Step

SIZES = (784, 128, 64, 10)
SETTINGS = {"SGD": {"lr": 0.01, "momentum": 0.9}, "Adam": {"lr": 1e-3}}


def batch(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs, and several sets of labels to take in turn, the same for every library.

    One set would be learned by heart in some hundred steps, and then gradients are too small for
    normal floating-point numbers, with which processors compute many times as slowly.
    """
    random = np.random.default_rng(0)
    x = random.standard_normal((size, SIZES[0]), dtype=np.float32)
    return x, random.integers(0, SIZES[-1], (16, size))


def weights() -> list[tuple[np.ndarray, np.ndarray]]:
    """(in, out) weights and their biases, for the libraries without layers."""
    random = np.random.default_rng(0)
    return [
        (
            random.standard_normal((fan_in, fan_out), dtype=np.float32) / np.float32(fan_in**0.5),
            np.zeros(fan_out, np.float32),
        )
        for fan_in, fan_out in pairwise(SIZES)
    ]


def torch_like(library: str, optimizer: str, size: int, **setting: bool) -> Step:
    """The same program for minitorch and for PyTorch."""
    torch: Any = importlib.import_module(library)
    nn = importlib.import_module(f"{library}.nn")
    functional = importlib.import_module(f"{library}.nn.functional")
    optim = importlib.import_module(f"{library}.optim")
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    )
    update = getattr(optim, optimizer)(model.parameters(), **SETTINGS[optimizer], **setting)
    x, labels = map(torch.from_numpy, batch(size))
    turns = cycle(list(labels))

    def step() -> None:
        loss = functional.cross_entropy(model(x), next(turns))
        update.zero_grad()
        loss.backward()
        update.step()

    return step


def mygrad(optimizer: str, size: int) -> Step:
    """Mygrad brings no optimizers: the update is in-place NumPy."""
    import mygrad as mg
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    x, labels = batch(size)
    turns = cycle(list(labels))
    parameters = [mg.tensor(array) for layer in weights() for array in layer]
    update = {"SGD": numpy_sgd, "Adam": numpy_adam}[optimizer]([p.data for p in parameters])

    def step() -> None:
        hidden = x
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            hidden = relu(mg.matmul(hidden, weight) + bias)
        loss = softmax_crossentropy(mg.matmul(hidden, parameters[-2]) + parameters[-1], next(turns))
        loss.backward()
        update([p.grad for p in parameters])

    return step


def numpy_sgd(parameters: list[np.ndarray]) -> Any:
    """SGD with momentum over plain arrays, in place."""
    lr, momentum = SETTINGS["SGD"]["lr"], SETTINGS["SGD"]["momentum"]
    velocities = [np.zeros_like(p) for p in parameters]

    def update(gradients: list[np.ndarray]) -> None:
        for p, v, g in zip(parameters, velocities, gradients, strict=True):
            v *= momentum
            v += g
            p -= lr * v

    return update


def numpy_adam(parameters: list[np.ndarray]) -> Any:
    """Adam over plain arrays, in place."""
    lr, beta1, beta2, eps = SETTINGS["Adam"]["lr"], 0.9, 0.999, 1e-8
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    count = 0

    def update(gradients: list[np.ndarray]) -> None:
        nonlocal count
        count += 1
        for p, m, v, g in zip(parameters, means, squares, gradients, strict=True):
            m *= beta1
            m += (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * g * g
            root = np.sqrt(v / (1 - beta2**count))
            root += eps
            p -= lr / (1 - beta1**count) * m / root

    return update


def jax(optimizer: str, size: int) -> Step:
    """The whole step compiled as one, the old parameters given away to the new ones."""
    import jax
    import jax.numpy as jnp

    x, labels = map(jnp.asarray, batch(size))
    turns = cycle(list(labels))

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        hidden = x
        for weight, bias in parameters[:-1]:
            hidden = jax.nn.relu(hidden @ weight + bias)
        weight, bias = parameters[-1]
        logs = jax.nn.log_softmax(hidden @ weight + bias)
        return -jnp.take_along_axis(logs, y[:, None], axis=1).mean()

    update = {"SGD": jax_sgd, "Adam": jax_adam}[optimizer]

    @partial(jax.jit, donate_argnums=0)
    def train(state: Any, x: Any, y: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(state[0], x, y)
        return update(state, gradients), value

    parameters = jax.tree.map(jnp.asarray, weights())
    zeros = partial(jax.tree.map, jnp.zeros_like)
    state = (parameters, zeros(parameters), zeros(parameters), jnp.zeros(()))

    def step() -> None:
        nonlocal state
        state, value = train(state, x, next(turns))
        value.block_until_ready()

    return step


def jax_sgd(state: Any, gradients: Any) -> Any:
    """SGD with momentum over pytrees."""
    import jax

    parameters, velocities, unused, count = state
    lr, momentum = SETTINGS["SGD"]["lr"], SETTINGS["SGD"]["momentum"]
    velocities = jax.tree.map(lambda v, g: momentum * v + g, velocities, gradients)
    return jax.tree.map(lambda p, v: p - lr * v, parameters, velocities), velocities, unused, count


def jax_adam(state: Any, gradients: Any) -> Any:
    """Adam over pytrees."""
    import jax
    import jax.numpy as jnp

    parameters, means, squares, count = state
    lr, beta1, beta2, eps = SETTINGS["Adam"]["lr"], 0.9, 0.999, 1e-8
    count = count + 1
    means = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, means, gradients)
    squares = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, squares, gradients)

    def moved(p: Any, m: Any, v: Any) -> Any:
        root = jnp.sqrt(v / (1 - beta2**count)) + eps
        return p - lr / (1 - beta1**count) * m / root

    return jax.tree.map(moved, parameters, means, squares), means, squares, count


def setups(optimizer: str, size: int) -> dict[str, dict[str, Setup]]:
    """Every library's ways to do one step."""
    return {
        "minitorch": {"": partial(torch_like, "minitorch", optimizer, size)},
        "torch": {
            "": partial(torch_like, "torch", optimizer, size),
            "fused optimizer": partial(torch_like, "torch", optimizer, size, fused=True),
        },
        "mygrad": {"": partial(mygrad, optimizer, size)},
        "jax": {"": partial(jax, optimizer, size)},
    }


CASES = [
    Case(
        name=f"mlp-b{size}-{optimizer.lower()}",
        title=f"MLP step, batch {size:,}, {optimizer}",
        setups=setups(optimizer, size),
    )
    for size, optimizer in (
        (32, "SGD"),
        (32, "Adam"),
        (128, "SGD"),
        (128, "Adam"),
        (4096, "SGD"),
    )
]
