"""Image files as people see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.data.pictures import open_picture


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "PA"])
@pytest.mark.parametrize("channels", [1, 3])
def test_black_strokes_on_transparent_paper_are_black_on_white(
    mode: str, channels: int, tmp_path: Path
) -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[1:3, 1:3, 3] = 255
    picture = Image.fromarray(pixels)
    if mode == "P":  # one of its colours is transparent
        picture = Image.fromarray(pixels[..., 3] // 255, "P")
        picture.putpalette([0, 0, 0, 0, 0, 0])
        picture.info["transparency"] = 0
    picture = picture if picture.mode == mode else picture.convert(mode)
    if mode != "PA":  # which no format stores
        picture.save(tmp_path / "stroke.png")
    opened = open_picture(picture if mode == "PA" else tmp_path / "stroke.png", channels)
    seen = np.asarray(opened).reshape(4, 4, channels)
    expected = np.full((4, 4, channels), 255)
    expected[1:3, 1:3] = 0
    np.testing.assert_array_equal(seen, expected)


def test_what_is_half_transparent_is_half_white() -> None:
    pixels = np.array([[[200, 100, 0, 128]]], np.uint8)
    seen = np.asarray(open_picture(Image.fromarray(pixels), 3)).astype(float)[0, 0]
    share = 128 / 255
    np.testing.assert_allclose(seen, share * pixels[0, 0, :3] + (1 - share) * 255, atol=1)
