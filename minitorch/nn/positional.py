"""Where in a sequence an element is: added, learned, or turned into a rotation."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import dtypes, ops
from minitorch.devices import require_cpu
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.functional.dropout import check_probability
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor, wrap


def _frequencies(size: int, base: float) -> np.ndarray:
    """Return ``base ** (-2 i / size)`` for each pair i of dimensions, in float64."""
    return base ** (-np.arange(0, size, 2) / size)


def _places(name: str, offset: int, length: int, max_len: int) -> slice:
    """Return the places of a sequence; ValueError if there are not so many."""
    if offset < 0 or offset + length > max_len:
        raise ValueError(
            f"{name}: a sequence of {length} at offset {offset} does not fit into max_len={max_len}"
        )
    return slice(offset, offset + length)


class _Added(Module):
    """Add a vector to each place of a sequence, then apply dropout."""

    max_len: int
    d_model: int
    dropout: float
    batch_first: bool

    def __init__(self, max_len: int, d_model: int, dropout: float, batch_first: bool) -> None:
        super().__init__()
        check_probability(dropout)
        self.max_len = max_len
        self.d_model = d_model
        self.dropout = dropout
        self.batch_first = batch_first

    def _vectors(self) -> Tensor:
        """Return the vectors of all places, ``(max_len, E)``."""
        raise NotImplementedError

    def forward(self, input: Tensor, offset: int = 0) -> Tensor:
        """Return the input with the vectors of places `offset`, `offset` + 1, ... added."""
        time = 0 if input.ndim == 2 or not self.batch_first else 1
        places = _places(type(self).__name__, offset, input.shape[time], self.max_len)
        vectors = self._vectors()[places]
        if input.ndim == 3 and time == 0:
            vectors = ops.unsqueeze(vectors, 1)
        return F.dropout(input + vectors, self.dropout, self.training)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"{self.max_len}, {self.d_model}, dropout={self.dropout}, "
            f"batch_first={self.batch_first}"
        )


class SinusoidalPositionalEncoding(_Added):
    r"""Add sines and cosines of the place, of falling frequencies; nothing is learned.

    .. math:: p_{t, 2i} = \sin(t / b^{2i / E}), \quad p_{t, 2i + 1} = \cos(t / b^{2i / E})

    Args:
        d_model: size of the vectors, E.
        max_len: the longest sequence.
        dropout: in training, the probability with which an element of the sum is set to 0.
        batch_first: whether the batch comes before time.
        base: the b.
        device: ``"cpu"``.
        dtype: of the table.

    Shape:
        - Input: :math:`(L, N, E)`, with `batch_first` :math:`(N, L, E)`, unbatched :math:`(L, E)`.
          Output: the same.
        - table: :math:`(L_{max}, E)`, a buffer that is not saved.

    Raises:
        ValueError: if the sequence is too long.

    Reference: Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> import minitorch
        >>> encoding = minitorch.nn.SinusoidalPositionalEncoding(4, batch_first=True)
        >>> encoding(minitorch.zeros(1, 2, 4))
        tensor([[[0.0000, 1.0000, 0.0000, 1.0000],
                 [0.8415, 0.5403, 0.0100, 0.9999]]])
    """

    table: Tensor

    def __init__(
        self,
        d_model: int,
        max_len: int = 5000,
        dropout: float = 0.0,
        batch_first: bool = False,
        base: float = 10000.0,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(max_len, d_model, dropout, batch_first)
        require_cpu(device, "SinusoidalPositionalEncoding")
        angles = np.arange(max_len)[:, None] * _frequencies(d_model, base)  # (L, E / 2)
        table = np.empty((max_len, d_model), dtypes.numpy_dtype(dtype))
        table[:, 0::2] = np.sin(angles)
        table[:, 1::2] = np.cos(angles[:, : d_model // 2])
        self.register_buffer("table", wrap(table), persistent=False)

    def _vectors(self) -> Tensor:
        return self.table


class LearnedPositionalEmbedding(_Added):
    r"""Add a learned vector for each place.

    Args:
        max_len: the longest sequence.
        d_model: size of the vectors, E.
        dropout: in training, the probability with which an element of the sum is set to 0.
        batch_first: whether the batch comes before time.
        device: ``"cpu"``.
        dtype: of the vectors.

    Shape:
        - Input: :math:`(L, N, E)`, with `batch_first` :math:`(N, L, E)`, unbatched :math:`(L, E)`.
          Output: the same.
        - weight: :math:`(L_{max}, E)`, drawn from :math:`N(0, 0.02^2)`.

    Raises:
        ValueError: if the sequence is too long.

    Reference: Devlin et al., "BERT: pre-training of deep bidirectional transformers for language
    understanding", 2019.

    Example:
        >>> import minitorch
        >>> positions = minitorch.nn.LearnedPositionalEmbedding(64, 16, batch_first=True)
        >>> positions(minitorch.zeros(2, 5, 16)).shape
        minitorch.Size([2, 5, 16])
    """

    weight: Parameter

    def __init__(
        self,
        max_len: int,
        d_model: int,
        dropout: float = 0.0,
        batch_first: bool = False,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(max_len, d_model, dropout, batch_first)
        require_cpu(device, "LearnedPositionalEmbedding")
        self.weight = empty_parameter((max_len, d_model), dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the vectors anew."""
        init.normal_(self.weight, std=0.02)

    def _vectors(self) -> Tensor:
        return self.weight


