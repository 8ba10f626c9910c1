"""A table of learned vectors, of which bags are summed."""

from __future__ import annotations

from typing import Any, Self

from minitorch import dtypes
from minitorch.devices import require_cpu
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.functional.embedding import require_dense
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor


class EmbeddingBag(Module):
    r"""Return the sum, the mean or the maximum of the learned vectors of each bag of indices.

    Args:
        num_embeddings: the number of vectors, V.
        embedding_dim: their size, D.
        max_norm: if given, vectors that are used and longer are scaled to this length, in place.
        norm_type: the p of that p-norm.
        scale_grad_by_freq: not supported.
        mode: ``"sum"``, ``"mean"`` or ``"max"``.
        sparse: not supported.
        include_last_offset: whether the last offset is the end of the last bag.
        padding_idx: an index that counts as absent.
        device: ``"cpu"``.
        dtype: of the vectors.

    Shape:
        - Input: :math:`(B, L)`; or :math:`(L)`, with offsets :math:`(B)`. Output: :math:`(B, D)`.
        - weight: :math:`(V, D)`, drawn from :math:`N(0, 1)`.

    Raises:
        AssertionError: if `padding_idx` is not the index of a vector.
        NotImplementedError: for the two arguments that are not supported.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html

    Example:
        >>> import minitorch
        >>> bag = minitorch.nn.EmbeddingBag(10, 3, mode="sum")
        >>> words = minitorch.tensor([1, 2, 4, 5, 4, 3, 2, 9])
        >>> bag(words, minitorch.tensor([0, 4])).shape
        minitorch.Size([2, 3])
    """

    num_embeddings: int
    embedding_dim: int
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    mode: str
    sparse: bool
    include_last_offset: bool
    padding_idx: int | None
    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, "EmbeddingBag")
        require_dense("EmbeddingBag", scale_grad_by_freq, sparse)
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise AssertionError("padding_idx must be within num_embeddings")
            padding_idx %= num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.mode = mode
        self.sparse = sparse
        self.include_last_offset = include_last_offset
        self.padding_idx = padding_idx
        shape = (num_embeddings, embedding_dim)
        if _weight is None:
            self.weight = empty_parameter(shape, dtype)
            self.reset_parameters()
        elif _weight.shape != shape:
            raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
        else:
            self.weight = Parameter(_weight)

    def reset_parameters(self) -> None:
        """Draw the vectors anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight.detach()[self.padding_idx])

    def forward(
        self,
        input: Tensor,
        offsets: Tensor | None = None,
        per_sample_weights: Tensor | None = None,
    ) -> Tensor:
        """Return a vector for each bag.

        Args:
            input: indices, a row for each bag or one after the other.
            offsets: for indices one after the other, where each bag begins.
            per_sample_weights: what each vector is multiplied by, for ``"sum"``.
        """
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows: those that are not the defaults, and the mode."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        text += f", mode={self.mode!r}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        return text

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """Return a layer whose vectors are the rows of `embeddings`, a matrix.

        Args:
            embeddings: of shape (V, D); its memory is shared.
            freeze: whether the vectors are kept as they are in training.
            max_norm: see the class.
            norm_type: see the class.
            scale_grad_by_freq: not supported.
            mode: see the class.
            sparse: not supported.
            include_last_offset: see the class.
            padding_idx: see the class.

        Example:
            >>> import minitorch
            >>> table = minitorch.tensor([[1.0, 2.0], [3.0, 4.0]])
            >>> minitorch.nn.EmbeddingBag.from_pretrained(table)(minitorch.tensor([[0, 1]]))
            tensor([[2., 3.]])
        """
        if embeddings.ndim != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        rows, columns = embeddings.shape
        layer = cls(
            rows,
            columns,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            mode=mode,
            sparse=sparse,
            _weight=embeddings,
            include_last_offset=include_last_offset,
            padding_idx=padding_idx,
        )
        layer.weight.requires_grad = not freeze
        return layer
