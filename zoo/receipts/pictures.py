"""The picture of the recipes' learning curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.receipts.files import Receipt


def draw_curves(recipes: dict[str, list[Receipt]], path: Path) -> None:
    """Draw the training loss and the validation error of every run, one colour a recipe.

    A run that held nothing out has no validation error.

    Args:
        recipes: the receipts by recipe, as `zoo.receipts.kept` returns them.
        path: the PNG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), dpi=110, layout="constrained")
    left, right = figure.subplots(1, 2)
    for index, (name, runs) in enumerate(recipes.items()):
        for place, run in enumerate(runs):
            style = {"color": f"C{index}", "linewidth": 1.4, "label": None if place else name}
            history = run["history"]
            epochs = [entry["epoch"] for entry in history]
            left.plot(epochs, [entry["train/loss"] for entry in history], **style)
            validated = [entry for entry in history if "val/accuracy" in entry]
            errors = [100 * (1 - entry["val/accuracy"]) for entry in validated]
            right.plot([entry["epoch"] for entry in validated], errors, **style)
    for axes, title in ((left, "training loss"), (right, "validation error, %")):
        axes.set(xlabel="epoch", title=title, yscale="log")
        axes.grid(alpha=0.3, which="both")
    right.legend(frameon=False)
    figure.savefig(path)
