"""Normalization of groups of channels and of the last dimensions, alike in training and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitorch import dtypes
from minitorch.devices import require_cpu
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor


class GroupNorm(Module):
    r"""Normalize groups of channels of each sample.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{v + \epsilon}} + \beta

    with mean :math:`\mu` and biased variance v of the group, :math:`\gamma` and :math:`\beta` of
    the channel.

    Args:
        num_groups: number of groups of neighbouring channels.
        num_channels: number of channels, C.
        eps: :math:`\epsilon`, which keeps the division finite.
        affine: whether to learn :math:`\gamma` and :math:`\beta`.
        device: ``"cpu"``.
        dtype: of the parameters.
        bias: whether to learn :math:`\beta`, if affine.

    Shape:
        - Input: :math:`(N, C, *)`. Output: the same.
        - weight (ones at first) and bias (zeros): :math:`(C)`.

    Raises:
        ValueError: if the channels do not divide into the groups.

    Reference: Wu and He, "Group normalization", 2018.

    Example:
        >>> import minitorch
        >>> minitorch.nn.GroupNorm(3, 6)(minitorch.randn(20, 6, 10, 10)).shape
        minitorch.Size([20, 6, 10, 10])
    """

    num_groups: int
    num_channels: int
    eps: float
    affine: bool
    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        require_cpu(device, "GroupNorm")
        if num_channels % num_groups != 0:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        shape = (num_channels,)
        self.register_parameter("weight", empty_parameter(shape, dtype) if affine else None)
        self.register_parameter("bias", empty_parameter(shape, dtype) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to ones and the bias to zeros."""
        _reset(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LayerNorm(Module):
    r"""Normalize over the last dimensions.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{v + \epsilon}} + \beta

    with mean :math:`\mu` and biased variance v of those dimensions, and a :math:`\gamma` and a
    :math:`\beta` for each of their elements.

    Args:
        normalized_shape: the sizes of those dimensions, or the size of the last one.
        eps: :math:`\epsilon`, which keeps the division finite.
        elementwise_affine: whether to learn :math:`\gamma` and :math:`\beta`.
        bias: whether to learn :math:`\beta`, if `elementwise_affine`.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input: :math:`(*, normalized\_shape)`. Output: the same.
        - weight (ones at first) and bias (zeros): :math:`(normalized\_shape)`.

    Raises:
        RuntimeError: if the input's last dimensions have other sizes.

    Reference: Ba, Kiros, Hinton, "Layer normalization", 2016.

    Example:
        >>> import minitorch
        >>> minitorch.nn.LayerNorm(2)(minitorch.tensor([[1.0, 3.0]]))
        tensor([[-1.0000,  1.0000]], grad_fn=<NativeLayerNormBackward>)
    """

    normalized_shape: tuple[int, ...]
    eps: float
    elementwise_affine: bool
    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, "LayerNorm")
        self.normalized_shape = shape = _as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = affine = elementwise_affine
        self.register_parameter("weight", empty_parameter(shape, dtype) if affine else None)
        self.register_parameter("bias", empty_parameter(shape, dtype) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to ones and the bias to zeros."""
        _reset(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(Module):
    r"""Divide by the root of the mean square over the last dimensions.

    .. math:: y = \gamma \frac{x}{\sqrt{\operatorname{mean}(x^2) + \epsilon}}

    Args:
        normalized_shape: the sizes of those dimensions, or the size of the last one.
        eps: :math:`\epsilon`; by default the spacing of the input's numbers at 1.
        elementwise_affine: whether to learn :math:`\gamma`.
        device: ``"cpu"``.
        dtype: of the weight.

    Shape:
        - Input: :math:`(*, normalized\_shape)`. Output: the same.
        - weight (ones at first): :math:`(normalized\_shape)`.

    Raises:
        RuntimeError: if the input's last dimensions have other sizes.

    Reference: Zhang and Sennrich, "Root mean square layer normalization", 2019.

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.RMSNorm(2, elementwise_affine=False)
        >>> layer(minitorch.tensor([[1.0, 7.0]]))
        tensor([[0.2000, 1.4000]])
    """

    normalized_shape: tuple[int, ...]
    eps: float | None
    elementwise_affine: bool
    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, "RMSNorm")
        self.normalized_shape = shape = _as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        weight = empty_parameter(shape, dtype) if elementwise_affine else None
        self.register_parameter("weight", weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to ones."""
        _reset(self.weight, None)

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input."""
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


def _as_shape(sizes: int | Sequence[int]) -> tuple[int, ...]:
    return (sizes,) if isinstance(sizes, int) else tuple(sizes)


class LocalResponseNorm(Module):
    r"""Divide each element by a power of the mean square of neighbouring channels.

    .. math:: y_c = x_c \Bigl(k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2 \Bigr)^{-\beta}

    Args:
        size: number n of the channels that count.
        alpha: :math:`\alpha`.
        beta: :math:`\beta`.
        k: what is added, which keeps the division finite.

    Shape:
        - Input: :math:`(N, C, *)`, with one spatial dimension or more. Output: the same.

    Reference: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional
    neural networks", 2012.

    Example:
        >>> import minitorch
        >>> minitorch.nn.LocalResponseNorm(2)(minitorch.randn(8, 5, 24, 24)).shape
        minitorch.Size([8, 5, 24, 24])
    """

    size: int
    alpha: float
    beta: float
    k: float

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def _reset(weight: Parameter | None, bias: Parameter | None) -> None:
    if weight is not None:
        init.ones_(weight)
    if bias is not None:
        init.zeros_(bias)
