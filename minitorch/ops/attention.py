"""Scaled dot-product attention as one operation, whose probabilities are never all in memory.

The ordinary forward and backward passes are kernels. A recorded backward pass
(``create_graph=True``), and attention whose mask is learned, use the textbook formula in
differentiable operations.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitorch import kernels
from minitorch.autograd import is_grad_enabled
from minitorch.autograd.function import Function
from minitorch.ops.activation import dropout, softmax
from minitorch.ops.comparison import where
from minitorch.ops.joining import cat
from minitorch.ops.linalg import matmul
from minitorch.ops.reduction import sum
from minitorch.ops.shape import as_shape, mT, permute_dims
from minitorch.random import numpy_generator
from minitorch.tensor import Tensor, wrap


def attention_weights(q: Any, k: Any, scale: float, mask: Any = None) -> Any:
    """Return ``softmax(scale * q @ k.T + mask)``; zeros for a query that sees no key.

    Args:
        q: queries.
        k: keys.
        scale: what the products are multiplied by.
        mask: what is then added: a Tensor, an array or None.

    Shape:
        ``(..., L, D), (..., S, D) -> (..., L, S)``, to which the mask can be broadcast.
    """
    scores = matmul(q * scale, mT(k))
    if mask is None:
        return softmax(scores, -1)
    array = mask._array if isinstance(mask, Tensor) else mask
    blind = (array == -np.inf).all(-1, keepdims=True)
    if not blind.any():
        return softmax(scores + mask, -1)
    return softmax(scores + where(blind, 0.0, mask), -1) * (~blind).astype(array.dtype)


# ---------------------------------------------------------------------- the fused operation


Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


class _Options(NamedTuple):
    """How to attend."""

    scale: float
    causal: bool
    p: float

    def call(self, inputs: Arrays, mask: Tensor | None, cut: Any = None) -> kernels.Attention:
        """Return the kernel's call for queries, keys and values."""
        q, k, v = inputs
        hidden = None if mask is None else mask._array
        return kernels.Attention(q, k, v, self.scale, hidden, self.causal, cut)

    def hidden(self, mask: Any, queries: int, keys: int, dtype: Any) -> Any:
        """Return the sum of the mask and the causal one, or None if there is neither."""
        if not self.causal:
            return mask
        future = np.triu(np.full((queries, keys), -np.inf, dtype), 1)
        return future if mask is None else mask + future


def _forward(ctx: Any, options: _Options, inputs: Arrays, mask: Tensor | None) -> np.ndarray:
    """Return the output, and leave in `ctx` what the backward pass needs besides tensors."""
    call = options.call(inputs, mask)
    generator = numpy_generator(None) if options.p else None
    out, kept = kernels.attend(call, options.p, generator)
    ctx.options, ctx.cut, ctx.gain = options, call.work, kept.gain
    ctx.lse = wrap(kept.lse)
    ctx.keep = None if kept.keep is None else wrap(kept.keep)
    return out


def _as_it_was(ctx: Any, saved: Any, inputs: Arrays) -> tuple[Any, Any]:
    """Return the call and what it kept, as they were in the forward pass."""
    *_, mask, lse, keep = saved
    call = ctx.options.call(inputs, mask, ctx.cut)
    return call, kernels.Kept(lse._array, None if keep is None else keep._array, ctx.gain)


def _formula(
    ctx: Any, saved: Any, g: Tensor, q: Tensor, k: Tensor, v: Tensor
) -> tuple[Any, Any, Any]:
    """Return the gradients of q, k and v in differentiable operations."""
    call, kept = _as_it_was(ctx, saved, (q._array, k._array, v._array))
    options, mask = ctx.options, saved[-3]
    hidden = options.hidden(mask, q.shape[-2], k.shape[-2], q._array.dtype)
    p = attention_weights(q, k, options.scale, hidden)  # (B, H, L, S)
    dp = matmul(g, mT(v))
    used = p
    if kept.keep is not None:
        factors = wrap(kernels.dropout_factors(call, kept))
        used, dp = p * factors, dp * factors
    ds = p * (dp - sum(p * dp, -1, keepdim=True)) * options.scale
    return matmul(ds, k), matmul(mT(ds), q), matmul(mT(used), g)


class Attention(Function):
    """``softmax(scale * q @ k.T + mask) @ v``, with dropout before the second product."""

    fresh_gradients = True

    @staticmethod
    def forward(
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, options: _Options
    ) -> Tensor:
        """Attend; the mask is four-dimensional, and not learned."""
        out = wrap(_forward(ctx, options, (q._array, k._array, v._array), mask))
        ctx.save_for_backward(q, k, v, out, mask, ctx.lse, ctx.keep)
        del ctx.lse, ctx.keep
        return out

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        """Return the gradients of q, k and v."""
        saved = ctx.saved_tensors
        q, k, v, out = saved[:4]
        if is_grad_enabled():
            return *_formula(ctx, saved, g, q, k, v), None, None
        inputs = q._array, k._array, v._array
        dq, dk, dv = (np.empty_like(x, subok=False) for x in inputs)
        call, kept = _as_it_was(ctx, saved, inputs)
        kernels.attention_gradients(call, g._array, out._array, kept, (dq, dk, dv))
        return wrap(dq), wrap(dk), wrap(dv), None, None


