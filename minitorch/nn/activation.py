"""Smooth activations, and the pieces of lines that imitate them."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn._pointwise import Inplace
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class Sigmoid(Module):
    r"""Return :math:`1 / (1 + e^{-x})`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Sigmoid()(minitorch.zeros(1))
        tensor([0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.sigmoid(input)


class LogSigmoid(Module):
    r"""Return :math:`-\log(1 + e^{-x})`, the logarithm of the sigmoid."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.logsigmoid(input)


class Tanh(Module):
    """Return the hyperbolic tangent."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.tanh(input)


class Tanhshrink(Module):
    """Return ``x - tanh(x)``."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.tanhshrink(input)


class Softsign(Module):
    """Return ``x / (1 + |x|)``."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.softsign(input)


class Softplus(Module):
    r"""Return :math:`\log(1 + e^{\beta x}) / \beta`, a smooth ReLU.

    Args:
        beta: how sharp the bend is.
        threshold: where :math:`\beta x` is greater, x itself is returned.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Softplus()(minitorch.zeros(1))
        tensor([0.6931])
    """

    beta: float
    threshold: float

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"beta={self.beta}, threshold={self.threshold}"


class GELU(Module):
    r"""Return :math:`x \Phi(x)`, where :math:`\Phi` is the normal distribution function.

    Args:
        approximate: ``"none"``, or ``"tanh"`` for a formula with the hyperbolic tangent.

    Reference: Hendrycks and Gimpel, "Gaussian error linear units", 2016.

    Example:
        >>> import minitorch
        >>> minitorch.nn.GELU()(minitorch.ones(1))
        tensor([0.8413])
    """

    approximate: str

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"approximate={self.approximate!r}"


class SiLU(Inplace):
    r"""Return :math:`x \sigma(x)`, also called swish.

    Args:
        inplace: whether the result is written over the input.

    Reference: Elfwing et al., "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", 2017.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.silu(input, self.inplace)


class Mish(Inplace):
    """Return ``x * tanh(softplus(x))``.

    Args:
        inplace: whether the result is written over the input.

    Reference: Misra, "Mish: a self regularized non-monotonic activation function", 2019.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.mish(input, self.inplace)


class Hardsigmoid(Inplace):
    """Return ``relu6(x + 3) / 6``.

    Args:
        inplace: whether the result is written over the input.

    Reference: Howard et al., "Searching for MobileNetV3", 2019.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:
        """Return nothing, as torch does for this layer."""
        return ""


class Hardswish(Hardsigmoid):
    """Return ``x * relu6(x + 3) / 6``.

    Args:
        inplace: whether the result is written over the input.

    Reference: Howard et al., "Searching for MobileNetV3", 2019.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.hardswish(input, self.inplace)


class GLU(Module):
    r"""Return :math:`a \sigma(b)`, where a and b are the halves of the input along a dimension.

    Args:
        dim: the dimension, whose size is halved.

    Shape:
        - Input: :math:`(*, 2M, *)`. Output: :math:`(*, M, *)`.

    Reference: Dauphin et al., "Language modeling with gated convolutional networks", 2016.

    Example:
        >>> import minitorch
        >>> minitorch.nn.GLU()(minitorch.zeros(4, 2)).shape
        minitorch.Size([4, 1])
    """

    dim: int

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"dim={self.dim}"
