"""Figures for TensorBoard, drawn with matplotlib, which is imported only when one is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def confusion_figure(counts: NDArray[np.int64], classes: Sequence[str]) -> Figure:
    """Draw a confusion matrix (true class down, prediction across), a colour a share of its row.

    Up to 20 classes it says the counts, up to 100 their names.
    """
    number = len(classes)
    cell = min(0.5, 14 / number)
    size, side = min(10.0, 50 * cell), cell * number
    names = [shortened(name) for name in classes] if number <= 100 else []
    margin = 0.6 + max((text_width(name, size) for name in names), default=0.0)
    upright = cell < margin - 0.5 and max(map(len, names), default=0) > 2
    below = margin if upright else 0.7
    figure, axes = sheet(margin + side + 0.2, 0.1 + side + below)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    place(axes, shares, (margin, 0.1, side, side), cmap="Blues", vmin=0.0, vmax=1.0)
    axes.plot(
        margin + side * np.array([0, 1, 1, 0, 0]),
        0.1 + side * np.array([0, 0, 1, 1, 0]),
        color="black",
        linewidth=0.8,
    )
    centres = cell * (np.arange(number) + 0.5)
    write(axes, margin + side / 2, 0.1 + side + below - 0.15, "prediction", va="center")
    write(axes, 0.15, 0.1 + side / 2, "true class", va="center", rotation=90)
    for name, centre in zip(names, centres, strict=False):
        write(axes, margin - 0.08, 0.1 + centre, name, size, ha="right", va="center")
        turned = {"rotation": 90} if upright else {}
        write(axes, margin + centre, 0.18 + side, name, size, **turned)
    if number <= 20:
        for row, column in zip(*np.nonzero(counts), strict=True):
            colour = "white" if shares[row, column] > 0.5 else "black"
            x, y, count = margin + centres[column], 0.1 + centres[row], str(counts[row, column])
            write(axes, x, y, count, 8, va="center", color=colour)
    return figure


def images_figure(images: Sequence[NDArray[Any]], titles: Sequence[str]) -> Figure:
    """Draw a grid of images (C, H, W), each stretched to its own range, under its title.

    A title may have two lines, of 24 characters each.
    """
    side, above = 1.8, 0.4
    columns = min(4, len(images))
    rows = -(-len(images) // columns)
    figure, axes = sheet((side + 0.1) * columns + 0.1, (side + above) * rows + 0.1)
    for number, (image, title) in enumerate(zip(images, titles, strict=True)):
        row, column = divmod(number, columns)
        left, top = 0.1 + (side + 0.1) * column, above + (side + above) * row
        height, width = (side * n / max(image.shape[1:]) for n in image.shape[1:])
        low, high = float(image.min()), float(image.max())
        picture = np.moveaxis((image - low) / max(high - low, 1e-12), 0, -1)  # (H, W, C)
        place(axes, picture, (left + (side - width) / 2, top + side - height, width, height))
        lines = "\n".join(shortened(line) for line in title.split("\n"))
        write(axes, left + side / 2, top + side - height - 0.04, lines, 8, va="bottom")
    return figure


def filters_figure(filters: NDArray[Any]) -> Figure:
    """Draw the filters (D, C, h, w) of a first layer, C being 1 or 3, on one scale."""
    count, _, height, width = filters.shape
    columns = min(16, count)
    rows = -(-count // columns)
    reach = max(float(np.abs(filters).max()), 1e-12)
    pictures = np.moveaxis(0.5 + filters / (2 * reach), 1, -1)  # (D, h, w, C)
    grid = np.ones((rows * (height + 1), columns * (width + 1), pictures.shape[-1]))
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        grid[top : top + height, left : left + width] = picture
    across, down = 0.5 * columns, 0.5 * rows * (height + 1) / (width + 1)
    figure, axes = sheet(across + 0.2, down + 0.2)
    place(axes, grid, (0.1, 0.1, across, down))
    return figure


def sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure, and its axes: inches from the top left corner of the figure.

    One axes for all that a figure shows, and places that are known: matplotlib takes a second to
    arrange a dozen axes.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, width), ylim=(height, 0.0), autoscale_on=False)
    axes.axis("off")
    return figure, axes


def place(
    axes: Axes,
    picture: NDArray[Any],
    box: tuple[float, float, float, float],
    cmap: str = "gray",
    vmin: float = 0.0,
    vmax: float = 1.0,
) -> None:
    """Draw a picture (H, W), (H, W, 1) or (H, W, 3): left, top, width and height in inches."""
    left, top, width, height = box
    if picture.ndim == 3 and picture.shape[-1] == 1:
        picture = picture[..., 0]
    extent = (left, left + width, top + height, top)
    axes.imshow(picture, extent=extent, aspect="auto", cmap=cmap, vmin=vmin, vmax=vmax)


def write(axes: Axes, x: float, y: float, text: str, fontsize: float = 10, **kwargs: Any) -> None:
    """Write a text as it is, mathematics or not; by default it is centred below (x, y)."""
    kwargs = {"ha": "center", "va": "top", **kwargs}
    axes.text(x, y, text, fontsize=fontsize, parse_math=False, **kwargs)


def shortened(text: str) -> str:
    """Return a text on one line, of at most 24 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 24 else f"{line[:23]}…"


def text_width(text: str, fontsize: float) -> float:
    """Return the width of a text in inches, with room for what drawing adds."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=fontsize)
    points = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    return 1.1 * float(points) / 72


def figure_to_array(figure: Figure) -> NDArray[np.uint8]:
    """Render a figure as pixels (H, W, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
