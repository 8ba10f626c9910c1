"""The types of the configuration: YAML files hold the values, these classes catch the errors.

Hydra checks every value against the class that its file names under ``/schema``: a misspelt key and
a word in place of a number are refused while the configuration is composed, before anything is
built. The fields are the arguments of the constructor that ``_target_`` names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

from zoo.training.schema_optim import OPTIMIZERS, SCHEDULERS, Target


@dataclass
class Run:
    """The keys of a primary file."""

    zoo: str = MISSING
    seed: int = MISSING
    resume: str | None = None
    tags: list[str] = field(default_factory=list)
    model: Any = MISSING
    data: Any = MISSING
    task: Any = MISSING
    optimizer: Any = MISSING
    scheduler: Any = None
    trainer: Any = MISSING


@dataclass
class MLP(Target):
    """``zoo.mlp.MLP``."""

    hidden: list[int] = MISSING
    activation: str = MISSING
    dropout: float = MISSING
    input_dropout: float = MISSING


@dataclass
class Affine(Target):
    """``zoo.data.RandomAffine``."""

    degrees: float = MISSING
    translate: tuple[float, float] = MISSING
    scale: tuple[float, float] = MISSING
    shear: float = MISSING


@dataclass
class Images(Target):
    """``zoo.data.ImageData``."""

    batch_size: int = MISSING
    eval_batch_size: int = MISSING
    n_train: int | None = None
    val_fraction: float = MISSING
    augment: Affine | None = None
    num_workers: int = MISSING
    overfit_batches: int | None = None
    split_seed: int = MISSING


@dataclass
class RootedImages(Images):
    """``zoo.data.ImageData`` of files on disk."""

    root: str = MISSING


@dataclass
class Classification(Target):
    """``zoo.training.Classification``."""

    label_smoothing: float = MISSING


@dataclass
class Trainer(Target):
    """``zoo.training.Trainer``."""

    max_epochs: int = MISSING
    max_steps: int | None = None
    monitor: str = MISSING
    mode: str = MISSING
    patience: int | None = None
    min_delta: float = MISSING
    clip_grad_norm: float | None = None
    clip_grad_value: float | None = None
    scheduler_interval: str = MISSING
    evaluate_every_epochs: int = MISSING
    limit_eval_batches: int | None = None
    checkpoint_every_steps: int | None = None
    log_every_steps: int = MISSING
    histograms_every_epochs: int = MISSING
    figures_every_epochs: int = MISSING
    progress: bool = MISSING
    tensorboard: bool = MISSING
    profile: bool = MISSING
    num_threads: int | None = None
    keep_memory: bool = MISSING


SCHEMAS: dict[str, dict[str, type]] = {
    "run": {
        "run": Run,
    },
    "model": {
        "mlp": MLP,
    },
    "data": {
        "images": Images,
        "rooted_images": RootedImages,
    },
    "augment": {
        "affine": Affine,
    },
    "task": {
        "classification": Classification,
    },
    "optimizer": OPTIMIZERS,
    "scheduler": SCHEDULERS,
    "trainer": {
        "default": Trainer,
    },
}


def register() -> None:
    """Put the schemas where the files under ``conf`` look for them."""
    store = ConfigStore.instance()
    for group, classes in SCHEMAS.items():
        for name, schema in classes.items():
            store.store(group=f"schema/{group}", name=name, node=schema, provider="zoo")
