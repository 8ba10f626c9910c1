"""Activations that draw what is small to zero."""

from __future__ import annotations

from minitorch import ops
from minitorch.tensor import Tensor


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    r"""Return 0 where :math:`|x| \le \lambda`, and x elsewhere.

    Args:
        input: the x, of any shape.
        lambd: the :math:`\lambda`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.hardshrink(minitorch.tensor([-2.0, 0.5, 1.0]))
        tensor([-2.,  0.,  1.])
    """
    return ops.hardshrink(input, lambd)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    r"""Return x brought nearer to 0 by :math:`\lambda`, and 0 where :math:`|x| \le \lambda`.

    Args:
        input: the x, of any shape.
        lambd: the :math:`\lambda`, not negative.

    Raises:
        RuntimeError: if it is negative.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.softshrink(minitorch.tensor([-2.0, 0.5, 1.0]))
        tensor([-1.5000,  0.0000,  0.5000])
    """
    return ops.softshrink(input, lambd)