class RotaryEmbedding(Module):
    r"""Rotate pairs of dimensions by angles proportional to the place.

    Applied to queries and keys, their products depend on the distance of the places alone. With
    frequency :math:`\theta_i = b^{-2i / D}`, pair i of place t becomes

    .. math:: (x_i \cos t\theta_i - y_i \sin t\theta_i, \; y_i \cos t\theta_i + x_i \sin t\theta_i)

    Args:
        dim: size of a head, D, an even number.
        max_len: the longest sequence.
        base: the b.
        interleaved: whether the pairs are neighbours, as in the paper; otherwise each is an element
            of the first half and one of the second, as in most published weights.
        device: ``"cpu"``.
        dtype: of the tables.

    Shape:
        - Input: :math:`(*, L, D)`, such as :math:`(N, H, L, D)`. Output: the same.
        - cos, sin: :math:`(L_{max}, D / 2)`, buffers that are not saved.

    Raises:
        ValueError: if `dim` is odd, the input has another size, or the sequence is too long.

    Reference: Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021.

    Example:
        >>> import minitorch
        >>> rotary = minitorch.nn.RotaryEmbedding(2)
        >>> rotary(minitorch.tensor([[1.0, 0.0], [1.0, 0.0]]))
        tensor([[1.0000, 0.0000],
                [0.5403, 0.8415]])
    """

    dim: int
    max_len: int
    base: float
    interleaved: bool
    cos: Tensor
    sin: Tensor

    def __init__(
        self,
        dim: int,
        max_len: int = 2048,
        base: float = 10000.0,
        interleaved: bool = False,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, "RotaryEmbedding")
        if dim % 2 or dim <= 0:
            raise ValueError(f"RotaryEmbedding: dim must be even and positive, got {dim}")
        self.dim = dim
        self.max_len = max_len
        self.base = base
        self.interleaved = interleaved
        angles = np.arange(max_len)[:, None] * _frequencies(dim, base)  # (L, D / 2)
        numpy_dtype = dtypes.numpy_dtype(dtype)
        self.register_buffer("cos", wrap(np.cos(angles).astype(numpy_dtype)), persistent=False)
        self.register_buffer("sin", wrap(np.sin(angles).astype(numpy_dtype)), persistent=False)

    def forward(self, input: Tensor, offset: int = 0) -> Tensor:
        """Return the input rotated as places `offset`, `offset` + 1, ... of a sequence."""
        if input.ndim < 2 or input.shape[-1] != self.dim:
            raise ValueError(
                f"RotaryEmbedding: expected an input of shape (*, L, {self.dim}), got "
                f"{tuple(input.shape)}"
            )
        places = _places("RotaryEmbedding", offset, input.shape[-2], self.max_len)
        cos, sin = self.cos[places], self.sin[places]
        if self.interleaved:
            pairs = ops.reshape(input, *input.shape[:-1], self.dim // 2, 2)
            x, y = ops.unbind(pairs, -1)
            turned = ops.stack([x * cos - y * sin, y * cos + x * sin], -1)
            return ops.reshape(turned, *input.shape)
        x, y = ops.split(input, self.dim // 2, -1)
        return ops.cat([x * cos - y * sin, y * cos + x * sin], -1)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"{self.dim}, {self.max_len}, base={self.base}, interleaved={self.interleaved}"
