"""One pass over a dataset: which batch is next, loaded here or by threads ahead of time."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from minitorch.utils.data.dataset import IterableDataset
from minitorch.utils.data.worker import WorkerInfo, get_worker_info, loading_batch, set_worker_info

if TYPE_CHECKING:
    from minitorch.utils.data.dataloader import DataLoader, Progress

END = object()  # what a fetch returns when an iterable dataset has no more samples


class Fetcher:
    """Loads one batch: the samples, then the collation.

    It holds nothing of the iterator that uses it.

    Args:
        loader: says what to load and how.
        seed: of the epoch.
    """

    def __init__(self, loader: DataLoader[Any], seed: int) -> None:
        self.dataset = loader.dataset
        self.collate = loader.collate_fn
        self.batch_size = loader.batch_size
        self.drop_last = loader.drop_last
        self.batched = loader.batch_sampler is not None
        self.seed = seed
        iterable = isinstance(self.dataset, IterableDataset)
        self.samples: Iterator[Any] | None = iter(self.dataset) if iterable else None
        self.get_many = getattr(self.dataset, "__getitems__", None)

    def __call__(self, number: int, index: Any) -> Any:
        """Return batch `number`, made of the samples that `index` names, or END."""
        with loading_batch(self.seed, number):
            samples = self.read(index)
            return END if samples is END else self.collate(samples)

    def read(self, index: Any) -> Any:
        """Return a list of samples; or one sample, where nothing is batched; or END."""
        if self.samples is not None:
            return self._read_on(self.samples)
        if not self.batched:
            return self.dataset[index]
        if self.get_many is not None:
            return self.get_many(index)
        return [self.dataset[i] for i in index]

    def _read_on(self, samples: Iterator[Any]) -> Any:
        if not self.batched:
            return next(samples, END)
        assert self.batch_size is not None
        batch = list(itertools.islice(samples, self.batch_size))
        if not batch or (self.drop_last and len(batch) < self.batch_size):
            return END
        return batch


class EpochIterator(Iterator[Any]):
    """The batches of one epoch, each loaded when it is asked for.

    Args:
        loader: where the settings are.
        progress: counted up with every batch handed out.
        seed: of the epoch.
        indices: what each batch consists of; not yet advanced.
        skip: how many batches were handed out before, in an earlier life of this epoch.
    """

    def __init__(
        self,
        loader: DataLoader[Any],
        progress: Progress,
        seed: int,
        indices: Iterator[Any],
        skip: int,
    ) -> None:
        self._fetch = Fetcher(loader, seed)
        self._progress = progress
        self._plan = enumerate(indices)
        for number, index in itertools.islice(self._plan, skip):
            if self._fetch.samples is not None:
                with loading_batch(seed, number):
                    self._fetch.read(index)

    def __next__(self) -> Any:
        try:
            data = self._load_next()
        except Exception:
            self._progress.batches += 1  # a batch that fails is not tried again
            raise
        if data is END:
            self._finish()
            raise StopIteration
        self._progress.batches += 1
        return data

    def _load_next(self) -> Any:
        for number, index in self._plan:
            return self._fetch(number, index)
        return END

    def _finish(self) -> None:
        self._plan = enumerate(())
        self._progress.running = False


class PrefetchIterator(EpochIterator):
    """The batches of one epoch, loaded by threads ahead of time and handed out in order."""

    def __init__(
        self,
        loader: DataLoader[Any],
        progress: Progress,
        seed: int,
        indices: Iterator[Any],
        skip: int,
    ) -> None:
        super().__init__(loader, progress, seed, indices, skip)
        self._timeout = loader.timeout or None
        self._threads: Threads | None = loader._threads or Threads(loader)
        if loader.persistent_workers:
            loader._threads = self._threads
        self._pending: deque[Future[Any]] = deque()
        weakref.finalize(self, _cancel, self._pending)
        for _ in range(loader.num_workers * max(1, loader.prefetch_factor or 0)):
            self._submit()

    def _submit(self) -> None:
        for number, index in self._plan:
            assert self._threads is not None
            self._pending.append(self._threads.submit(self._fetch, number, index))
            return

    def _load_next(self) -> Any:
        if not self._pending:
            return END
        future = self._pending.popleft()
        try:
            return future.result(self._timeout)
        except TimeoutError:
            if future.done():  # the dataset's own
                raise
            raise RuntimeError(f"DataLoader timed out after {self._timeout} seconds") from None
        finally:
            self._submit()

    def _finish(self) -> None:
        super()._finish()
        self._pending.clear()
        self._threads = None


def _cancel(pending: deque[Future[Any]]) -> None:
    for future in pending:
        future.cancel()


class Threads:
    """The loading threads of one epoch, or of all those of a loader with `persistent_workers`.

    They end with this object, which their work must therefore not refer to.

    Args:
        loader: says how many there are, and what each does first.
    """

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._pool = ThreadPoolExecutor(loader.num_workers, thread_name_prefix="DataLoader")
        self._work = Worker(loader.num_workers, loader.worker_init_fn)
        weakref.finalize(self, self._pool.shutdown, wait=False, cancel_futures=True)

    def submit(self, fetch: Fetcher, number: int, index: Any) -> Future[Any]:
        """Have a thread load batch `number`."""
        return self._pool.submit(self._work, fetch, number, index)


class Worker:
    """The work of a loading thread: fetch, after introducing itself the first time."""

    def __init__(self, num_workers: int, init: Any) -> None:
        self.num_workers = num_workers
        self.init = init
        self.ids = itertools.count()
        self.lock = threading.Lock()

    def __call__(self, fetch: Fetcher, number: int, index: Any) -> Any:
        """Return the batch."""
        known = get_worker_info()
        with self.lock:
            identity = next(self.ids) if known is None else known.id
        set_worker_info(WorkerInfo(identity, self.num_workers, fetch.seed, fetch.dataset))
        if known is None and self.init is not None:
            self.init(identity)
        return fetch(number, index)
