"""Residual networks: K. He et al., *Deep residual learning*, arXiv:1512.03385.

:class:`ResNet` is the network for large images, with torchvision's names and shapes, and
:class:`CifarResNet` the thin one for 32x32 images of the paper's section 4.2. The functions below
them make the sizes that have names. Shapes stand at the ends of the lines, for images (N, C, H, W).
"""

from __future__ import annotations

from collections.abc import Sequence

from minitorch import Tensor, nn
from zoo.checks import check_choice, check_positive
from zoo.resnet.parts import (
    BasicBlock,
    Bottleneck,
    ImageClassifier,
    ZeroPadShortcut,
    conv,
    initialize,
    stage,
)

STEMS = ("imagenet", "cifar")


class ResNet(ImageClassifier):
    r"""The residual network for large images; keys and shapes are those of ``torchvision.models``.

    Args:
        block: :class:`BasicBlock` or :class:`Bottleneck`.
        layers: how many blocks each of the four stages has.
        num_classes: how many scores come out; 0 for the pooled features.
        in_channels: channels of the images.
        stem: ``imagenet`` begins with a 7x7 convolution of stride 2 and a 3x3 max pooling of stride
            2; ``cifar``, for images of some 32 pixels, with a 3x3 convolution alone.
        zero_init_residual: starts each block as its shortcut, with the last normalisation at zero.

    Shape:
        - Input: :math:`(N, C, H, W)`.
        - Output: :math:`(N, num\_classes)`, scores before the softmax.

    Raises:
        ValueError: when the stem is unknown or a number is not positive.

    Example::

        >>> import minitorch
        >>> model = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=10, in_channels=1, stem="cifar")
        >>> model(minitorch.zeros(2, 1, 8, 8)).shape
        minitorch.Size([2, 10])
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        in_channels: int = 3,
        stem: str = "imagenet",
        zero_init_residual: bool = False,
    ) -> None:
        super().__init__()
        check_choice("stem", stem, STEMS)
        check_positive(in_channels=in_channels)
        if stem == "imagenet":
            self.conv1 = conv(in_channels, 64, 7, stride=2)
            self.maxpool: nn.Module = nn.MaxPool2d(3, stride=2, padding=1)
        else:
            self.conv1 = conv(in_channels, 64)
            self.maxpool = nn.Identity()
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = stage(block, 64, 64, layers[0], stride=1)
        self.layer2 = stage(block, 64 * block.expansion, 128, layers[1], stride=2)
        self.layer3 = stage(block, 128 * block.expansion, 256, layers[2], stride=2)
        self.layer4 = stage(block, 256 * block.expansion, 512, layers[3], stride=2)
        self.num_features = 512 * block.expansion
        self.reset_classifier(num_classes)
        initialize(self, zero_init_residual)

    def forward_features(self, x: Tensor) -> Tensor:
        """Feature maps (N, num_features, H / 32, W / 32); with the CIFAR stem, H / 8 and W / 8."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))  # (N, 64, H / 4, W / 4)
        x = self.layer2(self.layer1(x))  # (N, 128, H / 8, W / 8), four times as many if Bottleneck
        features: Tensor = self.layer4(self.layer3(x))  # (N, 512, H / 32, W / 32)
        return features


