"""Looking up rows of a table by index."""

from __future__ import annotations

import numpy as np

from minitorch import ops
from minitorch.nn._registry import typename
from minitorch.tensor import Tensor


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Return the rows of `weight` that `input` names.

    Args:
        input: indices.
        weight: the table.
        padding_idx: a row that gets no gradient.
        max_norm: if given, rows used here that are longer are scaled to this length, in place.
        norm_type: the p of that p-norm.
        scale_grad_by_freq: not supported.
        sparse: not supported.

    Shape:
        - input :math:`(*)`, of int64 or int32; weight :math:`(V, D)`. Output: :math:`(*, D)`.

    Raises:
        IndexError: if an index is negative or not less than V.
        NotImplementedError: for the two arguments that are not supported.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html

    Example:
        >>> import minitorch
        >>> table = minitorch.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> minitorch.nn.functional.embedding(minitorch.tensor([1, 1, 0]), table)
        tensor([[3., 4.],
                [3., 4.],
                [1., 2.]])
    """
    require_dense("embedding", scale_grad_by_freq, sparse)
    indices = input._array
    if indices.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: "
            f"Long, Int; but got {typename(input)} instead (while checking arguments for embedding)"
        )
    if indices.size and not (indices.min() >= 0 and indices.max() < len(weight)):
        raise IndexError("index out of range in self")
    if max_norm is not None:
        _shorten_rows(weight, indices, max_norm, norm_type)
    out = ops.embedding(weight, input)
    if padding_idx is None:
        return out
    padding = positive_padding(padding_idx, len(weight))
    return ops.where(ops.unsqueeze(input == padding, -1), out.detach(), out)


def require_dense(name: str, scale_grad_by_freq: bool, sparse: bool) -> None:
    """Raise NotImplementedError, naming the argument, if one of the two is wanted."""
    if scale_grad_by_freq:
        raise NotImplementedError(f"{name}: scale_grad_by_freq=True is not supported")
    if sparse:
        raise NotImplementedError(f"{name}: sparse=True is not supported")


def positive_padding(padding_idx: int, num_embeddings: int) -> int:
    """Return `padding_idx` counted from the front; AssertionError if there is no such row."""
    if not -num_embeddings <= padding_idx < num_embeddings:
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % num_embeddings


def _shorten_rows(weight: Tensor, indices: np.ndarray, max_norm: float, p: float) -> None:
    rows = np.unique(indices)
    used = weight._array[rows]
    norms = np.linalg.norm(used, ord=p, axis=1, keepdims=True)
    too_long = norms[:, 0] > max_norm
    scale = max_norm / (norms[too_long] + 1e-7)
    weight._array[rows[too_long]] = (used[too_long] * scale).astype(used.dtype, copy=False)
    weight._counter[0] += 1
