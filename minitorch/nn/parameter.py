"""Tensors that a `Module` recognises as its own when they are assigned to it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from minitorch import dtypes
from minitorch.memory_order import share
from minitorch.serialization.torch_values import know_parameters
from minitorch.tensor import Tensor


def _adopt(tensor: Tensor, data: Tensor | None, name: str) -> None:
    """Give `tensor` the memory of `data`, or no elements at all."""
    if data is None:
        tensor._array = np.empty(0, dtypes.get_default_dtype().numpy)
        return
    if not isinstance(data, Tensor):
        raise TypeError(f"{name}: data must be a Tensor, got {type(data).__name__}")
    tensor._array = data._array
    share(tensor, data)
    tensor._counter = data._counter


class Parameter(Tensor):
    """A tensor to be learned: assigned to a `Module`, it appears in `Module.parameters()`.

    Args:
        data: the initial value, whose memory the parameter shares; None makes an empty one.
        requires_grad: whether gradients are computed for it.

    Raises:
        RuntimeError: if a gradient is required of integers.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Parameter(minitorch.ones(2))
        Parameter containing:
        tensor([1., 1.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        _adopt(self, data, "Parameter")
        self.requires_grad = requires_grad

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) not in memo:  # a copy begins without a gradient
            gradient, self._grad = self._grad, None
            try:
                super().__deepcopy__(memo)
            finally:
                self._grad = gradient
        return cast("Parameter", memo[id(self)])


know_parameters(Parameter, Parameter)


class Buffer(Tensor):
    """A tensor that belongs to a `Module` but is not learned, such as a running mean.

    Assigning it to an attribute of a module registers it, as `Module.register_buffer` does.

    Args:
        data: the value, whose memory the buffer shares; None makes an empty one.
        persistent: whether it is part of the module's `state_dict`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Buffer.html

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Module()
        >>> layer.mean = minitorch.nn.Buffer(minitorch.zeros(2))
        >>> list(layer.state_dict())
        ['mean']
    """

    persistent: bool

    def __init__(self, data: Tensor | None = None, *, persistent: bool = True) -> None:
        _adopt(self, data, "Buffer")
        if data is not None:
            self.requires_grad = data.requires_grad
        self.persistent = persistent
