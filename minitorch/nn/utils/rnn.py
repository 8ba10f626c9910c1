"""Sequences of several lengths in one tensor: side by side with padding, or packed without."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from minitorch import ops
from minitorch.nn.utils._packed_sequence import PackedSequence, invert_permutation
from minitorch.tensor import Tensor, wrap

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


def pack_padded_sequence(
    input: Tensor,
    lengths: Any,
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Return sequences without their padding.

    Args:
        input: sequences side by side, with padding behind the shorter ones.
        lengths: of the sequences.
        batch_first: whether the first dimension counts the sequences, and not time.
        enforce_sorted: whether the lengths must not increase; if not, they may come in any order.

    Shape:
        - input :math:`(T, N, *)`, or :math:`(N, T, *)` with `batch_first`; lengths :math:`(N)`.

    Raises:
        RuntimeError: if the lengths do not fit the input, or are not sorted.

    Reference:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html

    Example:
        >>> import minitorch
        >>> words = minitorch.tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]])
        >>> packed = pack_padded_sequence(words, [2, 1, 3], batch_first=True, enforce_sorted=False)
        >>> packed.data, packed.batch_sizes
        (tensor([4, 1, 3, 5, 2, 6]), tensor([3, 2, 1]))
    """
    given = lengths._array if isinstance(lengths, Tensor) else np.asarray(lengths)
    sizes = given.astype(np.int64)
    if input.numel() == 0:
        raise RuntimeError("Cannot pack empty tensors.")
    n, longest = input.shape[:2] if batch_first else (input.shape[1], input.shape[0])
    if sizes.shape != (n,):
        raise RuntimeError(
            "Expected `len(lengths)` to be equal to batch_size, but got "
            f"{sizes.size} (batch_size={n})"
        )
    order = None
    if not enforce_sorted:
        order = np.argsort(-sizes, kind="stable")
        sizes = sizes[order]
    if sizes.min() <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' "
            "that is <= 0"
        )
    if any(a < b for a, b in pairwise(sizes)):
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You "
            "can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to "
            "sidestep this requirement if you do not need ONNX exportability."
        )
    if sizes[0] > longest:
        raise RuntimeError(
            f"a sequence of length {sizes[0]} was asked for, but the input has {longest} steps"
        )
    batch_sizes = (sizes[:, None] > np.arange(sizes[0])).sum(0)
    data = _steps(input, batch_first)[_places(batch_sizes, n, order)]
    return PackedSequence(data, wrap(batch_sizes), None if order is None else wrap(order))


def _steps(x: Tensor, batch_first: bool) -> Tensor:
    """Return the steps of sequences side by side, ``(T, N, *) -> (T N, *)``."""
    x = x.transpose(0, 1) if batch_first else x
    return x.reshape(-1, *x.shape[2:])


