"""Pictures for TensorBoard: all that belongs to them is there, and inside."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from zoo.training.figures import (
    confusion_figure,
    figure_to_array,
    filters_figure,
    images_figure,
)


def assert_texts_are_inside(figure: Figure) -> None:
    height, width, _ = figure_to_array(figure).shape
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert 0 <= box.x0 <= box.x1 <= width, text
        assert 0 <= box.y0 <= box.y1 <= height, text


@pytest.mark.parametrize(
    ("number", "named", "counted"),
    [(1, True, True), (2, True, True), (20, True, True), (21, True, False), (300, False, False)],
)
def test_a_confusion_matrix_of_any_size_fits_on_a_screen(number, named, counted):
    classes = [f"W{'m' * (i % 20)}" for i in range(number)]
    counts = np.full((number, number), 7) + np.diag(np.arange(number))
    figure = confusion_figure(counts, classes)
    assert_texts_are_inside(figure)
    said = [text.get_text() for text in figure.axes[0].texts]
    for name in set(classes):
        assert said.count(name) == (2 * classes.count(name) if named else 0)
    assert said.count("7") == (number * number - number + 1 if counted else 0)
    assert max(figure_to_array(figure).shape) < 2000


def test_a_confusion_matrix_has_the_true_classes_down():
    figure = confusion_figure(np.array([[0, 4], [0, 0]]), ["a", "b"])
    (four,) = (text for text in figure.axes[0].texts if text.get_text() == "4")
    names = {text.get_text(): text for text in figure.axes[0].texts if text.get_ha() == "right"}
    across = {text.get_text(): text for text in figure.axes[0].texts if text.get_ha() == "center"}
    assert four.get_position() == (across["b"].get_position()[0], names["a"].get_position()[1])
    (image,) = figure.axes[0].images
    assert image.get_array().tolist() == [[0, 1], [0, 0]]


def test_each_image_has_its_shape_its_range_and_its_title():
    images = [np.full((1, 4, 4), 3.0), np.arange(48.0).reshape(3, 2, 8), *[np.eye(5)[None]] * 4]
    titles = ["cat", "automobile\ntaken for $truck$", *"abcd"]
    figure = images_figure(images, titles)
    assert_texts_are_inside(figure)
    assert [text.get_text() for text in figure.axes[0].texts] == titles
    first, second, *_ = drawn = figure.axes[0].images
    assert len(drawn) == 6
    assert first.get_array().shape == (4, 4)
    assert second.get_array().shape == (2, 8, 3)
    assert (second.get_array().min(), second.get_array().max()) == (0, 1)
    left, right, bottom, top = second.get_extent()
    assert (right - left) / (bottom - top) == pytest.approx(4)
    lefts = [image.get_extent()[0] for image in drawn]
    assert lefts[:4] == sorted(lefts[:4])
    assert lefts[4:] == lefts[:2]
    (title,) = (text for text in figure.axes[0].texts if text.get_text() == titles[1])
    assert title.get_position()[1] < top


def test_filters_are_drawn_on_one_scale():
    filters = np.zeros((20, 3, 3, 3))
    filters[5, 1, 2, 0] = -4
    filters[19] = 2
    (image,) = filters_figure(filters).axes[0].images
    grid = image.get_array()
    assert grid.shape == (2 * 4, 16 * 4, 3)
    assert grid[2, 5 * 4].tolist() == [0.5, 0, 0.5]
    assert (grid[4:7, 3 * 4 : 3 * 4 + 3] == 0.75).all()
    assert figure_to_array(filters_figure(filters[:, :1])).std() > 0


def test_long_names_are_shortened_and_stay_inside():
    names = ["m" * 300, "two\nlines", "W" * 24, "short"]
    figure = confusion_figure(np.full((4, 4), 3), names)
    assert_texts_are_inside(figure)
    said = {text.get_text() for text in figure.axes[0].texts}
    assert said == {"m" * 23 + "…", "two lines", "W" * 24, "short", "3", "prediction", "true class"}
    images = [np.eye(4)[None]] * 2
    figure = images_figure(images, ["cat\ntaken for household_electrical_devices", "dog"])
    assert_texts_are_inside(figure)
