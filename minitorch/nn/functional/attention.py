"""Attention: `scaled_dot_product_attention`."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from minitorch import dtypes, ops
from minitorch.dtypes import cpp_name
from minitorch.tensor import Tensor, wrap


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    r"""Return, for each query, the average of the values, weighted by how well their keys fit.

    .. math:: \mathrm{softmax}(s \, Q K^T + M) V

    The matrix of weights is computed piece by piece and never held in memory as a whole, unless
    the mask requires grad. A query that may attend to no key gets zeros.

    Args:
        query: the Q.
        key: the K.
        value: the V.
        attn_mask: the M; or, if boolean, which keys take part (True) in the average of a query.
        dropout_p: the probability with which a weight is set to 0; the others are multiplied by
            :math:`1 / (1 - p)`. It applies whenever it is not 0: pass 0 in evaluation.
        is_causal: whether query i may attend to keys 0 to i only.
        scale: the s, by default :math:`1 / \sqrt E`.
        enable_gqa: whether several heads of queries, the third dimension from the last, may share
            one head of keys and values.

    Shape:
        - query :math:`(*, L, E)`, key :math:`(*, S, E)`, value :math:`(*, S, E_v)`, attn_mask
          broadcast to :math:`(*, L, S)`. Output: :math:`(*, L, E_v)`.

    Raises:
        RuntimeError: if shapes or dtypes do not fit, or both `attn_mask` and `is_causal` are given.

    Reference: Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> q, k, v = (minitorch.randn(2, 8, 5, 16) for _ in range(3))
        >>> F.scaled_dot_product_attention(q, k, v, is_causal=True).shape
        minitorch.Size([2, 8, 5, 16])
    """
    _check(query, key, value, attn_mask, dropout_p, is_causal)
    if query._array.dtype == np.float16:
        q, k, v = (x.to(dtypes.float32) for x in (query, key, value))
        mask = attn_mask
        if mask is not None and mask.is_floating_point():
            mask = mask.to(dtypes.float32)
        options = dropout_p, is_causal, scale, enable_gqa
        out = scaled_dot_product_attention(q, k, v, mask, *options)
        return out.to(dtypes.float16)
    if enable_gqa:
        key, value = _repeat_heads(query, key, value)
    if scale is None:
        scale = 1 / math.sqrt(max(1, query.shape[-1]))
    q, k, v = _four_dimensional(query, key, value)
    mask = None if attn_mask is None else _additive(attn_mask, query, key, q)
    out = ops.attend(q, k, v, mask, is_causal, scale, dropout_p)
    if query.ndim == key.ndim == value.ndim == 4:
        return out
    return ops.reshape(out, *_leading(query, key, value), *out.shape[-2:])


def _check(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    dropout_p: float,
    is_causal: bool,
) -> None:
    """Raise RuntimeError, in torch's words, for arguments that do not fit together."""
    q, k, v = query._array, key._array, value._array
    if not q.dtype == k.dtype == v.dtype:
        names = [cpp_name(x.dtype) for x in (q, k, v)]
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: {} "
            "key.dtype: {} and value.dtype: {} instead.".format(*names)
        )
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{q.ndim} key.dim: {k.ndim} and value.dim: {v.ndim} instead."
        )
    if q.dtype.kind != "f":
        raise RuntimeError(
            f"scaled_dot_product_attention: expected floating tensors, but got {query.dtype}"
        )
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {dropout_p:g}")
    for name, x, y, axis in (("query", q, k, -1), ("value", v, k, -2)):
        if x.shape[axis] != y.shape[axis]:
            raise RuntimeError(
                f"scaled_dot_product_attention: {name} of shape {list(x.shape)} does not fit key "
                f"of shape {list(y.shape)}: their sizes at dimension {axis} differ"
            )
    if mask is None:
        return
    if is_causal:
        raise RuntimeError(
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when "
            "is_causal=True"
        )
    if mask._array.dtype not in (bool, np.float32, q.dtype):
        names = [cpp_name(x.dtype) for x in (mask._array, q)]
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
            "attn_mask.dtype: {} and  query.dtype: {} instead.".format(*names)
        )


