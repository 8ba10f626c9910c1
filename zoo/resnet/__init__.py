"""Residual networks for images, large and small."""

from zoo.resnet.model import (
    CifarResNet,
    ResNet,
    resnet18,
    resnet20,
    resnet32,
    resnet34,
    resnet44,
    resnet50,
    resnet56,
    resnet110,
)
from zoo.resnet.parts import BasicBlock, Bottleneck, ImageClassifier
from zoo.resnet.resnet9 import ResNet9, resnet9

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "CifarResNet",
    "ImageClassifier",
    "ResNet",
    "ResNet9",
    "resnet9",
    "resnet18",
    "resnet20",
    "resnet32",
    "resnet34",
    "resnet44",
    "resnet50",
    "resnet56",
    "resnet110",
]
