"""Einstein's notation for sums of products."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from minitorch.autograd.coerce import expand_to
from minitorch.autograd.primitive import primitive
from minitorch.ops.arguments import require_one_dtype
from minitorch.ops.shape import as_shape, permute_dims
from minitorch.ops.triangles import diagonal

__all__ = ["einsum"]


def einsum(equation: str, *operands: Any) -> Any:
    """Return the sum of products that `equation` describes, in Einstein's notation.

    The gradient of an operand is again such a sum.

    Args:
        equation: ``"bij,bjk->bik"``: a letter for each dimension, the same letter where sizes are
            the same; letters without a place in the result are summed over. ``...`` stands for any
            dimensions, which broadcast. Without ``->`` the letters that occur once remain, sorted.
        *operands: the tensors, or one list of them.

    Raises:
        RuntimeError: letters and dimensions do not fit.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(2, 3)
        >>> minitorch.einsum("ij,kj->ik", x, x)
        tensor([[3., 3.],
                [3., 3.]])
    """
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    sources, target = _parse(equation, [x.ndim for x in operands])
    plain = [_without_repeats(x, s) for x, s in zip(operands, sources, strict=True)]
    operands, sources = tuple(x for x, _ in plain), [s for _, s in plain]
    if len(operands) == 1:
        return _einsum1(operands[0], source=sources[0], target=target)
    while len(operands) > 2:
        kept = set(target).union(*sources[2:])
        inner = "".join(c for c in dict.fromkeys(sources[0] + sources[1]) if c in kept)
        _check(operands, sources, inner)
        merged = _einsum2(operands[0], operands[1], a=sources[0], b=sources[1], out_axes=inner)
        operands, sources = (merged, *operands[2:]), [inner, *sources[2:]]
    _check(operands, sources, target)
    return _einsum2(*operands, a=sources[0], b=sources[1], out_axes=target)


def _check(operands: Sequence[Any], sources: Sequence[str], target: str) -> None:
    """Refuse the first two of different dtypes where the numbers of both are summed over."""
    if set(sources[0]) & set(sources[1]) - set(target):
        require_one_dtype(*operands[:2])


def _parse(equation: str, ndims: list[int]) -> tuple[list[str], str]:
    """Return a letter for each dimension of each operand, and those of the result."""
    left, arrow, target = equation.replace(" ", "").partition("->")
    sources = left.split(",")
    if len(sources) != len(ndims):
        raise RuntimeError(
            f"einsum(): {len(sources)} operands in {equation!r}, but {len(ndims)} were given"
        )
    unused = "".join(c for c in string.ascii_letters if c not in equation)
    rests = [n - len(s.replace("...", "")) for s, n in zip(sources, ndims, strict=True)]
    for number, (source, rest) in enumerate(zip(sources, rests, strict=True)):
        if rest < 0 or (rest > 0 and "..." not in source):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(source)}) does not "
                f"match the number of dimensions ({ndims[number]}) for operand {number}"
            )
    hidden = unused[: max(rests)]
    if not arrow:
        letters = sorted(c for c in set(left) - set(".,") if left.count(c) == 1)
        target = ("..." if "..." in left else "") + "".join(letters)
    filled = [
        s.replace("...", hidden[len(hidden) - r :]) for s, r in zip(sources, rests, strict=True)
    ]
    return filled, target.replace("...", hidden)


def _without_repeats(x: Any, axes: str) -> tuple[Any, str]:
    """Return the diagonal over axes of the same letter, and the letters left."""
    for letter in dict.fromkeys(axes):
        while axes.count(letter) > 1:
            first = axes.index(letter)
            second = axes.index(letter, first + 1)
            x = diagonal(x, 0, first, second)
            axes = axes[:first] + axes[first + 1 : second] + axes[second + 1 :] + letter
    return x, axes


def _contract1(x: np.ndarray, *, source: str, target: str) -> np.ndarray:
    return np.einsum(f"{source}->{target}", x)


def _contract2(x: np.ndarray, y: np.ndarray, *, a: str, b: str, out_axes: str) -> np.ndarray:
    return np.einsum(f"{a},{b}->{out_axes}", x, y, optimize=True)


def _restored(g: Any, source: str, g_axes: str, shape: tuple[int, ...]) -> Any:
    """Return `g`, whose axes are some of `source`, repeated along the others."""
    order = [g_axes.index(c) for c in source if c in g_axes]
    g = permute_dims(g, dims=tuple(order))
    sizes = iter(g.shape)
    spread = as_shape(g, shape=tuple(next(sizes) if c in g_axes else 1 for c in source))
    full = tuple(max(n, m) for n, m in zip(spread.shape, shape, strict=True))
    return expand_to(spread, shape=full)  # where the operand was broadcast, the engine sums


def _einsum_gradient(
    g: Any, other: Any, g_axes: str, other_axes: str, axes: str, shape: Any
) -> Any:
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
