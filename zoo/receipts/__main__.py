"""``python -m zoo.receipts``: file receipts, and write what is generated from them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from zoo.data.errors import DataError
from zoo.pretrained import list_models, model_card, table
from zoo.pretrained.cards import FOLDER, write_card
from zoo.receipts.files import RECEIPTS, keep, kept
from zoo.receipts.pictures import draw_curves
from zoo.receipts.publish import publish, with_seeds
from zoo.receipts.table import pages
from zoo.training.console import console

CURVES = Path("docs") / "curves.png"


def main() -> None:
    """Run the command that the first argument names."""
    parser = argparse.ArgumentParser(prog="python -m zoo.receipts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    keeper = commands.add_parser("keep", help="file the receipts of finished runs of a recipe")
    keeper.add_argument("runs", nargs="+", type=Path, metavar="RUN_FOLDER")
    keeper.add_argument("--replace", action="store_true", help="write over receipts that are there")
    publisher = commands.add_parser("publish", help="make a trained model of a finished run")
    publisher.add_argument("run", type=Path, metavar="RUN_FOLDER")
    publisher.add_argument("--name", required=True, help="what the model will be called by")
    publisher.add_argument("--description", required=True, help="one sentence for its card")
    commands.add_parser(
        "tables", help=f"write the tables of recipes and of models, the cards' seeds, {CURVES}"
    )
    arguments = parser.parse_args()
    if arguments.command == "publish":
        try:
            card = publish(arguments.run, arguments.name, arguments.description)
        except (ValueError, DataError) as error:
            sys.exit(str(error))
        console.print(card.text(), markup=False, soft_wrap=True)
        return
    if arguments.command == "keep":
        for run in arguments.runs:
            try:
                console.print(str(_filed(run, arguments.replace)), markup=False)
            except ValueError as error:
                sys.exit(str(error))
        return
    recipes = kept()
    for file, text in pages(recipes).items():
        (RECEIPTS / file).write_text(text, encoding="utf-8")
    CURVES.parent.mkdir(exist_ok=True)
    draw_curves(recipes, CURVES)
    cards = [with_seeds(model_card(name)) for name in list_models()]
    for card in cards:
        write_card(card)
    (FOLDER / "table.md").write_text(table.markdown(cards), encoding="utf-8")
    console.print(f"{RECEIPTS.name}/table*.md and {CURVES}: {len(recipes)} recipes", markup=False)


def _filed(run: Path, replace: bool) -> Path:
    return keep(run, replace=replace).relative_to(RECEIPTS.parent.parent)


if __name__ == "__main__":
    main()
