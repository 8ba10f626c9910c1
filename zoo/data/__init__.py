"""Data pipelines that several architectures share."""

from zoo.data.affine import RandomAffine
from zoo.data.arrays import ImageArrays, ImageSet, Normalization
from zoo.data.errors import DataError
from zoo.data.images import ImageData
from zoo.data.named import digits, fashion_mnist, mnist
from zoo.data.sources import MNIST, Digits, FashionMNIST

__all__ = [
    "DataError",
    "Digits",
    "FashionMNIST",
    "ImageArrays",
    "ImageData",
    "ImageSet",
    "MNIST",
    "Normalization",
    "RandomAffine",
    "digits",
    "fashion_mnist",
    "mnist",
]
