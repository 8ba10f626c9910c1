"""Pictures of what attention looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zoo.training.figures import place, sheet, shortened, text_width, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def attention_figure(maps: Sequence[NDArray[np.floating]], tokens: Sequence[str]) -> Figure:
    """Draw the attention of one text, a row a block and a column a head, at most four of each.

    Args:
        maps: for each block the weights (heads, S, S); row i is what token i attends to.
        tokens: the S tokens.

    Raises:
        ValueError: when the maps are not of ``tokens``.
    """
    size = len(tokens)
    if any(block.shape[1:] != (size, size) for block in maps):
        raise ValueError(f"expected maps (heads, {size}, {size}), as there are {size} tokens")
    blocks, heads = _some(len(maps)), _some(len(maps[0]))
    shown = [
        shortened(token) if token.isprintable() and token.strip() else repr(token)[1:-1]
        for token in tokens
    ]
    side = max(1.3, 0.1 * size)  # as much as the letters of its tokens need
    margin = 0.15 + max((text_width(token, 7) for token in shown), default=0.0)
    gap, above = 0.1, 0.25
    width, height = (side + gap) * len(heads), (side + above) * len(blocks)
    figure, axes = sheet(margin + width, height + margin)
    centres = side / max(size, 1) * (np.arange(size) + 0.5)
    for row, block in enumerate(blocks):
        top = above + (side + above) * row
        for column, head in enumerate(heads):
            left, weights = margin + (side + gap) * column, maps[block][head]
            highest = max(float(weights.max()), 1e-12)
            place(axes, weights, (left, top, side, side), cmap="viridis", vmax=highest)
            title = f"block {block}, head {head}"
            write(axes, left + side / 2, top - 0.04, title, 8, va="bottom")
            if block == blocks[-1]:
                for token, centre in zip(shown, centres, strict=True):
                    write(axes, left + centre, top + side + 0.05, token, 7, rotation=90)
        for token, centre in zip(shown, centres, strict=True):
            write(axes, margin - 0.05, top + centre, token, 7, ha="right", va="center")
    return figure


def _some(count: int) -> list[int]:
    """At most four of ``count``, from the first to the last."""
    return sorted(set(np.linspace(0, count - 1, min(count, 4)).round().astype(int).tolist()))
