"""Weights of a length and a direction that are learned apart, by a hook before every forward."""

from __future__ import annotations

from typing import Any, TypeVar

from minitorch.nn.module import Module
from minitorch.nn.utils._magnitudes import find_hook, learned, norm_except_dim, of_length
from minitorch.notices import warn
from minitorch.tensor import Tensor

M = TypeVar("M", bound=Module)


class WeightNorm:
    """The hook that computes a weight from its length and its direction.

    Attributes:
        name: of the weight.
        dim: along which each slice has a length of its own; -1 for one length.
    """

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module: Module) -> Tensor:
        """Return ``g v / |v|``."""
        g, v = (getattr(module, f"{self.name}_{part}") for part in "gv")
        return of_length(v, g, self.dim)

    def __call__(self, module: Module, inputs: Any) -> None:
        """Compute the weight anew before a forward."""
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    r"""Learn the length g and the direction v of a weight apart: :math:`w = g \, v / \|v\|`.

    The parameter becomes two, ``weight_g`` and ``weight_v``, and the weight is computed from them
    before every forward. Deprecated as in PyTorch, which has
    `minitorch.nn.utils.parametrizations.weight_norm` in its place.

    Args:
        module: which owns the weight.
        name: of the parameter.
        dim: along which each slice has a length of its own; None for one length of all of it.

    Returns:
        the module.

    Raises:
        RuntimeError: it has this hook for this parameter already.

    Reference: Salimans and Kingma, "Weight normalization", 2016.

    Example:
        >>> import warnings
        >>> from minitorch import nn
        >>> with warnings.catch_warnings(action="ignore"):
        ...     layer = nn.utils.weight_norm(nn.Linear(20, 40))
        >>> layer.weight_g.shape, layer.weight_v.shape
        (minitorch.Size([40, 1]), minitorch.Size([40, 20]))
    """
    warn(
        "`minitorch.nn.utils.weight_norm` is deprecated in favor of "
        "`minitorch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
    )
    if find_hook(module, WeightNorm, name) is not None:
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    hook = WeightNorm(name, dim)
    weight = getattr(module, name)
    del module._parameters[name]
    length = norm_except_dim(weight.detach(), hook.dim)
    module.register_parameter(name + "_g", learned(length))
    module.register_parameter(name + "_v", learned(weight))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Undo `weight_norm`: the weight, as it is now, becomes a parameter again.

    Args:
        module: which owns the weight.
        name: of the parameter.

    Returns:
        the module.

    Raises:
        ValueError: it has no such hook.
    """
    found = find_hook(module, WeightNorm, name)
    if found is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    key, hook = found
    weight = hook.compute_weight(module)
    for part in ("", "_g", "_v"):
        delattr(module, name + part)
    module.register_parameter(name, learned(weight))
    del module._forward_pre_hooks[key]
    return module
