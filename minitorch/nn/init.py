"""Initial values of parameters, drawn from torch's distributions.

Every function changes its tensor in place, outside autograd, and returns it. Numbers come from
`generator`, or from the default one, in row-major order whatever the order of the tensor in memory.

Reference: https://docs.pytorch.org/docs/stable/nn.init.html
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.nn._init_matrices import (
    dirac_,
    eye_,
    orthogonal_,
    precision,
    set_values,
    sparse_,
)
from minitorch.notices import renamed, warn
from minitorch.random import Generator, numpy_generator
from minitorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with draws from the uniform distribution on [a, b).

    Args:
        tensor: of any shape.
        a: lower bound.
        b: upper bound.
        generator: the default one if None.

    Example:
        >>> import minitorch
        >>> w = minitorch.nn.init.uniform_(minitorch.empty(3, 5), -1, 1)
        >>> bool((w.abs() <= 1).all())
        True
    """
    values = numpy_generator(generator).random(tensor.shape, precision(tensor))
    values *= b - a
    values += a
    return set_values(tensor, values)


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with draws from the normal distribution.

    Args:
        tensor: of any shape.
        mean: of the distribution.
        std: its standard deviation.
        generator: the default one if None.
    """
    values = numpy_generator(generator).standard_normal(tensor.shape, precision(tensor))
    values *= std
    values += mean
    return set_values(tensor, values)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with draws from the normal distribution that fall into [a, b].

    Args:
        tensor: of any shape.
        mean: of the distribution before it is cut.
        std: its standard deviation before it is cut.
        a: lower bound.
        b: upper bound.
        generator: the default one if None.
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
        )
    rng = numpy_generator(generator)
    dtype = precision(tensor)
    low, high = dtype(a), dtype(b)
    inside = math.erf((b - mean) / std / math.sqrt(2)) - math.erf((a - mean) / std / math.sqrt(2))
    values = np.empty(tensor.numel(), dtype)
    pending = np.arange(values.size)
    peak = (max(a, min(mean, b)) - mean) / std
    while pending.size:
        if inside / 2 > 0.3:  # draw from the whole normal, keep what falls inside
            draws = rng.standard_normal(pending.size, dtype) * dtype(std) + dtype(mean)
            accepted = (draws >= low) & (draws <= high)
        else:  # draw from [a, b], keep with the probability that the density has there
            draws = rng.random(pending.size, dtype) * (high - low) + low
            log_density = (peak**2 - ((draws - mean) / std) ** 2) / 2
            accepted = rng.random(pending.size, dtype) < np.exp(log_density)
        values[pending[accepted]] = draws[accepted]
        pending = pending[~accepted]
    return set_values(tensor, values.reshape(tensor.shape))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with `val`."""
    return set_values(tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1."""
    return set_values(tensor, 1)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0."""
    return set_values(tensor, 0)


_GAIN_ONE = ("linear", "sigmoid", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)))


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    r"""Return the factor by which an activation shrinks the standard deviation of what passes it.

    Args:
        nonlinearity: ``"linear"``, ``"conv2d"``, ``"sigmoid"`` (1), ``"tanh"`` (5/3), ``"relu"``
            (:math:`\sqrt 2`), ``"leaky_relu"`` (:math:`\sqrt{2 / (1 + s^2)}`), ``"selu"`` (3/4).
        param: the negative slope s of leaky_relu, 0.01 if None.

    Raises:
        ValueError: if the name is unknown or the slope not a number.

    Example:
        >>> import minitorch
        >>> round(minitorch.nn.init.calculate_gain("leaky_relu", 0.2), 4)
        1.3868
    """
    if nonlinearity in _GAIN_ONE:
        return 1.0
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs an output depends on, and how many outputs an input reaches."""
    if tensor.ndim < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    outputs, inputs, *kernel = tensor.shape
    field = math.prod(kernel)
    return inputs * field, outputs * field


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    modes = ["fan_in", "fan_out"]
    if mode.lower() not in modes:
        raise ValueError(f"Mode {mode} not supported, please use one of {modes}")
    return _calculate_fan_in_and_fan_out(tensor)[modes.index(mode.lower())]


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    r"""Fill from :math:`U(-a, a)` with :math:`a = gain \sqrt{6 / (fan_{in} + fan_{out})}`.

    Args:
        tensor: with two dimensions or more, (outputs, inputs, *kernel).
        gain: see `calculate_gain`.
        generator: the default one if None.

    Reference: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Fill from :math:`N(0, s^2)` with :math:`s = gain \sqrt{2 / (fan_{in} + fan_{out})}`.

    The arguments are those of `xavier_uniform_`.
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / (fan_in + fan_out)), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""Fill from :math:`U(-b, b)` with :math:`b = gain \sqrt{3 / fan}`.

    Args:
        tensor: with two dimensions or more, (outputs, inputs, *kernel).
        a: the negative slope of the leaky_relu that follows.
        mode: ``"fan_in"`` keeps the variance in the forward pass, ``"fan_out"`` in the backward.
        nonlinearity: what follows; see `calculate_gain`.
        generator: the default one if None.

    Reference: He et al., "Delving deep into rectifiers", 2015.

    Example:
        >>> import minitorch
        >>> w = minitorch.nn.init.kaiming_uniform_(minitorch.empty(3, 6), nonlinearity="relu")
        >>> bool((w.abs() <= 1).all())
        True
    """
    if tensor.numel() == 0:
        warn("Initializing zero-element tensors is a no-op")
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""Fill from :math:`N(0, s^2)` with :math:`s = gain / \sqrt{fan}`.

    The arguments are those of `kaiming_uniform_`.
    """
    if tensor.numel() == 0:
        warn("Initializing zero-element tensors is a no-op")
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def _old(function: Any) -> Callable[..., Tensor]:
    new = function.__name__
    old = new.removesuffix("_")
    return renamed(function, f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.")


uniform, normal, constant = map(_old, (uniform_, normal_, constant_))
eye, dirac, sparse, orthogonal = map(_old, (eye_, dirac_, sparse_, orthogonal_))
xavier_uniform, xavier_normal = map(_old, (xavier_uniform_, xavier_normal_))
kaiming_uniform, kaiming_normal = map(_old, (kaiming_uniform_, kaiming_normal_))
