"""The types of the ``optimizer`` and ``scheduler`` groups; see :mod:`zoo.training.schema`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING


@dataclass
class Target:
    """What is built by calling ``_target_``."""

    _target_: str = MISSING


@dataclass
class Partial(Target):
    """What still waits for its first argument."""

    _partial_: bool = True


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
class Adamax(Partial):
    """``minitorch.optim.Adamax``."""

    lr: float = MISSING
    betas: tuple[float, float] = MISSING
    eps: float = MISSING
    weight_decay: float = MISSING


@dataclass
class RAdam(Adamax):
    """``minitorch.optim.RAdam``."""

    decoupled_weight_decay: bool = MISSING


@dataclass
class NAdam(RAdam):
    """``minitorch.optim.NAdam``."""

    momentum_decay: float = MISSING


@dataclass
class ASGD(Partial):
    """``minitorch.optim.ASGD``."""

    lr: float = MISSING
    lambd: float = MISSING
    alpha: float = MISSING
    t0: float = MISSING
    weight_decay: float = MISSING


@dataclass
class Adafactor(Partial):
    """``minitorch.optim.Adafactor``; the first ``eps`` is null for the machine precision."""

    lr: float = MISSING
    beta2_decay: float = MISSING
    eps: tuple[float | None, float] = MISSING
    d: float = MISSING
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
class Triangular(Partial):
    """``zoo.training.triangular``."""

    epochs: int = MISSING
    steps_per_epoch: int | None = None
    pct_start: float = MISSING
    start_factor: float = MISSING
    end_factor: float = MISSING


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


OPTIMIZERS: dict[str, type] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": Adam,
    "adadelta": Adadelta,
    "adamax": Adamax,
    "nadam": NAdam,
    "radam": RAdam,
    "asgd": ASGD,
    "adafactor": Adafactor,
}

SCHEDULERS: dict[str, type] = {
    "step": StepLR,
    "multi_step": MultiStepLR,
    "exponential": ExponentialLR,
    "cosine": CosineAnnealingLR,
    "warm_restarts": CosineAnnealingWarmRestarts,
    "linear": LinearLR,
    "lambda": LambdaLR,
    "one_cycle": OneCycleLR,
    "triangular": Triangular,
    "plateau": ReduceLROnPlateau,
    "sequential": SequentialLR,
}
