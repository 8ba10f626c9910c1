"""Activations that draw what is small to zero, as layers."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class Hardshrink(Module):
    r"""Return 0 where :math:`|x| \le \lambda`, and x elsewhere.

    Args:
        lambd: the :math:`\lambda`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Hardshrink()(minitorch.tensor([-2.0, 0.5, 1.0]))
        tensor([-2.,  0.,  1.])
    """

    lambd: float

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Return the argument that `repr` shows."""
        return str(self.lambd)


class Softshrink(Module):
    r"""Return x brought nearer to 0 by :math:`\lambda`, and 0 where :math:`|x| \le \lambda`.

    Args:
        lambd: the :math:`\lambda`, not negative.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softshrink.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Softshrink()(minitorch.tensor([-2.0, 0.5, 1.0]))
        tensor([-1.5000,  0.0000,  0.5000])
    """

    lambd: float

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Return the activation of `input`."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Return the argument that `repr` shows."""
        return str(self.lambd)
