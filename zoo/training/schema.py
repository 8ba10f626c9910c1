"""The types of the configuration: YAML files hold the values, these classes catch the errors.

Hydra checks every value against the class that its file names under ``/schema``: a misspelt key and a
word in place of a number are refused while the configuration is composed, before anything is built. The
fields are the arguments of the constructor that ``_target_`` names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING


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
class Target:
    """What is built by calling ``_target_``."""

    _target_: str = MISSING


@dataclass
class Partial(Target):
    """What still waits for its first argument."""

    _partial_: bool = True


@dataclass
class MLP(Target):
    """``zoo.mlp.MLP``."""

    hidden: list[int] = MISSING
    activation: str = MISSING
    dropout: float = MISSING


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
class SGD(Partial):
    """``minitorch.optim.SGD``."""

    lr: float = MISSING
    momentum: float = MISSING
    dampening: float = MISSING
    weight_decay: float = MISSING
    nesterov: bool = MISSING


@dataclass
class Adagrad(Partial):
    """``minitorch.optim.Adagrad``."""

    lr: float = MISSING
    lr_decay: float = MISSING
    weight_decay: float = MISSING
    initial_accumulator_value: float = MISSING
    eps: float = MISSING


@dataclass
class RMSprop(Partial):
    """``minitorch.optim.RMSprop``."""

    lr: float = MISSING
    alpha: float = MISSING
    eps: float = MISSING
    weight_decay: float = MISSING
    momentum: float = MISSING
    centered: bool = MISSING


@dataclass
class Adam(Partial):
    """``minitorch.optim.Adam`` and ``AdamW``."""

    lr: float = MISSING
    betas: tuple[float, float] = MISSING
    eps: float = MISSING
    weight_decay: float = MISSING
    amsgrad: bool = MISSING


@dataclass
class Adadelta(Partial):
    """``minitorch.optim.Adadelta``."""

    lr: float = MISSING
    rho: float = MISSING
    eps: float = MISSING
    weight_decay: float = MISSING


@dataclass
class StepLR(Partial):
    """``StepLR``."""

    step_size: int = MISSING
    gamma: float = MISSING


@dataclass
class MultiStepLR(Partial):
    """``MultiStepLR``."""

    milestones: list[int] = MISSING
    gamma: float = MISSING


@dataclass
class ExponentialLR(Partial):
    """``ExponentialLR``."""

    gamma: float = MISSING


@dataclass
class CosineAnnealingLR(Partial):
    """``CosineAnnealingLR``."""

    T_max: int = MISSING
    eta_min: float = MISSING


@dataclass
class CosineAnnealingWarmRestarts(Partial):
    """``CosineAnnealingWarmRestarts``."""

    T_0: int = MISSING
    T_mult: int = MISSING
    eta_min: float = MISSING


@dataclass
class LinearLR(Partial):
    """``LinearLR``."""

    start_factor: float = MISSING
    end_factor: float = MISSING
    total_iters: int = MISSING


@dataclass
class LambdaLR(Partial):
    """``LambdaLR``; ``lr_lambda`` is any callable of the epoch."""

    lr_lambda: dict[str, Any] = MISSING


@dataclass
class OneCycleLR(Partial):
    """``OneCycleLR``."""

    max_lr: float = MISSING
    epochs: int = MISSING
    steps_per_epoch: int | None = None
    pct_start: float = MISSING
    anneal_strategy: str = MISSING
    cycle_momentum: bool = MISSING
    div_factor: float = MISSING
    final_div_factor: float = MISSING


@dataclass
class ReduceLROnPlateau(Partial):
    """``ReduceLROnPlateau``."""

    mode: str = MISSING
    factor: float = MISSING
    patience: int = MISSING
    threshold: float = MISSING
    threshold_mode: str = MISSING
    cooldown: int = MISSING
    min_lr: float = MISSING
    eps: float = MISSING


@dataclass
class SequentialLR(Partial):
    """``zoo.training.sequential``: partial schedulers, one after the other."""

    schedulers: list[Any] = MISSING
    milestones: list[int] = MISSING


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
    "optimizer": {
        "sgd": SGD,
        "adagrad": Adagrad,
        "rmsprop": RMSprop,
        "adam": Adam,
        "adamw": Adam,
        "adadelta": Adadelta,
    },
    "scheduler": {
        "step": StepLR,
        "multi_step": MultiStepLR,
        "exponential": ExponentialLR,
        "cosine": CosineAnnealingLR,
        "warm_restarts": CosineAnnealingWarmRestarts,
        "linear": LinearLR,
        "lambda": LambdaLR,
        "one_cycle": OneCycleLR,
        "plateau": ReduceLROnPlateau,
        "sequential": SequentialLR,
    },
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
