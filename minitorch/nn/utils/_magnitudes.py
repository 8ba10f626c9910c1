"""What the normalizations of weights share: lengths of slices, the greatest stretch, hooks."""

from __future__ import annotations

from typing import Any, TypeVar

import minitorch.nn.functional as F
from minitorch import ops
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor

H = TypeVar("H")


def norm_except_dim(v: Tensor, dim: int) -> Tensor:
    """Return the length of each slice of `v` along `dim`, or of all of it for -1."""
    if dim == -1:
        return ops.norm(v)
    kept = ops.wrap_dim(dim, v.ndim)
    others = [d for d in range(v.ndim) if d != kept]
    return ops.norm(v, 2, others, keepdim=True) if others else ops.abs(v)


def of_length(v: Tensor, g: Tensor, dim: int) -> Tensor:
    """Return `v` with its slices along `dim` brought to the lengths `g`."""
    return v * (g / norm_except_dim(v, dim))


def as_matrix(weight: Tensor, dim: int) -> Tensor:
    """Return a weight as a matrix with a row for each place along `dim`."""
    if dim != 0:
        weight = weight.permute(dim, *(d for d in range(weight.ndim) if d != dim))
    return weight.reshape(weight.shape[0], -1)


def random_directions(weight: Tensor, dim: int, eps: float) -> tuple[Tensor, Tensor]:
    """Return random vectors u and v of length 1 for ``u as_matrix(weight, dim) v``."""
    made = (weight.new_empty(n).normal_() for n in as_matrix(weight.detach(), dim).shape)
    u, v = (F.normalize(x, dim=0, eps=eps) for x in made)
    return u, v


def towards_right(matrix: Tensor, u: Tensor, v: Tensor, eps: float) -> None:
    """Write the direction of ``matrix.T @ u`` to `v`."""
    v.copy_(F.normalize(ops.mv(matrix.T, u), dim=0, eps=eps))


def towards_left(matrix: Tensor, u: Tensor, v: Tensor, eps: float) -> None:
    """Write the direction of ``matrix @ v`` to `u`."""
    u.copy_(F.normalize(ops.mv(matrix, v), dim=0, eps=eps))


def stretch(matrix: Tensor, u: Tensor, v: Tensor) -> Any:
    """Return ``u matrix v``, the norm of the matrix if u and v are its first singular vectors."""
    return ops.dot(u, ops.mv(matrix, v))


def learned(value: Tensor) -> Parameter:
    """Return a parameter that begins as `value`, off the tape."""
    return Parameter(value.detach())


def find_hook(module: Module, kind: type[H], name: str) -> tuple[int, H] | None:
    """Return the key and the hook of a kind that computes the parameter `name`, if there is one."""
    for key, entry in module._forward_pre_hooks.items():
        hook = entry.function
        if isinstance(hook, kind) and getattr(hook, "name", None) == name:
            return key, hook
    return None
