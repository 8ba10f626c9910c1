"""Pictures of attention."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from zoo.training.figures import figure_to_array
from zoo.transformer.figures import attention_figure


def test_a_deep_model_fits_on_a_screen() -> None:
    maps = [np.full((12, 24, 24), 1 / 24) for _ in range(12)]
    figure = attention_figure(maps, list("it was a fine film, this"))
    titles = [axes.get_title() for axes in figure.axes]
    assert len(titles) == 16
    assert titles[0] == "block 0, head 0"
    assert titles[-1] == "block 11, head 11"
    height, width, _ = figure_to_array(figure).shape
    assert max(height, width) <= 1200


def test_labels_do_not_overlap() -> None:
    figure = attention_figure([np.full((4, 24, 24), 1 / 24)] * 4, ["w"] * 24)
    figure_to_array(figure)
    labels = [
        label.get_window_extent() for label in figure.axes[0].get_yticklabels() if label.get_text()
    ]
    assert len(labels) == 24
    tops = sorted((box.y0, box.y1) for box in labels)
    assert all(upper[0] >= lower[1] - 1 for lower, upper in pairwise(tops))


def test_maps_of_other_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected maps \(heads, 2, 2\)"):
        attention_figure([np.ones((1, 3, 3))], ["a", "b"])
