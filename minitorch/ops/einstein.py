"""Einstein's notation for sums of products."""

from __future__ import annotations

import functools
import string
from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.coerce import expand_to
from minitorch.autograd.primitive import primitive
from minitorch.ops.arguments import require_one_dtype
from minitorch.ops.reduction import sum_axes
from minitorch.ops.shape import as_shape, permute_dims
from minitorch.ops.triangles import diagonal
from minitorch.tensor import Tensor

__all__ = ["einsum"]

_ALPHABET = string.ascii_uppercase + string.ascii_lowercase  # in torch's order


def einsum(*args: Any) -> Any:
    """Return the sum of products that an equation describes, in Einstein's notation.

    The gradient of an operand is again such a sum.

    Args:
        *args: the equation and the tensors, or one list of them. The equation reads
            ``"bij,bjk->bik"``: a letter for each dimension, the same letter where sizes are the
            same; letters without a place in the result are summed over. ``...`` stands for any
            dimensions, which broadcast. Without ``->`` the letters that occur once remain, sorted.
            Or instead: each tensor followed by a list with numbers below 52 for letters, and at the
            end, if there is to be a ``->``, the list for the result.

    Raises:
        RuntimeError: letters and dimensions do not fit.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(2, 3)
        >>> minitorch.einsum("ij,kj->ik", x, x)
        tensor([[3., 3.],
                [3., 3.]])
        >>> minitorch.einsum(x, [0, 1], [1])
        tensor([2., 2., 2.])
    """
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one "
            "operand and its subscripts list"
        )
    equation, operands = args[0], args[1:]
    if isinstance(equation, Tensor):
        equation, operands = _from_lists(args)
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    sources, target = _parse(equation, tuple(x.ndim for x in operands))
    plain = [_without_repeats(x, s) for x, s in zip(operands, sources, strict=True)]
    operands, sources = tuple(x for x, _ in plain), [s for _, s in plain]
    if len(operands) == 1:
        return _reduced(operands[0], sources[0], target)
    while len(operands) > 2:
        kept = set(target).union(*sources[2:])
        inner = "".join(c for c in dict.fromkeys(sources[0] + sources[1]) if c in kept)
        merged = _pair(operands[0], operands[1], sources[0], sources[1], inner)
        operands, sources = (merged, *operands[2:]), [inner, *sources[2:]]
    return _pair(operands[0], operands[1], sources[0], sources[1], target)


def _from_lists(args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Return the equation and the operands of ``einsum(x, [0, 1], y, [1, 2], [0, 2])``."""
    pairs = len(args) // 2
    equation = ",".join(map(_letters, args[1 : 2 * pairs : 2]))
    if len(args) % 2:
        equation += "->" + _letters(args[-1])
    return equation, args[: 2 * pairs : 2]


def _letters(numbers: Any) -> str:
    letters = ""
    for number in numbers:
        if number is not Ellipsis and not 0 <= number < 52:
            raise ValueError(
                "einsum(): subscript in subscript list is not within the valid range [0, 52)"
            )
        letters += "..." if number is Ellipsis else _ALPHABET[number]
    return letters


def _reduced(x: Any, source: str, target: str) -> Any:
    """Return the sum over what `target` lacks, the other dimensions in its order."""
    x, kept = _summed(x, source, target)
    return permute_dims(x, dims=tuple(kept.index(c) for c in target))


def _summed(x: Any, source: str, wanted: str) -> tuple[Any, str]:
    """Return the sum over the letters that are not wanted, integers as int64, and the others."""
    axes = tuple(i for i, c in enumerate(source) if c not in wanted)
    if not axes:
        return x, source
    return sum_axes(x, axis=axes, keepdim=False), "".join(c for c in source if c in wanted)


def _pair(x: Any, y: Any, a: str, b: str, target: str) -> Any:
    """Return the sum of products of two; what only one of them has is summed beforehand."""
    x, a = _summed(x, a, b + target)
    y, b = _summed(y, b, a + target)
    if set(a) & set(b) - set(target):
        require_one_dtype(x, y)
    return _einsum2(x, y, a=a, b=b, out_axes=target)


@functools.lru_cache
def _parse(equation: str, ndims: tuple[int, ...]) -> tuple[list[str], str]:
    """Return a letter for each dimension of each operand, and those of the result."""
    left, arrow, target = equation.replace(" ", "").partition("->")
    sources = left.split(",")
    if len(sources) != len(ndims):
        which = "fewer" if len(ndims) < len(sources) else "more"
        raise RuntimeError(
            f"einsum(): {which} operands were provided than specified in the equation"
        )
    _check_letters(sources, target)
    unused = "".join(c for c in string.ascii_letters if c not in equation)
    rests = [n - len(s.replace("...", "")) for s, n in zip(sources, ndims, strict=True)]
    for number, (source, rest) in enumerate(zip(sources, rests, strict=True)):
        if rest < 0 or (rest > 0 and "..." not in source):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(source)}) does not "
                f"match the number of dimensions ({ndims[number]}) for operand {number}"
                + ("" if "..." in source else " and no ellipsis was given")
            )
    hidden = unused[: max(rests)]
    if not arrow:
        letters = sorted(c for c in set(left) - set(".,") if left.count(c) == 1)
        target = ("..." if "..." in left else "") + "".join(letters)
    filled = [
        s.replace("...", hidden[len(hidden) - r :]) for s, r in zip(sources, rests, strict=True)
    ]
    return filled, target.replace("...", hidden)


def _check_letters(sources: list[str], target: str) -> None:
    """Raise RuntimeError for what is no letter, or no letter of the operands, or twice there."""
    for place, c in enumerate(",".join(sources)):
        if c not in _ALPHABET and c not in ",.":
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {place} in the equation string, "
                "subscripts must be in [a-zA-Z]"
            )
    for c in target.replace("...", ""):
        if target.count(c) > 1:
            raise RuntimeError(
                f"einsum(): output subscript {c} appears more than once in the output"
            )
        if not any(c in source for source in sources):
            raise RuntimeError(
                f"einsum(): output subscript {c} does not appear in the equation for any input "
                "operand"
            )


def _without_repeats(x: Any, axes: str) -> tuple[Any, str]:
    """Return the diagonal over axes of the same letter, and the letters left."""
    for letter in dict.fromkeys(axes):
        while axes.count(letter) > 1:
            first = axes.index(letter)
            second = axes.index(letter, first + 1)
            x = diagonal(x, 0, first, second)
            axes = axes[:first] + axes[first + 1 : second] + axes[second + 1 :] + letter
    return x, axes


def _contract2(x: np.ndarray, y: np.ndarray, *, a: str, b: str, out_axes: str) -> np.ndarray:
    wide = [kernels.full_precision(v) for v in (x, y)]
    out = np.einsum(f"{a},{b}->{out_axes}", *wide, optimize=True)
    return out.astype(np.result_type(x, y), copy=False)


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


_einsum2 = primitive(
    "einsum",
    _contract2,
    x=lambda g, y, a, b, out_axes, x_shape: _einsum_gradient(g, y, out_axes, b, a, x_shape),
    y=lambda g, x, a, b, out_axes, y_shape: _einsum_gradient(g, x, out_axes, a, b, y_shape),
)
