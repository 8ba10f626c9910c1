"""The receipts of the published recipes: one JSON file a run, and what is generated from them.

    python -m zoo.receipts keep RUN_FOLDER ...                 file receipts of runs of a recipe
    python -m zoo.receipts publish RUN_FOLDER --name NAME ...  make a trained model of a run
    python -m zoo.receipts tables                              write the tables and the curves

A receipt is a run's ``result.json``: settings, seed, environment, what came out, and the curves. No
figure about a recipe is written by hand anywhere else.
"""

from zoo.receipts.files import RECEIPTS, keep, kept
from zoo.receipts.pictures import draw_curves
from zoo.receipts.table import markdown, pages

__all__ = ["RECEIPTS", "draw_curves", "keep", "kept", "markdown", "pages"]
