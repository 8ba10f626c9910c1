"""Images in folders, one folder a class, read with Pillow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zoo.checks import check_choice, check_positive
from zoo.data.arrays import ImageArrays, ImageSet, split
from zoo.data.errors import DataError
from zoo.data.pictures import CHANNELS, PictureError, open_picture

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
FITS = ("crop", "squash")


class ImageFolder:
    """The images under ``root``, one folder a class, brought to one size.

    Either ``root/train/CLASS/*.png`` and ``root/test/CLASS/*.png``, and ``root/val/CLASS/*.png`` if
    there is such a folder, or ``root/CLASS/*.png``, of which a share is held out as the test set.
    The names of the folders, sorted, are the classes.

    Args:
        root: the folder.
        size: pixels along a side of the images that come out.
        channels: 3 for colour, 1 for grey.
        fit: how an image that is not square becomes square: ``crop`` cuts out its middle,
            ``squash`` changes its proportions.
        test_fraction: the share of each class that is the test set, if there is no folder for it.
        split_seed: decides which images those are.

    Raises:
        ValueError: when a number is impossible or ``fit`` is unknown.
        DataError: when there is no such folder, or it holds no classes.
    """

    name = "image_folder"

    def __init__(
        self,
        root: str,
        size: int = 32,
        channels: int = 3,
        fit: str = "crop",
        test_fraction: float = 0.2,
        split_seed: int = 0,
    ) -> None:
        check_positive(size=size)
        if channels not in CHANNELS:
            raise ValueError(f"channels must be 1 or 3, got {channels}")
        check_choice("fit", fit, FITS)
        if not 0.0 < test_fraction < 1.0:
            raise ValueError(f"test_fraction must lie between 0 and 1, got {test_fraction}")
        self.root = Path(root)
        self.size = size
        self.channels = channels
        self.fit = fit
        self.test_fraction = test_fraction
        self.split_seed = split_seed
        self.shape = (channels, size, size)
        self._is_split = (self.root / "train").is_dir() and (self.root / "test").is_dir()
        self.classes = _classes(self.root / "train" if self._is_split else self.root)

    def load(self) -> ImageSet:
        """Read and resize every image.

        Raises:
            DataError: when an image is broken, or a class has none.
        """
        if self._is_split:
            held_out_too = (self.root / "val").is_dir()
            parts = ("train", "test", *(("val",) if held_out_too else ()))
            for part in parts[1:]:
                self._check_classes(part)
            return ImageSet(*(self._read(self.root / part) for part in parts))
        every = self._read(self.root)
        kept: list[NDArray[np.int64]] = []
        held_out: list[NDArray[np.int64]] = []
        for label in range(len(self.classes)):
            numbers = np.flatnonzero(every.labels == label)
            train, test = split(len(numbers), self.test_fraction, self.split_seed)
            kept.append(numbers[train])
            held_out.append(numbers[test])
        test_numbers = np.concatenate(held_out)
        if len(test_numbers) == 0:
            raise DataError(
                f"data=image_folder: {self.root} has too few images to hold out a test set of "
                f"{self.test_fraction:g} of each class"
            )
        return ImageSet(every.take(np.concatenate(kept)), every.take(test_numbers))

    def _check_classes(self, part: str) -> None:
        differing = sorted(set(_classes(self.root / part)) ^ set(self.classes))
        if differing:
            raise DataError(
                f"data=image_folder: {self.root}/train and {self.root}/{part} have different "
                f"classes ({', '.join(differing)})"
            )

    def _read(self, folder: Path) -> ImageArrays:
        paths, labels = [], []
        for label, name in enumerate(self.classes):
            found = sorted(p for p in (folder / name).iterdir() if _is_image(p))
            if not found:
                raise DataError(
                    f"data=image_folder: the class {name} is empty, there is no image in "
                    f"{folder / name} ({', '.join(SUFFIXES)})"
                )
            paths += found
            labels += [label] * len(found)
        pixels = np.empty((len(paths), self.size, self.size, self.channels), np.uint8)
        for number, path in enumerate(paths):
            pixels[number] = self._pixels(path)
        return ImageArrays(pixels.transpose(0, 3, 1, 2), np.array(labels, np.int64))

    def _pixels(self, path: Path) -> NDArray[Any]:
        """One image as (size, size, channels)."""
        try:
            square = self._square(open_picture(path, self.channels))
        except PictureError as error:
            raise DataError(
                f"data=image_folder: {path}: {error}; remove it or replace it"
            ) from error
        return np.asarray(square).reshape(self.size, self.size, self.channels)

    def _square(self, image: Image) -> Image:
        """Bring an image to ``size`` by ``size`` pixels."""
        from PIL.Image import Resampling

        box = None
        if self.fit == "crop":
            side = min(image.size)
            left, top = (image.width - side) / 2, (image.height - side) / 2
            box = (left, top, left + side, top + side)
        return image.resize((self.size, self.size), Resampling.BILINEAR, box)


def _is_image(path: Path) -> bool:
    """Whether it is named as an image; hidden files, such as ``._a.png`` of macOS, are not."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _classes(folder: Path) -> tuple[str, ...]:
    """The names of the folders in ``folder``, sorted; hidden ones are left out."""
    try:
        names = [p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")]
    except OSError as error:
        raise DataError(
            f"data=image_folder: cannot read the folder {folder} ({error.strerror}); point "
            "data.root at a folder with one folder of images for each class"
        ) from error
    if len(names) < 2:
        raise DataError(
            f"data=image_folder: {folder} holds {len(names)} folders, expected one for each of at "
            "least two classes"
        )
    return tuple(sorted(names))
