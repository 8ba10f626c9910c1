"""What recurrent layers read of sequences of several lengths: `PackedSequence`."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np

from minitorch import dtypes
from minitorch.tensor import Tensor, wrap


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences without padding: the first step of all of them, then the second, and so on.

    Made by `pack_padded_sequence` and `pack_sequence`; recurrent layers read and return it.

    Attributes:
        data: the steps, (sum of the lengths, *), in each step the longest sequence first.
        batch_sizes: how many sequences have each step.
        sorted_indices: which sequence came to which place, None if they came in order.
        unsorted_indices: to which place which sequence came.

    Example:
        >>> import minitorch
        >>> from minitorch.nn.utils.rnn import pack_sequence
        >>> pack_sequence([minitorch.tensor([1, 2, 3]), minitorch.tensor([4])]).data
        tensor([1, 4, 2, 3])
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Any,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        """Make it of its parts; `unsorted_indices` follow from the sorted ones."""
        if batch_sizes is None:
            if not isinstance(data, (list, tuple)) or len(data) != 2:
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Return the sequences with their data converted as by `Tensor.to`."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else type(self)(data, *self[1:])

    def cpu(self) -> Self:
        """Return the sequences themselves: they are on the CPU."""
        return self

    def double(self) -> Self:
        """Return the sequences in float64."""
        return self.to(dtypes.float64)

    def float(self) -> Self:
        """Return the sequences in float32."""
        return self.to(dtypes.float32)

    def half(self) -> Self:
        """Return the sequences in float16."""
        return self.to(dtypes.float16)

    def long(self) -> Self:
        """Return the sequences in int64."""
        return self.to(dtypes.int64)

    def int(self) -> Self:
        """Return the sequences in int32."""
        return self.to(dtypes.int32)

    def byte(self) -> Self:
        """Return the sequences in uint8."""
        return self.to(dtypes.uint8)

    @property
    def is_cuda(self) -> bool:
        """False: there is no other device than the CPU."""
        return False

    def is_pinned(self) -> bool:
        """Return False: memory is never pinned."""
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """Return the permutation that undoes `permutation`, or None for None."""
    if permutation is None:
        return None
    inverse = np.empty_like(permutation._array)
    inverse[permutation._array] = np.arange(len(inverse))
    return wrap(inverse)
