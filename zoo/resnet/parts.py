"""What residual networks are made of: blocks, shortcuts, stages, and the layer at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, cast

import minitorch.nn.functional as F
from minitorch import Tensor, nn


class ImageClassifier(nn.Module):
    """Feature maps of an image, pooled, then one linear layer: what the families share."""

    head_name: ClassVar[str] = "fc"  # the attribute that holds the linear layer
    head_bias: ClassVar[bool] = True
    num_features: int
    num_classes: int

    def forward_features(self, x: Tensor) -> Tensor:
        """Feature maps (N, num_features, H', W') of images (N, C, H, W)."""
        raise NotImplementedError

    def pool(self, features: Tensor) -> Tensor:
        """Features (N, num_features) of feature maps: their means."""
        return features.mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, num_classes) of images (N, C, H, W)."""
        scores: Tensor = getattr(self, self.head_name)(self.pool(self.forward_features(x)))
        return scores

    def reset_classifier(self, num_classes: int) -> None:
        """Put a new layer of ``num_classes`` scores in place of the last; 0 returns the features.

        Raises:
            ValueError: when ``num_classes`` is negative.
        """
        if num_classes < 0:
            raise ValueError(f"num_classes must not be negative, got {num_classes}")
        self.num_classes = num_classes
        head: nn.Module = nn.Identity()
        if num_classes:
            head = nn.Linear(self.num_features, num_classes, bias=self.head_bias)
        setattr(self, self.head_name, head)


def conv(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution without bias that keeps the size of the image, divided by ``stride``."""
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions: ``relu(shortcut(x) + bn2(conv2(relu(bn1(conv1(x))))))``."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int, downsample: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = conv(inputs, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv(width, width)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, width, H / stride, W / stride)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        result: Tensor = self.relu(out)
        return result


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions, the last four times as wide; the 3x3 one has the stride."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int, downsample: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = conv(inputs, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv(width, 4 * width, 1)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, 4 * width, H / stride, W / stride)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        result: Tensor = self.relu(out)
        return result


class ZeroPadShortcut(nn.Module):
    """Every ``stride``-th pixel, and half of the missing channels as zeros on either side."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.missing = outputs - inputs
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        before = self.missing // 2
        padding = (0, 0, 0, 0, before, self.missing - before)
        return F.pad(x[:, :, :: self.stride, :: self.stride], padding)


def conv_shortcut(inputs: int, outputs: int, stride: int) -> nn.Module:
    """A 1x1 convolution and its normalisation: the paper's option B."""
    return nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


def stage(
    block: type[BasicBlock | Bottleneck],
    inputs: int,
    width: int,
    count: int,
    stride: int,
    shortcut: Callable[[int, int, int], nn.Module] = conv_shortcut,
) -> nn.Sequential:
    """``count`` blocks of one width; the first has the stride, and a shortcut if it needs one."""
    outputs = width * block.expansion
    changes = stride != 1 or inputs != outputs
    first = block(inputs, width, stride, shortcut(inputs, outputs, stride) if changes else None)
    return nn.Sequential(first, *(block(outputs, width, 1, None) for _ in range(count - 1)))


def initialize(model: nn.Module, zero_init_residual: bool) -> None:
    """Draw the weights of the convolutions as K. He et al., arXiv:1502.01852, do."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif zero_init_residual and isinstance(module, BasicBlock | Bottleneck):
            last = module.bn3 if isinstance(module, Bottleneck) else module.bn2
            nn.init.zeros_(cast(Tensor, last.weight))
