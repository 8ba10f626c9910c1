"""The two checkpoints of a run: the last state, to resume from, and the best weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import minitorch
from minitorch import Tensor
from minitorch.serialization import load_metadata
from zoo.training.errors import CheckpointError

FORMAT = "zoo-checkpoint-2"


class Checkpoints:
    """The files ``last.safetensors`` and ``best.safetensors`` of a run.

    Args:
        folder: where the files lie; it is created with the first of them.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.last = self.folder / "last.safetensors"
        self.best = self.folder / "best.safetensors"

    def save_last(self, state: dict[str, Any]) -> None:
        """Replace the checkpoint that a run resumes from.

        Raises:
            CheckpointError: when it cannot be written; the previous one is then still whole.
        """
        save_state(state, self.last)

    def save_best(
        self,
        weights: dict[str, Tensor],
        figures: dict[str, Any],
        classes: Sequence[str] | None = None,
    ) -> None:
        """Replace the chosen weights: a plain state dict.

        Its metadata hold ``figures`` and the names of the ``classes``, if there are any, as JSON.

        Raises:
            CheckpointError: when it cannot be written; the previous one is then still whole.
        """
        metadata = {"figures": json.dumps(figures)}
        if classes is not None:
            metadata["classes"] = json.dumps(list(classes))
        _write(dict(weights), self.best, metadata)

    def newest(self) -> Path | None:
        """The file to resume from, if there is one."""
        return self.last if self.last.is_file() else None


def save_state(state: dict[str, Any], path: Path | str) -> None:
    """Write nested dicts and lists of tensors and plain values to ``path``, whole or not at all.

    Raises:
        CheckpointError: when the file cannot be written; the previous one is then still whole.
    """
    _write(state, Path(path), {"format": FORMAT})


def load_state(path: Path | str) -> dict[str, Any]:
    """Read what :func:`save_state` wrote.

    Raises:
        CheckpointError: when the file is missing, truncated, damaged or of another format.
    """
    state: dict[str, Any] = _read(path)
    kind = load_metadata(path).get("format", "not stated")
    if kind != FORMAT:
        raise CheckpointError(
            f"{path} is not a checkpoint to resume from: its format is {kind}, expected {FORMAT}"
        )
    return state


def load_weights(path: Path | str) -> dict[str, Tensor]:
    """Read the state dict that :meth:`Checkpoints.save_best` wrote.

    Raises:
        CheckpointError: when the file is missing, truncated or damaged.
    """
    weights: dict[str, Tensor] = _read(path)
    return weights


def _write(content: dict[str, Any], path: Path, metadata: dict[str, str]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        minitorch.save(content, path, metadata=metadata)
    except OSError as error:
        kept = f"; the previous {path.name} is whole" if path.is_file() else ""
        raise CheckpointError(f"cannot write {path}: {error.strerror or error}{kept}") from error


def _read(path: Path | str) -> Any:
    try:
        return minitorch.load(path)
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise CheckpointError(f"bad checkpoint: {str(error).removeprefix('load: ')}") from error
