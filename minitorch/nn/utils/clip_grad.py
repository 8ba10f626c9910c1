"""Limiting gradients before an optimizer uses them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from types import GeneratorType
from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch.notices import renamed, warn
from minitorch.tensor import Tensor, wrap


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    r"""Scale all gradients by one factor, in place, if their total norm is greater than `max_norm`.

    The factor is :math:`\min(1, max\_norm / (total\_norm + 10^{-6}))`.

    Args:
        parameters: those whose ``grad`` is scaled, if they have one.
        max_norm: the greatest norm allowed.
        norm_type: the p of the p-norm; may be ``"inf"``.
        error_if_nonfinite: whether a norm that is infinite or NaN is an error.
        foreach: True is not supported.

    Returns:
        the norm before clipping, of all gradients as one vector.

    Raises:
        RuntimeError: if the norm is not finite and that is an error.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html

    Example:
        >>> import minitorch
        >>> w = minitorch.zeros(2, requires_grad=True)
        >>> w.grad = minitorch.tensor([3.0, 4.0])
        >>> minitorch.nn.utils.clip_grad_norm_([w], max_norm=1.0)
        tensor(5.)
        >>> w.grad
        tensor([0.6000, 0.8000])
    """
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    listed = list(parameters)
    if not listed and isinstance(parameters, GeneratorType):
        warn("`parameters` is an empty generator, no gradient clipping will occur.")
    grads = [p.grad for p in listed if p.grad is not None]
    total_norm = get_total_norm(grads, norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(listed, max_norm, total_norm, foreach)
    return total_norm


clip_grad_norm = renamed(
    clip_grad_norm_,
    "`minitorch.nn.utils.clip_grad_norm` is now deprecated in favor of "
    "`minitorch.nn.utils.clip_grad_norm_`.",
)


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Return the norm of several tensors as one vector.

    Args:
        tensors: gradients, for instance.
        norm_type: the p of the p-norm; may be ``"inf"``.
        error_if_nonfinite: whether a norm that is infinite or NaN is an error.
        foreach: True is not supported.

    Raises:
        RuntimeError: if the norm is not finite and that is an error.
    """
    _refuse_foreach("get_total_norm", foreach)
    arrays = [t._array for t in ([tensors] if isinstance(tensors, Tensor) else tensors)]
    norm_type = float(norm_type)
    if not arrays:
        return wrap(np.asarray(0.0, dtypes.get_default_dtype().numpy))
    norms = [_norm(_flat(array), norm_type) for array in arrays]
    total = _norm(np.array(norms), norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, "
            "so it cannot be clipped. To disable this error and scale the gradients by the "
            "non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return wrap(np.asarray(total, np.result_type(*(array.dtype for array in arrays))))


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    total_norm: Tensor,
    foreach: bool | None = None,
) -> None:
    """Scale all gradients in place as `clip_grad_norm_` does, with a norm that is known already.

    Args:
        parameters: those whose ``grad`` is scaled, if they have one.
        max_norm: the greatest norm allowed.
        total_norm: the norm of the gradients.
        foreach: True is not supported.
    """
    _refuse_foreach("clip_grads_with_norm_", foreach)
    total = total_norm._array
    factor = np.minimum(total.dtype.type(max_norm) / (total + total.dtype.type(1e-6)), 1)
    if factor == 1:
        return
    for parameter in [parameters] if isinstance(parameters, Tensor) else parameters:
        if parameter.grad is not None:
            array = parameter.grad._array
            np.multiply(array, array.dtype.type(factor), out=array)
            parameter.grad._counter[0] += 1


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Limit every element of the gradients to [-`clip_value`, `clip_value`], in place.

    Args:
        parameters: those whose ``grad`` is limited, if they have one.
        clip_value: the greatest magnitude allowed.
        foreach: True is not supported.

    Example:
        >>> import minitorch
        >>> w = minitorch.zeros(2, requires_grad=True)
        >>> w.grad = minitorch.tensor([3.0, -0.5])
        >>> minitorch.nn.utils.clip_grad_value_([w], 1.0)
        >>> w.grad
        tensor([ 1.0000, -0.5000])
    """
    _refuse_foreach("clip_grad_value_", foreach)
    limit = float(clip_value)
    for parameter in [parameters] if isinstance(parameters, Tensor) else parameters:
        if parameter.grad is not None:
            array = parameter.grad._array
            np.clip(array, -limit, limit, out=array)
            parameter.grad._counter[0] += 1


def _refuse_foreach(name: str, foreach: bool | None) -> None:
    if foreach:
        raise NotImplementedError(f"{name}: foreach=True is not supported")


def _flat(array: np.ndarray) -> np.ndarray:
    """Return the elements in memory order, in a type that can hold the sum of their squares."""
    flat = array.ravel(order="K")
    return flat if flat.itemsize >= 4 else flat.astype(np.float32)


def _norm(vector: np.ndarray, p: float) -> Any:
    if p == 2.0:
        return math.sqrt(np.dot(vector, vector))
    return np.linalg.norm(vector, ord=p) if vector.size else 0.0
