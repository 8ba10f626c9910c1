"""Where images come from: scikit-learn's digits, and the sets that torchvision fetches."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zoo.data.arrays import ImageArrays, ImageSet, split
from zoo.data.errors import DataError
from zoo.data.fetched import FetchedImages


class ImageSource(Protocol):
    """Knows its shape and its classes before it loads anything."""

    name: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]

    def load(self) -> ImageSet:
        """Read the examples."""


class Digits:
    """The 1,797 handwritten digits of 8x8 pixels that ship inside scikit-learn; needs no network.

    One fifth, drawn once and for all with a fixed seed, is the test set.

    Reference: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
    """

    name = "digits"
    shape = (1, 8, 8)
    classes = tuple("0123456789")

    def load(self) -> ImageSet:
        """Read the digits, with their 17 levels of grey spread over 0 to 255."""
        try:
            levels, labels = _digits()
        except ImportError as error:
            raise DataError(
                "data=digits reads the digits inside scikit-learn: pip install scikit-learn"
            ) from error
        images = np.round(levels * (255 / 16)).astype(np.uint8)[:, None]  # (N, 1, 8, 8)
        examples = ImageArrays(images, labels.astype(np.int64))
        train, test = split(len(examples), 0.2, seed=0)
        return ImageSet(examples.take(train), examples.take(test))


def _digits() -> tuple[NDArray[Any], NDArray[Any]]:
    """Return levels (N, 8, 8) from 0 to 16, and labels (N,).

    They are read from the file that ``sklearn.datasets.load_digits`` reads, where it lies today:
    importing scikit-learn takes ten times as long.
    """
    spec = importlib.util.find_spec("sklearn")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            table = np.loadtxt(path, delimiter=",")
            return table[:, :-1].reshape(-1, 8, 8), table[:, -1]
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return bunch.images, bunch.target


class MNIST(FetchedImages):
    """60,000 + 10,000 handwritten digits of 28x28 pixels, through ``torchvision.datasets``.

    Reference: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to
    document recognition, Proceedings of the IEEE 86(11), 1998.

    Args:
        root: the folder that holds ``MNIST/raw``; what is missing there is downloaded to it.
    """

    name = "mnist"
    shape = (1, 28, 28)
    classes: tuple[str, ...] = tuple("0123456789")
    folder = "MNIST/raw"
    files = (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    )
    files_in_words = "the four IDX files"
    torchvision_class = "MNIST"
    architecture = "mlp"

    def _arrays(self, dataset: Any, folder: Path) -> ImageArrays:
        images, labels = np.asarray(dataset.data), np.asarray(dataset.targets)
        self._check(images, labels, folder)
        return ImageArrays(images[:, None].astype(np.uint8), labels.astype(np.int64))

    def _check(self, images: NDArray[Any], labels: NDArray[Any], folder: Path) -> None:
        if images.shape != (len(labels), *self.shape[1:]) or len(labels) == 0:
            raise DataError(
                f"data={self.name}: the files in {folder} hold images of shape {images.shape} and "
                f"{len(labels)} labels, which do not belong together; delete that folder to "
                "download them again"
            )
        if labels.min() < 0 or labels.max() >= len(self.classes):
            raise DataError(
                f"data={self.name}: the label files in {folder} hold {labels.min()} to "
                f"{labels.max()}, expected 0 to {len(self.classes) - 1}; delete that folder to "
                "download them again"
            )


class FashionMNIST(MNIST):
    """60,000 + 10,000 pictures of clothes of 28x28 pixels, through ``torchvision.datasets``.

    Reference: H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, arXiv:1708.07747, 2017.

    Args:
        root: the folder that holds ``FashionMNIST/raw``; what is missing there is downloaded to it.
    """

    name = "fashion_mnist"
    folder = "FashionMNIST/raw"
    torchvision_class = "FashionMNIST"
    classes: tuple[str, ...] = (
        "T-shirt",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "boot",
    )