def _places(batch_sizes: np.ndarray, n: int, order: np.ndarray | None) -> Tensor:
    """Return where in `_steps` of `n` sequences the steps of packed ones are."""
    times = np.repeat(np.arange(len(batch_sizes)), batch_sizes)
    ranks = np.concatenate([np.arange(size) for size in batch_sizes])
    return wrap(times * n + (ranks if order is None else order[ranks]))


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Return packed sequences side by side with padding, as they were, and their lengths.

    Args:
        sequence: what `pack_padded_sequence` or a recurrent layer returned.
        batch_first: whether the first dimension is to count the sequences, and not time.
        padding_value: what the padding holds.
        total_length: to which length to pad, by default that of the longest sequence.

    Shape:
        - Output: :math:`(T, N, *)`, or :math:`(N, T, *)` with `batch_first`; lengths :math:`(N)`.

    Raises:
        ValueError: if `total_length` is too short.

    Reference:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_packed_sequence.html

    Example:
        >>> import minitorch
        >>> packed = pack_sequence([minitorch.tensor([1, 2, 3]), minitorch.tensor([4])])
        >>> pad_packed_sequence(packed, batch_first=True)
        (tensor([[1, 2, 3],
                [4, 0, 0]]), tensor([3, 1]))
    """
    data, sizes = sequence.data, sequence.batch_sizes._array
    steps, n = len(sizes), int(sizes[0])
    if total_length is not None and total_length < steps:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but "
            f"got total_length={total_length} and max sequence length being {steps}"
        )
    order = None if sequence.sorted_indices is None else sequence.sorted_indices._array
    rows = data.new_full(((total_length or steps) * n, *data.shape[1:]), padding_value)
    rows[_places(sizes, n, order)] = data
    padded = rows.view(-1, n, *data.shape[1:])
    lengths = (sizes[:, None] > np.arange(n)).sum(0)
    if sequence.unsorted_indices is not None:
        lengths = lengths[sequence.unsorted_indices._array]
    return padded.transpose(0, 1) if batch_first else padded, wrap(lengths)


def pack_sequence(sequences: list[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Return sequences packed into one tensor.

    Args:
        sequences: of :math:`(L_i, *)`.
        enforce_sorted: whether the longest must come first; if not, they may come in any order.

    Raises:
        RuntimeError: if they are not sorted.

    Example:
        >>> import minitorch
        >>> a, b = minitorch.tensor([1]), minitorch.tensor([2, 3])
        >>> pack_sequence([a, b], enforce_sorted=False).data
        tensor([2, 1, 3])
    """
    lengths = [len(x) for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpad_sequence(
    padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False
) -> list[Tensor]:
    """Return sequences without their padding.

    Args:
        padded_sequences: as `pad_sequence` returns them.
        lengths: of the sequences.
        batch_first: whether the first dimension counts the sequences, and not time.

    Example:
        >>> import minitorch
        >>> padded = minitorch.tensor([[1, 2, 3], [4, 0, 0]])
        >>> unpad_sequence(padded, minitorch.tensor([3, 1]), batch_first=True)
        [tensor([1, 2, 3]), tensor([4])]
    """
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:length] for row, length in zip(rows, lengths.tolist(), strict=True)]


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Return the sequences that were packed.

    Example:
        >>> import minitorch
        >>> unpack_sequence(pack_sequence([minitorch.tensor([1, 2]), minitorch.tensor([3])]))
        [tensor([1, 2]), tensor([3])]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


def pad_sequence(
    sequences: Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Return sequences side by side, the shorter ones padded to the length of the longest.

    Args:
        sequences: one or more; the result has the dtype of the first.
        batch_first: whether the first dimension counts the sequences, and not time.
        padding_value: what the padding holds.
        padding_side: where it lies, ``"right"`` or ``"left"`` of a sequence.

    Shape:
        - sequences :math:`(L_i, *)`.
        - Output: :math:`(T, N, *)`, or :math:`(N, T, *)` with `batch_first`, T the largest L.

    Raises:
        RuntimeError: if `sequences` is empty or not iterable, or there is no such side.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html

    Example:
        >>> import minitorch
        >>> words = [minitorch.tensor([1, 2, 3]), minitorch.tensor([4])]
        >>> minitorch.nn.utils.rnn.pad_sequence(words, batch_first=True, padding_value=-1)
        tensor([[ 1,  2,  3],
                [ 4, -1, -1]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            "pad_sequence: Expected iterable for input sequences, but got arg of type: "
            f"{type(sequences)}"
        )
    listed = list(sequences)
    if not listed:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(
            f"Expected padding_side to be one of left or right, but got {padding_side}."
        )
    longest = max(len(x) for x in listed)
    padded = [_padded(x.to(listed[0].dtype), longest, padding_value, padding_side) for x in listed]
    return ops.stack(padded, 0 if batch_first else 1)


def _padded(x: Tensor, length: int, value: float, side: str) -> Tensor:
    """Return one sequence in the given length, ``(L, *) -> (T, *)``."""
    missing = length - len(x)
    if not missing:
        return x
    padding = x.new_full((missing, *x.shape[1:]), value)
    return ops.cat([x, padding] if side == "right" else [padding, x])
