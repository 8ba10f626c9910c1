"""What a `DataLoader` refuses."""

from __future__ import annotations

from typing import Any


def refuse_unsupported(**options: tuple[Any, Any]) -> None:
    """Raise NotImplementedError, naming it, for a (value, default) that differ."""
    for name, (value, default) in options.items():
        if value != default:
            raise NotImplementedError(
                f"DataLoader: {name}={value!r} is not supported, only {default!r} is"
            )


def check_threads(
    num_workers: int,
    prefetch_factor: int | None,
    timeout: float,
    persistent: bool,
    iterable: bool,
) -> None:
    """Raise for an impossible choice of threads."""
    if num_workers < 0:
        raise ValueError(
            "num_workers option should be non-negative; "
            "use num_workers=0 to disable multiprocessing."
        )
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing."
            "let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."
        )
    if num_workers == 0 and timeout:
        raise ValueError("timeout option needs num_workers > 0")
    if num_workers == 0 and persistent:
        raise ValueError("persistent_workers option needs num_workers > 0")
    if iterable and num_workers > 1:
        raise NotImplementedError(
            f"DataLoader: num_workers={num_workers} is not supported with an IterableDataset, "
            "which one thread must read; use num_workers=1"
        )


def check_iterable(**options: Any) -> None:
    """Raise ValueError, naming it, for an option that needs samples by number."""
    for name, value in options.items():
        if value is not None:
            raise ValueError(
                f"DataLoader with IterableDataset: expected unspecified {name} option, "
                f"but got {name}={value}"
            )
