"""Who takes part: the libraries, and the allocator settings they run under."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from dataclasses import dataclass
from types import ModuleType

THREADS = 2

LIBRARIES = {
    "minitorch": "minitorch",
    "torch": "PyTorch",
    "mygrad": "mygrad",
    "jax": "JAX (jitted)",
}


@dataclass(frozen=True)
class Contender:
    """One column: a library, with glibc's allocator as it is or told to keep its memory."""

    library: str
    keep_memory: bool = False

    @property
    def name(self) -> str:
        return f"{self.library}+keep" if self.keep_memory else self.library

    @property
    def title(self) -> str:
        title = LIBRARIES[self.library]
        return f"{title}, memory kept" if self.keep_memory else title


CONTENDERS = [
    Contender("minitorch"),
    Contender("torch"),
    Contender("minitorch", keep_memory=True),
    Contender("torch", keep_memory=True),
    Contender("mygrad"),
    Contender("jax"),
]
UNTUNED = [contender for contender in CONTENDERS if not contender.keep_memory]


def environment(threads: int = THREADS) -> dict[str, str]:
    """The variables a worker starts with: every library gets the same number of threads."""
    number = str(threads)
    return {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "MKL_NUM_THREADS": number,
        "OMP_NUM_THREADS": number,
        "OPENBLAS_NUM_THREADS": number,
        "PYTHONDONTWRITEBYTECODE": "",  # an import finds compiled files, as everybody's does
    }


def pin_to_cores() -> None:
    """Keep this process on as many cores as it has threads (JAX has no other switch)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def keep_memory() -> None:
    """Tell glibc to reuse freed memory instead of giving it back to the kernel.

    The setting is the process's own and saves the page faults of fresh arrays; whoever allocates
    large arrays per operation gains from it, PyTorch included.

    Raises:
        OSError: The C library has no ``mallopt``.
    """
    if not sys.platform.startswith("linux"):
        raise OSError("mallopt is glibc's")
    trim_threshold, top_pad, mmap_max = -1, -2, -4
    libc = ctypes.CDLL(None)
    for option, value in ((mmap_max, 0), (trim_threshold, 2**31 - 1), (top_pad, 64 * 2**20)):
        if libc.mallopt(option, value) != 1:
            raise OSError("mallopt refused a setting")


def load(library: str) -> ModuleType:
    """Import a library, give it its threads, and wake them up with one small product."""
    module = importlib.import_module(library)
    if library in ("minitorch", "torch"):
        module.set_num_threads(int(os.environ.get("OPENBLAS_NUM_THREADS") or THREADS))
        x = module.ones(256, 256, requires_grad=True)
        (x @ x).sum().backward()
    elif library == "mygrad":
        module.turn_memory_guarding_off()  # its faster setting
        x = module.tensor([[1.0] * 256] * 256)
        (x @ x).sum().backward()
    else:
        x = module.numpy.ones((256, 256))
        module.jit(module.grad(lambda x: (x @ x).sum()))(x).block_until_ready()
    return module
