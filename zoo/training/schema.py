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

from zoo.training import resolvers, schema_text
from zoo.training.schema_optim import OPTIMIZERS, SCHEDULERS, Partial, Target


@dataclass
class Finetune:
    """How the layers learn whose weights were taken from a trained model."""

    backbone_lr: float = 1.0
    freeze_epochs: int | None = 0


@dataclass
class Run:
    """The keys of a primary file."""

    zoo: str = MISSING
    seed: int = MISSING
    resume: str | None = None
    pretrained: str | None = None
    finetune: Finetune = field(default_factory=Finetune)
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
class ResNet(Target):
    """``zoo.resnet.resnet18`` and the others for large images."""

    stem: str = MISSING
    zero_init_residual: bool = MISSING


@dataclass
class CifarResNet(Target):
    """``zoo.resnet.resnet20`` and the others for 32x32 images."""

    zero_init_residual: bool = MISSING


@dataclass
class ResNet9(Target):
    """``zoo.resnet.resnet9``."""

    widths: tuple[int, int, int] = MISSING
    activation: str = MISSING


@dataclass
class Affine(Target):
    """``zoo.data.RandomAffine``."""

    degrees: float = MISSING
    translate: tuple[float, float] = MISSING
    scale: tuple[float, float] = MISSING
    shear: float = MISSING


@dataclass
class Crop(Target):
    """``zoo.data.RandomCrop``."""

    padding: int = MISSING
    padding_mode: str = MISSING


@dataclass
class Cutout(Target):
    """``zoo.data.Cutout``."""

    size: int = MISSING


@dataclass
class CropCutout(Target):
    """``zoo.data.Compose`` of a crop and a hole."""

    transforms: list[Any] = MISSING


@dataclass
class Images(Target):
    """``zoo.data.ImageData``."""

    batch_size: int = MISSING
    eval_batch_size: int = MISSING
    n_train: int | None = None
    subset: str = MISSING
    val_fraction: float = MISSING
    flip: str = MISSING
    augment: Any = None
    mixup: float = MISSING
    drop_last: bool = MISSING
    num_workers: int = MISSING
    overfit_batches: int | None = None
    split_seed: int = MISSING


@dataclass
class RootedImages(Images):
    """``zoo.data.ImageData`` of files on disk."""

    root: str = MISSING


@dataclass
class FolderImages(RootedImages):
    """``zoo.data.ImageData`` of a ``zoo.data.ImageFolder``."""

    size: int = MISSING
    channels: int = MISSING
    fit: str = MISSING
    test_fraction: float = MISSING


@dataclass
class Classification(Target):
    """``zoo.training.Classification``."""

    label_smoothing: float = MISSING
    views: int = MISSING


@dataclass
class EMA(Partial):
    """``zoo.training.EMA``."""

    decay: float = MISSING


@dataclass
class Lookahead(Partial):
    """``zoo.training.Lookahead``."""

    every: int = MISSING
    decay: float = MISSING
    power: float = MISSING


@dataclass
class ParameterGroup:
    """``zoo.training.ParameterGroup``."""

    match: str = MISSING
    lr_scale: float = 1.0
    weight_decay_scale: float = 1.0
    from_epoch: int = 0
    until_epoch: int | None = None


@dataclass
class Trainer(Target):
    """``zoo.training.Trainer``."""

    max_epochs: int = MISSING
    max_steps: int | None = None
    monitor: str | None = None
    mode: str = MISSING
    patience: int | None = None
    min_delta: float = MISSING
    clip_grad_norm: float | None = None
    clip_grad_value: float | None = None
    average: Any = None
    parameter_groups: list[ParameterGroup] = field(default_factory=list)
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
    allow_reduced_precision: bool = MISSING


SCHEMAS: dict[str, dict[str, type]] = {
    "run": {
        "run": Run,
    },
    "model": {
        "mlp": MLP,
        "resnet": ResNet,
        "cifar_resnet": CifarResNet,
        "resnet9": ResNet9,
        **schema_text.MODELS,
    },
    "data": {
        "images": Images,
        "rooted_images": RootedImages,
        "folder_images": FolderImages,
        **schema_text.DATA,
    },
    "augment": {
        "affine": Affine,
        "crop": Crop,
        "crop_cutout": CropCutout,
    },
    "task": {
        "classification": Classification,
        **schema_text.TASKS,
    },
    "average": {
        "ema": EMA,
        "lookahead": Lookahead,
    },
    "optimizer": OPTIMIZERS,
    "scheduler": SCHEDULERS,
    "trainer": {
        "default": Trainer,
    },
}


def register() -> None:
    """Put the schemas, and what computes values, where the files under ``conf`` look for them."""
    resolvers.register()
    store = ConfigStore.instance()
    for group, classes in SCHEMAS.items():
        for name, schema in classes.items():
            store.store(group=f"schema/{group}", name=name, node=schema, provider="zoo")
