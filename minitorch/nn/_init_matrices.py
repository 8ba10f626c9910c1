"""Initial values of whole matrices, for `minitorch.nn.init`, and how values are set."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch.random import Generator, numpy_generator
from minitorch.tensor import Tensor


def set_values(tensor: Tensor, values: Any) -> Tensor:
    """Write values to a tensor, off the tape, and return it."""
    tensor._array[...] = values
    tensor._counter[0] += 1
    return tensor


def precision(tensor: Tensor) -> Any:
    """Return the type to draw in: NumPy has no half-precision generator."""
    return np.float64 if tensor._array.dtype == np.float64 else np.float32


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity; ValueError unless it has two dimensions."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return set_values(tensor, np.eye(*tensor.shape))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill a convolution's weight so that it passes on as many input channels as it can.

    Args:
        tensor: of shape (out_channels, in_channels / groups, *kernel), with 3 to 5 dimensions.
        groups: of the convolution; each group passes on its own channels.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    out_channels, in_channels, *kernel = tensor.shape
    if out_channels % groups != 0:
        raise ValueError("dim 0 must be divisible by groups")
    values = np.zeros(tensor.shape)
    centre = tuple(size // 2 for size in kernel)
    per_group = out_channels // groups
    for group in range(groups):
        for channel in range(min(per_group, in_channels)):
            values[(group * per_group + channel, channel, *centre)] = 1
    return set_values(tensor, values)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Fill with a random matrix whose rows, or columns if they are fewer, are orthonormal.

    Args:
        tensor: with two dimensions or more; all but the first count as one.
        gain: a factor.
        generator: the default one if None.

    Reference: Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks", 2013.
    """
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    gaussian = numpy_generator(generator).standard_normal((rows, columns), precision(tensor))
    q, r = np.linalg.qr(gaussian if rows >= columns else gaussian.T)
    q *= np.sign(np.diagonal(r))  # makes the distribution uniform over orthogonal matrices
    return set_values(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None
) -> Tensor:
    """Fill a matrix from a normal distribution, with a share of each column set to 0.

    Args:
        tensor: with two dimensions.
        sparsity: the share of zeros in each column.
        std: the standard deviation of the others.
        generator: the default one if None.

    Reference: Martens, "Deep learning via Hessian-free optimization", 2010.
    """
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    rng = numpy_generator(generator)
    values = rng.standard_normal((rows, columns), precision(tensor)) * std
    ranks = rng.random((rows, columns)).argsort(axis=0)  # each column: a random order of the rows
    values[ranks < math.ceil(sparsity * rows)] = 0
    return set_values(tensor, values)
