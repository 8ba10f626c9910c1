"""Normalization of batches, of samples, and of groups of channels."""

from __future__ import annotations

import math

import numpy as np

from minitorch import ops
from minitorch.nn.functional._normalization import affine_of_nothing, check_types
from minitorch.tensor import Tensor


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    r"""Normalize each channel over the batch.

    .. math:: y = \gamma (x - \mu) / \sqrt{v + \epsilon} + \beta

    Args:
        input: the x.
        running_mean: the :math:`\mu` unless in training; in training it is moved, in place.
        running_var: the v unless in training; in training it is moved, in place.
        weight: the :math:`\gamma`; None for ones.
        bias: the :math:`\beta`; None for zeros.
        training: whether :math:`\mu` and v are those of the batch.
        momentum: how far the running statistics move towards the batch's, from 0 to 1.
        eps: keeps the division finite.

    Shape:
        - input :math:`(N, C, *)`, all others :math:`(C)`. Output: :math:`(N, C, *)`.

    Raises:
        ValueError: in training, if a channel has a single value; for an `eps` that does not help.
        RuntimeError: if sizes or types do not fit, or statistics are missing.

    Reference: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", 2015.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x = minitorch.tensor([[1.0, 5.0], [3.0, 5.0]])
        >>> F.batch_norm(x, None, None, training=True)
        tensor([[-1.0000,  0.0000],
                [ 1.0000,  0.0000]])
    """
    if training:
        _require_several(input)
    _check_eps(eps, training)
    channels = input.shape[1] if input.ndim > 1 else 0
    statistics = {"running_mean": running_mean, "running_var": running_var}
    if not training:
        for name, value in statistics.items():
            if value is None:
                raise RuntimeError(f"{name} must be defined in evaluation mode")
    elif (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    parameters = {**statistics, "weight": weight, "bias": bias}
    for name, value in parameters.items():
        if value is not None and value.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {value.numel()}")
    check_types("batch_norm", input, *parameters.values())
    if input.numel() == 0:
        return _channels_of_nothing(input, weight, bias)
    if not training:
        assert running_mean is not None
        assert running_var is not None
        return ops.fixed_batch_norm(input, weight, bias, running_mean, running_var, eps)
    out, mean, variance = ops.batch_norm(input, weight, bias, eps)
    if running_mean is not None and running_var is not None:
        count = input.numel() // channels
        _move(running_mean, mean, momentum)
        _move(running_var, variance * count / (count - 1), momentum)
    return out


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """Normalize each channel of each sample.

    Args:
        input: the values.
        running_mean: used unless `use_input_stats`; otherwise moved, in place.
        running_var: used unless `use_input_stats`; otherwise moved, in place.
        weight: what the normalized values are multiplied by; None for ones.
        bias: what is added to them; None for zeros.
        use_input_stats: whether mean and variance are those of the sample's channel.
        momentum: how far the running statistics move, from 0 to 1.
        eps: keeps the division finite.

    Shape:
        - input :math:`(N, C, *)`, all others :math:`(C)`. Output: :math:`(N, C, *)`.

    Raises:
        ValueError: if a channel of a sample has a single value.
        RuntimeError: if sizes or types do not fit, or statistics are missing.

    Reference: Ulyanov, Vedaldi, Lempitsky, "Instance normalization: the missing ingredient for fast
    stylization", 2016.
    """
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise RuntimeError(
                "Expected running_mean and running_var to be defined when use_input_stats is false"
            )
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    count = math.prod(input.shape[2:])
    if count == 1:
        raise ValueError(
            f"Expected more than 1 spatial element when training, got input size {_torch(input)}"
        )
    channels = input.shape[1]
    values = {
        "running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias
    }  # fmt: skip
    for name, value in values.items():
        if value is not None and value.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {value.numel()}")
    check_types("instance_norm", input, *values.values())
    if input.numel() == 0:
        return _channels_of_nothing(input, weight, bias)
    out, mean, variance = ops.group_norm(input, channels, weight, bias, eps)
    if running_mean is not None:
        _move(running_mean, mean.mean(0), momentum)
    if running_var is not None:
        _move(running_var, variance.mean(0) * count / (count - 1), momentum)
    return out


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Normalize groups of channels of each sample.

    Args:
        input: the values.
        num_groups: how many groups G of neighbouring channels there are.
        weight: what the normalized values are multiplied by; None for ones.
        bias: what is added to them; None for zeros.
        eps: keeps the division finite.

    Shape:
        - input :math:`(N, C, *)`, weight and bias :math:`(C)`. Output: :math:`(N, C, *)`.

    Raises:
        ValueError: if a group has a single value.
        RuntimeError: if C is no multiple of G, or sizes or types do not fit.

    Reference: Wu and He, "Group normalization", 2018.
    """
    if input.ndim < 2:
        raise RuntimeError(
            f"Expected at least 2 dimensions for input tensor but received {input.ndim}"
        )
    samples, channels, *places = input.shape
    if samples * channels // num_groups * math.prod(places) == 1:
        raise ValueError(
            "Expected more than 1 value per channel when training, got input size "
            f"{[samples * channels // num_groups, num_groups, *places]}"
        )
    if channels % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {list(input.shape)} and num_groups={num_groups}"
        )
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.shape != (channels,):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, "
                f"but got {name} of shape {list(value.shape)} and input of shape "
                f"{list(input.shape)}"
            )
    check_types("group_norm", input, weight, bias)
    if input.numel() == 0:
        return _channels_of_nothing(input, weight, bias)
    return ops.group_norm(input, num_groups, weight, bias, eps)[0]


def _require_several(input: Tensor) -> None:
    """Raise ValueError if the input has one value a channel, whose variance means nothing."""
    if input.numel() == (input.shape[1] if input.ndim > 1 else 1) and input.shape[0] == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {_torch(input)}"
        )


def _check_eps(eps: float, training: bool) -> None:
    if training and eps <= 0.0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    if eps < 0.0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")


def _torch(input: Tensor) -> str:
    return f"minitorch.Size({list(input.shape)})"


def _move(running: Tensor, batch: np.ndarray, momentum: float) -> None:
    """Move running statistics towards those of a batch, in place."""
    running._array[...] = (1 - momentum) * running._array + momentum * batch
    running._counter[0] += 1


def _channels_of_nothing(input: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Return an empty (N, C, *); the gradients of its parameters are zero."""
    shape = (-1, *[1] * (input.ndim - 2))
    parts = [None if p is None else p.reshape(shape) for p in (weight, bias)]
    return affine_of_nothing(input, *parts)
