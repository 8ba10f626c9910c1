"""Attention with several heads between learned projections, in either order of time and batch."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from minitorch import ops
from minitorch.nn.functional._masks import additive_mask
from minitorch.nn.functional.dropout import dropout
from minitorch.nn.functional.linear import linear
from minitorch.tensor import Tensor


class Projections(NamedTuple):
    """The learned part of multi-head attention; see `multi_head_attention_forward`."""

    num_heads: int
    in_proj_weight: Tensor | None
    in_proj_bias: Tensor | None
    bias_k: Tensor | None
    bias_v: Tensor | None
    add_zero_attn: bool
    out_proj_weight: Tensor
    out_proj_bias: Tensor | None
    q_proj_weight: Tensor | None = None
    k_proj_weight: Tensor | None = None
    v_proj_weight: Tensor | None = None
    static_k: Tensor | None = None
    static_v: Tensor | None = None

    @property
    def adds_keys(self) -> bool:
        """Whether attention sees other keys or values than those projected from its input."""
        extra = (self.bias_k, self.bias_v, self.static_k, self.static_v)
        return self.add_zero_attn or any(x is not None for x in extra)


class Request(NamedTuple):
    """How one call attends, and what it wants back; see `multi_head_attention_forward`."""

    dropout_p: float
    key_padding_mask: Tensor | None
    attn_mask: Tensor | None
    need_weights: bool
    average_attn_weights: bool
    is_causal: bool
    batch_first: bool = False


Result = tuple[Tensor, Tensor | None]


def attend_with_heads(
    query: Tensor, key: Tensor, value: Tensor, w: Projections, request: Request
) -> Result:
    """Return the output and the weights, or None if they are not needed."""
    check_dimensions(query, key, value, request, w.num_heads)
    if query.ndim == 2:
        return _without_batch(query, key, value, w, request)
    mask, causal = _masks(query, key, w.num_heads, request)
    _check_sizes(query, key, value, w, request.batch_first)
    self_attention = query is key is value and w.in_proj_weight is not None
    learned = mask is not None and mask.requires_grad
    if self_attention and not (w.adds_keys or learned or request.need_weights):
        out, weights = _packed(query, w, request, mask, causal), None
    else:
        out, weights = _apart(query, key, value, w, request, mask, causal)
    return linear(out, w.out_proj_weight, w.out_proj_bias), weights


def _without_batch(
    query: Tensor, key: Tensor, value: Tensor, w: Projections, request: Request
) -> Result:
    """Return the result for inputs of two dimensions, by way of a batch of one."""
    own = query is key is value
    place = 0 if request.batch_first else 1
    query = ops.unsqueeze(query, place)
    key, value = (query, query) if own else (ops.unsqueeze(key, place), ops.unsqueeze(value, place))
    padding = request.key_padding_mask
    if padding is not None:
        request = request._replace(key_padding_mask=ops.unsqueeze(padding, 0))
    out, weights = attend_with_heads(query, key, value, w, request)
    return ops.squeeze(out, place), None if weights is None else ops.squeeze(weights, 0)


# ---------------------------------------------------------------------- the two ways to attend


def _packed(
    x: Tensor, w: Projections, request: Request, mask: Tensor | None, causal: bool
) -> Tensor:
    """Return the heads' output, side by side, of a sequence that attends to itself."""
    assert w.in_proj_weight is not None
    projected = linear(x, w.in_proj_weight, w.in_proj_bias)  # (N, L, 3E) or (L, N, 3E)
    scale = 1 / math.sqrt(x.shape[-1] // w.num_heads)
    options = w.num_heads, mask, causal, scale, request.dropout_p
    if request.batch_first:
        return ops.attend_to_self(projected, *options)
    return ops.transpose(ops.attend_to_self(ops.transpose(projected, 0, 1), *options), 0, 1)


def _apart(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    w: Projections,
    request: Request,
    mask: Tensor | None,
    causal: bool,
) -> Result:
    """Return the heads' output, side by side, and the weights, in the general case."""
    q, k, v = _keys_added(_projected(query, key, value, w), w, request.batch_first)
    if mask is not None and mask.shape[3] < k.shape[2]:
        added = mask.new_zeros(*mask.shape[:3], k.shape[2] - mask.shape[3])
        mask = ops.cat([mask, added], 3)  # hides none of the added keys
    scale = 1 / math.sqrt(q.shape[-1])
    weights = None
    if request.need_weights:
        weights = dropout(_weights(q, k, scale, mask), request.dropout_p)
        out = ops.matmul(weights, v)  # (N, H, L, D)
        weights = weights.mean(1) if request.average_attn_weights else weights
    else:
        out = ops.attend(q, k, v, mask, causal, scale, request.dropout_p)
    out = ops.permute(out, 0, 2, 1, 3) if request.batch_first else ops.permute(out, 2, 0, 1, 3)
    return ops.reshape(out, *query.shape), weights


def _weights(q: Tensor, k: Tensor, scale: float, mask: Tensor | None) -> Tensor:
    """Return the weights of the average; NaN, as in torch, for a query that sees no key."""
    scores = ops.matmul(q * scale, ops.mT(k))  # (N, H, L, S)
    weights: Tensor = ops.softmax(scores if mask is None else scores + mask, -1)
    return weights


def _projected(
    query: Tensor, key: Tensor, value: Tensor, w: Projections
) -> tuple[Tensor, Tensor, Tensor]:
    """Return queries, keys and values, each projected to the size of the query."""
    size = query.shape[-1]
    bias = w.in_proj_bias
    if w.in_proj_weight is not None and key is value and query is not key:
        bias_q, bias_kv = (None, None) if bias is None else ops.split(bias, [size, 2 * size])
        weight_q, weight_kv = ops.split(w.in_proj_weight, [size, 2 * size])
        k, v = ops.split(linear(key, weight_kv, bias_kv), size, -1)
        return linear(query, weight_q, bias_q), k, v
    weights: Any = (w.q_proj_weight, w.k_proj_weight, w.v_proj_weight)
    if w.in_proj_weight is not None:
        weights = ops.split(w.in_proj_weight, size)
    biases: Any = (None, None, None) if bias is None else ops.split(bias, size)
    inputs = query, key, value
    q, k, v = (linear(x, *each) for x, *each in zip(inputs, weights, biases, strict=True))
    return q, k, v


def _keys_added(
    projected: tuple[Tensor, Tensor, Tensor], w: Projections, batch_first: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the heads of queries, keys and values, ``(N, H, ., D)``, with what is added."""
    q, k, v = projected
    time = 1 if batch_first else 0
    batch = q.shape[1 - time]
    if w.bias_k is not None and w.bias_v is not None:
        shape = (batch, 1, -1) if batch_first else (1, batch, -1)
        k = ops.cat([k, ops.expand(w.bias_k, *shape)], time)
        v = ops.cat([v, ops.expand(w.bias_v, *shape)], time)
    q, k, v = (_heads(x, w.num_heads, batch_first) for x in (q, k, v))
    if w.static_k is not None:
        k = ops.reshape(w.static_k, batch, w.num_heads, *w.static_k.shape[1:])
    if w.static_v is not None:
        v = ops.reshape(w.static_v, batch, w.num_heads, *w.static_v.shape[1:])
    if w.add_zero_attn:
        k, v = (ops.cat([x, x.new_zeros(*x.shape[:2], 1, x.shape[3])], 2) for x in (k, v))
    return q, k, v


def _heads(x: Tensor, heads: int, batch_first: bool) -> Tensor:
    """Return the heads apart, ``(N, L, E)`` or ``(L, N, E)`` to ``(N, H, L, D)``."""
    apart = ops.reshape(x, *x.shape[:2], heads, x.shape[2] // heads)
    return ops.permute(apart, 0, 2, 1, 3) if batch_first else ops.permute(apart, 1, 2, 0, 3)


# ---------------------------------------------------------------------- masks and checks


def _masks(query: Tensor, key: Tensor, heads: int, request: Request) -> tuple[Tensor | None, bool]:
    """Return what is added to the scores, in four dimensions, and whether attention is causal."""
    padding, mask = request.key_padding_mask, request.attn_mask
    dtype = query._array.dtype
    padding = additive_mask(padding, "key_padding_mask", dtype, mask, "attn_mask")
    if request.is_causal and mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module "
            "method `generate_square_subsequent_mask` to create this mask."
        )
    if request.is_causal and padding is None and not request.need_weights:
        return None, True
    time = 1 if request.batch_first else 0
    batch, queries, keys = query.shape[1 - time], query.shape[time], key.shape[time]
    mask = additive_mask(mask, "attn_mask", dtype)
    if mask is not None:
        expected = (queries, keys) if mask.ndim == 2 else (batch * heads, queries, keys)
        if mask.shape != expected:
            raise RuntimeError(
                f"The shape of the {mask.ndim}D attn_mask is {mask.shape}, but should be "
                f"{expected}."
            )
        leading = (1, 1) if mask.ndim == 2 else (batch, heads)
        mask = ops.reshape(mask, *leading, queries, keys)
    if padding is None:
        return mask, False
    for axis, size in enumerate((batch, keys)):
        if padding.shape[axis] != size:
            raise AssertionError(
                f"Expected key_padded_mask.shape[{axis}] to be {size}, but got "
                f"{padding.shape[axis]}"
            )
    padding = ops.reshape(padding, batch, 1, 1, keys)
    return (padding if mask is None else mask + padding), False


def check_dimensions(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    request: Request,
    num_heads: int,
) -> None:
    """Raise torch's AssertionError unless the numbers of dimensions fit together."""
    if query.ndim not in (2, 3):
        raise AssertionError(
            "query should be unbatched 2D or batched 3D tensor but received "
            f"{query.ndim}-D query tensor"
        )
    key_padding_mask, attn_mask = request.key_padding_mask, request.attn_mask
    n = query.ndim
    start = f"For {'batched' if n == 3 else 'unbatched'} ({n}-D) `query`, expected "
    if key.ndim != n or value.ndim != n:
        raise AssertionError(
            f"{start}`key` and `value` to be {n}-D but found {key.ndim}-D and {value.ndim}-D "
            "tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.ndim != n - 1:
        raise AssertionError(
            f"{start}`key_padding_mask` to be `None` or {n - 1}-D but found "
            f"{key_padding_mask.ndim}-D tensor instead"
        )
    if attn_mask is None:
        return
    if attn_mask.ndim not in (2, 3):
        raise AssertionError(
            f"{start}`attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.ndim}-D tensor "
            "instead"
        )
    expected = (num_heads, query.shape[0], key.shape[0])
    if n == 2 and attn_mask.ndim == 3 and attn_mask.shape != expected:
        raise AssertionError(
            f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}"
        )


def _check_sizes(
    query: Tensor, key: Tensor, value: Tensor, w: Projections, batch_first: bool
) -> None:
    """Raise torch's AssertionError unless the sizes fit together."""
    size, heads = query.shape[-1], w.num_heads
    if size % heads:
        raise AssertionError(f"embed_dim {size} not divisible by num_heads {heads}")
    if w.in_proj_weight is not None and key.shape != value.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
    if key.shape[:2] != value.shape[:2]:
        raise AssertionError(
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
        )
    for name, bias, other in (("k", w.bias_k, "v"), ("v", w.bias_v, "k")):
        if bias is not None and (w.bias_v if name == "k" else w.bias_k) is None:
            raise AssertionError(f"bias_{name} is set but bias_{other} is None")
    batch = query.shape[0 if batch_first else 1]
    for name, static in (("key", w.static_k), ("value", w.static_v)):
        if static is None:
            continue
        if w.bias_k is not None:
            raise AssertionError(f"bias cannot be added to static {name}.")
        for axis, expected in ((0, batch * heads), (2, size // heads)):
            if static.shape[axis] != expected:
                raise AssertionError(
                    f"expecting static_{name[0]}.size({axis}) of {expected}, but got "
                    f"{static.shape[axis]}"
                )