class SelfAttention(Function):
    """Attention whose queries, keys and values are the thirds of one projection.

    Their gradients are born as the thirds of the projection's, so nothing is split or joined.
    """

    fresh_gradients = True

    @staticmethod
    def forward(ctx: Any, x: Tensor, heads: int, mask: Tensor | None, options: _Options) -> Tensor:
        """Attend, and put the heads side by side; the mask is as for `Attention`."""
        ctx.heads = heads
        out = wrap(_merged(_forward(ctx, options, _heads(x._array, heads), mask)))
        ctx.save_for_backward(x, out, mask, ctx.lse, ctx.keep)
        del ctx.lse, ctx.keep
        return out

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        """Return the gradient of the projection."""
        saved = ctx.saved_tensors
        x, out = saved[:2]
        heads = ctx.heads
        if is_grad_enabled():
            gradients = _formula(ctx, saved, _separate(g, heads), *_heads(x, heads))
            return cat([_merged(dx) for dx in gradients], -1), None, None, None
        into = np.empty_like(x._array, subok=False)
        call, kept = _as_it_was(ctx, saved, _heads(x._array, heads))
        dy, y = _separate(g._array, heads), _separate(out._array, heads)
        kernels.attention_gradients(call, dy, y, kept, _heads(into, heads))
        return wrap(into), None, None, None


def _heads(x: Any, heads: int) -> Any:
    """Return the three parts of a projection, ``(N, L, 3E) -> (N, H, L, E / H)`` each."""
    n, length, width = x.shape
    split = as_shape(x, shape=(n, length, 3, heads, width // (3 * heads)))
    return tuple(permute_dims(split[:, :, part], dims=(0, 2, 1, 3)) for part in range(3))


def _separate(x: Any, heads: int) -> Any:
    """Return the heads apart, ``(N, L, E) -> (N, H, L, E / H)``."""
    n, length, width = x.shape
    return permute_dims(as_shape(x, shape=(n, length, heads, width // heads)), dims=(0, 2, 1, 3))


def _merged(x: Any) -> Any:
    """Return the heads side by side, ``(N, H, L, D) -> (N, L, H D)``."""
    n, heads, length, size = x.shape
    return as_shape(permute_dims(x, dims=(0, 2, 1, 3)), shape=(n, length, heads * size))


def attend(
    q: Any,
    k: Any,
    v: Any,
    mask: Any = None,
    causal: bool = False,
    scale: float = 1.0,
    p: float = 0.0,
) -> Any:
    """Return ``softmax(scale * q @ k.T + mask) @ v``; zeros for a query that sees no key.

    Args:
        q: queries.
        k: keys.
        v: values.
        mask: what is added to the scores, a floating Tensor or None.
        causal: whether a query sees only the keys up to its own place.
        scale: what the products of queries and keys are multiplied by.
        p: the probability with which dropout sets a probability to 0.

    Shape:
        - q ``(B, H, L, D)``, k ``(B, H, S, D)``, v ``(B, H, S, V)``. Result ``(B, H, L, V)``.
        - mask ``(B or 1, H or 1, L or 1, S or 1)``.
    """
    options = _Options(scale, causal, p)
    if mask is not None and mask.requires_grad and is_grad_enabled():
        whole = options.hidden(mask, q.shape[-2], k.shape[-2], q._array.dtype)
        weights = attention_weights(q, k, scale, whole)
        return matmul(dropout(weights, p) if p else weights, v)
    return Attention.apply(q, k, v, mask, options)


def attend_to_self(
    x: Any, heads: int, mask: Any = None, causal: bool = False, scale: float = 1.0, p: float = 0.0
) -> Any:
    """Return the attention of the heads packed into a projection, side by side again.

    Args:
        x: the projection: queries, keys and values, each with its heads side by side.
        heads: how many there are, H.
        mask: what is added to the scores, a floating Tensor that is not learned, or None.
        causal: whether a place sees only itself and those before it.
        scale: what the products of queries and keys are multiplied by.
        p: the probability with which dropout sets a probability to 0.

    Shape:
        - x ``(N, L, 3 E)``. Result ``(N, L, E)``.
        - mask ``(N or 1, H or 1, L or 1, L or 1)``.
    """
    return SelfAttention.apply(x, heads, mask, _Options(scale, causal, p))
