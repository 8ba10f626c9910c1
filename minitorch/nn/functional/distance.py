"""Lengths of vectors, and distances between them."""

from __future__ import annotations

from minitorch import ops
from minitorch.dtypes import dtype_name, result_type
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
    x1, x2 = ops.broadcast_tensors(*_of_one_dtype(x1, x2))
    return ops.sum(_unit(x1, dim, eps) * _unit(x2, dim, eps), dim)


def _unit(x: Tensor, dim: int, eps: float) -> Tensor:
    return x / ops.clamp(ops.norm(x, 2, dim, keepdim=True), min=eps)


def _of_one_dtype(x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    """Return both in the dtype to which they promote; RuntimeError if that is not floating."""
    dtype = result_type((x1._array, x2._array))
    if dtype.kind != "f":
        raise RuntimeError(
            f"expected common dtype to be floating point, yet common dtype is {dtype_name(dtype)}"
        )
    first, second = (x if x._array.dtype == dtype else ops.cast(x, dtype=dtype) for x in (x1, x2))
    return first, second


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
