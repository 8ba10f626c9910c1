"""What programs ask of CUDA.

What does nothing in a PyTorch without CUDA does nothing here; what fails there is not here.
"""

from __future__ import annotations

from typing import Any


def is_available() -> bool:
    """Return False: everything is computed on the CPU."""
    return False


def is_initialized() -> bool:
    """Return False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:  # noqa: ARG001
    """Return False."""
    return False


def device_count() -> int:
    """Return 0."""
    return 0


def manual_seed(seed: int) -> None:
    """Seed the generators of the devices, of which there are none."""


def manual_seed_all(seed: int) -> None:
    """Seed the generators of the devices, of which there are none."""


def empty_cache() -> None:
    """Give back the memory of the devices, of which there are none."""


def memory_allocated(device: Any = None) -> int:  # noqa: ARG001
    """Return 0."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated
