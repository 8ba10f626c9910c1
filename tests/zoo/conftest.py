"""What the tests of the zoo share: a small data set, a small run, and the command in a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra.types import RunMode

import minitorch
from minitorch import nn, optim
from zoo.data import ImageArrays, ImageData, ImageSet, RandomAffine
from zoo.training import (
    Callback,
    Checkpoints,
    Classification,
    Fit,
    Learner,
    Trainer,
    seed_everything,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _hydra_composes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what Hydra composes just to look up ``hydra.mode``: half of a command's time."""

    def mode_of(_hydra: Any, config_name: str, overrides: list[str]) -> RunMode | None:
        return RunMode.MULTIRUN if "experiment=compare_optimizers" in overrides else None

    monkeypatch.setattr("hydra._internal.hydra.Hydra.get_mode", mode_of)


class Blobs:
    """Three classes of 6x6 images: a bright bar at the top, in the middle, or at the bottom."""

    name = "blobs"
    shape = (1, 6, 6)
    classes = ("top", "middle", "bottom")

    def load(self) -> ImageSet:
        rng = np.random.default_rng(7)
        return ImageSet(self._draw(60, rng), self._draw(30, rng))

    def _draw(self, count: int, rng: np.random.Generator) -> ImageArrays:
        labels = rng.integers(0, 3, count)
        images = rng.integers(0, 120, (count, 1, 6, 6))
        for image, label in zip(images, labels, strict=True):
            image[0, 2 * label : 2 * label + 2] += 100
        return ImageArrays(images.astype(np.uint8), labels.astype(np.int64))


@pytest.fixture
def blobs() -> Blobs:
    return Blobs()


def _make_fit(
    folder: Path, callbacks: tuple[Callback, ...] = (), augment: bool = True, **settings: Any
) -> Fit:
    """A run with all that draws at random: dropout, shuffling, augmentation, and a thread."""
    seed_everything(3)
    data = ImageData(
        Blobs(),
        batch_size=8,
        augment=RandomAffine(10.0, (0.1, 0.1)) if augment else None,
        num_workers=1,
    )
    data.prepare()
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(36, 12), nn.ReLU(), nn.Dropout(0.3), nn.Linear(12, 3)
    )
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.9)
    learner = Learner(model, Classification(data.classes), optimizer, scheduler)
    trainer = Trainer(**{"max_epochs": 3, "log_every_steps": 2, **settings})
    return Fit(
        trainer,
        learner,
        data.train_batches(seed=5),
        data.val_batches(),
        Checkpoints(folder / "checkpoints"),
        callbacks,
        "train again",
    )


def _weights_of(fit: Fit) -> dict[str, bytes]:
    """The weights and what the optimizer remembers, as bytes."""
    state = {f"model.{k}": v for k, v in fit.learner.model.state_dict().items()}
    for number, entries in fit.learner.optimizer.state_dict()["state"].items():
        state |= {f"optimizer.{number}.{k}": v for k, v in entries.items()}
    return {
        name: np.ascontiguousarray(value.numpy()).tobytes()
        for name, value in state.items()
        if isinstance(value, minitorch.Tensor)
    }


@pytest.fixture
def make_fit() -> Callable[..., Fit]:
    """Makes the same run each time, at its start."""
    return _make_fit


@pytest.fixture
def weights_of() -> Callable[[Fit], dict[str, bytes]]:
    """Reads the weights of a run."""
    return _weights_of


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a process that finds this checkout from any working folder."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "120"}


@pytest.fixture
def command(
    tmp_path: Path, environment: dict[str, str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a module of the zoo in a process of its own, in an empty working folder."""

    def run(*arguments: str, module: str = "zoo.mlp.train") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


SMALL = (
    "data.n_train=300",
    "trainer.max_epochs=2",
    "trainer.keep_memory=false",
    "trainer.num_threads=1",
)


@pytest.fixture
def train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, Path | None]]:
    """Run the perceptron's command in this process, small: the exit code and the run folder."""
    from zoo.mlp.train import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, small: tuple[str, ...] = SMALL) -> tuple[int, Path | None]:
        code = 0
        try:
            main([*small, *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        folders = sorted(path.parent.parent for path in tmp_path.glob("runs/**/.hydra/config.yaml"))
        return code, folders[-1] if folders else None

    return run
