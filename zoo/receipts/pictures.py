"""The picture of the recipes' learning curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.receipts.files import Receipt

ENOUGH = 100  # examples: the errors of fewer jump so much that nothing can be seen in them
LEAST = 0.5  # of an example: a run without errors has no place on a logarithmic scale


def draw_curves(recipes: dict[str, list[Receipt]], path: Path) -> None:
    """Draw the training loss and the validation error of every recipe.

    A line is the mean over the seeds, the shade behind it reaches from the least to the most. A
    recipe that held out nothing, or next to nothing, has no validation error.

    Args:
        recipes: the receipts by recipe, as `zoo.receipts.kept` returns them.
        path: the PNG file to write.
    """
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 4.4), dpi=110, layout="constrained")
    left, right = figure.subplots(1, 2)
    colours = colormaps["tab20"].colors  # type: ignore[attr-defined]
    order = [*range(0, 20, 2), *range(1, 20, 2)]  # the strong ones first
    for index, (name, runs) in enumerate(recipes.items()):
        style = {"color": colours[order[index % 20]], "label": name}
        _draw(left, [[entry["train/loss"] for entry in run["history"]] for run in runs], style)
        held_out = runs[0]["examples"]["val"]
        if held_out >= ENOUGH and "val/accuracy" in runs[0]["history"][-1]:
            least = LEAST / held_out
            errors = [
                [100 * max(1 - entry["val/accuracy"], least) for entry in run["history"]]
                for run in runs
            ]
            _draw(right, errors, style)
    for axes, title in ((left, "training loss"), (right, "validation error, %")):
        axes.set(xlabel="epoch", title=title, yscale="log")
        axes.grid(alpha=0.3, which="both")
    handles, names = left.get_legend_handles_labels()
    figure.legend(handles, names, frameon=False, loc="outside right upper", fontsize=9)
    figure.savefig(path)


def _draw(axes: Any, runs: list[list[float]], style: dict[str, Any]) -> None:
    """One line for several runs, as far as all of them go."""
    length = min(map(len, runs))
    values = np.array([run[:length] for run in runs])
    epochs = np.arange(1, length + 1)
    axes.plot(epochs, values.mean(axis=0), linewidth=1.6, **style)
    if len(runs) > 1:
        axes.fill_between(
            epochs,
            values.min(axis=0),
            values.max(axis=0),
            color=style["color"],
            alpha=0.2,
            linewidth=0,
        )
