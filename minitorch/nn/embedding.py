"""A table of learned vectors."""

from __future__ import annotations

from typing import Any, Self

from minitorch import dtypes
from minitorch.devices import require_cpu
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.functional.embedding import positive_padding, require_dense
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor


class Embedding(Module):
    r"""Look up a learned vector for each index.

    Args:
        num_embeddings: the number of vectors, V.
        embedding_dim: their size, D.
        padding_idx: a vector that starts as zeros and gets no gradient.
        max_norm: if given, vectors that are used and longer are scaled to this length, in place.
        norm_type: the p of that p-norm.
        scale_grad_by_freq: not supported.
        sparse: not supported.
        device: ``"cpu"``.
        dtype: of the vectors.

    Shape:
        - Input: :math:`(*)`, int64 or int32. Output: :math:`(*, D)`.
        - weight: :math:`(V, D)`, drawn from :math:`N(0, 1)`.

    Raises:
        IndexError: if an index is negative or not less than V.
        AssertionError: if `padding_idx` is not the index of a vector.
        NotImplementedError: for the two arguments that are not supported.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html

    Example:
        >>> import minitorch
        >>> words = minitorch.nn.Embedding(10, 3)
        >>> words(minitorch.tensor([[1, 2, 4, 5], [4, 3, 2, 9]])).shape
        minitorch.Size([2, 4, 3])
    """

    num_embeddings: int
    embedding_dim: int
    padding_idx: int | None
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool
    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, "Embedding")
        require_dense("Embedding", scale_grad_by_freq, sparse)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = None
        if padding_idx is not None:
            self.padding_idx = positive_padding(padding_idx, num_embeddings)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        shape = (num_embeddings, embedding_dim)
        if _weight is None:
            self.weight = empty_parameter(shape, dtype)
            self.weight.requires_grad = not _freeze
            self.reset_parameters()
        elif _weight.shape != shape:
            raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
        else:
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    def reset_parameters(self) -> None:
        """Draw the vectors anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight.detach()[self.padding_idx])

    def forward(self, input: Tensor) -> Tensor:
        """Return the vectors of the indices in `input`."""
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows: those that are not the defaults."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        return text

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """Return a layer whose vectors are the rows of `embeddings`, a matrix.

        Args:
            embeddings: of shape (V, D); its memory is shared.
            freeze: whether the vectors are kept as they are in training.
            padding_idx: a row that gets no gradient.
            max_norm: see the class.
            norm_type: see the class.
            scale_grad_by_freq: not supported.
            sparse: not supported.

        Example:
            >>> import minitorch
            >>> table = minitorch.tensor([[1.0, 2.3, 3.0], [4.0, 5.1, 6.3]])
            >>> minitorch.nn.Embedding.from_pretrained(table)(minitorch.tensor([1]))
            tensor([[4.0000, 5.1000, 6.3000]])
        """
        if embeddings.ndim != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        rows, columns = embeddings.shape
        return cls(
            rows,
            columns,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight=embeddings,
            _freeze=freeze,
        )
