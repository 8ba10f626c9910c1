"""The layers that transformers are stacks of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitorch import dtypes
from minitorch.nn import functional as F
from minitorch.nn.attention import MultiheadAttention
from minitorch.nn.dropout import Dropout
from minitorch.nn.functional._masks import additive_mask
from minitorch.nn.linear import Linear
from minitorch.nn.module import Module
from minitorch.nn.normalization import LayerNorm
from minitorch.tensor import Tensor

Activation = Callable[[Tensor], Tensor]


def activation_of(activation: str | Activation) -> Activation:
    """Return the function that ``"relu"`` or ``"gelu"`` names; a function as it is."""
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return F.relu if activation == "relu" else F.gelu


class TransformerEncoderLayer(Module):
    r"""Self-attention and a feedforward network, each with dropout, a residual and a norm.

    .. math:: h = \mathrm{norm}_1(x + \mathrm{attention}(x)), \quad
        y = \mathrm{norm}_2(h + W_2 \, \phi(W_1 h))

    and with `norm_first` :math:`h = x + \mathrm{attention}(\mathrm{norm}_1(x))`,
    :math:`y = h + W_2 \, \phi(W_1 \mathrm{norm}_2(h))`.

    Args:
        d_model: size of the input and output, E.
        nhead: number of heads.
        dim_feedforward: size between the two products of the feedforward network.
        dropout: the probability of every dropout.
        activation: the :math:`\phi`: ``"relu"``, ``"gelu"`` or a function.
        layer_norm_eps: of the norms.
        batch_first: whether the batch comes before time.
        norm_first: whether the norms come before what they are for.
        bias: whether projections, products and norms have a bias.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - src: :math:`(S, N, E)`, with `batch_first` :math:`(N, S, E)`, unbatched :math:`(S, E)`.
          Output: the same.

    Raises:
        RuntimeError: for another name of an activation.

    Reference: Vaswani et al., "Attention is all you need", 2017; Xiong et al., "On layer
    normalization in the transformer architecture", 2020.

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.TransformerEncoderLayer(d_model=16, nhead=4, batch_first=True)
        >>> layer(minitorch.randn(2, 5, 16)).shape
        minitorch.Size([2, 5, 16])
    """

    self_attn: MultiheadAttention
    norm_first: bool
    activation: Any

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout=dropout, batch_first=batch_first, **made
        )
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = activation_of(activation)

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the layer's output.

        Args:
            src: the sequence.
            src_mask: which places are hidden from which (True), or numbers to add to the scores.
            src_key_padding_mask: which places of each batch entry are hidden, or numbers to add.
            is_causal: says that `src_mask` is the causal mask.
        """
        dtype = src._array.dtype
        padding = additive_mask(
            src_key_padding_mask, "src_key_padding_mask", dtype, src_mask, "src_mask"
        )
        mask = additive_mask(src_mask, "src_mask", dtype)
        x = src
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), mask, padding, is_causal)
            return x + self._ff_block(self.norm2(x))
        x = self.norm1(x + self._sa_block(x, mask, padding, is_causal))
        return self.norm2(x + self._ff_block(x))

    def _sa_block(
        self,
        x: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
    ) -> Tensor:
        attended = self.self_attn(
            x,
            x,
            x,
            attn_mask=attn_mask,
            key_padding_mask=key_padding_mask,
            need_weights=False,
            is_causal=is_causal,
        )
        return self.dropout1(attended[0])

    def _ff_block(self, x: Tensor) -> Tensor:
        x = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return self.dropout2(x)


class TransformerDecoderLayer(Module):
    r"""Self-attention, attention to an encoder's output, and a feedforward network.

    Each has dropout, a residual and a norm, as in `TransformerEncoderLayer`.

    Args:
        d_model: size of the input and output, E.
        nhead: number of heads.
        dim_feedforward: size between the two products of the feedforward network.
        dropout: the probability of every dropout.
        activation: ``"relu"``, ``"gelu"`` or a function.
        layer_norm_eps: of the norms.
        batch_first: whether the batch comes before time.
        norm_first: whether the norms come before what they are for.
        bias: whether projections, products and norms have a bias.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - tgt: :math:`(T, N, E)`, memory: :math:`(S, N, E)`; with `batch_first` N comes first,
          unbatched there is no N. Output: as tgt.

    Raises:
        RuntimeError: for another name of an activation.

    Reference: Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.TransformerDecoderLayer(d_model=16, nhead=4, batch_first=True)
        >>> layer(minitorch.randn(2, 5, 16), minitorch.randn(2, 7, 16)).shape
        minitorch.Size([2, 5, 16])
    """

    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention
    norm_first: bool
    activation: Any

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        heads = {"dropout": dropout, "batch_first": batch_first, **made}
        self.self_attn = MultiheadAttention(d_model, nhead, **heads)
        self.multihead_attn = MultiheadAttention(d_model, nhead, **heads)
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm3 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = activation_of(activation)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the layer's output.

        Args:
            tgt: the sequence.
            memory: the encoder's output.
            tgt_mask: which places of `tgt` are hidden from which (True), or numbers to add to the
                scores.
            memory_mask: the same of `memory` from `tgt`.
            tgt_key_padding_mask: which places of each batch entry are hidden, or numbers to add.
            memory_key_padding_mask: the same of `memory`.
            tgt_is_causal: says that `tgt_mask` is the causal mask.
            memory_is_causal: says that `memory_mask` is.
        """
        own = tgt_mask, tgt_key_padding_mask, tgt_is_causal
        other = memory, memory_mask, memory_key_padding_mask, memory_is_causal
        x = tgt
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), *own)
            x = x + self._mha_block(self.norm2(x), *other)
            return x + self._ff_block(self.norm3(x))
        x = self.norm1(x + self._sa_block(x, *own))
        x = self.norm2(x + self._mha_block(x, *other))
        return self.norm3(x + self._ff_block(x))

    def _sa_block(
        self,
        x: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
    ) -> Tensor:
        attended = self.self_attn(
            x,
            x,
            x,
            attn_mask=attn_mask,
            key_padding_mask=key_padding_mask,
            is_causal=is_causal,
            need_weights=False,
        )
        return self.dropout1(attended[0])

    def _mha_block(
        self,
        x: Tensor,
        mem: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
    ) -> Tensor:
        attended = self.multihead_attn(
            x,
            mem,
            mem,
            attn_mask=attn_mask,
            key_padding_mask=key_padding_mask,
            is_causal=is_causal,
            need_weights=False,
        )
        return self.dropout2(attended[0])

    def _ff_block(self, x: Tensor) -> Tensor:
        x = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return self.dropout3(x)
