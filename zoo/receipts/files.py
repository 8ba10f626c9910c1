"""Filing receipts, and reading them back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from zoo.receipts.recipes import departures
from zoo.training.receipt import FINISHED, read_result

RECEIPTS = Path(__file__).parent

Receipt = dict[str, Any]


def keep(run: Path, folder: Path = RECEIPTS, *, replace: bool = False) -> Path:
    """File the receipt of a finished run under its recipe and seed, and return the new file.

    Args:
        run: the run folder.
        folder: where receipts are filed.
        replace: whether a receipt of the same recipe and seed may be written over.

    Raises:
        ValueError: the run is not finished, follows no recipe (it has no tag) or departs from it,
            or a receipt is there already.
    """
    receipt = read_result(run)
    if receipt is None or receipt.get("status") != FINISHED:
        raise ValueError(f"{run}: no finished run is there")
    if len(receipt["tags"]) != 1:
        raise ValueError(
            f"{run}: its one tag must name its recipe, but its tags are {receipt['tags']}"
        )
    for key, (own, of_recipe) in departures(receipt).items():
        raise ValueError(
            f"{run}: {key} is {own}, and {of_recipe} in the recipe {receipt['tags'][0]}"
        )
    path = folder / f"{receipt['tags'][0]}-{receipt['seed']}.json"
    if path.exists() and not replace:
        raise ValueError(f"{path.name} is there already: --replace writes over it")
    receipt["environment"].pop(
        "command", None
    )  # names folders of the machine; the settings say all
    path.write_text(json.dumps(receipt, indent=1) + "\n", encoding="utf-8")
    return path


def kept(folder: Path = RECEIPTS) -> dict[str, list[Receipt]]:
    """Return the receipts by recipe, in the order of recipes and seeds."""
    recipes: dict[str, list[Receipt]] = {}
    for path in sorted(folder.glob("*.json")):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        recipes.setdefault(receipt["tags"][0], []).append(receipt)
    return {name: sorted(runs, key=lambda r: int(r["seed"])) for name, runs in recipes.items()}
