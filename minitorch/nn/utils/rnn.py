"""Sequences of several lengths, side by side in one tensor."""

from __future__ import annotations

from collections.abc import Iterable

from minitorch import ops
from minitorch.tensor import Tensor


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
