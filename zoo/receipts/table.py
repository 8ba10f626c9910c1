"""The tables of the recipes."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from zoo.pretrained.cards import validation_note

if TYPE_CHECKING:
    from zoo.receipts.files import Receipt

HEADER = """\
| recipe | parameters | epochs | test set | seeds | median time of a run |
| --- | ---: | ---: | ---: | ---: | ---: |
"""


def pages(recipes: dict[str, list[Receipt]]) -> dict[str, str]:
    """Return the tables by the name of their file: all recipes, and those of each architecture."""
    zoos = sorted({runs[0]["zoo"] for runs in recipes.values()})
    chosen = {"table.md": recipes}
    for zoo in zoos:
        chosen[f"table-{zoo}.md"] = {
            name: runs for name, runs in recipes.items() if runs[0]["zoo"] == zoo
        }
    return {name: markdown(part) for name, part in chosen.items()}


def markdown(recipes: dict[str, list[Receipt]]) -> str:
    """Return the table: one row a recipe, means over its seeds.

    Args:
        recipes: the receipts by recipe, as `zoo.receipts.kept` returns them.
    """
    rows = "".join(_row(name, runs) for name, runs in recipes.items())
    machines = sorted({machine(run) for runs in recipes.values() for run in runs})
    return f"{HEADER}{rows}\nMachine: {'; '.join(machines)}.\n"


def _row(name: str, runs: list[Receipt]) -> str:
    first = runs[0]
    cells = (
        f"`{name}`",
        f"{first['parameters']:,}",
        f"{first['epochs']}",
        _reached([run["test"] for run in runs]) + validation_note(first["config"]["data"]),
        ", ".join(str(run["seed"]) for run in runs),
        _duration(statistics.median(run["seconds"] for run in runs)),
    )
    return f"| {' | '.join(cells)} |\n"


def _reached(tests: list[dict[str, float]]) -> str:
    """Return the accuracy, or a language model's loss, with the deviation of several runs."""
    if "perplexity" in tests[0]:
        return f"loss {_mean([test['loss'] for test in tests], 3)}"
    return f"{_mean([100 * test['accuracy'] for test in tests], 2)} %"


def _mean(values: list[float], digits: int) -> str:
    mean = f"{statistics.mean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def machine(run: Receipt) -> str:
    """Return the processor and the versions that a run was made with."""
    environment = run["environment"]
    return f"{environment['cpu']}, {environment['cores']} cores, NumPy {environment['numpy']}"
