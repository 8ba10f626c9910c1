"""Transformers: encoder and decoder layers, stacks of them, and both stacks together."""

from __future__ import annotations

from typing import Any

from minitorch import dtypes
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._transformer_layers import (
    Activation,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from minitorch.nn._transformer_stacks import (
    TransformerDecoder,
    TransformerEncoder,
    generate_square_subsequent_mask,
)
from minitorch.nn.module import Module
from minitorch.nn.normalization import LayerNorm
from minitorch.tensor import Tensor

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]


class Transformer(Module):
    """An encoder and a decoder that attends to its output.

    Args:
        d_model: size of both inputs and of the output, E.
        nhead: number of heads.
        num_encoder_layers: number of encoder layers.
        num_decoder_layers: number of decoder layers.
        dim_feedforward: size between the two products of the feedforward networks.
        dropout: the probability of every dropout.
        activation: ``"relu"``, ``"gelu"`` or a function.
        custom_encoder: takes the place of the encoder.
        custom_decoder: takes the place of the decoder.
        layer_norm_eps: of the norms.
        batch_first: whether the batch comes before time.
        norm_first: whether the norms come before what they are for.
        bias: whether projections, products and norms have a bias.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - src: :math:`(S, N, E)`, tgt: :math:`(T, N, E)`; with `batch_first` N comes first,
          unbatched there is no N. Output: as tgt.
        - All matrices are drawn from Xavier's uniform distribution.

    Raises:
        RuntimeError: if the batch sizes differ or a feature size is not `d_model`.

    Reference: Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> import minitorch
        >>> model = minitorch.nn.Transformer(16, 4, 1, 1, dim_feedforward=32)
        >>> model(minitorch.randn(7, 2, 16), minitorch.randn(5, 2, 16)).shape
        minitorch.Size([5, 2, 16])
    """

    encoder: Any
    decoder: Any
    d_model: int
    nhead: int
    batch_first: bool

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        sizes = d_model, nhead, dim_feedforward, dropout, activation
        order = layer_norm_eps, batch_first, norm_first
        if custom_encoder is None:
            encoder_layer = TransformerEncoderLayer(*sizes, *order, **made)
            encoder_norm = LayerNorm(d_model, eps=layer_norm_eps, **made)
            custom_encoder = TransformerEncoder(encoder_layer, num_encoder_layers, encoder_norm)
        self.encoder = custom_encoder
        if custom_decoder is None:
            decoder_layer = TransformerDecoderLayer(*sizes, *order, **made)
            decoder_norm = LayerNorm(d_model, eps=layer_norm_eps, **made)
            custom_decoder = TransformerDecoder(decoder_layer, num_decoder_layers, decoder_norm)
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    generate_square_subsequent_mask = staticmethod(generate_square_subsequent_mask)

    def _reset_parameters(self) -> None:
        """Draw all matrices anew."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the decoder's output.

        Args:
            src: the sequence for the encoder.
            tgt: the sequence for the decoder.
            src_mask: which places of `src` are hidden from which (True), or numbers to add to the
                scores.
            tgt_mask: the same of `tgt`.
            memory_mask: the same of the encoder's output from `tgt`.
            src_key_padding_mask: which places of each batch entry are hidden, or numbers to add.
            tgt_key_padding_mask: the same of `tgt`.
            memory_key_padding_mask: the same of the encoder's output.
            src_is_causal: whether `src_mask` is the causal mask; None to look.
            tgt_is_causal: whether `tgt_mask` is the causal mask; None to look.
            memory_is_causal: says that `memory_mask` is the causal mask.
        """
        batch = 0 if self.batch_first else 1
        if src.ndim == 3 and src.shape[batch] != tgt.shape[batch]:
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise RuntimeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )
