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


def images_figure(images: Sequence[NDArray[Any]], titles: Sequence[str]) -> Figure:
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
        axes.set_title(title, fontsize=9)
    return figure


def filters_figure(filters: NDArray[Any]) -> Figure:
    """Draw the filters (D, C, h, w) of a first layer, C being 1 or 3, on one scale."""
    from matplotlib.figure import Figure

    count, _, height, width = filters.shape
    columns = min(16, count)
    rows = -(-count // columns)
    reach = max(float(np.abs(filters).max()), 1e-12)
    pictures = np.moveaxis(0.5 + filters / (2 * reach), 1, -1)  # (D, h, w, C)
    grid = np.ones((rows * (height + 1), columns * (width + 1), pictures.shape[-1]))
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        grid[top : top + height, left : left + width] = picture
    figure = Figure(figsize=(0.5 * columns + 0.3, 0.5 * rows + 0.3), dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.imshow(grid[..., 0] if grid.shape[-1] == 1 else grid, cmap="gray", vmin=0.0, vmax=1.0)
    axes.axis("off")
    return figure


def figure_to_array(figure: Figure) -> NDArray[np.uint8]:
    """Render a figure as pixels (H, W, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
