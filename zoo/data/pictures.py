"""Opening image files: upright, in grey or colour of 8 bits, for training and for predictions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

CHANNELS = {1: "L", 3: "RGB"}  # and Pillow's name for each


class PictureError(ValueError):
    """A file holds no image that can be used; the message says why."""


def open_picture(source: Path | str | Any, channels: int) -> Image:
    """Return an image as people see it, turned as its camera was, of 8 bits a channel.

    What is transparent shows white. Grey images of 16 bits are brought to 8.

    Args:
        source: a file, or an open image.
        channels: 3 for colour, 1 for grey.

    Raises:
        PictureError: when the file cannot be read, or has numbers of no known range.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        opened = Image.open(source) if isinstance(source, (str, Path)) else source
        upright = ImageOps.exif_transpose(opened)
        if upright.mode.startswith("I;16"):
            wide = np.asarray(upright).astype(np.uint32)
            upright = Image.fromarray(((wide * 255 + 32767) // 65535).astype(np.uint8))
        elif upright.mode in ("I", "F"):
            raise PictureError(
                f"its pixels are numbers of 32 bits (mode {upright.mode}), whose range is not "
                "known: save it with 8 or 16 bits"
            )
        return on_white(upright).convert(CHANNELS[channels])
    except FileNotFoundError:
        raise PictureError("there is no such file") from None
    except UnidentifiedImageError:
        raise PictureError("it is not an image that can be read") from None
    except Image.DecompressionBombError as error:
        raise PictureError(f"it is too large: {error}") from error
    except (OSError, SyntaxError, EOFError) as error:
        raise PictureError(f"it cannot be read: {error}") from error


def on_white(picture: Image) -> Image:
    """Lay a picture on white paper, where some of it is transparent."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
