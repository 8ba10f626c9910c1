"""``minitorch.distributed``: there is one process, and programs may ask.

Reference: https://docs.pytorch.org/docs/stable/distributed.html
"""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = [
    "all_gather",
    "all_reduce",
    "barrier",
    "broadcast",
    "destroy_process_group",
    "get_backend",
    "get_rank",
    "get_world_size",
    "init_process_group",
    "is_available",
    "is_gloo_available",
    "is_initialized",
    "is_mpi_available",
    "is_nccl_available",
    "is_torchelastic_launched",
]


def is_available() -> bool:
    """Return False, as torch does where it was built without this package."""
    return False


def is_initialized() -> bool:
    """Return False: there is no group of processes."""
    return False


def is_gloo_available() -> bool:
    """Return False."""
    return False


def is_mpi_available() -> bool:
    """Return False."""
    return False


def is_nccl_available() -> bool:
    """Return False."""
    return False


def is_torchelastic_launched() -> bool:
    """Return False."""
    return False


def init_process_group(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise NotImplementedError: there are no groups of processes."""
    raise NotImplementedError(
        "distributed.init_process_group: groups of processes are not supported"
    )


def destroy_process_group(group: Any = None) -> NoReturn:
    """Raise AssertionError: there is no group."""
    raise AssertionError("Process group cannot be None")


def get_rank(group: Any = None) -> NoReturn:
    """Raise ValueError: there is no group; ask `is_initialized` first."""
    no_group()


def get_world_size(group: Any = None) -> NoReturn:
    """Raise ValueError: there is no group; ask `is_initialized` first."""
    no_group()


def get_backend(group: Any = None) -> NoReturn:
    """Raise ValueError: there is no group."""
    no_group()


def barrier(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise ValueError: there is no group."""
    no_group()


def all_reduce(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise ValueError: there is no group."""
    no_group()


def all_gather(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise ValueError: there is no group."""
    no_group()


def broadcast(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise ValueError: there is no group."""
    no_group()


def no_group() -> NoReturn:
    """Raise torch's error for a program that has not begun a group of processes."""
    raise ValueError(
        "Default process group has not been initialized, please make sure to call "
        "init_process_group."
    )
