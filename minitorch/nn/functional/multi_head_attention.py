"""Multi-head attention with its projections, as `nn.MultiheadAttention` computes it."""

from __future__ import annotations

from minitorch.nn.functional._heads import Projections, Request, attend_with_heads
from minitorch.tensor import Tensor


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    r"""Project, attend with several heads, and project again.

    .. math:: \mathrm{Concat}(\mathrm{head}_1, \ldots, \mathrm{head}_h) W^O, \quad
        \mathrm{head}_i = \mathrm{Attention}(Q W_i^Q, K W_i^K, V W_i^V)

    Args:
        query: the Q.
        key: the K.
        value: the V.
        embed_dim_to_check: the E that the query should have.
        num_heads: the h.
        in_proj_weight: the weights of the three projections, one below the other.
        in_proj_bias: their biases.
        bias_k: a learned key after the others.
        bias_v: its value.
        add_zero_attn: whether a key and a value of zeros come after all others.
        dropout_p: the probability with which a weight of the average is set to 0, in training.
        out_proj_weight: the last projection.
        out_proj_bias: its bias.
        training: whether dropout applies.
        key_padding_mask: which keys of each batch entry are hidden (True), or numbers to add.
        need_weights: whether the weights are returned; without them it is faster. A query from
            which all keys are hidden gets NaN with them, zeros without.
        attn_mask: which keys are hidden from which query (True), or numbers to add.
        use_separate_proj_weight: whether the next three are used instead of `in_proj_weight`.
        q_proj_weight: the projection of the query.
        k_proj_weight: the projection of the key.
        v_proj_weight: the projection of the value.
        static_k: projected keys to be used instead.
        static_v: projected values to be used instead.
        average_attn_weights: whether the weights are averaged over the heads.
        is_causal: says that `attn_mask` is the causal mask, so that a faster way can be taken.

    Shape:
        - query :math:`(L, N, E)`, key :math:`(S, N, E_k)`, value :math:`(S, N, E_v)`, all without N
          if unbatched. key_padding_mask :math:`(N, S)`; attn_mask :math:`(L, S)` or
          :math:`(N h, L, S)`; static_k and static_v :math:`(N h, S, E / h)`.
        - Output as query. Weights :math:`(N, L, S)`, not averaged :math:`(N, h, L, S)`; None if
          they are not needed.

    Raises:
        AssertionError: if shapes do not fit.
        RuntimeError: if the shape of `attn_mask` does not fit, or it is missing with `is_causal`.

    Reference: Vaswani et al., "Attention is all you need", 2017.
    """
    if use_separate_proj_weight:
        separate = {"q": q_proj_weight, "k": k_proj_weight, "v": v_proj_weight}
        for name, weight in separate.items():
            if weight is None:
                raise AssertionError(
                    f"use_separate_proj_weight is True but {name}_proj_weight is None"
                )
        in_proj_weight = None
    elif in_proj_weight is None:
        raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
    else:
        q_proj_weight = k_proj_weight = v_proj_weight = None
    projections = Projections(
        num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn, out_proj_weight,
        out_proj_bias, q_proj_weight, k_proj_weight, v_proj_weight, static_k, static_v,
    )  # fmt: skip
    request = Request(
        dropout_p if training else 0.0, key_padding_mask, attn_mask, need_weights,
        average_attn_weights, is_causal,
    )  # fmt: skip
    if query.shape[-1] != embed_dim_to_check:
        raise AssertionError(
            f"was expecting embedding dimension of {embed_dim_to_check}, but got {query.shape[-1]}"
        )
    return attend_with_heads(query, key, value, projections, request)
