"""Pictures of attention."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from zoo.training.figures import figure_to_array
from zoo.transformer.figures import attention_figure


def texts(figure: Figure) -> list[Text]:
    return [text for axes in figure.axes for text in axes.texts]


def test_a_deep_model_fits_on_a_screen() -> None:
    maps = [np.full((12, 24, 24), 1 / 24) for _ in range(12)]
    figure = attention_figure(maps, list("it was a fine film, this"))
    titles = [text.get_text() for text in texts(figure) if "block" in text.get_text()]
    assert len(titles) == 16 == len(figure.axes[0].images)
    assert titles[0] == "block 0, head 0"
    assert titles[-1] == "block 11, head 11"
    height, width, _ = figure_to_array(figure).shape
    assert max(height, width) <= 1200


def test_labels_stay_inside_and_do_not_overlap() -> None:
    figure = attention_figure([np.full((4, 24, 24), 1 / 24)] * 4, ["$word$"] * 24)
    height, width, _ = figure_to_array(figure).shape
    upright = [text for text in texts(figure) if text.get_rotation() == 0]
    labels = [text.get_window_extent() for text in upright if text.get_text() == "$word$"]
    assert len(labels) == 4 * 24
    tops = sorted((box.y0, box.y1) for box in labels)
    assert all(upper[0] >= lower[1] - 1 for lower, upper in pairwise(tops))
    boxes = [text.get_window_extent() for text in texts(figure)]
    assert len(boxes) == 2 * 4 * 24 + 16
    assert all(0 <= box.x0 < box.x1 <= width for box in boxes)
    assert all(0 <= box.y0 < box.y1 <= height for box in boxes)


def test_long_tokens_stay_inside() -> None:
    figure = attention_figure([np.full((2, 3, 3), 1 / 3)], ["m" * 20, "x" * 200, "W" * 10])
    height, width, _ = figure_to_array(figure).shape
    boxes = [text.get_window_extent() for text in texts(figure)]
    assert all(0 <= box.x0 < box.x1 <= width for box in boxes)
    assert all(0 <= box.y0 < box.y1 <= height for box in boxes)


def test_maps_of_other_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected maps \(heads, 2, 2\)"):
        attention_figure([np.ones((1, 3, 3))], ["a", "b"])
