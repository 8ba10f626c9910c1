"""Products of matrices and vectors, and the linear layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.dtypes import dtype_name
from minitorch.ops.arguments import require_dtype, require_one_dtype
from minitorch.ops.arithmetic import mul
from minitorch.ops.copies import roll
from minitorch.ops.norms import norm
from minitorch.ops.pointwise import abs, sign
from minitorch.ops.shape import as_shape, mT, permute_dims, reshape, unsqueeze
from minitorch.size import wrap_dim

__all__ = [
    "addmm", "addmv", "addr", "baddbmm", "bmm", "cdist", "cross", "dot", "ger", "inner", "kron",
    "linear", "matmul", "mm", "mv", "outer", "tensordot",
]  # fmt: skip


def _flat(x: Any) -> Any:
    """Return ``(..., K)`` as ``(N, K)``."""
    return x if x.ndim == 2 else reshape(x, -1, x.shape[-1])


def _matmul_y(g: Any, x: Any, y_shape: tuple[int, ...]) -> Any:
    if len(y_shape) == 2 and x.ndim > 2:  # one product instead of a batch of them, to be summed
        x, g = _flat(x), _flat(g)
    return product(mT(x), g)


product: Operation = primitive(
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
        RuntimeError: the inner sizes or the dtypes differ.
    """
    require_one_dtype(input, other)
    if input.ndim == 0 or other.ndim == 0:
        raise RuntimeError(
            "both arguments to matmul need to be at least 1D, but they are "
            f"{input.ndim}D and {other.ndim}D"
        )
    inner = other.shape[-2] if other.ndim > 1 else other.shape[0]
    if input.shape[-1] != inner:
        raise RuntimeError(
            f"matmul: mat1 and mat2 shapes cannot be multiplied ({_names(input)} and "
            f"{_names(other)})"
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
    if input.ndim == mat2.ndim == 3 and (input.shape[0], input.shape[2]) != tuple(mat2.shape[:2]):
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{input.shape[0]}, {input.shape[2]}] but got: {list(mat2.shape[:2])}."
        )
    return _exactly("bmm", input, mat2, 3)


def mv(input: Any, vec: Any) -> Any:
    """Return the product of a matrix and a vector, ``(N, K), (K,) -> (N,)``."""
    if input.ndim != 2 or vec.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {input.ndim}, {vec.ndim}")
    return matmul(input, vec)


def dot(input: Any, tensor: Any) -> Any:
    """Return the inner product of two vectors."""
    if input.ndim != 1 or tensor.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    return matmul(input, tensor)


def outer(input: Any, vec2: Any) -> Any:
    """Return the outer product of two vectors, ``(N,), (M,) -> (N, M)``."""
    if input.ndim != 1 or vec2.ndim != 1:
        raise RuntimeError(
            f"outer: Expected 1-D arguments, but got {input.ndim}-D and {vec2.ndim}-D"
        )
    return mul(unsqueeze(input, 1), unsqueeze(vec2, 0))


ger = outer


def inner(input: Any, other: Any) -> Any:
    """Return the sums of products over the last dimension of both, ``(*, K), (+, K) -> (*, +)``."""
    if input.ndim == 0 or other.ndim == 0:
        return mul(input, other)
    return tensordot(input, other, ([-1], [-1]))


def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """Return the sum of products over some dimensions of `a` and of `b`.

    Args:
        a: the first factor.
        b: the second factor.
        dims: the number of dimensions, the last of `a` and the first of `b`; or two lists of
            dimensions.

    Shape:
        The other dimensions of `a`, then those of `b`.
    """
    if isinstance(dims, int):
        dims = (range(a.ndim - dims, a.ndim), range(dims))
    over_a = [wrap_dim(d, a.ndim) for d in dims[0]]
    over_b = [wrap_dim(d, b.ndim) for d in dims[1]]
    sizes = [a.shape[d] for d in over_a]
    if sizes != [b.shape[d] for d in over_b]:
        raise RuntimeError(
            f"contracted dimensions need to match, but first has size {sizes} and second has size "
            f"{[b.shape[d] for d in over_b]}"
        )
    kept_a = [d for d in range(a.ndim) if d not in over_a]
    kept_b = [d for d in range(b.ndim) if d not in over_b]
    inside = math.prod(sizes)
    shape_a, shape_b = [a.shape[d] for d in kept_a], [b.shape[d] for d in kept_b]
    left = as_shape(permute_dims(a, dims=(*kept_a, *over_a)), shape=(math.prod(shape_a), inside))
    right = as_shape(permute_dims(b, dims=(*over_b, *kept_b)), shape=(inside, math.prod(shape_b)))
    return as_shape(matmul(left, right), shape=(*shape_a, *shape_b))


