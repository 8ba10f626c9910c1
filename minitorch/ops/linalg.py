"""Matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import expand_to
from minitorch.autograd.primitive import primitive
from minitorch.ops.shape import as_shape, mT, permute_dims, reshape, unsqueeze


def _flat(x: Any) -> Any:
    """Return ``(..., K)`` as ``(N, K)``."""
    return x if x.ndim == 2 else reshape(x, -1, x.shape[-1])


def _matmul_y(g: Any, x: Any, y_shape: tuple[int, ...]) -> Any:
    if len(y_shape) == 2 and x.ndim > 2:  # one product instead of a batch of them, to be summed
        x, g = _flat(x), _flat(g)
    return product(mT(x), g)


product = primitive(
    "mm", kernels.matmul, promotes=True, x=lambda g, y: product(g, mT(y)), y=_matmul_y
)


def _names(x: Any) -> str:
    return "x".join(str(n) for n in x.shape)


def matmul(input: Any, other: Any) -> Any:
    """Return the matrix product over the last two dimensions, broadcast over the others.

    Shape:
        ``(..., N, K), (..., K, M) -> (..., N, M)``; a 1-D factor acts as a row or a column, and its
        dimension is gone from the result.

    Raises:
        RuntimeError: the inner sizes differ.
    """
    if input.ndim == 0 or other.ndim == 0:
        raise RuntimeError(
            "both arguments to matmul need to be at least 1D, but they are "
            f"{input.ndim}D and {other.ndim}D"
        )
    inner = other.shape[-2] if other.ndim > 1 else other.shape[0]
    if input.shape[-1] != inner:
        raise RuntimeError(
            f"matmul: mat1 and mat2 shapes cannot be multiplied ({_names(input)} and {_names(other)})"
        )
    x = unsqueeze(input, 0) if input.ndim == 1 else input
    y = unsqueeze(other, 1) if other.ndim == 1 else other
    out = product(x, y)
    shape = tuple(out.shape)
    if other.ndim == 1:
        shape = shape[:-1]
        out = as_shape(out, shape=shape)
    if input.ndim == 1:
        cut = shape[:-1] if other.ndim == 1 else (*shape[:-2], shape[-1])
        out = as_shape(out, shape=cut)
    return out


def _exactly(name: str, input: Any, other: Any, ndim: int) -> Any:
    for place, x in (("self", input), ("mat2", other)):
        if x.ndim != ndim:
            raise RuntimeError(f"{name}: {place} must be a {ndim}D tensor, got {x.ndim}D")
    return matmul(input, other)


def mm(input: Any, mat2: Any) -> Any:
    """Return the product of two matrices, ``(N, K), (K, M) -> (N, M)``."""
    return _exactly("mm", input, mat2, 2)


def bmm(input: Any, mat2: Any) -> Any:
    """Return the products of two batches of matrices, ``(B, N, K), (B, K, M) -> (B, N, M)``."""
    return _exactly("bmm", input, mat2, 3)


def mv(input: Any, vec: Any) -> Any:
    """Return the product of a matrix and a vector, ``(N, K), (K,) -> (N,)``."""
    return matmul(input, vec)


def dot(input: Any, tensor: Any) -> Any:
    """Return the inner product of two vectors."""
    if input.ndim != 1 or tensor.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    return matmul(input, tensor)


def outer(input: Any, vec2: Any) -> Any:
    """Return the outer product of two vectors, ``(N,), (M,) -> (N, M)``."""
    return unsqueeze(input, 1) * unsqueeze(vec2, 0)


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Return ``beta * input + alpha * (mat1 @ mat2)``."""
    out = matmul(mat1, mat2)
    return input * beta + (out if alpha == 1 else out * alpha)


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Return ``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices."""
    out = bmm(batch1, batch2)
    return input * beta + (out if alpha == 1 else out * alpha)


# ---------------------------------------------------------------------- the layer

def _linear_weight(g: Any, x: Any) -> Any:
    return mT(product(mT(_flat(x)), _flat(g)))  # (M, K), stored as (K, M)


_linear = primitive(
    "linear",
    kernels.linear,
    x=lambda g, weight: product(g, weight),
    weight=_linear_weight,
    bias=lambda g: g,
)


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """Return ``input @ weight.T + bias``.

    Shape:
        ``(..., K), (M, K), (M,) -> (..., M)``

    Raises:
        RuntimeError: the last size of the input is not K.
    """
    if input.shape[-1] != weight.shape[-1]:
        raise RuntimeError(
            "linear: mat1 and mat2 shapes cannot be multiplied "
            f"({_names(_flat(input))} and {weight.shape[1]}x{weight.shape[0]}): input of shape "
            f"{list(input.shape)}, weight of shape {list(weight.shape)}"
        )
    return _linear(input, weight, bias)


def einsum(equation: str, *operands: Any) -> Any:
    """Return the sum of products that `equation` describes, in Einstein's notation.

    The gradient of an operand is again such a sum. Repeated indices within one operand and ``...`` are
    not supported.

    Args:
        equation: ``"bij,bjk->bik"``; without ``->`` the indices that occur once remain, sorted.
        *operands: the tensors, or one list of them.
    """
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    sources, target = _parse(equation, len(operands))
    if len(operands) == 1:
        return _einsum1(operands[0], source=sources[0], target=target)
    while len(operands) > 2:
        kept = set(target).union(*sources[2:])
        inner = "".join(c for c in dict.fromkeys(sources[0] + sources[1]) if c in kept)
        merged = _einsum2(operands[0], operands[1], a=sources[0], b=sources[1], out_axes=inner)
        operands, sources = (merged, *operands[2:]), [inner, *sources[2:]]
    return _einsum2(*operands, a=sources[0], b=sources[1], out_axes=target)


def _parse(equation: str, count: int) -> tuple[list[str], str]:
    left, arrow, target = equation.replace(" ", "").partition("->")
    sources = left.split(",")
    if "." in equation:
        raise NotImplementedError("einsum: '...' is not supported")
    if len(sources) != count:
        raise RuntimeError(f"einsum(): {len(sources)} operands in {equation!r}, but {count} were given")
    if any(len(set(s)) != len(s) for s in sources):
        raise NotImplementedError("einsum: an index repeated within one operand is not supported")
    if not arrow:
        target = "".join(sorted(c for c in set(left) - {","} if left.count(c) == 1))
    return sources, target


def _contract1(x: np.ndarray, *, source: str, target: str) -> np.ndarray:
    return np.einsum(f"{source}->{target}", x)


def _contract2(x: np.ndarray, y: np.ndarray, *, a: str, b: str, out_axes: str) -> np.ndarray:
    return np.einsum(f"{a},{b}->{out_axes}", x, y, optimize=True)


def _restored(g: Any, source: str, g_axes: str, shape: tuple[int, ...]) -> Any:
    """Return `g`, whose axes are some of `source`, with all of them, repeated where one is missing."""
    order = [g_axes.index(c) for c in source if c in g_axes]
    g = permute_dims(g, dims=tuple(order))
    sizes = iter(g.shape)
    return expand_to(
        as_shape(g, shape=tuple(next(sizes) if c in g_axes else 1 for c in source)), shape=shape
    )


def _einsum_gradient(g: Any, other: Any, g_axes: str, other_axes: str, axes: str, shape: Any) -> Any:
    reachable = "".join(c for c in axes if c in g_axes or c in other_axes)
    out = _einsum2(g, other, a=g_axes, b=other_axes, out_axes=reachable)
    return _restored(out, axes, reachable, shape)


_einsum1 = primitive(
    "einsum",
    _contract1,
    x=lambda g, source, target, x_shape: _restored(g, source, target, x_shape),
)
_einsum2 = primitive(
    "einsum",
    _contract2,
    x=lambda g, y, a, b, out_axes, x_shape: _einsum_gradient(g, y, out_axes, b, a, x_shape),
    y=lambda g, x, a, b, out_axes, y_shape: _einsum_gradient(g, x, out_axes, a, b, y_shape),
)
