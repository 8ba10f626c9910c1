"""What the models of texts refuse, in one sentence each."""

from __future__ import annotations

from minitorch import Tensor


def check_shares(**shares: float) -> None:
    """Raise ValueError for the first share, of dropout say, that is not in [0, 1)."""
    for name, share in shares.items():
        if not 0.0 <= share < 1.0:
            raise ValueError(f"{name} must be at least 0 and below 1, got {share}")


def check_ids(ids: Tensor, vocab_size: int) -> None:
    """Raise ValueError for token ids that no embedding has a row for."""
    found = ids.numpy()
    if found.size and (found.min() < 0 or found.max() >= vocab_size):
        wrong = int(found.min()) if found.min() < 0 else int(found.max())
        raise ValueError(f"the token id {wrong} is not in the vocabulary of {vocab_size} tokens")


def check_texts(ids: Tensor, vocab_size: int, max_length: int) -> None:
    """Raise ValueError for texts (N, S) that are too long, or have ids beyond the vocabulary."""
    if ids.shape[1] > max_length:
        raise ValueError(
            f"a text of {ids.shape[1]} tokens is longer than the model's max_length of {max_length}"
        )
    check_ids(ids, vocab_size)
