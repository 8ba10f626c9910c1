"""Model cards: what a trained model is, as data."""

from __future__ import annotations

import difflib
import fnmatch
import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from zoo.pretrained.errors import PretrainedError
from zoo.reasons import first_line

FOLDER = Path(__file__).parent


@dataclass(frozen=True, repr=False)
class Card:
    """What a trained model is, where it comes from, and what it can do.

    Attributes:
        name: what it is called by.
        description: one sentence.
        zoo: its architecture, the name of a package of the zoo.
        model: the constructor and all its arguments.
        classes: the names of the classes, in the order of the scores.
        preprocessing: how an image or a text becomes the model's input.
        weights: file, SHA-256, bytes, and how the weights are stored.
        data: the constructor of the data pipeline, to test the model again.
        task: the constructor of the task.
        test: what the stored weights reach on the test set.
        training: recipe, seed, epochs, time, machine and versions, and the figures of its receipt.
        seeds: the `figure` that each seed of the recipe reached.
        parameters: how many numbers were learned.
        licence: the terms of the weights.
    """

    name: str
    description: str
    zoo: str
    model: dict[str, Any]
    classes: list[str]
    preprocessing: dict[str, Any]
    weights: dict[str, Any]
    data: dict[str, Any]
    task: dict[str, Any]
    test: dict[str, float]
    training: dict[str, Any]
    parameters: int
    licence: str
    seeds: dict[int, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.text()

    def text(self) -> str:
        """The card for people."""
        return "\n".join(f"{name + ':':15}{value}" for name, value in self._lines())

    def measured_on(self) -> str:
        """``"test"``, or ``"validation"`` where only that part of a text was held out."""
        return "validation" if validation_note(self.data) else "test"

    @property
    def figure(self) -> str:
        """What the model is judged by: ``"accuracy"``, or the ``"loss"`` of a language model."""
        return "loss" if "perplexity" in self.test or "accuracy" not in self.test else "accuracy"

    def reached(self) -> str:
        """What the weights reach on the test set."""
        if self.figure == "loss":
            return f"loss {self.test['loss']:.3f}{validation_note(self.data)}"
        return f"{100 * self.test['accuracy']:.2f} %"

    def spread(self) -> str:
        """The figure over the seeds of the recipe: mean and standard deviation."""
        if len(self.seeds) < 2:
            return "one run"
        scale, digits, unit = (1, 3, "") if self.figure == "loss" else (100, 2, " %")
        values = [scale * value for value in self.seeds.values()]
        mean, deviation = statistics.mean(values), statistics.stdev(values)
        spread = f"{mean:.{digits}f} ± {deviation:.{digits}f}{unit}"
        return f"{self.figure} {spread}, {len(values)} runs"

    def as_dict(self) -> dict[str, Any]:
        """The card for programs."""
        return asdict(self)

    def _lines(self) -> list[tuple[str, str]]:
        settings = {k: v for k, v in self.model.items() if k != "_target_"}
        training, weights = self.training, self.weights
        arguments = ", ".join(f"{key}={value!r}" for key, value in settings.items())
        return [
            ("name", self.name),
            ("description", self.description),
            ("architecture", f"{self.model['_target_']}({arguments})"),
            ("parameters", f"{self.parameters:,}"),
            ("classes", _shortened(self.classes) if self.classes else "none: it writes"),
            ("data", str(self.data["_target_"]).rpartition(".")[2]),
            ("preprocessing", _preprocessing(self.preprocessing)),
            (
                self.measured_on(),
                ", ".join(f"{key} {value:.4f}" for key, value in self.test.items()),
            ),
            ("over seeds", self.spread()),
            ("recipe", f"conf/experiment/{training['recipe']}.yaml, seed {training['seed']}"),
            ("training", f"{training['epochs']} epochs, {training['seconds']:,.0f} s"),
            ("machine", training["machine"]),
            ("weights", f"{weights['file']}, {weights['bytes']:,} bytes, {weights['storage']}"),
            ("sha256", weights["sha256"]),
            ("licence", self.licence),
        ]


def validation_note(data: Mapping[str, Any]) -> str:
    """Return what stands beside figures if a pipeline holds out only the part that it chooses on.

    Example:
        >>> validation_note({"test_fraction": 0.0}), validation_note({"test_fraction": 0.1})
        (' (validation)', '')
    """
    return " (validation)" if data.get("test_fraction") == 0 else ""


def list_models(pattern: str = "*", folder: Path = FOLDER) -> list[str]:
    """Return the names of the trained models that match a pattern with ``*`` and ``?``, sorted.

    Args:
        pattern: ``"*mnist*"``, say.
        folder: where the cards and weights are.

    Example:
        >>> import zoo
        >>> zoo.list_models("mlp_d*")
        ['mlp_digits']
    """
    names = sorted(path.stem for path in (folder / "cards").glob("*.yaml"))
    return fnmatch.filter(names, pattern)


def model_card(name: str, folder: Path = FOLDER) -> Card:
    """Return what a trained model is; it prints as a page.

    Args:
        name: one of `list_models`.
        folder: where the cards and weights are.

    Raises:
        PretrainedError: for a name that is not there; it names those that are like it.

    Example:
        >>> import zoo
        >>> zoo.model_card("mlp_digits").classes[:3]
        ['0', '1', '2']
    """
    names = list_models(folder=folder)
    if name not in names:
        near = models_like(name, folder)
        if near:
            raise PretrainedError(f"there is no model {name!r}; did you mean {' or '.join(near)}?")
        raise PretrainedError(f"there is no model {name!r}; there is {', '.join(names) or 'none'}")
    return read_card(folder / "cards" / f"{name}.yaml")


def models_like(name: str, folder: Path = FOLDER) -> list[str]:
    """Return the names of trained models that one may have meant by ``name``, the likeliest first.

    Example:
        >>> models_like("gpt_shakespear_char")[0]
        'gpt_shakespeare_char'
    """
    return difflib.get_close_matches(name, list_models(folder=folder))


def read_card(path: Path) -> Card:
    """Read one card.

    Raises:
        PretrainedError: if it is no card.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Card(**content)
    except (yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
        raise PretrainedError(f"{path} is not a model card: {first_line(error)}") from error


def write_card(card: Card, folder: Path = FOLDER) -> Path:
    """Write one card, and return its path."""
    import yaml

    path = folder / "cards" / f"{card.name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = "# Written by `python -m zoo.receipts publish`; `python -m zoo verify` checks it.\n"
    content = {each.name: getattr(card, each.name) for each in fields(card)}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    path.write_text(header + text, encoding="utf-8")
    return path


def _shortened(names: list[str], most: int = 12) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown}, ... ({len(names)} in all)"


def _preprocessing(how: Mapping[str, Any]) -> str:
    if how["kind"] == "image":
        channels, height, width = how["shape"]
        kind = {1: "grey", 3: "RGB"}.get(channels, f"{channels}-channel")
        mean, std = ([round(value, 2) for value in how[key]] for key in ("mean", "std"))
        return f"{height}x{width} {kind} images of 0 to 255, minus {mean}, divided by {std}"
    return f"text, cut into tokens by {how['tokenizer']}, at most {how['max_length']}"
