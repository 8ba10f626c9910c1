"""Data pipelines that several architectures share."""

from zoo.data.affine import RandomAffine
from zoo.data.arrays import ImageArrays, ImageSet, Normalization
from zoo.data.cifar import CIFAR10, CIFAR100
from zoo.data.crop import Compose, Cutout, RandomCrop
from zoo.data.errors import DataError
from zoo.data.folder import ImageFolder
from zoo.data.images import ImageData
from zoo.data.named import cifar10, cifar100, digits, fashion_mnist, image_folder, mnist
from zoo.data.sources import MNIST, Digits, FashionMNIST

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "Compose",
    "Cutout",
    "DataError",
    "Digits",
    "FashionMNIST",
    "ImageArrays",
    "ImageData",
    "ImageFolder",
    "ImageSet",
    "MNIST",
    "Normalization",
    "RandomAffine",
    "RandomCrop",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "image_folder",
    "mnist",
]
