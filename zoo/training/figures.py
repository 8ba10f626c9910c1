"""Figures for TensorBoard, drawn with matplotlib, which is imported only when one is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def confusion_figure(counts: NDArray[np.int64], classes: Sequence[str]) -> Figure:
    """Draw a confusion matrix (true class down, prediction across), a colour a share of its row."""
    from matplotlib.figure import Figure

    size = max(4.0, 0.5 * len(classes) + 1.5)
    figure = Figure(figsize=(size, size), dpi=100, layout="constrained")
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    places = range(len(classes))
    axes.set_xticks(places, classes, rotation=90 if max(map(len, classes)) > 2 else 0)
    axes.set_yticks(places, classes)
    axes.set_xlabel("prediction")
    axes.set_ylabel("true class")
    if len(classes) <= 20:
        for row, column in zip(*np.nonzero(counts), strict=True):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(
                column,
                row,
                str(counts[row, column]),
                ha="center",
                va="center",
                color=colour,
                fontsize=8,
            )
    return figure


def mistakes_figure(images: Sequence[NDArray[Any]], titles: Sequence[str]) -> Figure:
    """Draw a grid of images (C, H, W), each stretched to its own range, under its title."""
    from matplotlib.figure import Figure

    columns = min(4, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(1.9 * columns, 2.0 * rows), dpi=100, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.axis("off")
    for axes, image, title in zip(grid, images, titles, strict=False):
        low, high = float(image.min()), float(image.max())
        picture = np.moveaxis((image - low) / max(high - low, 1e-12), 0, -1)  # (H, W, C)
        axes.imshow(picture[..., 0] if picture.shape[-1] == 1 else picture, cmap="gray")
        axes.set_title(title, fontsize=7)
    return figure


def figure_to_array(figure: Figure) -> NDArray[np.uint8]:
    """Render a figure as pixels (H, W, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
