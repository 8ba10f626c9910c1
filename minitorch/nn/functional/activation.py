"""Activation functions of one argument, element by element."""

from __future__ import annotations

import math

from minitorch import ops
from minitorch.dtypes import dtype_name
from minitorch.nn.functional._inplace import apply_inplace
from minitorch.ops.arguments import require_floating
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor

_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Return :math:`\max(0, x)`.

    Args:
        input: the x, of any shape.
        inplace: whether the result is written over `input`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.relu(minitorch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    return input.relu_() if inplace else ops.relu(input)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """Return x where it is greater than `threshold`, or NaN, and `value` elsewhere."""
    return apply_inplace(lambda x: ops.threshold(x, threshold, value), input, inplace)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """Return x limited to [`min_val`, `max_val`]; the gradient is 0 at the limits."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return apply_inplace(lambda x: ops.hardtanh(x, min_val, max_val), input, inplace)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Return :math:`\min(\max(0, x), 6)`."""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``relu6(x + 3) / 6``.

    Reference: Howard et al., "Searching for MobileNetV3", 2019.
    """
    return apply_inplace(ops.hardsigmoid, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``x * relu6(x + 3) / 6``.

    Reference: Howard et al., "Searching for MobileNetV3", 2019.
    """
    return apply_inplace(ops.hardswish, input, inplace)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Return x where it is positive, and `negative_slope` times x elsewhere."""
    return apply_inplace(lambda x: ops.leaky_relu(x, negative_slope), input, inplace)


def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """Return x where it is positive, and x times a random factor elsewhere.

    Args:
        input: the x, of any shape.
        lower: the least factor.
        upper: the largest factor.
        training: whether the factors are drawn; if False, each is the mean of the two.
        inplace: whether the result is written over `input`.

    Raises:
        RuntimeError: if `lower` is greater than `upper`, or one of them is not finite.

    Reference: Xu et al., "Empirical evaluation of rectified activations in convolutional network",
    2015.
    """
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    for name, bound in (("lower", lower), ("upper", upper)):
        if not math.isfinite(bound):
            raise RuntimeError(f"rrelu: {name} bound must be finite, got {bound}")
    require_floating("rrelu_with_noise_out_cpu", input._array.dtype)
    return apply_inplace(lambda x: ops.rrelu(x, lower, upper), input, inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    r"""Return x where it is positive, and :math:`\alpha (e^x - 1)` elsewhere.

    Reference: Clevert et al., "Fast and accurate deep network learning by exponential linear
    units", 2015.
    """
    return apply_inplace(lambda x: ops.elu(x, alpha), input, inplace)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Return the scaled ELU: 1.0507 times `elu` with :math:`\alpha` = 1.6733.

    Reference: Klambauer et al., "Self-normalizing neural networks", 2017.
    """
    return apply_inplace(lambda x: ops.elu(x, _SELU_ALPHA) * _SELU_SCALE, input, inplace)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    r"""Return x where it is positive, and :math:`\alpha (e^{x / \alpha} - 1)` elsewhere.

    Reference: Barron, "Continuously differentiable exponential linear units", 2017.
    """
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return apply_inplace(lambda x: ops.elu(x, alpha, 1 / alpha), input, inplace)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    r"""Return :math:`x \Phi(x)`, where :math:`\Phi` is the normal distribution function.

    Args:
        input: the x, of any shape.
        approximate: ``"none"``, or ``"tanh"`` for
            :math:`x / 2 (1 + \tanh(\sqrt{2 / \pi} (x + 0.044715 x^3)))`.

    Reference: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
    """
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return ops.gelu(input, approximate)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Return :math:`x \sigma(x)`, also called swish."""
    return apply_inplace(ops.silu, input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``x * tanh(softplus(x))``.

    Reference: Misra, "Mish: a self regularized non-monotonic activation function", 2019.
    """
    require_floating("mish_cpu", input._array.dtype)
    return apply_inplace(lambda x: x * ops.tanh(softplus(x)), input, inplace)


def sigmoid(input: Tensor) -> Tensor:
    r"""Return :math:`\sigma(x) = 1 / (1 + e^{-x})`."""
    return ops.sigmoid(input)


def logsigmoid(input: Tensor) -> Tensor:
    r"""Return :math:`\log \sigma(x)`, without overflow."""
    require_floating("log_sigmoid_cpu", input._array.dtype)
    return -ops.softplus(-input, threshold=math.inf)


def tanh(input: Tensor) -> Tensor:
    """Return the hyperbolic tangent."""
    return ops.tanh(input)


def tanhshrink(input: Tensor) -> Tensor:
    """Return ``x - tanh(x)``."""
    return input - ops.tanh(input)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    r"""Return :math:`\log(1 + e^{\beta x}) / \beta`, a smooth `relu`.

    Args:
        input: the x, of any shape.
        beta: how sharp the bend is.
        threshold: where :math:`\beta x` is greater, x itself is returned.
    """
    return ops.softplus(input, beta=beta, threshold=threshold)


def softsign(input: Tensor) -> Tensor:
    """Return ``x / (1 + |x|)``."""
    return input / (ops.abs(input) + 1)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Return x where it is positive, and a learned weight times x elsewhere.

    Args:
        input: the x; its dimension 1 is the channels.
        weight: one number, or one for each channel.

    Raises:
        RuntimeError: if the number of weights is neither 1 nor that of the channels, or the dtypes
            differ.

    Reference: He et al., "Delving deep into rectifiers", 2015.
    """
    count = weight.numel()
    if count != 1:
        if input.ndim == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input.shape[1] if input.ndim > 1 else 1
        if channels != count:
            raise RuntimeError(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{count} and channel size = {channels}."
            )
    if weight.dtype != input.dtype:
        raise RuntimeError(
            f"prelu: Type promoting not supported. Got {dtype_name(input._array.dtype)} and "
            f"{dtype_name(weight._array.dtype)}"
        )
    shape = (1, count) + (1,) * (input.ndim - 2) if input.ndim > 1 else (1,) * input.ndim
    return ops.prelu(input, ops.reshape(weight, *shape))


def glu(input: Tensor, dim: int = -1) -> Tensor:
    r"""Return :math:`a \sigma(b)`, where a and b are the halves of the input along `dim`.

    Args:
        input: the halves, one after the other.
        dim: the dimension along which they lie; its size is halved.

    Raises:
        RuntimeError: if the size is odd.

    Reference: Dauphin et al., "Language modeling with gated convolutional networks", 2016.
    """
    if input.ndim == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    axis = wrap_dim(dim, input.ndim)
    size = input.shape[axis]
    if size % 2 != 0:
        raise RuntimeError(f"Halving dimension must be even, but dimension {axis} is size {size}")
    require_floating("glu_cpu", input._array.dtype)
    value = ops.narrow(input, axis, 0, size // 2)
    gate = ops.narrow(input, axis, size // 2, size // 2)
    return value * ops.sigmoid(gate)


# ------------------------------------------------------------------------- written over the input


def relu_(input: Tensor) -> Tensor:
    """Write `relu` over the input and return it."""
    return relu(input, inplace=True)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Write `leaky_relu` over the input and return it."""
    return leaky_relu(input, negative_slope, inplace=True)


def rrelu_(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    """Write `rrelu` over the input and return it."""
    return rrelu(input, lower, upper, training, inplace=True)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Write `elu` over the input and return it."""
    return elu(input, alpha, inplace=True)


def selu_(input: Tensor) -> Tensor:
    """Write `selu` over the input and return it."""
    return selu(input, inplace=True)


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Write `celu` over the input and return it."""
    return celu(input, alpha, inplace=True)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Write `hardtanh` over the input and return it."""
    return hardtanh(input, min_val, max_val, inplace=True)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """Write `threshold` over the input and return it."""
    return apply_inplace(lambda x: ops.threshold(x, threshold, value), input, inplace=True)