def kron(input: Any, other: Any) -> Any:
    """Return the Kronecker product: `other` times each element of `input`, side by side."""
    ndim = max(input.ndim, other.ndim)
    a = as_shape(input, shape=(1,) * (ndim - input.ndim) + tuple(input.shape))
    b = as_shape(other, shape=(1,) * (ndim - other.ndim) + tuple(other.shape))
    blocks = as_shape(a, shape=tuple(v for n in a.shape for v in (n, 1))) * as_shape(
        b, shape=tuple(v for n in b.shape for v in (1, n))
    )
    return reshape(blocks, *(n * m for n, m in zip(a.shape, b.shape, strict=True)))


def cross(input: Any, other: Any, dim: int | None = None) -> Any:
    """Return the vector product along `dim`, by default the first one of size 3."""
    if dim is None:
        dim = next((d for d, n in enumerate(input.shape) if n == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    dim = wrap_dim(dim, input.ndim)
    if input.shape[dim] != 3 or other.shape[dim] != 3:
        raise RuntimeError(f"inputs dimension {dim} must have length 3")
    return roll(input, -1, dim) * roll(other, -2, dim) - roll(input, -2, dim) * roll(other, -1, dim)


# ---------------------------------------------------------------------- distances

# The largest size in each row. Unlike those of a norm, equal ones do not share the gradient.
_largest = primitive(
    "cdist",
    lambda difference: np.abs(difference).max(axis=-1, initial=0),
    difference=lambda g, difference, out: (
        unsqueeze(g, -1) * (sign(difference) * (abs(difference) == unsqueeze(out, -1)))
    ),
)
_MODES = (
    "use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist",
)  # fmt: skip


def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str | None = _MODES[0]) -> Any:
    """Return the `p`-norms of the differences of all pairs of rows.

    Args:
        x1: rows.
        x2: rows of the same size.
        p: the order, not negative.
        compute_mode: in torch, when to compute from products what is less exact; here none is.

    Shape:
        ``(..., P, M), (..., R, M) -> (..., P, R)``

    Raises:
        RuntimeError: the rows differ in size or dtype, or are not floating, or `p` is negative.
    """
    if compute_mode is not None and compute_mode not in _MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    for name, x in (("X1", x1), ("X2", x2)):
        if x.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.ndim}D")
    columns, others = x1.shape[-1], x2.shape[-1]
    if columns != others:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {columns} X2: {others}"
        )
    for name, x in (("X1", x1), ("X2", x2)):
        if not x.is_floating_point():
            raise RuntimeError(
                f"cdist only supports floating-point dtypes, {name} got: {dtype_name(x.dtype)}"
            )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    require_dtype(x1._array.dtype, x2._array.dtype)
    difference = unsqueeze(x1, -2) - unsqueeze(x2, -3)
    return _largest(difference) if p == math.inf else norm(difference, p, -1)


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Return ``beta * input + alpha * (mat1 @ mat2)``."""
    require_one_dtype(input, mat1, mat2)
    out = matmul(mat1, mat2)
    return input * beta + (out if alpha == 1 else out * alpha)


def addmv(input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Return ``beta * input + alpha * (mat @ vec)``."""
    require_one_dtype(input, mat, vec)
    return input * beta + mv(mat, vec) * alpha


def addr(input: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Return ``beta * input + alpha * outer(vec1, vec2)``."""
    return input * beta + outer(vec1, vec2) * alpha


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """Return ``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices."""
    require_one_dtype(input, batch1, batch2)
    out = bmm(batch1, batch2)
    return input * beta + (out if alpha == 1 else out * alpha)


# ---------------------------------------------------------------------- the layer

_linear = primitive(
    "linear",
    kernels.linear,
    x=lambda g, weight: product(g, weight),
    weight=lambda g, x: linear_weight(g, x),
    bias=lambda g: g,
)
linear_weight: Operation = primitive(
    "linear_weight",
    kernels.linear_weight_gradient,
    g=lambda gg, x: product(x, mT(gg)),
    x=lambda gg, g: product(g, gg),
)


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """Return ``input @ weight.T + bias``.

    Shape:
        ``(..., K), (M, K), (M,) -> (..., M)``

    Raises:
        RuntimeError: the last size of the input is not K, or the dtypes differ.
    """
    require_one_dtype(input, weight, *(() if bias is None else (bias,)))
    if input.ndim == 1:
        row = _linear(unsqueeze(input, 0), weight, bias)
        return as_shape(row, shape=tuple(row.shape[1:]))
    return _linear(input, weight, bias)
