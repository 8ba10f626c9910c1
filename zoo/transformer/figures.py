"""Pictures of what attention looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def attention_figure(maps: Sequence[NDArray[np.floating]], tokens: Sequence[str]) -> Figure:
    """Draw the attention of one text, a row a block and a column a head.

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
    heads = len(maps[0])
    side = max(2.2, 0.16 * size + 0.8)
    figure = Figure(figsize=(side * heads, side * len(maps)), dpi=80, layout="constrained")
    grid = figure.subplots(len(maps), heads, squeeze=False)
    shown = [
        token if token.isprintable() and token.strip() else repr(token)[1:-1] for token in tokens
    ]
    for row, block in enumerate(maps):
        for column, weights in enumerate(block):
            axes = grid[row][column]
            axes.imshow(weights, cmap="viridis", vmin=0.0, vmax=max(float(weights.max()), 1e-12))
            axes.set_title(f"block {row}, head {column}", fontsize=8)
            axes.set_xticks(range(size), shown, rotation=90, fontsize=6)
            axes.set_yticks(range(size), shown if column == 0 else [""] * size, fontsize=6)
    return figure
