"""Multi-head attention as a layer."""

from __future__ import annotations

from typing import Any

from minitorch import dtypes
from minitorch.devices import require_cpu
from minitorch.kernels import empty_transposed
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.functional._heads import Projections, Request, attend_with_heads
from minitorch.nn.linear import Linear
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor, wrap


class NonDynamicallyQuantizableLinear(Linear):
    """A `Linear` under the name that PyTorch gives the output projection of attention."""


class MultiheadAttention(Module):
    r"""Attend with several heads, each to its own projection of the input.

    .. math:: \mathrm{Concat}(\mathrm{head}_1, \ldots, \mathrm{head}_h) W^O, \quad
        \mathrm{head}_i = \mathrm{softmax}\left(
        \frac{Q W_i^Q (K W_i^K)^T}{\sqrt{E / h}} \right) V W_i^V

    A query that may attend to no key gets weights of zero.

    Args:
        embed_dim: size of the queries and of the output, E.
        num_heads: the h, which divides E.
        dropout: in training, the probability with which a weight is set to 0.
        bias: whether the projections have a bias.
        add_bias_kv: whether to learn one more key and value that everything can attend to.
        add_zero_attn: whether a key and a value of zeros are added.
        kdim: size of the keys, by default E.
        vdim: size of the values, by default E.
        batch_first: whether the batch comes before time.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - query :math:`(L, N, E)`, key :math:`(S, N, E_k)`, value :math:`(S, N, E_v)`; with
          `batch_first` N comes first; unbatched there is no N.
        - in_proj_weight: :math:`(3E, E)`, drawn from Xavier's uniform distribution; instead of it
          q_proj_weight, k_proj_weight and v_proj_weight if the keys or values have another size.
        - in_proj_bias: :math:`(3E)`, zeros. bias_k, bias_v: :math:`(1, 1, E)`.

    Raises:
        ValueError: if a size is not positive.
        AssertionError: if E is not a multiple of h.

    Reference: Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> import minitorch
        >>> attention = minitorch.nn.MultiheadAttention(16, 4, batch_first=True)
        >>> x = minitorch.randn(2, 5, 16)
        >>> output, weights = attention(x, x, x)
        >>> output.shape, weights.shape
        (minitorch.Size([2, 5, 16]), minitorch.Size([2, 5, 5]))
    """

    embed_dim: int
    kdim: int
    vdim: int
    num_heads: int
    head_dim: int
    dropout: float
    batch_first: bool
    add_zero_attn: bool
    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None
    out_proj: NonDynamicallyQuantizableLinear

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, got "
                f"embed_dim={embed_dim} and num_heads={num_heads} instead"
            )
        super().__init__()
        require_cpu(device, "MultiheadAttention")
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")
        self._make_projections(bias, dtype)
        self.bias_k = self.bias_v = None
        if add_bias_kv:
            self.bias_k = empty_parameter((1, 1, embed_dim), dtype)
            self.bias_v = empty_parameter((1, 1, embed_dim), dtype)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _make_projections(self, bias: bool, dtype: dtypes.dtype | None) -> None:
        """Register the parameters that every attention has."""
        size = self.embed_dim
        sizes: dict[str, tuple[int, int] | None] = {
            "q_proj_weight": (size, size),
            "k_proj_weight": (size, self.kdim),
            "v_proj_weight": (size, self.vdim),
            "in_proj_weight": None,
        }
        if self._qkv_same_embed_dim:
            sizes = dict.fromkeys(sizes) | {"in_proj_weight": (3 * size, size)}
        numpy_dtype = dtypes.numpy_dtype(dtype)
        for name, shape in sizes.items():
            # Stored so that x @ weight.T is a plain product, as in `Linear`.
            weight = shape and Parameter(wrap(empty_transposed(shape, numpy_dtype)))
            self.register_parameter(name, weight)
        self.register_parameter(
            "in_proj_bias", empty_parameter((3 * size,), dtype) if bias else None
        )
        self.out_proj = NonDynamicallyQuantizableLinear(size, size, bias=bias, dtype=dtype)

    def _reset_parameters(self) -> None:
        """Draw the weights of the projections anew, and set their biases to 0."""
        for weight in (
            self.in_proj_weight,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
        ):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None and self.out_proj.bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        r"""Return the output, and the weights of the averages or None.

        Args:
            query: what asks.
            key: what is compared with it.
            value: what is averaged.
            key_padding_mask: which keys of each batch entry are hidden (True), or numbers to add.
            need_weights: whether the weights are returned; without them it is faster. A query from
                which all keys are hidden gets NaN with them, zeros without.
            attn_mask: which keys are hidden from which query (True), or numbers to add.
            average_attn_weights: whether the weights are averaged over the heads.
            is_causal: says that `attn_mask` is the causal mask, so that a faster way can be taken.

        Shape:
            - key_padding_mask: :math:`(N, S)`; attn_mask: :math:`(L, S)` or :math:`(N h, L, S)`.
            - Output as query. Weights :math:`(N, L, S)`, not averaged :math:`(N, h, L, S)`.

        Raises:
            AssertionError: if shapes do not fit.
            RuntimeError: if the shape of `attn_mask` does not fit, or it is missing with
                `is_causal`.
        """
        if query.shape[-1] != self.embed_dim:
            raise AssertionError(
                f"was expecting embedding dimension of {self.embed_dim}, but got {query.shape[-1]}"
            )
        projections = Projections(
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.out_proj.weight,
            self.out_proj.bias,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
        )
        request = Request(
            self.dropout if self.training else 0.0,
            key_padding_mask,
            attn_mask,
            need_weights,
            average_attn_weights,
            is_causal,
            self.batch_first,
        )
        return attend_with_heads(query, key, value, projections, request)
