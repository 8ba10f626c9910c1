"""Stacks of transformer layers."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from minitorch import dtypes, ops
from minitorch.autograd import is_grad_enabled
from minitorch.devices import require_cpu
from minitorch.nn import functional as F
from minitorch.nn._transformer_layers import TransformerEncoderLayer
from minitorch.nn.activation import GELU
from minitorch.nn.container import ModuleList
from minitorch.nn.functional._masks import additive_mask
from minitorch.nn.module import Module
from minitorch.nn.rectifier import ReLU
from minitorch.tensor import Tensor, wrap


def _clones(layer: Module, count: int) -> ModuleList:
    return ModuleList([copy.deepcopy(layer) for _ in range(count)])


def _causal_mask(size: int, dtype: Any) -> np.ndarray:
    """Return minus infinity above the diagonal, else 0."""
    return np.triu(np.full((size, size), -np.inf, dtype), 1)


def generate_square_subsequent_mask(
    sz: int, device: Any = None, dtype: dtypes.dtype | None = None
) -> Tensor:
    """Return the additive causal mask: minus infinity above the diagonal, else 0.

    Args:
        sz: number of rows and columns.
        device: ``"cpu"``.
        dtype: of the result.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Transformer.generate_square_subsequent_mask(3)
        tensor([[0., -inf, -inf],
                [0., 0., -inf],
                [0., 0., 0.]])
    """
    require_cpu(device, "generate_square_subsequent_mask")
    return wrap(_causal_mask(sz, dtypes.numpy_dtype(dtype)))


def _is_causal(mask: Tensor | None, said: bool | None, length: int) -> bool:
    """Return what was said about a mask, or else whether it is the causal mask of that size."""
    if said is not None or mask is None:
        return said is True
    array = mask._array
    expected = _causal_mask(length, np.float32)
    if array.dtype == bool:
        expected = expected != 0
    return array.shape == expected.shape and bool((array == expected).all())


def _length(x: Tensor, layers: ModuleList) -> int:
    """Return how long the sequence is."""
    if x.ndim == 2:
        return x.shape[0]
    first: Any = layers[0]
    return x.shape[1 if first.self_attn.batch_first else 0]


class TransformerEncoder(Module):
    """A stack of encoder layers, copies of one, and perhaps a norm at the end.

    The layers start with equal parameters; draw them anew if that is not wanted.

    Args:
        encoder_layer: what is copied.
        num_layers: how many copies there are.
        norm: applied to the output of the last, if given.
        enable_nested_tensor: whether, in evaluation without gradients, the outputs of padding are
            zeros, as PyTorch's nested tensors leave them; otherwise they are computed as any other.
            The rest is the same. It takes batch_first layers, norm_first=False, an even number of
            heads, ReLU or GELU, a bias, and no mask but that of the padding.
        mask_check: whether that is left out for padding that is not at the end.

    Shape:
        - As `TransformerEncoderLayer`.

    Reference: Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4), num_layers=2)
        >>> encoder(minitorch.randn(5, 2, 16)).shape
        minitorch.Size([5, 2, 16])
    """

    layers: ModuleList
    num_layers: int
    norm: Module | None
    enable_nested_tensor: bool
    use_nested_tensor: bool
    mask_check: bool

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _clones(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.use_nested_tensor = enable_nested_tensor and _may_be_nested(encoder_layer)
        self.mask_check = mask_check

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """Return the output of the last layer, normalized if there is a norm.

        Args:
            src: the sequence.
            mask: which places are hidden from which (True), or numbers to add to the scores.
            src_key_padding_mask: which places of each batch entry are hidden, or numbers to add.
            is_causal: whether `mask` is the causal mask; None to look.
        """
        dtype = src._array.dtype
        padding = additive_mask(src_key_padding_mask, "src_key_padding_mask", dtype, mask, "mask")
        whole = additive_mask(mask, "mask", dtype)
        causal = _is_causal(whole, is_causal, _length(src, self.layers))
        output = src
        for layer in self.layers:
            output = layer(output, src_mask=whole, is_causal=causal, src_key_padding_mask=padding)
        if padding is not None and whole is None and self._leaves_out(src, padding):
            output = ops.where(ops.unsqueeze(padding != 0, -1), 0.0, output)
        return output if self.norm is None else self.norm(output)

    def _leaves_out(self, src: Tensor, padding: Tensor) -> bool:
        """Return whether the outputs of padding are zeros in this call."""
        first: Any = self.layers[0]
        if not self.use_nested_tensor or first.training or src.ndim != 3:
            return False
        if is_grad_enabled() and any(x.requires_grad for x in (src, *first.parameters())):
            return False
        hidden = padding._array != 0
        at_the_end = bool((hidden[:, 1:] >= hidden[:, :-1]).all())
        return at_the_end or not self.mask_check


def _may_be_nested(layer: Module) -> bool:
    """Return whether PyTorch would use nested tensors for such a layer in evaluation."""
    if not isinstance(layer, TransformerEncoderLayer) or layer.norm_first:
        return False
    attention = layer.self_attn
    return (
        attention.batch_first
        and attention.in_proj_bias is not None
        and attention.num_heads % 2 == 0
        and (layer.activation in (F.relu, F.gelu) or isinstance(layer.activation, ReLU | GELU))
        and layer.norm1.eps == layer.norm2.eps
    )


class TransformerDecoder(Module):
    """A stack of decoder layers, copies of one, and perhaps a norm at the end.

    The layers start with equal parameters; draw them anew if that is not wanted.

    Args:
        decoder_layer: what is copied.
        num_layers: how many copies there are.
        norm: applied to the output of the last, if given.

    Shape:
        - As `TransformerDecoderLayer`.

    Reference: Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(16, 4), num_layers=2)
        >>> decoder(minitorch.randn(5, 2, 16), minitorch.randn(7, 2, 16)).shape
        minitorch.Size([5, 2, 16])
    """

    layers: ModuleList
    num_layers: int
    norm: Module | None

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _clones(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the output of the last layer, normalized if there is a norm.

        Args:
            tgt: the sequence.
            memory: the encoder's output.
            tgt_mask: which places of `tgt` are hidden from which (True), or numbers to add to the
                scores.
            memory_mask: the same of `memory` from `tgt`.
            tgt_key_padding_mask: which places of each batch entry are hidden, or numbers to add.
            memory_key_padding_mask: the same of `memory`.
            tgt_is_causal: whether `tgt_mask` is the causal mask; None to look.
            memory_is_causal: says that `memory_mask` is the causal mask.
        """
        causal = _is_causal(tgt_mask, tgt_is_causal, _length(tgt, self.layers))
        output = tgt
        for layer in self.layers:
            output = layer(
                output,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )
        return output if self.norm is None else self.norm(output)
