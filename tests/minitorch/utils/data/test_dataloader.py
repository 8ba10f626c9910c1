"""The loader: batches, threads, random numbers, and going on in the middle."""

from __future__ import annotations

import gc
import io
import threading
import time
import traceback
from typing import Any

import numpy as np
import pytest

from minitorch.random import Generator, default_generator, manual_seed
from minitorch.serialization import load, save
from minitorch.tensor import Tensor, wrap
from minitorch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Subset,
    TensorDataset,
    batch_generator,
    get_worker_info,
)

WORKERS = [0, 1, 3]


def plain(batch: Any) -> Any:
    """The numbers in a batch."""
    if isinstance(batch, Tensor):
        return batch._array.tolist()
    return [plain(each) for each in batch] if isinstance(batch, list) else batch


def epoch(loader: Any) -> list[Any]:
    return [plain(batch) for batch in loader]


class Squares(Dataset[float]):
    """Slow at random: threads overtake each other."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __getitem__(self, index: int) -> float:
        time.sleep(0.001 * (index * 7 % 3))
        return float(index**2)

    def __len__(self) -> int:
        return self.size


class Noisy(Dataset[float]):
    """Augments: every sample gets noise from the generator of its batch."""

    def __getitem__(self, index: int) -> float:
        time.sleep(0.0005 * (index * 7 % 3))
        return index + float(batch_generator().numpy.random())

    def __len__(self) -> int:
        return 23


class Count(IterableDataset[int]):
    def __init__(self, size: int) -> None:
        self.size = size

    def __iter__(self) -> Any:
        return iter(range(self.size))

    def __len__(self) -> int:
        return self.size


class Alone(TensorDataset):
    """Must be asked for batches."""

    def __getitem__(self, index: Any) -> Any:
        raise AssertionError("asked for one sample")


def tensors(size: int, cls: Any = TensorDataset) -> Any:
    return cls(wrap(np.arange(size, dtype=np.float32)), wrap(np.arange(size)))


# ---------------------------------------------------------------------- batches


@pytest.mark.parametrize("workers", WORKERS)
def test_batches_come_in_order(workers: int) -> None:
    loader = DataLoader(Squares(11), batch_size=3, num_workers=workers)
    expected = [[0, 1, 4], [9, 16, 25], [36, 49, 64], [81, 100]]
    assert epoch(loader) == epoch(loader) == expected
    assert len(loader) == 4


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("subset", [False, True])
def test_tensors_are_cut_at_once(workers: int, subset: bool) -> None:
    data = tensors(7, Alone)
    if subset:
        data = Subset(Subset(data, range(7)), list(range(7)))
    loader = DataLoader(data, 3, num_workers=workers)
    assert epoch(loader) == [[[0, 1, 2]] * 2, [[3, 4, 5]] * 2, [[6]] * 2]


def test_a_collate_function_gets_samples_even_when_they_are_cut_at_once() -> None:
    loader = DataLoader(tensors(3, Alone), 2, collate_fn=len)
    assert list(loader) == [2, 1]


def test_drop_last() -> None:
    loader = DataLoader(range(7), 3, drop_last=True)
    assert epoch(loader) == [[0, 1, 2], [3, 4, 5]]
    assert len(loader) == 2


def test_single_samples() -> None:
    loader = DataLoader([np.ones(2), np.zeros(2)], batch_size=None)
    assert epoch(loader) == [[1, 1], [0, 0]]
    assert len(loader) == 2
    assert epoch(DataLoader(Count(3), batch_size=None)) == [0, 1, 2]


def test_samplers() -> None:
    assert epoch(DataLoader("abc", sampler=[2, 0])) == [["c"], ["a"]]
    assert epoch(DataLoader("abc", batch_sampler=[[2, 0], [1]])) == [["c", "a"], ["b"]]
    assert len(DataLoader("abc", batch_sampler=[[2, 0], [1]])) == 2
    assert epoch(DataLoader("abc", batch_sampler=[])) == []


@pytest.mark.parametrize("workers", [0, 1])
def test_iterable_datasets(workers: int) -> None:
    loader = DataLoader(Count(7), 3, num_workers=workers)
    assert epoch(loader) == [[0, 1, 2], [3, 4, 5], [6]]
    assert len(loader) == 3
    loader = DataLoader(Count(7), 3, num_workers=workers, drop_last=True)
    assert epoch(loader) == [[0, 1, 2], [3, 4, 5]]
    assert len(loader) == 2


def test_empty_datasets() -> None:
    assert list(DataLoader([], 2)) == []
    with pytest.raises(ValueError, match="num_samples should be a positive integer value"):
        DataLoader([], 2, shuffle=True)


@pytest.mark.parametrize("workers", WORKERS)
def test_two_iterators_at_once(workers: int) -> None:
    loader = DataLoader(range(6), 2, num_workers=workers)
    pairs = [(plain(a), plain(b)) for a, b in zip(loader, loader, strict=True)]
    assert all(a == b for a, b in pairs)
    assert len(pairs) == 3


# ---------------------------------------------------------------------- threads


def loading_threads() -> set[threading.Thread]:
    return {t for t in threading.enumerate() if t.name.startswith("DataLoader")}


def wait_for_the_end_of(threads: set[threading.Thread]) -> None:
    assert threads
    for thread in threads:
        thread.join(timeout=5)
    assert not threads & loading_threads()


def test_threads_end_with_the_epoch() -> None:
    before = loading_threads()
    iterator = iter(DataLoader(Squares(20), 2, num_workers=3))
    next(iterator)
    threads = loading_threads() - before
    assert len(list(iterator)) == 9
    wait_for_the_end_of(threads)


def test_threads_end_with_the_iterator() -> None:
    before = loading_threads()
    iterator = iter(DataLoader(Squares(1000), 2, num_workers=3))
    next(iterator)
    threads = loading_threads() - before
    del iterator
    gc.collect()
    wait_for_the_end_of(threads)


def test_persistent_threads_end_with_the_loader() -> None:
    before = loading_threads()
    ready: list[int] = []
    loader = DataLoader(
        Squares(20), 2, num_workers=3, persistent_workers=True, worker_init_fn=ready.append
    )
    expected = epoch(DataLoader(Squares(20), 2))
    assert epoch(loader) == expected
    next(iter(loader))  # an epoch that is left early
    assert epoch(loader) == expected
    assert sorted(ready) == list(range(len(ready)))
    threads = loading_threads() - before
    assert len(ready) <= len(threads) <= 3
    del loader
    gc.collect()
    wait_for_the_end_of(threads)


def test_an_iterator_outlives_a_loader_with_persistent_threads() -> None:
    iterator = iter(DataLoader(Squares(20), 2, num_workers=2, persistent_workers=True))
    assert len(list(iterator)) == 10


def test_a_worker_knows_the_seed_of_its_epoch() -> None:
    class Asking(Squares):
        def __getitem__(self, index: int) -> int:
            info = get_worker_info()
            assert info is not None
            return info.seed

    loader = DataLoader(Asking(4), 4, num_workers=1, persistent_workers=True)
    (first,), (second,) = epoch(loader), epoch(loader)
    assert len(set(first)) == len(set(second)) == 1
    assert first != second


def test_an_exhausted_iterator_stays_so() -> None:
    iterator = iter(DataLoader(range(2), num_workers=2))
    assert len(list(iterator)) == 2
    assert list(iterator) == []


def test_loading_runs_ahead() -> None:
    started: list[int] = []

    class Watched(Squares):
        def __getitem__(self, index: int) -> float:
            started.append(index)
            return super().__getitem__(index)

    iterator = iter(DataLoader(Watched(50), 1, num_workers=2, prefetch_factor=3))
    deadline = time.monotonic() + 5
    while len(started) < 6 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    assert sorted(started) == list(range(6))
    next(iterator)
    while len(started) < 7 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sorted(started) == list(range(7))


class Broken(Squares):
    def __getitem__(self, index: int) -> float:
        if index == 4:
            raise self.explode()
        return super().__getitem__(index)

    def explode(self) -> Exception:
        raise KeyError("sample four")


@pytest.mark.parametrize("workers", WORKERS)
def test_an_error_comes_with_its_traceback_and_in_its_turn(workers: int) -> None:
    iterator = iter(DataLoader(Broken(10), 2, num_workers=workers))
    assert [plain(next(iterator)) for _ in range(2)] == [[0, 1], [4, 9]]
    with pytest.raises(KeyError, match="sample four") as caught:
        next(iterator)
    assert "explode" in "".join(traceback.format_tb(caught.tb))
    assert [plain(batch) for batch in iterator] == [[36, 49], [64, 81]]


def test_a_timeout() -> None:
    event = threading.Event()

    class Stuck(Squares):
        def __getitem__(self, index: int) -> float:
            event.wait(5)
            return 0.0

    iterator = iter(DataLoader(Stuck(2), num_workers=1, timeout=0.05))
    with pytest.raises(RuntimeError, match=r"DataLoader timed out after 0\.05 seconds"):
        next(iterator)
    event.set()


def test_a_timeout_error_of_the_dataset_is_its_own() -> None:
    class Late(Squares):
        def __getitem__(self, index: int) -> float:
            raise TimeoutError("the disk")

    with pytest.raises(TimeoutError, match="the disk"):
        next(iter(DataLoader(Late(2), num_workers=1, timeout=5)))


def test_workers_are_introduced_once() -> None:
    assert get_worker_info() is None
    ready: list[int] = []
    seen = set()

    class Asking(Squares):
        def __getitem__(self, index: int) -> float:
            info = get_worker_info()
            assert info is not None
            assert info.dataset is self
            assert info.num_workers == 2
            assert info.id in ready
            seen.add((info.id, info.seed))
            return super().__getitem__(index)

    list(DataLoader(Asking(20), 1, num_workers=2, worker_init_fn=ready.append))
    assert sorted(ready) == sorted({identity for identity, _ in seen}) == [0, 1]
    assert len({seed for _, seed in seen}) == 1
    assert get_worker_info() is None


def test_a_failing_worker_init_fn_is_heard() -> None:
    def fail(identity: int) -> None:
        raise RuntimeError("no worker today")

    with pytest.raises(RuntimeError, match="no worker today"):
        next(iter(DataLoader(range(3), num_workers=1, worker_init_fn=fail)))


# ---------------------------------------------------------------------- random numbers


@pytest.mark.parametrize("workers", WORKERS)
def test_shuffling_is_seeded(workers: int) -> None:
    loader = DataLoader(range(20), 3, shuffle=True, num_workers=workers)
    manual_seed(1)
    first, second = epoch(loader), epoch(loader)
    assert first != second
    assert sorted(i for batch in first for i in batch) == list(range(20))
    manual_seed(1)
    assert epoch(loader) == first
    own = DataLoader(range(20), 3, shuffle=True, generator=Generator().manual_seed(1))
    manual_seed(2)
    assert epoch(own) == first


@pytest.mark.parametrize("shuffle", [False, True])
def test_augmentation_does_not_depend_on_the_threads(shuffle: bool) -> None:
    results = []
    for workers in WORKERS:
        generator = Generator().manual_seed(0)
        loader = DataLoader(Noisy(), 4, shuffle=shuffle, num_workers=workers, generator=generator)
        results.append([epoch(loader), epoch(loader)])
    assert results[0] == results[1] == results[2]
    assert results[0][0] != results[0][1]
    noise = np.concatenate(results[0][0]) % 1
    assert len(set(noise)) == len(noise)


def test_a_loader_with_a_generator_leaves_the_default_one_alone() -> None:
    state = default_generator.get_state()._array.tolist()
    list(DataLoader(Noisy(), 4, shuffle=True, generator=Generator(), num_workers=2))
    assert default_generator.get_state()._array.tolist() == state


def test_outside_of_a_loader_the_batch_generator_is_the_default_one() -> None:
    assert batch_generator() is default_generator
    next(iter(DataLoader(Noisy(), 4)))
    assert batch_generator() is default_generator


# ---------------------------------------------------------------------- going on in the middle


def make_loader(kind: str, workers: int) -> DataLoader[Any]:
    """A loader whose randomness comes from the places a user may choose."""
    options: dict[str, Any] = {"num_workers": workers}
    if kind == "default":
        return DataLoader(Noisy(), 3, shuffle=True, **options)
    if kind == "own":
        return DataLoader(Noisy(), 3, shuffle=True, generator=Generator(), **options)
    if kind == "sampler":
        sampler = RandomSampler(Noisy(), generator=Generator().manual_seed(4))
        return DataLoader(Noisy(), 3, sampler=sampler, generator=Generator(), **options)
    if kind == "batch_sampler":
        inner = RandomSampler(Noisy(), True, 25, generator=Generator().manual_seed(4))
        return DataLoader(Noisy(), batch_sampler=BatchSampler(inner, 3, True), **options)
    return DataLoader(tensors(23), 3, shuffle=True, **options)


KINDS = ["default", "own", "sampler", "batch_sampler", "tensors"]


@pytest.mark.parametrize("place", [0, 1, 5, 8])
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_restored_in_the_middle_of_an_epoch(kind: str, workers: int, place: int) -> None:
    """Through a file, with other threads, as in another process; later epochs are the same too."""
    manual_seed(7)
    loader = make_loader(kind, workers)
    epoch(loader)
    iterator = iter(loader)
    for _ in range(place):
        next(iterator)
        default_generator.numpy.random(3)  # the model draws, too
    file = io.BytesIO()
    save({"loader": loader.state_dict(), "random": default_generator.get_state()}, file)

    def go_on(rest: Any, loader: DataLoader[Any]) -> list[Any]:
        batches = []
        for batch in rest:
            batches.append(plain(batch))
            default_generator.numpy.random(3)
        return [batches, epoch(loader), epoch(loader)]

    expected = go_on(iterator, loader)
    manual_seed(1234)
    fresh = make_loader(kind, 2 - workers)
    file.seek(0)
    saved = load(file)
    fresh.load_state_dict(saved["loader"])
    default_generator.set_state(saved["random"])
    assert go_on(fresh, fresh) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_restored_between_epochs(kind: str) -> None:
    manual_seed(7)
    loader = make_loader(kind, 0)
    epoch(loader)
    saved, random = loader.state_dict(), default_generator.get_state()
    expected = epoch(loader)
    manual_seed(1234)
    fresh = make_loader(kind, 0)
    fresh.load_state_dict(saved)
    default_generator.set_state(random)
    assert saved["batches"] == 0
    assert epoch(fresh) == expected


def test_restored_twice() -> None:
    loader = make_loader("own", 0)
    iterator = iter(loader)
    next(iterator)
    fresh = make_loader("own", 2)
    fresh.load_state_dict(loader.state_dict())
    assert fresh.state_dict()["batches"] == 1
    again = iter(fresh)
    assert plain(next(again)) == plain(next(iterator))
    last = make_loader("own", 0)
    last.load_state_dict(fresh.state_dict())
    assert epoch(last) == [plain(batch) for batch in iterator]


@pytest.mark.parametrize("workers", [0, 1])
def test_an_iterable_dataset_is_read_up_to_its_place(workers: int) -> None:
    loader = DataLoader(Count(10), 3, num_workers=workers)
    iterator = iter(loader)
    next(iterator)
    saved = loader.state_dict()
    fresh = DataLoader(Count(10), 3, num_workers=workers)
    fresh.load_state_dict(saved)
    assert epoch(fresh) == [[3, 4, 5], [6, 7, 8], [9]]
    assert epoch(fresh)[0] == [0, 1, 2]


def test_after_the_last_batch_nothing_is_left() -> None:
    loader = DataLoader(range(4), 2)
    iterator = iter(loader)
    next(iterator)
    next(iterator)
    fresh = DataLoader(range(4), 2)
    fresh.load_state_dict(loader.state_dict())
    assert epoch(fresh) == []
    assert len(epoch(fresh)) == 2


def test_skipped_batches_are_not_loaded() -> None:
    loaded: list[int] = []

    class Watched(Squares):
        def __getitem__(self, index: int) -> float:
            loaded.append(index)
            return float(index)

    loader = DataLoader(Watched(10), 2)
    loader.load_state_dict({**loader.state_dict(), "running": True, "batches": 3})
    list(loader)
    assert loaded == [6, 7, 8, 9]


def test_a_state_of_another_kind_of_loader_is_refused() -> None:
    with pytest.raises(ValueError, match="has 1 generators, but this loader has 2"):
        make_loader("own", 0).load_state_dict(make_loader("default", 0).state_dict())


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"num_workers": -1}, ValueError, "num_workers option should be non-negative"),
        ({"timeout": -1}, ValueError, "timeout option should be non-negative"),
        ({"timeout": 1}, ValueError, "timeout option needs num_workers > 0"),
        ({"prefetch_factor": 2}, ValueError, "prefetch_factor option could only be specified"),
        ({"num_workers": 1, "prefetch_factor": -1}, ValueError, "prefetch_factor option should be"),
        ({"sampler": [0], "shuffle": True}, ValueError, "mutually exclusive with shuffle"),
        ({"batch_sampler": [[0]], "batch_size": 2}, ValueError, "batch_sampler option is mutually"),
        (
            {"batch_sampler": [[0]], "drop_last": True},
            ValueError,
            "batch_sampler option is mutually",
        ),
        ({"batch_size": None, "drop_last": True}, ValueError, "disables auto-batching"),
        ({"batch_size": 0}, ValueError, "batch_size should be a positive integer value"),
        ({"persistent_workers": True}, ValueError, "persistent_workers option needs num_workers"),
        ({"in_order": False}, NotImplementedError, "in_order=False"),
        (
            {"multiprocessing_context": "fork"},
            NotImplementedError,
            "multiprocessing_context='fork'",
        ),
        ({"pin_memory_device": "cuda"}, NotImplementedError, "pin_memory_device='cuda'"),
    ],
    ids=str,
)
def test_options(options: dict[str, Any], error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        DataLoader(range(3), **options)


def test_pinned_memory_warns() -> None:
    with pytest.warns(UserWarning, match="no accelerator is found"):
        loader = DataLoader(range(3), pin_memory=True)
    assert epoch(loader) == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"shuffle": True},
            ValueError,
            "expected unspecified shuffle option, but got shuffle=True",
        ),
        ({"sampler": [0]}, ValueError, "expected unspecified sampler option"),
        ({"batch_sampler": [[0]]}, ValueError, "expected unspecified batch_sampler option"),
        (
            {"num_workers": 2},
            NotImplementedError,
            "num_workers=2 is not supported with an Iterable",
        ),
    ],
    ids=str,
)
def test_options_of_iterable_datasets(options: dict[str, Any], error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        DataLoader(Count(3), **options)
    assert epoch(DataLoader(Count(3), shuffle=False)) == [[0], [1], [2]]


@pytest.mark.parametrize("name", ["batch_size", "sampler", "dataset", "drop_last"])
def test_settings_are_fixed(name: str) -> None:
    loader = DataLoader(range(3))
    with pytest.raises(ValueError, match=f"{name} attribute should not be set after DataLoader"):
        setattr(loader, name, 3)
