"""Sums, means and maxima of rows of a table, without the rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import ops
from minitorch.nn._registry import typename
from minitorch.nn.functional.embedding import _shorten_rows, require_dense
from minitorch.tensor import Tensor, wrap


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Return the sum, the mean or the maximum of the rows of `weight` that each bag names.

    An empty bag gives zeros.

    Args:
        input: indices: a row for each bag, or all of them one after the other.
        weight: the table.
        offsets: for indices one after the other, where each bag begins; the first at 0.
        max_norm: if given, rows used here that are longer are scaled to this length, in place.
        norm_type: the p of that p-norm.
        scale_grad_by_freq: not supported.
        mode: ``"sum"``, ``"mean"`` or ``"max"``.
        sparse: not supported.
        per_sample_weights: what each row is multiplied by, for ``"sum"``.
        include_last_offset: whether the last offset is the end of the last bag.
        padding_idx: an index that counts as absent.

    Shape:
        - input :math:`(B, L)`; or :math:`(L)`, with offsets :math:`(B)`, or :math:`(B + 1)` if
          the last one is included.
        - weight :math:`(V, D)`; per_sample_weights: the shape of input. Output: :math:`(B, D)`.

    Raises:
        ValueError: for shapes that do not fit, or an unknown mode.
        RuntimeError: for offsets or indices out of range.
        NotImplementedError: for the two arguments that are not supported, and for
            `per_sample_weights` in another mode than ``"sum"``.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html

    Example:
        >>> import minitorch
        >>> table = minitorch.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> bags = minitorch.tensor([[0, 1], [1, 1]])
        >>> minitorch.nn.functional.embedding_bag(bags, table)
        tensor([[2., 3.],
                [3., 4.]])
    """
    _check_arguments(input, weight, per_sample_weights)
    starts, ends = _bounds(input, offsets, include_last_offset)
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    require_dense("embedding_bag", scale_grad_by_freq, sparse)
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights is only supported for mode='sum' "
            f"(got mode='{mode}')"
        )
    indices = input._array.reshape(-1)
    _check_range(indices, len(weight), padding_idx)
    if max_norm is not None:
        _shorten_rows(weight, indices, max_norm, norm_type)
    bags = np.repeat(np.arange(len(starts)), ends - starts)
    kept = np.arange(len(bags))
    if padding_idx is not None:
        kept = np.flatnonzero(indices[: len(bags)] != padding_idx % len(weight))
    rows = ops.embedding(weight, wrap(indices[kept]))
    if per_sample_weights is not None:
        rows = rows * ops.unsqueeze(ops.reshape(per_sample_weights, -1)[wrap(kept)], -1)
    if mode == "max":
        return _maxima(rows, bags[kept], len(starts))
    out = ops.sum_rows(rows, bags[kept], len(starts))
    if mode == "sum":
        return out
    counts = np.maximum(np.bincount(bags[kept], minlength=len(starts)), 1)
    return out / wrap(counts[:, None].astype(weight._array.dtype))


def _maxima(rows: Tensor, bags: np.ndarray, count: int) -> Tensor:
    """Return the maximum over the rows of each bag; of equal elements the first gets the gradient.

    Args:
        rows: the rows, bag by bag.
        bags: to which bag each belongs, rising.
        count: how many bags there are.
    """
    values = rows._array
    filled, starts, sizes = np.unique(bags, return_index=True, return_counts=True)
    if not len(filled):
        return ops.sum_rows(rows, bags, count)
    largest = np.repeat(np.maximum.reduceat(values, starts, axis=0), sizes, axis=0)
    places = np.where(values == largest, np.arange(len(values))[:, None], len(values) - 1)
    chosen = np.minimum.reduceat(places, starts, axis=0)
    return ops.sum_rows(ops.gather(rows, 0, wrap(chosen)), filled, count)


def _bounds(
    input: Tensor, offsets: Tensor | None, include_last_offset: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return where each bag begins and ends in the flattened indices."""
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch "
                f"of fixed length sequences. However, found offsets of type {type(offsets)}"
            )
        count, length = input.shape
        starts = np.arange(count) * length
        return starts, starts + length
    if offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if offsets.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    _check_integers(offsets)
    given, total = offsets._array.astype(np.int64), input._array.size
    if include_last_offset and not len(given):
        raise RuntimeError("include_last_offset: number of offset should be at least 1")
    if len(given) and given[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
            f"position 0. However, got {given[0]}"
        )
    if len(given) and given[-1] > total:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {total} but got offsets[-1] of "
            f"{given[-1]}"
        )
    if np.any(given[1:] < given[:-1]):
        raise RuntimeError("embedding_bag: offsets must not fall")
    if include_last_offset:
        return given[:-1], given[1:]
    return given, np.append(given[1:], total) if len(given) else given


def _check_arguments(input: Tensor, weight: Tensor, per_sample_weights: Tensor | None) -> None:
    if per_sample_weights is not None and input.shape != per_sample_weights.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, "
            f"then it must have the same shape as the input ({input.shape})"
        )
    if weight.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if input.ndim not in (1, 2):
        raise ValueError(
            f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}"
        )
    _check_integers(input)
    if not weight.is_floating_point():
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have one of the following scalar types: "
            f"Half, Float, Double; but got {typename(weight)} instead (while checking arguments "
            "for embedding_bag)"
        )
    if per_sample_weights is not None and weight.dtype != per_sample_weights.dtype:
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have the same type as tensor for argument "
            f"#1 'per_sample_weights'; but type {typename(weight)} does not equal "
            f"{typename(per_sample_weights)} (while checking arguments for embedding_bag)"
        )


def _check_integers(tensor: Tensor) -> None:
    if tensor._array.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: "
            f"Long, Int; but got {typename(tensor)} instead (while checking arguments for "
            "embedding_bag)"
        )


def _check_range(indices: np.ndarray, rows: int, padding_idx: Any) -> None:
    bad = np.flatnonzero((indices < 0) | (indices >= rows))
    if len(bad):
        raise RuntimeError(
            f"Index {bad[0]} of input takes value {indices[bad[0]]} which is not in the valid "
            f"range [0, {rows})"
        )
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise RuntimeError(
            f"padding_idx must be within the number of embeddings, -{rows} through {rows - 1}, "
            f"but got {padding_idx}"
        )
