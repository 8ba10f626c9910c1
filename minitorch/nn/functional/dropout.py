"""Dropout."""

from __future__ import annotations

from minitorch import ops
from minitorch.nn.functional._inplace import apply_inplace
from minitorch.tensor import Tensor


def check_probability(p: float) -> None:
    """Raise ValueError unless `p` is a probability."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    r"""Set elements to 0 with probability p, and multiply the others by :math:`1 / (1 - p)`.

    Args:
        input: of any shape.
        p: the probability, independent for each element.
        training: if False the input is returned as it is.
        inplace: whether the result is written over `input`.

    Raises:
        ValueError: if p is not between 0 and 1.

    Reference: Hinton et al., "Improving neural networks by preventing co-adaptation of feature
    detectors", 2012.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.dropout(minitorch.ones(3), training=False)
        tensor([1., 1., 1.])
    """
    check_probability(p)
    if not training or p == 0.0:
        return input
    return apply_inplace(lambda x: ops.dropout(x, p), input, inplace)
