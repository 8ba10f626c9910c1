"""A shallow residual network that learns CIFAR-10 in few operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor, nn
from zoo.checks import check_choice, check_positive
from zoo.resnet.parts import ImageClassifier

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "gelu_tanh": lambda: nn.GELU(approximate="tanh"),
}
PATCH = 2  # pixels along a side of what the first layer sees
CHUNK = 256  # images whose patches are held at a time


class ResNet9(ImageClassifier):
    r"""A whitening layer, seven 3x3 convolutions in three groups, and one linear layer.

    The first layer is not trained: :meth:`whiten` sets it from training images, so that its outputs
    are uncorrelated and have one variance, each of them once more with its sign changed. A group is
    ``act(norm(pool(conv(x))))`` followed by residual units ``x + act(norm(conv(x)))``.
    The convolutions begin as identities, as far as their widths allow; the normalisations learn
    their biases only.

    Args:
        num_classes: how many scores come out; 0 for the pooled features.
        in_channels: channels of the images.
        widths: channels of the three groups.
        units: residual units of the three groups.
        activation: one of ``relu``, ``silu``, ``gelu``, ``gelu_tanh``.
        scale: multiplies the scores.
        momentum: how much a batch moves the running statistics of a normalisation.

    Shape:
        - Input: :math:`(N, C, H, W)`, at least 9 pixels high and wide.
        - Output: :math:`(N, num\_classes)`, scores before the softmax.

    Raises:
        ValueError: when the activation is unknown or a number is not positive.

    Reference: K. Jordan, 94% on CIFAR-10 in 3.29 seconds on a single GPU, arXiv:2404.00498, whose
    network has no residual units; D. Page, How to train your ResNet, 2018.

    Example::

        >>> import minitorch
        >>> model = ResNet9(widths=(8, 8, 8))
        >>> model(minitorch.zeros(2, 3, 32, 32)).shape
        minitorch.Size([2, 10])
    """

    head_name = "linear"
    head_bias = False

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 3,
        widths: Sequence[int] = (64, 256, 256),
        units: Sequence[int] = (1, 1, 2),
        activation: str = "gelu_tanh",
        scale: float = 1 / 9,
        momentum: float = 0.4,
    ) -> None:
        super().__init__()
        check_choice("activation", activation, ACTIVATIONS)
        if len(widths) != 3 or len(units) != 3:
            raise ValueError(f"there are three groups, got widths {widths} and units {units}")
        check_positive(in_channels=in_channels, **{f"widths[{i}]": w for i, w in enumerate(widths)})
        colours = in_channels * PATCH**2
        self.whitening = nn.Conv2d(in_channels, 2 * colours, PATCH)
        self.whitening.weight.requires_grad_(False)
        nn.init.zeros_(cast(Tensor, self.whitening.bias))
        self.activation = ACTIVATIONS[activation]()
        self.group1 = Group(2 * colours, widths[0], units[0], self.activation, momentum)
        self.group2 = Group(widths[0], widths[1], units[1], self.activation, momentum)
        self.group3 = Group(widths[1], widths[2], units[2], self.activation, momentum)
        self.maxpool = nn.AdaptiveMaxPool2d(1)
        self.scale = scale
        self.num_features = widths[2]
        self.reset_classifier(num_classes)

    def forward_features(self, x: Tensor) -> Tensor:
        """Feature maps (N, widths[2], (H - 1) / 8, (W - 1) / 8) of images (N, C, H, W)."""
        x = self.activation(self.whitening(x))  # (N, 8 C, H - 1, W - 1)
        features: Tensor = self.group3(self.group2(self.group1(x)))
        return features

    def pool(self, features: Tensor) -> Tensor:
        """Features (N, widths[2]) of feature maps: their maxima, scaled as the scores are."""
        pooled: Tensor = self.maxpool(features).flatten(1) * self.scale
        return pooled

    def whiten(self, images: Tensor, eps: float = 5e-4) -> None:
        r"""Set the first layer from normalised training ``images`` (N, C, H, W).

        With the eigenvectors :math:`v_i` and eigenvalues :math:`\lambda_i` of the second moments of
        all 2x2 patches, largest first, the filters are
        :math:`\pm v_i / \sqrt{\lambda_i + \epsilon}`.

        Args:
            images: some thousands are enough.
            eps: :math:`\epsilon`, which keeps directions without variance from growing.

        Raises:
            ValueError: when the images have another number of channels than the network.
        """
        pixels = images.numpy()
        channels = self.whitening.in_channels
        if pixels.ndim != 4 or pixels.shape[1] != channels:
            raise ValueError(
                f"expected images (N, {channels}, H, W) to whiten, got shape {pixels.shape}"
            )
        values, vectors = np.linalg.eigh(_second_moments(pixels))
        filters = (vectors / np.sqrt(values + eps)).T[::-1]  # largest first
        filters = np.concatenate([filters, -filters]).astype(pixels.dtype)
        shape = self.whitening.weight.shape  # (8 C, C, 2, 2)
        with minitorch.no_grad():
            self.whitening.weight.copy_(minitorch.from_numpy(filters.reshape(shape)))


class Group(nn.Module):
    """Convolution, 2x2 max pooling, normalisation, activation; then residual units."""

    def __init__(
        self, inputs: int, width: int, units: int, activation: nn.Module, momentum: float
    ) -> None:
        super().__init__()
        self.conv = _identity_conv(inputs, width)
        self.pool = nn.MaxPool2d(2)
        self.norm = _bias_norm(width, momentum)
        self.activation = activation
        self.units = nn.Sequential(*(Unit(width, activation, momentum) for _ in range(units)))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, width, H / 2, W / 2)."""
        out: Tensor = self.units(self.activation(self.norm(self.pool(self.conv(x)))))
        return out


class Unit(nn.Module):
    """``x + act(norm(conv(x)))``."""

    def __init__(self, width: int, activation: nn.Module, momentum: float) -> None:
        super().__init__()
        self.conv = _identity_conv(width, width)
        self.norm = _bias_norm(width, momentum)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, width, H, W) to the same shape."""
        return x + self.activation(self.norm(self.conv(x)))


def _identity_conv(inputs: int, outputs: int) -> nn.Conv2d:
    """A 3x3 convolution whose first filters pass the inputs on; the others are random."""
    layer = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    with minitorch.no_grad():
        nn.init.dirac_(layer.weight[:inputs])
    return layer


def _bias_norm(width: int, momentum: float) -> nn.BatchNorm2d:
    """A batch normalisation that learns a bias and no scale."""
    norm = nn.BatchNorm2d(width, eps=1e-12, momentum=momentum)
    cast(Tensor, norm.weight).requires_grad_(False)
    return norm


def _second_moments(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """The mean of ``p p^T`` over all 2x2 patches ``p`` of images (N, C, H, W), flat, (4 C, 4 C)."""
    total = np.zeros((PATCH**2 * pixels.shape[1],) * 2)
    count = 0
    for start in range(0, len(pixels), CHUNK):
        windows = sliding_window_view(pixels[start : start + CHUNK], (PATCH, PATCH), (2, 3))
        patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, len(total))  # (positions, 4 C)
        total += patches.T @ patches
        count += len(patches)
    moments: NDArray[np.float64] = total / count
    return moments


def resnet9(
    num_classes: int = 10,
    in_channels: int = 3,
    widths: Sequence[int] = (64, 256, 256),
    activation: str = "gelu_tanh",
) -> ResNet9:
    """Nine layers for fast training: 2.6 million parameters; see :class:`ResNet9`."""
    return ResNet9(num_classes, in_channels, widths, activation=activation)
