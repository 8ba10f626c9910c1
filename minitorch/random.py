"""Random numbers: generators with a seed and a state that can be saved."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from minitorch.devices import CPU, device, require_cpu
from minitorch.tensor import Tensor, wrap

_WORDS = 6  # the state of SFC64: four words, then a flag and a half-used word


class Generator:
    """A seeded stream of random numbers (the algorithm is SFC64).

    The numbers differ from torch's for the same seed; the methods do not.

    Example:
        >>> import minitorch
        >>> g = minitorch.Generator().manual_seed(3)
        >>> state = g.get_state()
        >>> first = minitorch.rand(2, generator=g)
        >>> bool((first == minitorch.rand(2, generator=g.set_state(state))).all())
        True
    """

    def __init__(self, device: Any = "cpu") -> None:
        require_cpu(device, "Generator")
        self.manual_seed(0)

    @property
    def device(self) -> device:
        """Where the generator lives: the CPU."""
        return CPU

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream that belongs to `seed` and return the generator."""
        self._seed = int(seed)
        self.numpy = np.random.Generator(np.random.SFC64(self._seed & (2**64 - 1)))
        return self

    def seed(self) -> int:
        """Seed from the operating system's entropy and return the seed."""
        self.manual_seed(secrets.randbits(63))
        return self._seed

    def initial_seed(self) -> int:
        """Return the seed the stream was started with."""
        return self._seed

    def get_state(self) -> Tensor:
        """Return the state as a uint8 tensor. Shape: (56,)."""
        state: Any = self.numpy.bit_generator.state
        words = [*state["state"]["state"], state["has_uint32"], state["uinteger"], self._seed]
        array = np.array([int(w) & (2**64 - 1) for w in words], dtype="<u8")
        return wrap(array.view(np.uint8))

    def set_state(self, state: Tensor) -> Generator:
        """Continue from a state that `get_state` returned, and return the generator."""
        array = np.ascontiguousarray(state._array)
        if array.dtype != np.uint8 or array.shape != ((_WORDS + 1) * 8,):
            raise RuntimeError(
                f"RNG state must be a uint8 tensor of {(_WORDS + 1) * 8} elements, "
                f"got {state.dtype} of shape {tuple(state.shape)}"
            )
        words = [int(w) for w in array.view("<u8")]
        self.manual_seed(words[6])
        self.numpy.bit_generator.state = {
            "bit_generator": "SFC64",
            "state": {"state": np.array(words[:4], dtype=np.uint64)},
            "has_uint32": words[4],
            "uinteger": words[5],
        }
        return self


default_generator = Generator()
default_generator.seed()


def numpy_generator(generator: Generator | None) -> np.random.Generator:
    """Return the NumPy generator behind `generator`, the default one for None."""
    return (default_generator if generator is None else generator).numpy


def manual_seed(seed: int) -> Generator:
    """Seed the default generator and return it."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seed the default generator from the operating system's entropy and return the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Return the default generator's state. Shape: (56,), uint8."""
    return default_generator.get_state()


def set_rng_state(state: Tensor) -> None:
    """Set the default generator's state."""
    default_generator.set_state(state)