class CifarResNet(ImageClassifier):
    r"""The paper's network of ``6 n + 2`` layers for 32x32 images, 16, 32 and 64 channels wide.

    Where the width doubles, the shortcut takes every second pixel and adds channels of zeros (the
    paper's option A), so that it has no parameters.

    Args:
        depth: 20, 32, 44, 56, 110 or another number of the form ``6 n + 2``.
        num_classes: how many scores come out; 0 for the pooled features.
        in_channels: channels of the images.
        zero_init_residual: starts each block as its shortcut, with the last normalisation at zero.

    Shape:
        - Input: :math:`(N, C, H, W)`.
        - Output: :math:`(N, num\_classes)`, scores before the softmax.

    Raises:
        ValueError: when ``depth`` is of another form or a number is not positive.

    Example::

        >>> model = CifarResNet(20)
        >>> sum(parameter.numel() for parameter in model.parameters())
        269722
    """

    head_name = "linear"

    def __init__(
        self,
        depth: int,
        num_classes: int = 10,
        in_channels: int = 3,
        zero_init_residual: bool = False,
    ) -> None:
        super().__init__()
        blocks, rest = divmod(depth - 2, 6)
        if blocks < 1 or rest:
            raise ValueError(f"depth must be 6 n + 2, 20 say, got {depth}")
        check_positive(in_channels=in_channels)
        self.conv1 = conv(in_channels, 16)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = stage(BasicBlock, 16, 16, blocks, stride=1)
        self.layer2 = stage(BasicBlock, 16, 32, blocks, stride=2, shortcut=ZeroPadShortcut)
        self.layer3 = stage(BasicBlock, 32, 64, blocks, stride=2, shortcut=ZeroPadShortcut)
        self.num_features = 64
        self.reset_classifier(num_classes)
        initialize(self, zero_init_residual)

    def forward_features(self, x: Tensor) -> Tensor:
        """Feature maps (N, 64, H / 4, W / 4) of images (N, C, H, W)."""
        x = self.relu(self.bn1(self.conv1(x)))  # (N, 16, H, W)
        features: Tensor = self.layer3(self.layer2(self.layer1(x)))  # (N, 64, H / 4, W / 4)
        return features


def resnet18(
    num_classes: int = 1000,
    in_channels: int = 3,
    stem: str = "imagenet",
    zero_init_residual: bool = False,
) -> ResNet:
    """ResNet-18: 11.7 million parameters with 1,000 classes; see :class:`ResNet`."""
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes, in_channels, stem, zero_init_residual)


def resnet34(
    num_classes: int = 1000,
    in_channels: int = 3,
    stem: str = "imagenet",
    zero_init_residual: bool = False,
) -> ResNet:
    """ResNet-34: 21.8 million parameters with 1,000 classes; see :class:`ResNet`."""
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes, in_channels, stem, zero_init_residual)


def resnet50(
    num_classes: int = 1000,
    in_channels: int = 3,
    stem: str = "imagenet",
    zero_init_residual: bool = False,
) -> ResNet:
    """ResNet-50: 25.6 million parameters with 1,000 classes; see :class:`ResNet`."""
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes, in_channels, stem, zero_init_residual)


def resnet20(
    num_classes: int = 10, in_channels: int = 3, zero_init_residual: bool = False
) -> CifarResNet:
    """The CIFAR network of 20 layers: 0.27 million parameters; see :class:`CifarResNet`."""
    return CifarResNet(20, num_classes, in_channels, zero_init_residual)


def resnet32(
    num_classes: int = 10, in_channels: int = 3, zero_init_residual: bool = False
) -> CifarResNet:
    """The CIFAR network of 32 layers: 0.46 million parameters; see :class:`CifarResNet`."""
    return CifarResNet(32, num_classes, in_channels, zero_init_residual)


def resnet44(
    num_classes: int = 10, in_channels: int = 3, zero_init_residual: bool = False
) -> CifarResNet:
    """The CIFAR network of 44 layers: 0.66 million parameters; see :class:`CifarResNet`."""
    return CifarResNet(44, num_classes, in_channels, zero_init_residual)


def resnet56(
    num_classes: int = 10, in_channels: int = 3, zero_init_residual: bool = False
) -> CifarResNet:
    """The CIFAR network of 56 layers: 0.85 million parameters; see :class:`CifarResNet`."""
    return CifarResNet(56, num_classes, in_channels, zero_init_residual)


def resnet110(
    num_classes: int = 10, in_channels: int = 3, zero_init_residual: bool = False
) -> CifarResNet:
    """The CIFAR network of 110 layers: 1.7 million parameters; see :class:`CifarResNet`."""
    return CifarResNet(110, num_classes, in_channels, zero_init_residual)
