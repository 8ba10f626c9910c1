"""What code that runs while a batch is loaded can ask: which worker am I, which batch is this."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from minitorch.random import Generator, default_generator


@dataclass(frozen=True)
class WorkerInfo:
    """A loading thread of a `DataLoader`.

    Attributes:
        id: 0 for the first thread.
        num_workers: how many threads there are.
        seed: of the epoch, the same in all threads. (Draw from `batch_generator`, not from this.)
        dataset: the dataset, which all threads share.
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


class _Current(threading.local):
    worker: WorkerInfo | None = None
    batch: tuple[int, int] | None = None  # (seed of the epoch, number of the batch)
    generator: Generator | None = None  # of that batch, made when it is first asked for


_current = _Current()


def get_worker_info() -> WorkerInfo | None:
    """Return what is known of the loading thread that calls this, None outside of one."""
    return _current.worker


def set_worker_info(info: WorkerInfo) -> None:
    """Say who the calling thread is."""
    _current.worker = info


def batch_generator() -> Generator:
    """Return the generator of the batch being loaded; outside of a `DataLoader`, the default one.

    It is seeded from the epoch's seed and the number of the batch. So what a dataset or a
    `collate_fn` draws from it is the same however many threads load, and after a restart in the
    middle of the epoch.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import DataLoader, batch_generator
        >>> def jitter(samples):
        ...     return [x + batch_generator().numpy.normal() for x in samples]
        >>> def run(num_workers):
        ...     source = minitorch.Generator().manual_seed(0)
        ...     loader = DataLoader([1.0, 2.0, 3.0], batch_size=2, collate_fn=jitter,
        ...                         num_workers=num_workers, generator=source)
        ...     return list(loader)
        >>> run(num_workers=0) == run(num_workers=2)
        True
    """
    if _current.batch is None:
        return default_generator
    if _current.generator is None:
        seed = np.random.SeedSequence(_current.batch).generate_state(1, np.uint64)[0]
        _current.generator = Generator().manual_seed(int(seed))
    return _current.generator


@contextlib.contextmanager
def loading_batch(epoch_seed: int, number: int) -> Iterator[None]:
    """Inside the block, in this thread, `batch_generator` is the one of that batch."""
    outside = _current.batch, _current.generator
    _current.batch, _current.generator = (epoch_seed, number), None
    try:
        yield
    finally:
        _current.batch, _current.generator = outside
