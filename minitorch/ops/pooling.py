"""The largest element or the mean of each window of an image."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from minitorch import kernels
from minitorch.autograd.function import Function
from minitorch.autograd.grad_mode import is_grad_enabled
from minitorch.autograd.primitive import Operation, primitive
from minitorch.kernels import Bins, Windows
from minitorch.ops._linked import linked, origin_of
from minitorch.ops.scattering import gather
from minitorch.ops.shape import flatten, unflatten
from minitorch.tensor import Tensor, wrap

__all__ = ["adaptive_max_pool", "average_pool", "max_pool", "max_pool_with_indices"]

Line: TypeAlias = Windows | Bins

# ---------------------------------------------------------------------- the largest element


# The gradient of a window goes to the element that was chosen; and that of the gradient back.
_spread: Operation = primitive(
    "max_pool_backward",
    lambda g, taps, *, rows, columns, order: kernels.spread_taps(g, taps, rows, columns, order),
    g=lambda g, taps, rows, columns, order: _pick(g, taps, rows=rows, columns=columns, order=order),
)
_pick: Operation = primitive(
    "max_pool",
    lambda x, taps, *, rows, columns, order: kernels.pick_taps(x, taps, rows, columns, order),
    x=lambda g, taps, rows, columns, order: _spread(
        g, taps, rows=rows, columns=columns, order=order
    ),
)


class MaxPool(Function):
    """The largest elements; for its gradient it keeps which of each window was chosen."""

    fresh_gradients = True

    @staticmethod
    def forward(ctx: Any, x: Tensor, rows: Windows, columns: Windows, with_indices: bool) -> Any:
        """Return the values, and where they lie if that is asked for."""
        values, taps = kernels.max_pool_taps(x._array, rows, columns)
        order = kernels.memory_order(x._array)
        ctx.static = {"rows": rows, "columns": columns, "order": order}
        ctx.save_for_backward(wrap(taps))
        if not with_indices:
            return wrap(values)
        indices = wrap(kernels.tap_indices(taps, rows, columns))
        ctx.mark_non_differentiable(indices)
        return wrap(values), indices

    @staticmethod
    def backward(ctx: Any, g: Tensor, unused: Any = None) -> Any:
        """Return the gradient of the input."""
        (taps,) = ctx.saved_tensors
        return linked(_spread(g, taps, **ctx.static), ctx.edges[0]), None, None, None


def max_pool(input: Tensor, rows: Windows, columns: Windows) -> Tensor:
    """Return the largest element of each window, ``(N, C, H, W) -> (N, C, Ho, Wo)``.

    Of equal elements the first gets the gradient.
    """
    if input.requires_grad and is_grad_enabled():
        return MaxPool.apply(input, rows, columns, False)
    return _largest(input, rows=rows, columns=columns)


_largest = primitive("max_pool", lambda x, *, rows, columns: kernels.max_pool(x, rows, columns))


def max_pool_with_indices(input: Tensor, rows: Windows, columns: Windows) -> tuple[Tensor, Tensor]:
    """Return the largest elements and, as int64, where in its plane of H * W each of them lies."""
    values, indices = MaxPool.apply(input, rows, columns, True)
    return values, indices


def adaptive_max_pool(input: Tensor, rows: Line, columns: Line) -> tuple[Tensor, Tensor]:
    """Return the largest element of each bin, and where in its plane it lies."""
    indices = wrap(kernels.bin_indices(input._array, rows, columns))
    values = gather(flatten(input, 2), 2, flatten(indices, 2))
    values = _chosen(values, origin=origin_of(input))
    return unflatten(values, 2, (rows.out, columns.out)), indices


_chosen = primitive(
    "adaptive_max_pool", lambda x, *, origin: x, x=lambda g, origin: linked(g, origin)
)


# ---------------------------------------------------------------------- the mean


_average: Operation = primitive(
    "avg_pool",
    lambda x, *, rows, columns, divisor, order, origin: kernels.average_pool(
        x, rows, columns, divisor
    ),
    x=lambda g, rows, columns, divisor, order, origin: linked(
        _spread_average(g, rows=rows, columns=columns, divisor=divisor, order=order), origin
    ),
)
_spread_average: Operation = primitive(
    "avg_pool_backward",
    lambda g, *, rows, columns, divisor, order: kernels.spread_average(
        g, rows, columns, divisor, order
    ),
    g=lambda g, rows, columns, divisor, order: _average(
        g, rows=rows, columns=columns, divisor=divisor, order=order, origin=None
    ),
)


def average_pool(input: Tensor, rows: Line, columns: Line, divisor: Any) -> Tensor:
    """Return the sum of each window over `divisor`, ``(N, C, H, W) -> (N, C, Ho, Wo)``.

    Args:
        input: floating tensor.
        rows: where the windows lie in H.
        columns: where they lie in W.
        divisor: a number, or an array with one for each window.
    """
    array = input._array
    if isinstance(divisor, np.ndarray):
        divisor = divisor.astype(array.dtype)
    static = {"order": kernels.memory_order(array), "origin": origin_of(input)}
    return _average(input, rows=rows, columns=columns, divisor=divisor, **static)
