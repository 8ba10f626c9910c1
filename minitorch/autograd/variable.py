"""``Variable``, which tensors were wrapped in before they could require grad themselves."""

from __future__ import annotations

from typing import Any

from minitorch.notices import warn
from minitorch.tensor import Tensor


class _Variables(type):
    """Every tensor is a Variable, and making one gives a tensor."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor)

    def __call__(cls, data: Any, requires_grad: bool = False, volatile: Any = None) -> Tensor:
        if volatile is not None:
            warn(
                "volatile was removed and now has no effect. Use `with minitorch.no_grad():` "
                "instead."
            )
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        return data.detach().requires_grad_(requires_grad)


class Variable(metaclass=_Variables):
    """A tensor with the memory of another, outside its graph.

    Reference: https://docs.pytorch.org/docs/stable/autograd.html#variable-deprecated

    Example:
        >>> import minitorch
        >>> from minitorch.autograd import Variable
        >>> Variable(minitorch.ones(2), requires_grad=True)
        tensor([1., 1.], requires_grad=True)
    """
