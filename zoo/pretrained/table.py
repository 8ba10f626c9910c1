"""The table of the trained models, for the README."""

from __future__ import annotations

from collections.abc import Sequence

from zoo.pretrained.cards import Card

HEADER = """\
| model | parameters | file | these weights on the test set | of the recipe's seeds | recipe |
| --- | ---: | ---: | ---: | ---: | --- |
"""


def markdown(cards: Sequence[Card]) -> str:
    """Return the table: one row a model."""
    return HEADER + "".join(_row(card) for card in cards)


def _row(card: Card) -> str:
    seeds = card.spread().removeprefix("accuracy ")
    cells = (
        f"`{card.name}`",
        f"{card.parameters:,}",
        f"{card.weights['bytes'] / 1e6:.2f} MB",
        card.reached(),
        seeds,
        f"`{card.training['recipe']}`, seed {card.training['seed']}",
    )
    return f"| {' | '.join(cells)} |\n"
