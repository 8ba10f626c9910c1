"""Pictures of what attention looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
    from matplotlib.figure import Figure

    size = len(tokens)
    if any(block.shape[1:] != (size, size) for block in maps):
        raise ValueError(f"expected maps (heads, {size}, {size}), as there are {size} tokens")
    blocks, heads = _some(len(maps)), _some(len(maps[0]))
    side = max(1.3, 0.1 * size)  # as much as the letters of its tokens need
    width, height = side * len(heads) + 0.8, side * len(blocks) + 0.8
    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    grid = figure.subplots(len(blocks), len(heads), squeeze=False, sharex=True, sharey=True)
    shown = [
        token if token.isprintable() and token.strip() else repr(token)[1:-1] for token in tokens
    ]
    for row, block in enumerate(blocks):
        for column, head in enumerate(heads):
            axes, weights = grid[row][column], maps[block][head]
            axes.imshow(weights, cmap="viridis", vmin=0.0, vmax=max(float(weights.max()), 1e-12))
            axes.set_title(f"block {block}, head {head}", fontsize=8)
            axes.set_xticks(range(size), shown, rotation=90, fontsize=7)
            axes.set_yticks(range(size), shown, fontsize=7)
    return figure


def _some(count: int) -> list[int]:
    """At most four of ``count``, from the first to the last."""
    return sorted(set(np.linspace(0, count - 1, min(count, 4)).round().astype(int).tolist()))
