"""Activations with a bend at zero: ReLU and its relatives. Each keeps the shape of its input."""

from __future__ import annotations

from typing import Any

from minitorch import dtypes
from minitorch.devices import require_cpu
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn._pointwise import Inplace
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor


class Threshold(Inplace):
    """Return x where it is greater than a threshold, and a fixed value elsewhere.

    Args:
        threshold: the threshold.
        value: what smaller elements become.
        inplace: whether the result is written over the input.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Threshold(0.5, 9.0)(minitorch.tensor([0.0, 1.0]))
        tensor([9., 1.])
    """

    threshold: float
    value: float

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return self._repr_with(f"threshold={self.threshold}, value={self.value}")


class ReLU(Inplace):
    r"""Return :math:`\max(0, x)`.

    Args:
        inplace: whether the result is written over the input.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.ReLU()(minitorch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.relu(input, self.inplace)


class Hardtanh(Inplace):
    """Return x limited to [`min_val`, `max_val`].

    Args:
        min_val: lower limit.
        max_val: upper limit.
        inplace: whether the result is written over the input.

    Raises:
        AssertionError: if the limits are in the wrong order.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Hardtanh()(minitorch.tensor([-3.0, 0.5, 3.0]))
        tensor([-1.0000,  0.5000,  1.0000])
    """

    min_val: float
    max_val: float

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        if max_val <= min_val:
            raise AssertionError(f"max_val ({max_val}) must be greater than min_val ({min_val})")
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return self._repr_with(f"min_val={self.min_val}, max_val={self.max_val}")


class ReLU6(Hardtanh):
    r"""Return :math:`\min(\max(0, x), 6)`.

    Args:
        inplace: whether the result is written over the input.

    Example:
        >>> import minitorch
        >>> minitorch.nn.ReLU6()(minitorch.tensor([-1.0, 2.0, 7.0]))
        tensor([0., 2., 6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return Inplace.extra_repr(self)


class LeakyReLU(Inplace):
    """Return x where it is positive, and a small slope times x elsewhere.

    Args:
        negative_slope: the slope.
        inplace: whether the result is written over the input.

    Example:
        >>> import minitorch
        >>> minitorch.nn.LeakyReLU(0.5)(minitorch.tensor([-1.0, 2.0]))
        tensor([-0.5000,  2.0000])
    """

    negative_slope: float

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return self._repr_with(f"negative_slope={self.negative_slope}")


class PReLU(Module):
    """Return x where it is positive, and a learned slope times x elsewhere.

    Args:
        num_parameters: 1, or the number of channels to learn a slope for each.
        init: the slope to start with.
        device: ``"cpu"``.
        dtype: of the slopes.

    Shape:
        - Input: :math:`(N, C, *)`. Output: the same.
        - weight: (num_parameters).

    Reference: He et al., "Delving deep into rectifiers", 2015.

    Example:
        >>> import minitorch
        >>> minitorch.nn.PReLU(2)
        PReLU(num_parameters=2)
    """

    num_parameters: int
    init: float
    weight: Parameter

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, "PReLU")
        self.num_parameters = num_parameters
        self.init = init
        self.weight = empty_parameter((num_parameters,), dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the slopes to their first value."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"num_parameters={self.num_parameters}"


class RReLU(Inplace):
    """Return x where it is positive, and x times a factor elsewhere: random in training.

    Args:
        lower: the least factor.
        upper: the largest factor; in evaluation the mean of the two is the factor.
        inplace: whether the result is written over the input.

    Reference: Xu et al., "Empirical evaluation of rectified activations in convolutional network",
    2015.

    Example:
        >>> import minitorch
        >>> minitorch.nn.RReLU(0.25, 0.75).eval()(minitorch.tensor([-1.0, 2.0]))
        tensor([-0.5000,  2.0000])
    """

    lower: float
    upper: float

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.lower = lower
        self.upper = upper

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return self._repr_with(f"lower={self.lower}, upper={self.upper}")


class ELU(Inplace):
    r"""Return x where it is positive, and :math:`\alpha (e^x - 1)` elsewhere.

    Args:
        alpha: the value approached for large negative x, negated.
        inplace: whether the result is written over the input.

    Reference: Clevert et al., "Fast and accurate deep network learning by exponential linear
    units", 2015.

    Example:
        >>> import minitorch
        >>> minitorch.nn.ELU()(minitorch.tensor([-1.0, 2.0]))
        tensor([-0.6321,  2.0000])
    """

    alpha: float

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return self._repr_with(f"alpha={self.alpha}")


class CELU(ELU):
    r"""Return x where it is positive, and :math:`\alpha (e^{x / \alpha} - 1)` elsewhere.

    Args:
        alpha: the value approached for large negative x, negated.
        inplace: whether the result is written over the input.

    Reference: Barron, "Continuously differentiable exponential linear units", 2017.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.celu(input, self.alpha, self.inplace)


class SELU(Inplace):
    r"""Return the scaled ELU, which keeps mean 0 and variance 1 from layer to layer.

    Args:
        inplace: whether the result is written over the input.

    Reference: Klambauer et al., "Self-normalizing neural networks", 2017.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.selu(input, self.inplace)
