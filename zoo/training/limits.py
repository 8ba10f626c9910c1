"""Numbers that no setting can be, found before anything is built."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from omegaconf import MISSING, DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zoo.reasons import first_line
from zoo.training.errors import ConfigError

# Of schedules, wherever they stand: also inside of others.
POSITIVE = ("T_max", "step_size", "epochs", "steps_per_epoch", "div_factor", "final_div_factor")
NOT_NEGATIVE = ("gamma", "eta_min", "min_lr", "max_lr", "total_iters", "start_factor", "end_factor")


def check_numbers(cfg: DictConfig) -> None:
    """Refuse NaN, infinity, what no machine can count, lists of a wrong length, and such schedules.

    Raises:
        ConfigError: it names the key and what is possible.
    """
    values = OmegaConf.to_container(cfg)  # a wrong value is told of where it stands, not where used
    for key, value in _leaves(values):
        if value == MISSING:
            raise ConfigError(f"{key} has no value: give it one with {key}=...")
    try:
        OmegaConf.to_container(cfg, resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(f"{error.full_key}: {first_line(error)}") from error
    for key, value in _leaves(values):
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{key}={value}: it must be a finite number")
        if isinstance(value, int) and abs(value) > sys.maxsize:
            raise ConfigError(f"{key}={value}: it must be at most {sys.maxsize}")
    for key, node, name, count in _tuples(cfg):
        if node[name] is not None and len(node[name]) != count:
            raise ConfigError(f"{key}={node[name]}: it must be {count} numbers")
    if isinstance(values, dict):
        _check_schedule(values.get("scheduler"))


def _check_schedule(node: Any) -> None:
    for key, value in _leaves(node, "scheduler"):
        name = key.rpartition(".")[2]
        if not isinstance(value, int | float):
            continue
        if name in POSITIVE and value <= 0:
            raise ConfigError(f"{key}={value}: it must be positive")
        if name in NOT_NEGATIVE and value < 0:
            raise ConfigError(f"{key}={value}: it must not be negative")


def _leaves(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """The values in a nest of dicts and lists, by dotted key."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _leaves(value, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _leaves(value, f"{key}[{place}]")
    else:
        yield key, node


def _tuples(node: Any, key: str = "") -> Iterator[tuple[str, DictConfig, str, int]]:
    """Where a schema wants so many numbers: dotted key, node, name and how many."""
    if isinstance(node, ListConfig):
        for place, value in enumerate(node):
            yield from _tuples(value, f"{key}[{place}]")
    if not isinstance(node, DictConfig) or node._is_none():
        return
    schema = OmegaConf.get_type(node)
    hints = get_type_hints(schema) if is_dataclass(schema) else {}
    for name in map(str, node):
        full = f"{key}.{name}" if key else name
        wanted = get_args(hints[name]) if get_origin(hints.get(name)) is tuple else ()
        if wanted and not OmegaConf.is_missing(node, name):
            yield full, node, name, len(wanted)
        elif not OmegaConf.is_missing(node, name):
            yield from _tuples(node[name], full)
