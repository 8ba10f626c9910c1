"""The batched affine transform, against scipy's and a twin of a few lines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from zoo.data import RandomAffine
from zoo.data.affine import warp


def naive(image, matrix, shift):
    """Each pixel on its own: find where it comes from, mix the four neighbours."""
    height, width = image.shape
    padded = np.pad(image.astype(np.float64), 2)
    out = np.zeros((height, width))
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    for row in range(height):
        for column in range(width):
            x, y = matrix @ (np.array([column, row]) - middle - shift) + middle
            x, y = np.clip(x, -1, width), np.clip(y, -1, height)
            left, top = int(np.floor(x)), int(np.floor(y))
            for r, c in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
                weight = (1 - abs(x - c)) * (1 - abs(y - r))
                out[row, column] += weight * padded[r + 2, c + 2]
    return out


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(1, 7),
    width=st.integers(1, 7),
    seed=st.integers(0, 1000),
    degrees=st.floats(0, 180),
    shear=st.floats(0, 40),
)
def test_warp_agrees_with_the_naive_twin(height, width, seed, degrees, shear):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (3, height, width)).astype(np.uint8)
    transform = RandomAffine(degrees, (0.5, 0.5), (0.5, 2.0), shear)
    matrices, shifts = transform.draw(3, (height, width), rng)
    expected = [naive(*args) for args in zip(images, matrices, shifts, strict=True)]
    np.testing.assert_allclose(warp(images, matrices, shifts), expected, atol=0.05)


def test_rotation_agrees_with_scipy():
    image = np.random.default_rng(0).integers(0, 256, (1, 9, 9)).astype(np.uint8)
    angle = np.deg2rad(20)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    ours = warp(image, matrix[None], np.zeros((1, 2), np.float32))[0]
    theirs = ndimage.rotate(image[0].astype(float), -20, reshape=False, order=1)
    np.testing.assert_allclose(ours[2:-2, 2:-2], theirs[2:-2, 2:-2], atol=0.1)


def test_nothing_to_do_changes_nothing():
    images = np.random.default_rng(0).integers(0, 256, (4, 1, 8, 8)).astype(np.uint8)
    np.testing.assert_array_equal(RandomAffine(0.0)(images, np.random.default_rng(0)), images)


def test_a_shift_by_whole_pixels_moves_the_image():
    image = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    moved = warp(image, np.eye(2, dtype=np.float32)[None], np.array([[1, 0]], np.float32))
    np.testing.assert_array_equal(moved[0, :, 1:], image[0, :, :-1])
    np.testing.assert_array_equal(moved[0, :, 0], 0)


def test_images_of_a_batch_move_differently_and_the_generator_decides():
    images = np.random.default_rng(0).integers(0, 256, (5, 1, 8, 8)).astype(np.uint8)
    images[:] = images[:1]
    transform = RandomAffine(20.0, (0.1, 0.1), (0.8, 1.2), 10.0)
    first = transform(images, np.random.default_rng(1))
    assert not np.array_equal(first[0], first[1])
    np.testing.assert_array_equal(first, transform(images, np.random.default_rng(1)))
    assert first.dtype == np.float32


@pytest.mark.parametrize(
    "arguments",
    [
        {"degrees": -1},
        {"degrees": 0, "shear": -1},
        {"degrees": 0, "translate": (0, 2)},
        {"degrees": 0, "scale": (2, 1)},
        {"degrees": 0, "scale": (0, 1)},
    ],
)
def test_impossible_ranges_are_refused(arguments):
    with pytest.raises(ValueError):
        RandomAffine(**arguments)
