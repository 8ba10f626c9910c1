"""Parameters that are computed from others whenever they are read.

A parametrized module is of a class of its own, on which the name of the tensor is a property. What
is learned lies in ``module.parametrizations``.

Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from minitorch.autograd import no_grad
from minitorch.nn.container import ModuleDict
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.nn.utils._parametrization_list import ParametrizationList, check_alike, put
from minitorch.tensor import Tensor

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

M = TypeVar("M", bound=Module)

_cachings = 0  # how many `cached` blocks are open
_cache: dict[tuple[int, str], Tensor] = {}


@contextmanager
def cached() -> Iterator[None]:
    """Compute every parametrized tensor at most once in a ``with`` block.

    Example:
        >>> from minitorch import nn
        >>> from minitorch.nn.utils import parametrizations, parametrize
        >>> layer = parametrizations.weight_norm(nn.Linear(3, 2))
        >>> with parametrize.cached():
        ...     layer.weight is layer.weight
        True
    """
    global _cachings
    _cachings += 1
    try:
        yield
    finally:
        _cachings -= 1
        if not _cachings:
            _cache.clear()


def _refuse_state(self: Module) -> Any:  # noqa: ARG001 - a method
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict()."
    )


def _deepcopy(self: Any, memo: dict[int, Any]) -> Any:
    if id(self) not in memo:
        replica = memo[id(self)] = object.__new__(type(self))
        replica.__setstate__(copy.deepcopy(Module.__getstate__(self), memo))
    return memo[id(self)]


def _class_of_its_own(module: Any) -> None:
    """Give the module a class on which properties can be set."""
    cls = type(module)
    methods: dict[str, Any] = {"__getstate__": _refuse_state}
    if not hasattr(cls, "__deepcopy__"):
        methods["__deepcopy__"] = _deepcopy
    module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), methods)


def _property(name: str) -> property:
    def get(self: Any) -> Any:
        if not _cachings:
            return self.parametrizations[name]()
        key = id(self), name
        if key not in _cache:
            _cache[key] = self.parametrizations[name]()
        return _cache[key]

    def put_back(self: Any, value: Tensor) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(get, put_back)


def register_parametrization(
    module: M, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> M:
    """Let ``module.NAME`` be computed by ``parametrization(original)`` whenever it is read.

    The original is ``module.parametrizations.NAME.original``; several parametrizations of one
    tensor apply one after the other. Assigning to the tensor sets the original, by way of their
    ``right_inverse``, which may return several tensors for the first of them to take.

    Args:
        module: which owns the tensor.
        tensor_name: of a parameter or a buffer.
        parametrization: its forward computes the tensor; its ``right_inverse``, if it has one,
            gives the original that it begins with.
        unsafe: whether the dtype and the shape may change, so that nothing is checked.

    Returns:
        the module.

    Raises:
        ValueError: there is no such tensor, or the parametrization changes its dtype or shape.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> class Symmetric(nn.Module):
        ...     def forward(self, x):
        ...         return x.triu() + x.triu(1).T
        >>> layer = nn.utils.parametrize.register_parametrization(
        ...     nn.Linear(5, 5), "weight", Symmetric()
        ... )
        >>> minitorch.equal(layer.weight, layer.weight.T)
        True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            _check_further(module, tensor_name, parametrization)
        listed = module.parametrizations[tensor_name]
        listed.append(parametrization)
        listed.unsafe |= unsafe
        return module
    if tensor_name not in module._buffers and tensor_name not in module._parameters:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element "
            f"with name '{tensor_name}'"
        )
    listed = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        _class_of_its_own(module)
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, _property(tensor_name))
    module.parametrizations[tensor_name] = listed
    return module


def _check_further(module: Any, name: str, parametrization: Any) -> None:
    """Refuse a further parametrization that changes the dtype or the shape."""
    now = getattr(module, name)
    after = parametrization(now)
    check_alike(after, now, f"parametrization(module.{name})", f"module.{name}", "the `unsafe`")
    if not hasattr(parametrization, "right_inverse"):
        return
    try:
        back = parametrization.right_inverse(after)
    except NotImplementedError:
        return
    if not isinstance(back, Tensor):
        raise ValueError(
            f"parametrization.right_inverse must return a tensor. Got: {type(back).__name__}"
        )
    for kind in ("dtype", "shape"):
        if getattr(back, kind) != getattr(now, kind):
            raise ValueError(
                f"The tensor returned by parametrization.right_inverse must have the same {kind} "
                f"as module.{name}, unless the `unsafe` flag is enabled.\n"
                f"module.{name}.{kind}: {getattr(now, kind)}\n"
                f"returned {kind}: {getattr(back, kind)}"
            )


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Return whether a tensor of the module, or any if no name is given, is parametrized.

    Args:
        module: the module, those below it left aside.
        tensor_name: of the tensor.
    """
    listed = getattr(module, "parametrizations", None)
    if not isinstance(listed, ModuleDict):
        return False
    return len(listed) > 0 if tensor_name is None else tensor_name in listed


def remove_parametrizations(module: M, tensor_name: str, leave_parametrized: bool = True) -> M:
    """Make a parametrized tensor an ordinary parameter or buffer again.

    Args:
        module: which owns the tensor.
        tensor_name: its name.
        leave_parametrized: whether it keeps the value it has now, instead of the original.

    Returns:
        the module.

    Raises:
        ValueError: the tensor is not parametrized, or there are several originals to go back to.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    listed = module.parametrizations[tensor_name]
    if not listed.is_tensor and not leave_parametrized:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is "
            "parametrized in terms of a sequence of tensors."
        )
    if listed.is_tensor:
        original = listed.original
        if leave_parametrized:
            with no_grad():
                original.data = getattr(module, tensor_name).detach()
    else:
        value = getattr(module, tensor_name)
        original = Parameter(value.detach()) if value.requires_grad else value
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    put(module, tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Module) -> type:
    """Return the class that the module had before it was parametrized."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)
