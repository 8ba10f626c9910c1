"""The `DataLoader`: a dataset, an order and a way to batch, as something to iterate over."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from minitorch.notices import warn
from minitorch.random import Generator, default_generator
from minitorch.tensor import Tensor
from minitorch.utils.data.collate import default_collate, default_convert
from minitorch.utils.data.dataset import IterableDataset
from minitorch.utils.data.epoch import EpochIterator, PrefetchIterator, Threads
from minitorch.utils.data.options import check_iterable, check_threads, refuse_unsupported
from minitorch.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler

T_co = TypeVar("T_co", covariant=True)

_FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
_NOT_PINNED = (
    "'pin_memory' argument is set as true but no accelerator is found, then device pinned memory "
    "won't be used."
)
_SEEDS = 2**63  # epoch seeds are drawn below this


@dataclass
class Progress:
    """How far an epoch is: what a `DataLoader` saves.

    Attributes:
        generators: the state, when the epoch began, of every generator its order comes from.
        batches: how many were handed out.
        running: False when the last one was, and the consumer has seen the end.
    """

    generators: list[Tensor] = field(default_factory=list)
    batches: int = 0
    running: bool = False


class DataLoader(Generic[T_co]):
    """Batches of a dataset, epoch after epoch.

    **Threads.** ``num_workers > 0`` loads ahead of time in that many *threads* of this process
    (torch uses processes): the dataset is shared, not copied, and must stand being read from
    several threads. Batches come in the same order as without threads; what a thread raises is
    raised in the loop, with its traceback; the threads end with the epoch or when the iterator is
    dropped, those of `persistent_workers` with the loader. NumPy releases the interpreter during
    large operations, so loading and training overlap; decoding in pure Python does not. Handing a
    batch over costs 0.1 ms, so that tensors in memory are read faster without threads.

    **Batches without a loop.** A dataset with ``__getitems__(indices)`` is asked for a whole
    batch. A `TensorDataset`, and a `Subset` of one, cut it out of their arrays at once.

    **Random numbers.** When an epoch begins, the loader draws the order of the samples and one
    seed for the epoch, from `generator` or else from the default one (``manual_seed``); nothing
    is drawn later. Datasets and collate functions that augment draw from `batch_generator`, whose
    numbers depend only on the epoch's
    seed and the number of the batch: they are the same with any number of threads.

    **Restoring.** ``state_dict()`` is the state of the generators when the epoch began, and the
    number of batches handed out. After ``load_state_dict()`` the next iteration draws the same
    order and the same seed again, passes over that many batches without loading them (an
    `IterableDataset` must be read again up to that place), and goes on with exactly the batches,
    and the augmentation, that would have come. The default
    generator is left as it was: whoever saves a training run saves its state beside the loader's.
    An epoch that the consumer leaves early counts as running until the next one begins.

    Args:
        dataset: has ``__getitem__`` and ``__len__``, or is an `IterableDataset`.
        batch_size: samples in a batch; None hands out single samples, or what a sampler of lists
            names.
        shuffle: a new random order in every epoch.
        sampler: yields the numbers of the samples, in place of `shuffle`.
        batch_sampler: yields lists of numbers, in place of batch_size, shuffle, sampler and
            drop_last.
        num_workers: how many threads load ahead; 0 loads when a batch is asked for.
        collate_fn: makes a batch of a list of samples; `default_collate` by default.
        pin_memory: does nothing but warn, as in torch without an accelerator.
        drop_last: leave out a last batch that is smaller.
        timeout: seconds to wait for a thread before RuntimeError; 0 waits.
        worker_init_fn: called with its number in each thread before it first loads.
        multiprocessing_context: not supported.
        generator: where order and seed of each epoch come from.
        prefetch_factor: batches loaded ahead by each thread; 2 by default.
        persistent_workers: keep the threads from one epoch to the next.
        pin_memory_device, in_order: only their defaults are supported.

    Raises:
        ValueError: for options that contradict each other, or an empty dataset with `shuffle`.
        NotImplementedError: for an option that is not supported.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import DataLoader, TensorDataset
        >>> data = TensorDataset(minitorch.arange(6).reshape(6, 1))
        >>> loader = DataLoader(data, batch_size=4, num_workers=1)
        >>> [tuple(x.shape) for x, in loader], len(loader)
        ([(4, 1), (2, 1)], 2)
    """

    _initialized = False

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        refuse_unsupported(
            multiprocessing_context=(multiprocessing_context, None),
            pin_memory_device=(pin_memory_device, ""),
            in_order=(in_order, True),
        )
        iterable = isinstance(dataset, IterableDataset)
        check_threads(num_workers, prefetch_factor, timeout, persistent_workers, iterable)
        if iterable:
            check_iterable(shuffle=shuffle or None, sampler=sampler, batch_sampler=batch_sampler)
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, "
                    "and drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive "
                "with drop_last"
            )
        if pin_memory:
            warn(_NOT_PINNED)
        if sampler is None:
            if iterable:
                sampler = _Endless()
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)

        self.dataset = dataset
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        default = default_convert if batch_sampler is None else default_collate
        self.collate_fn = default if collate_fn is None else collate_fn
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.generator = generator
        self.persistent_workers = persistent_workers
        self._threads: Threads | None = None
        self._progress = Progress()
        self._resume: Progress | None = None
        self._initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._initialized and name in _FIXED:
            raise ValueError(
                f"{name} attribute should not be set after {type(self).__name__} is initialized"
            )
        super().__setattr__(name, value)

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            length = len(self.dataset)  # type: ignore[arg-type]
            if self.batch_size is None:
                return length
            return length // self.batch_size if self.drop_last else -(-length // self.batch_size)
        return len(self._index_sampler)  # type: ignore[arg-type]

    @property
    def _index_sampler(self) -> Iterable[Any]:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    # ------------------------------------------------------------------ an epoch

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch, or go on with the one that `load_state_dict` described."""
        sources = self._generators()
        resume, self._resume = self._resume, None
        now = default_generator.get_state()
        if resume is not None:
            for source, state in zip(sources, resume.generators, strict=True):
                source.set_state(state)
        states = [source.get_state() for source in sources]
        indices = iter(self._index_sampler)
        source = default_generator if self.generator is None else self.generator
        seed = int(source.numpy.integers(_SEEDS))
        if resume is not None:
            default_generator.set_state(now)
        skip = 0 if resume is None else resume.batches
        self._progress = Progress(states, skip, running=True)
        kind = PrefetchIterator if self.num_workers else EpochIterator
        return kind(self, self._progress, seed, indices, skip)

    def _generators(self) -> list[Generator]:
        """Return every generator an epoch's order can come from, the default one first."""
        holders = [
            self,
            self.sampler,
            self.batch_sampler,
            getattr(self.batch_sampler, "sampler", None),
        ]
        found = [default_generator]
        for holder in holders:
            generator = getattr(holder, "generator", None)
            if isinstance(generator, Generator) and all(generator is not known for known in found):
                found.append(generator)
        return found

    # ------------------------------------------------------------------ saving

    def state_dict(self) -> dict[str, Any]:
        """Return the place in the running epoch, or between two of them.

        Example:
            >>> import minitorch
            >>> from minitorch.utils.data import DataLoader
            >>> loader = DataLoader(range(6), batch_size=2, shuffle=True)
            >>> batches = iter(loader)
            >>> first = next(batches)
            >>> state = loader.state_dict()
            >>> rest = [batch.tolist() for batch in batches]
            >>> loader.load_state_dict(state)
            >>> [batch.tolist() for batch in loader] == rest
            True
        """
        progress = self._resume or self._progress
        if progress.running:
            generators, batches = list(progress.generators), progress.batches
        else:
            generators, batches = [source.get_state() for source in self._generators()], 0
        return {"running": progress.running, "batches": batches, "generators": generators}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Make the next iteration go on where `state_dict` was taken.

        Args:
            state_dict: from a loader of the same settings.

        Raises:
            ValueError: if that loader drew from another number of generators.
        """
        sources = self._generators()
        states = list(state_dict["generators"])
        if len(states) != len(sources):
            raise ValueError(
                f"loaded state dict has {len(states)} generators, but this loader has "
                f"{len(sources)}: its sampler or its generator argument differ"
            )
        if state_dict["running"]:
            self._resume = Progress(states, state_dict["batches"], running=True)
            return
        self._resume, self._progress = None, Progress()
        for source, state in zip(sources[1:], states[1:], strict=True):
            source.set_state(state)


class _Endless:
    """In place of numbers, for a dataset that has none."""

    def __iter__(self) -> Iterator[None]:
        return itertools.repeat(None)
