"""Questions that code written for many devices and layouts asks of a tensor."""

from __future__ import annotations

from typing import Any, NoReturn

from minitorch.tensor import Tensor

__all__ = ["is_complex", "is_nonzero"]


def is_complex(input: Tensor) -> bool:  # noqa: ARG001
    """Return False: there are no complex numbers here."""
    return False


def is_signed(input: Tensor) -> bool:
    """Return whether the dtype has negative numbers."""
    return input._array.dtype.kind in "fi"


def is_nonzero(input: Tensor) -> bool:
    """Return whether the one element is not zero."""
    return bool(input)


def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Return whether both have one shape."""
    return input._array.shape == other._array.shape


def is_pinned(input: Tensor) -> bool:  # noqa: ARG001
    """Return False: memory is pinned for other devices only."""
    return False


def get_device(input: Tensor) -> int:  # noqa: ARG001
    """Return -1, as for every tensor on the CPU."""
    return -1


def cuda(input: Tensor, *args: Any, **named: Any) -> NoReturn:
    """Raise NotImplementedError: there is no GPU here."""
    raise NotImplementedError("cuda: device='cuda' is not supported, only 'cpu' is")


def is_cpu(input: Tensor) -> bool:  # noqa: ARG001
    """True: every tensor is on the CPU."""
    return True


def is_elsewhere(input: Tensor) -> bool:  # noqa: ARG001
    """False: every tensor is a dense one on the CPU."""
    return False
