"""Whether the trained models are what their cards say: every figure is measured again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo.pretrained.cards import FOLDER, Card, model_card
from zoo.pretrained.models import construct, load
from zoo.receipts.files import RECEIPTS, kept
from zoo.receipts.publish import data_root
from zoo.training.evaluate import evaluate

# Another processor may add in another order, and so take a few examples for another class.
ACCURACY, RELATIVE = 0.0005, 0.002


@dataclass(frozen=True)
class Check:
    """One figure of a card, and what was measured."""

    name: str
    stated: float
    measured: float

    @property
    def holds(self) -> bool:
        """Whether the two agree."""
        most = RELATIVE * max(1.0, abs(self.stated)) if self.name.endswith("loss") else ACCURACY
        return bool(abs(self.stated - self.measured) <= most)


def verify(name: str, root: str | None = None, folder: Path = FOLDER) -> list[Check]:
    """Measure a trained model on its test set, and compare with its card and its receipt.

    Args:
        name: one of `zoo.list_models`.
        root: the folder of the real data sets; None is MINITORCH_DATA, or ``data``.
        folder: where the cards and weights are.

    Raises:
        PretrainedError: for a name that is not there, or weights that are not those of the card.
        DataError: its data are not at hand.
    """
    card = model_card(name, folder)
    model = load(name, folder)
    found = data_root(card.data)
    if found and root is not None:
        found = {"root": root}
    data = construct(card.data, **found)
    data.prepare()
    task = construct(card.task, classes=list(data.classes))
    values = evaluate(model, task, data.test_batches()).values
    checks = [
        Check(f"test {key}", stated, values.get(key, math.nan)) for key, stated in card.test.items()
    ]
    return [*checks, *_preprocessing(card, data), *_receipts(card)]


def _preprocessing(card: Card, data: Any) -> list[Check]:
    """The card's normalisation is that of the data pipeline."""
    if card.preprocessing["kind"] != "image":
        return []
    checks = []
    for key in ("mean", "std"):
        stated = float(np.mean(card.preprocessing[key]))
        checks.append(Check(f"pixel {key}", stated, float(getattr(data.normalization, key).mean())))
    return checks


def _receipts(card: Card) -> list[Check]:
    """The card's figures of training are those of the receipts that are filed."""
    runs = {int(run["seed"]): run for run in kept(RECEIPTS).get(card.training["recipe"], [])}
    checks = [
        Check(f"seed {seed} {card.figure}", stated, _figure(runs.get(seed), card.figure))
        for seed, stated in card.seeds.items()
    ]
    own = runs.get(card.training["seed"])
    stated = card.training["test"]
    return checks + [Check(f"receipt {key}", stated[key], _figure(own, key)) for key in stated]


def _figure(receipt: Mapping[str, Any] | None, key: str) -> float:
    """A test figure of a receipt; NaN, which agrees with nothing, where there is none."""
    return float("nan") if receipt is None else float(receipt["test"].get(key, float("nan")))
