"""Losses that compare probabilities element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import ops
from minitorch.autograd import Function
from minitorch.dtypes import dtype_name
from minitorch.nn.functional._reduction import reduced, reduction_name, require_float_input
from minitorch.notices import warn
from minitorch.ops.arguments import require_floating
from minitorch.tensor import Tensor, wrap


class _BinaryCrossEntropy(Function):
    """The cross entropy of x against y, whose gradient stays finite where x is 0 or 1."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
        ctx.save_for_backward(x, y)
        p, q = x._array, y._array
        with np.errstate(divide="ignore"):
            log_p, log_not_p = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
        return wrap(np.asarray((q - 1) * log_not_p - q * log_p))

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, y = ctx.saved_tensors
        grad_x = grad_y = None
        if ctx.needs_input_grad[0]:
            grad_x = g * (x - y) / ops.clamp(x * (1 - x), min=1e-12)
        if ctx.needs_input_grad[1]:
            grad_y = g * (ops.clamp(ops.log1p(-x), min=-100) - ops.clamp(ops.log(x), min=-100))
        return grad_x, grad_y


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    r"""Return :math:`-w (y \log x + (1 - y) \log(1 - x))`, with logarithms not below -100.

    Args:
        input: probabilities.
        target: labels or probabilities, of the same shape.
        weight: of each element; broadcasts.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Raises:
        ValueError: if the shapes differ.
        RuntimeError: if a number is not between 0 and 1.

    Example:
        >>> import minitorch
        >>> half = minitorch.tensor([0.5])
        >>> minitorch.nn.functional.binary_cross_entropy(half, minitorch.ones(1))
        tensor(0.6931)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size "
            f"({input.size()}) is deprecated. Please ensure they have the same size."
        )
    for name, tensor in (("input", input), ("target", target)):
        if not ((tensor._array >= 0) & (tensor._array <= 1)).all():
            raise RuntimeError(f"all elements of {name} should be between 0 and 1")
    if input._array.dtype != target._array.dtype:
        raise RuntimeError(
            f"Found dtype {dtype_name(target.dtype)} but expected {dtype_name(input.dtype)}"
        )
    loss = _BinaryCrossEntropy.apply(input, target)
    return reduced(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    r"""Return :math:`-w (p y \log \sigma(x) + (1 - y) \log(1 - \sigma(x)))`, without overflow.

    Args:
        input: scores, before the sigmoid.
        target: labels or probabilities, of the same shape.
        weight: w, of each element; broadcasts.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        pos_weight: p, of the positive labels; broadcasts.

    Raises:
        ValueError: if the shapes differ.
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if input.shape != target.shape:
        raise ValueError(
            f"Target size ({target.size()}) must be the same as input size ({input.size()})"
        )
    require_floating("log_sigmoid_cpu", input._array.dtype)
    require_float_input(target, input)
    surprise = ops.softplus(-input, threshold=math.inf)  # -log sigmoid(x)
    if pos_weight is not None:
        surprise = surprise * ((pos_weight - 1) * target + 1)
    loss = (1 - target) * input + surprise
    return reduced(loss if weight is None else loss * weight, reduction)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    r"""Return the Kullback-Leibler divergence, element by element: :math:`y (\log y - x)`.

    Args:
        input: logarithms of probabilities.
        target: probabilities, or their logarithms with `log_target`.
        size_average: torch's older form of `reduction`.
        reduce: torch's older form of `reduction`.
        reduction: ``"batchmean"`` (the sum by the size of the batch, which is the divergence),
            ``"mean"``, ``"sum"`` or ``"none"``.
        log_target: whether the target is in logarithms.

    Example:
        >>> import minitorch
        >>> p = minitorch.tensor([[0.5, 0.5]])
        >>> minitorch.nn.functional.kl_div(p.log(), p, reduction="batchmean")
        tensor(0.)
    """
    if reduction != "batchmean":
        reduction = reduction_name(size_average, reduce, reduction)
    if reduction == "mean":
        warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math "
            "definition.'mean' will be changed to behave the same as 'batchmean' in the next "
            "major release.",
        )
    if not (input.is_floating_point() and target.is_floating_point()):
        raise RuntimeError("kl_div: Integral inputs not supported.")
    if log_target:
        loss = ops.exp(target) * (target - input)
    else:
        loss = ops.xlogy(target, target) - target * input
    if reduction != "batchmean":
        return reduced(loss, reduction)
    return ops.sum(loss) / (input.shape[0] if input.ndim else 1)
