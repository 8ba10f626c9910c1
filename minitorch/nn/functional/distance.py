"""Lengths of vectors, and distances between them."""

from __future__ import annotations

from minitorch import ops
from minitorch.tensor import Tensor


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    r"""Return :math:`x_1 \cdot x_2 / (\max(|x_1|, \epsilon) \max(|x_2|, \epsilon))`.

    Args:
        x1: vectors along `dim`.
        x2: vectors of the same size; the shapes broadcast.
        dim: the dimension of the vectors, which disappears.
        eps: the least length to divide by.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([[3.0, 4.0]])
        >>> minitorch.nn.functional.cosine_similarity(x, 2 * x)
        tensor([1.])
    """
    x1, x2 = ops.broadcast_tensors(x1, x2)
    return ops.sum(_unit(x1, dim, eps) * _unit(x2, dim, eps), dim)


def _unit(x: Tensor, dim: int, eps: float) -> Tensor:
    return x / ops.sqrt(ops.clamp(ops.sum(x * x, dim, keepdim=True), min=eps * eps))


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    r"""Return :math:`|x_1 - x_2 + \epsilon|_p` along the last dimension.

    Args:
        x1: vectors along the last dimension.
        x2: vectors of the same size; the shapes broadcast.
        p: of the p-norm.
        eps: added to each difference, to keep the gradient finite.
        keepdim: whether the last dimension stays, with size 1.
    """
    return ops.norm(x1 - x2 + eps, p, -1, keepdim)


def normalize(
    input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Tensor | None = None
) -> Tensor:
    r"""Return :math:`x / \max(|x|_p, \epsilon)`.

    Args:
        input: vectors along `dim`.
        p: of the p-norm.
        dim: the dimension of the vectors.
        eps: the least length to divide by.
        out: not supported.
    """
    if out is not None:
        raise NotImplementedError("normalize: out is not supported")
    return input / ops.clamp(ops.norm(input, p, dim, keepdim=True), min=eps)
