"""The receipts of the published recipes: one JSON file a run, and what is generated from them.

    python -m zoo.receipts keep RUN_FOLDER ...     file the receipts of finished runs of a recipe
    python -m zoo.receipts tables                  write table.md and the picture of the curves

A receipt is a run's ``result.json``: settings, seed, environment, what came out, and the curves. No
figure about a recipe is written by hand anywhere else.
"""

from zoo.receipts.files import RECEIPTS, keep, kept
from zoo.receipts.pictures import draw_curves
from zoo.receipts.table import markdown

__all__ = ["RECEIPTS", "draw_curves", "keep", "kept", "markdown"]
