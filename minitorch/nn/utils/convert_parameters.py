"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from minitorch import ops
from minitorch.nn._registry import typename
from minitorch.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return the elements of all parameters in one vector, through which gradients flow.

    Args:
        parameters: of a model, for instance.

    Example:
        >>> from minitorch import nn
        >>> nn.utils.parameters_to_vector(nn.Linear(3, 2).parameters()).shape
        minitorch.Size([8])
    """
    return ops.cat([ops.reshape(parameter, -1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Make parameters views of the pieces of a vector, outside autograd.

    Changes to the vector are then changes to the parameters.

    Args:
        vec: as `parameters_to_vector` returns it.
        parameters: which take one piece each, in order.

    Raises:
        TypeError: if `vec` is not a tensor.
        RuntimeError: if it has fewer elements than the parameters together.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected minitorch.Tensor, but got: {typename(vec)}")
    listed = list(parameters)
    wanted = sum(parameter.numel() for parameter in listed)
    if vec.numel() < wanted:
        raise RuntimeError(f"the vector has {vec.numel()} elements, the parameters {wanted}")
    start = 0
    for parameter in listed:
        end = start + parameter.numel()
        parameter.data = ops.reshape(vec.data[start:end], parameter.shape)
        start = end
