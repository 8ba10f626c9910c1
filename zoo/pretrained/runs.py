"""What a run folder holds, for predictions: the model, its classes, and how it reads inputs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import minitorch
from minitorch import nn
from minitorch.serialization import load_metadata
from zoo.data.errors import DataError
from zoo.pretrained.architectures import ARCHITECTURES, sizes_of
from zoo.pretrained.errors import PretrainedError
from zoo.pretrained.models import construct, refuse_foreign
from zoo.reasons import last_line

if TYPE_CHECKING:
    from zoo.text import Tokenizer


class TrainedRun:
    """The best weights of a run, with the settings in its receipt; nothing else in it is executed.

    Args:
        folder: the run folder, ``runs/mlp/DATE/TIME`` say.

    Raises:
        PretrainedError: when it is not the folder of a run that has saved weights, or its receipt
            names constructors that no file under ``conf`` does.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.name = str(folder)
        self.weights = self.folder / "checkpoints" / "best.safetensors"
        self._receipt = self.folder / "result.json"
        content = self._read()
        self.kind = ARCHITECTURES[content["zoo"]].reads
        self.zoo = content["zoo"]
        self._settings = content["config"]
        for part in ("model", "data"):
            refuse_foreign(self._settings[part], part, self._receipt)

    def _read(self) -> dict[str, Any]:
        if not self._receipt.is_file() or not self.weights.is_file():
            raise PretrainedError(
                f"{self.folder} is not the folder of a run that has saved weights: there is no "
                "result.json or no checkpoints/best.safetensors in it"
            )
        try:
            content = json.loads(self._receipt.read_text(encoding="utf-8"))
            name = content["zoo"]
            whole = all(isinstance(content["config"][part], dict) for part in ("model", "data"))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise PretrainedError(f"{self._receipt} is no receipt of a run: {error}") from error
        if not whole or not isinstance(name, str):
            raise PretrainedError(f"{self._receipt} describes no model of the zoo")
        if name not in ARCHITECTURES:
            raise PretrainedError(
                f"{self._receipt} is of the architecture {name!r}, whose models cannot be made "
                f"from their run folders: only those of {', '.join(ARCHITECTURES)}"
            )
        return dict(content)

    @cached_property
    def classes(self) -> Sequence[str]:
        """The names of the classes."""
        try:
            return [str(name) for name in json.loads(load_metadata(self.weights)["classes"])]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PretrainedError(f"{self.weights} names no classes") from error

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The vocabulary of a model of texts."""
        from zoo.text import Tokenizer

        return Tokenizer.load(self.weights.with_name("tokenizer.json"))

    @cached_property
    def _data(self) -> Any:
        """The data pipeline; that of images has read them, for what it makes of pixels."""
        try:
            data = construct(self._settings["data"])
            if self.kind == "image":
                data.prepare()
        except DataError as error:
            reason = re.split(",? or point data.root|; point data.root", str(error))[0]
            raise PretrainedError(
                f"{self.name} treats images as those it learnt from, which must be where they were "
                f"then: {reason}"
            ) from error
        return data

    @cached_property
    def preprocessing(self) -> Mapping[str, Any]:
        """How an input is brought to what the model sees, as cards tell it.

        Pixels are normalised as those of the training images, which are read once more.

        Raises:
            PretrainedError: when these are not at hand.
        """
        return dict(self._data.preprocessing)

    def load(self) -> nn.Module:
        """The model, in evaluation mode.

        Raises:
            PretrainedError: when the weights cannot be read or are of another model.
        """
        try:
            sizes = sizes_of(self.zoo, self._known())
            model: nn.Module = construct({**self._settings["model"], **sizes})
            model.load_state_dict(minitorch.load(self.weights))
        except (OSError, RuntimeError, ValueError, TypeError, AttributeError) as error:
            if isinstance(error, (PretrainedError, DataError)):
                raise
            beside = "" if self.kind == "image" else " and the vocabulary beside it"
            raise PretrainedError(
                f"{self.weights} does not fit {self._receipt}{beside}: {last_line(error)}"
            ) from error
        return model.eval()

    def _known(self) -> SimpleNamespace:
        """What sizes a model, of a data pipeline that need not have read what it learnt from."""
        asked = ("shape", "max_length", "context")
        known = SimpleNamespace(
            **{k: getattr(self._data, k) for k in asked if hasattr(self._data, k)}
        )
        if self.kind != "language":
            known.classes = self.classes
        if self.kind != "image":
            known.tokenizer = self.tokenizer
        return known
