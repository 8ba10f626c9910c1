"""Parametrizations that normalize a weight; see `minitorch.nn.utils.parametrize`."""

from __future__ import annotations

from typing import Any, TypeVar

import minitorch.nn.functional as F
from minitorch.autograd import no_grad
from minitorch.nn.conv_transpose import ConvTranspose1d, ConvTranspose2d
from minitorch.nn.module import Module
from minitorch.nn.utils import parametrize
from minitorch.nn.utils._magnitudes import (
    as_matrix,
    norm_except_dim,
    of_length,
    random_directions,
    stretch,
    towards_left,
    towards_right,
)
from minitorch.tensor import Tensor

__all__ = ["spectral_norm", "weight_norm"]

M = TypeVar("M", bound=Module)


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return of_length(weight_v, weight_g, self.dim)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return norm_except_dim(weight, self.dim), weight


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    r"""Learn the length g and the direction v of a weight apart: :math:`w = g \, v / \|v\|`.

    They are ``module.parametrizations.weight.original0`` and ``original1``. A state that was saved
    with the older `minitorch.nn.utils.weight_norm` can be loaded.

    Args:
        module: which owns the weight.
        name: of the parameter.
        dim: along which each slice has a length of its own; None for one length of all of it.

    Returns:
        the module.

    Reference: Salimans and Kingma, "Weight normalization", 2016.

    Example:
        >>> from minitorch import nn
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(20, 40))
        >>> layer.parametrizations.weight.original0.shape
        minitorch.Size([40, 1])
    """
    parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def rename(_: Any, state_dict: dict[str, Any], prefix: str, *_others: Any) -> None:
        old = f"{prefix}{name}_g", f"{prefix}{name}_v"
        if all(key in state_dict for key in old):
            for place, key in enumerate(old):
                new = f"{prefix}parametrizations.{name}.original{place}"
                state_dict[new] = state_dict.pop(key)

    module.register_load_state_dict_pre_hook(rename)
    return module


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__()
        ndim = weight.ndim
        if not -ndim <= dim < ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{ndim}, {ndim - 1}] but got "
                f"{dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but "
                f"got n_power_iterations={n_power_iterations}"
            )
        self.dim = dim % ndim
        self.eps = eps
        if ndim > 1:
            self.n_power_iterations = n_power_iterations
            u, v = random_directions(weight, self.dim, eps)
            self.register_buffer("_u", u)
            self.register_buffer("_v", v)
            self._power_method(as_matrix(weight, self.dim), 15)

    def _power_method(self, matrix: Tensor, n_power_iterations: int) -> None:
        with no_grad():
            for _ in range(n_power_iterations):
                towards_left(matrix, self._u, self._v, self.eps)
                towards_right(matrix, self._u, self._v, self.eps)

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self._power_method(matrix, self.n_power_iterations)
        return weight / stretch(matrix, self._u.clone(), self._v.clone())

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def spectral_norm(
    module: M,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> M:
    r"""Divide a weight, as a matrix, by its greatest singular value: :math:`W / \sigma(W)`.

    Power iterations follow the singular vectors whenever the weight is read in training. A vector
    is divided by its length.

    Args:
        module: which owns the weight.
        name: of the parameter.
        n_power_iterations: at each reading.
        eps: the least length by which a vector is divided.
        dim: of the outputs. Default: 0, and 1 in transposed convolutions.

    Returns:
        the module.

    Raises:
        ValueError: there is no such parameter, or there are no iterations.

    Reference: Miyato et al., "Spectral normalization for generative adversarial networks", 2018.

    Example:
        >>> from minitorch import nn
        >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 3))
        >>> list(layer.state_dict())[1:]
        ['parametrizations.weight.original', 'parametrizations.weight.0._u',
         'parametrizations.weight.0._v']
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if dim is None:
        dim = int(isinstance(module, (ConvTranspose1d, ConvTranspose2d)))
    norm = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return parametrize.register_parametrization(module, name, norm)
