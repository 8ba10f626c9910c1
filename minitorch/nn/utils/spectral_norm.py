"""Weights divided by their greatest singular value, by a hook before every forward."""

from __future__ import annotations

from typing import Any, TypeVar

from minitorch.autograd import no_grad
from minitorch.nn.conv_transpose import ConvTranspose1d, ConvTranspose2d
from minitorch.nn.module import Module
from minitorch.nn.utils._magnitudes import (
    as_matrix,
    find_hook,
    learned,
    random_directions,
    stretch,
    towards_left,
    towards_right,
)
from minitorch.tensor import Tensor

M = TypeVar("M", bound=Module)


class SpectralNorm:
    """The hook that computes a weight from the one that is learned.

    Attributes:
        name: of the weight.
        n_power_iterations: before every forward in training.
        dim: of the outputs.
        eps: the least length by which is divided.
    """

    _version = 1

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but "
                f"got n_power_iterations={n_power_iterations}"
            )
        self.name = name
        self.n_power_iterations = n_power_iterations
        self.dim = dim
        self.eps = eps

    def compute_weight(self, module: Module, do_power_iteration: bool) -> Tensor:
        """Return ``W / (u W v)``, after the power iterations that bring u and v up to date."""
        weight, u, v = (getattr(module, f"{self.name}_{part}") for part in ("orig", "u", "v"))
        matrix = as_matrix(weight, self.dim)
        if do_power_iteration:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    towards_right(matrix, u, v, self.eps)
                    towards_left(matrix, u, v, self.eps)
                u, v = u.clone(), v.clone()  # the tape keeps these; the next forward changes those
        return weight / stretch(matrix, u, v)

    def __call__(self, module: Module, inputs: Any) -> None:
        """Compute the weight anew before a forward."""
        setattr(module, self.name, self.compute_weight(module, module.training))


class SpectralNormStateDictHook:
    """The hook that writes the version of a `SpectralNorm` beside the saved state."""

    def __init__(self, fn: SpectralNorm) -> None:
        self.fn = fn

    def __call__(
        self, module: Module, state_dict: Any, prefix: str, local_metadata: dict[str, Any]
    ) -> None:
        """Note the version in the metadata of the module."""
        versions = local_metadata.setdefault("spectral_norm", {})
        versions[self.fn.name + ".version"] = self.fn._version


def spectral_norm(
    module: M,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> M:
    r"""Divide a weight, as a matrix, by its greatest singular value: :math:`W / \sigma(W)`.

    What is learned is ``weight_orig``. The singular vectors are the buffers ``weight_u`` and
    ``weight_v``, which power iterations before every forward in training follow.

    Args:
        module: which owns the weight.
        name: of the parameter.
        n_power_iterations: before every forward.
        eps: the least length by which a vector is divided.
        dim: of the outputs. Default: 0, and 1 in transposed convolutions.

    Returns:
        the module.

    Raises:
        RuntimeError: it has this hook for this parameter already.
        ValueError: without iterations, or if there is no weight.

    Reference: Miyato et al., "Spectral normalization for generative adversarial networks", 2018.

    Example:
        >>> from minitorch import nn
        >>> layer = nn.utils.spectral_norm(nn.Linear(4, 3))
        >>> list(layer.state_dict())
        ['bias', 'weight_orig', 'weight_u', 'weight_v']
    """
    if dim is None:
        dim = int(isinstance(module, (ConvTranspose1d, ConvTranspose2d)))
    if find_hook(module, SpectralNorm, name) is not None:
        raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    hook = SpectralNorm(name, n_power_iterations, dim, eps)
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
    u, v = random_directions(weight, dim, eps)
    delattr(module, name)
    module.register_parameter(name + "_orig", weight)
    setattr(module, name, weight.data)  # no parameter, but there, as whoever sets it expects
    module.register_buffer(name + "_u", u)
    module.register_buffer(name + "_v", v)
    module.register_forward_pre_hook(hook)
    module.register_state_dict_post_hook(SpectralNormStateDictHook(hook))
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Undo `spectral_norm`: the weight, as it is now, becomes a parameter again.

    Args:
        module: which owns the weight.
        name: of the parameter.

    Returns:
        the module.

    Raises:
        ValueError: it has no such hook.
    """
    found = find_hook(module, SpectralNorm, name)
    if found is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    key, hook = found
    weight = hook.compute_weight(module, do_power_iteration=False)
    for part in ("", "_u", "_v", "_orig"):
        delattr(module, name + part)
    module.register_parameter(name, learned(weight))
    del module._forward_pre_hooks[key]
    for other, after in list(module._state_dict_hooks.items()):
        if isinstance(after, SpectralNormStateDictHook) and after.fn is hook:
            del module._state_dict_hooks[other]
    return module