def _repeat_heads(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Return keys and values with each head as often as heads of queries share it."""
    if min(x.ndim for x in (query, key, value)) < 3:
        raise RuntimeError(
            "scaled_dot_product_attention: enable_gqa=True needs a dimension of heads, the third "
            "from the last"
        )
    heads = query.shape[-3]
    for x in (key, value):
        if x.shape[-3] == 0 or heads % x.shape[-3]:
            raise RuntimeError(
                "Number of heads in key and value must divide the number of heads in query: got "
                f"{key.shape[-3]} and {value.shape[-3]}, and {heads}"
            )
    repeated = []
    for x in (key, value):
        times = heads // x.shape[-3]
        repeated.append(x if times == 1 else ops.repeat_interleave(x, times, -3))
    return repeated[0], repeated[1]


def _leading(*tensors: Tensor) -> tuple[int, ...]:
    """Return the shape to which the dimensions before the last two are broadcast."""
    shapes = [tuple(x.shape[:-2]) for x in tensors]
    if shapes.count(shapes[0]) == len(shapes):
        return shapes[0]
    for a, b in combinations(shapes, 2):
        _check_broadcast(a, b)
    return tuple(ops.broadcast_shapes(*shapes))


def _four_dimensional(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the inputs as ``(B, H, ., .)``, broadcast to each other."""
    leading = _leading(query, key, value)
    four = _two_of(leading)
    whole = []
    for x in (query, key, value):
        if tuple(x.shape[:-2]) != leading:
            x = ops.expand(x, *leading, *x.shape[-2:])
        whole.append(x if x.ndim == 4 else ops.reshape(x, *four, *x.shape[-2:]))
    return whole[0], whole[1], whole[2]


def _two_of(leading: tuple[int, ...]) -> tuple[int, int]:
    """Return the leading dimensions as a batch and heads."""
    return (math.prod(leading[:-1]), leading[-1]) if leading else (1, 1)


def _additive(mask: Tensor, query: Tensor, key: Tensor, q: Tensor) -> Tensor:
    """Return a mask as numbers to add, in four dimensions that can be broadcast."""
    leading = _leading(query, key)
    whole = (*leading, query.shape[-2], key.shape[-2])
    _check_mask_shape(tuple(mask.shape), whole)
    if mask._array.dtype == bool:
        zero = q._array.dtype.type(0)
        mask = wrap(np.where(mask._array, zero, -np.inf).astype(zero.dtype, copy=False))
    elif mask._array.dtype != q._array.dtype:
        mask = mask.to(q.dtype)
    if len(leading) > 2 and mask.ndim > 3:  # several dimensions became one
        mask = ops.expand(mask, *leading[:-1], *mask.shape[-3:])
    sizes = tuple(mask.shape)
    missing = (1,) * (4 - len(sizes))
    return ops.reshape(mask, *missing, *sizes) if len(sizes) < 4 else _merged(mask)


def _merged(mask: Tensor) -> Tensor:
    """Return a mask with its leading dimensions but the last three as one."""
    return mask if mask.ndim == 4 else ops.reshape(mask, -1, *mask.shape[-3:])


def _check_mask_shape(mask: tuple[int, ...], scores: tuple[int, ...]) -> None:
    """Raise torch's RuntimeError unless a mask of this shape can be broadcast to the scores."""
    _check_broadcast(scores, mask)
    whole = tuple(ops.broadcast_shapes(scores, mask))
    if whole != scores:
        raise RuntimeError(
            f"output with shape {list(scores)} doesn't match the broadcast shape {list(whole)}"
        )


def _check_broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """Raise torch's RuntimeError unless two shapes can be broadcast to each other."""
    longest = max(len(a), len(b))
    for back in range(1, min(len(a), len(b)) + 1):
        if a[-back] != b[-back] and 1 not in (a[-back], b[-back]):
            raise RuntimeError(
                f"The size of tensor a ({a[-back]}) must match the size of tensor b ({b[-back]}) "
                f"at non-singleton dimension {longest - back}"
            )
