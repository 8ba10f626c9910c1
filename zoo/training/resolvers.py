"""What the files under ``conf`` compute: ``${job_folder:...}`` and ``${mode_of:...}``."""

from __future__ import annotations

import re

from omegaconf import OmegaConf

_LOWER_IS_BETTER = ("loss", "perplexity", "bits_per_character")
_LONGEST = 200  # bytes of a folder's name; file systems take 255


def job_folder(number: int | str, overrides: str) -> str:
    """The name of a sweep's job: one folder, whatever the overrides hold.

    Example::

        >>> job_folder(3, "data/augment=affine,optimizer.lr=0.1")
        '3_data.augment=affine,optimizer.lr=0.1'
        >>> job_folder(0, "")
        '0'
    """
    name = re.sub(r"[/\\\0]", ".", f"{number}_{overrides}" if overrides else f"{number}")
    encoded = name.encode("utf-8")
    return encoded[:_LONGEST].decode("utf-8", errors="ignore") + "…" * (len(encoded) > _LONGEST)


def mode_of(monitor: str | None, higher: str = "max", lower: str = "min") -> str:
    """Whether a figure is the better the ``higher`` or the ``lower`` it is.

    Example::

        >>> mode_of("val/accuracy"), mode_of("val/loss"), mode_of(None, "maximize", "minimize")
        ('max', 'min', 'maximize')
    """
    return lower if str(monitor).rpartition("/")[2] in _LOWER_IS_BETTER else higher


def register() -> None:
    """Make them known to OmegaConf."""
    for resolver in (job_folder, mode_of):
        OmegaConf.register_new_resolver(resolver.__name__, resolver, replace=True)
