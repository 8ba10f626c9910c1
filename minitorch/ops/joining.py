"""Cutting a tensor into views, and joining tensors.

The views of one cut are the outputs of one operation: its gradient joins the pieces' gradients,
however many there are, in one pass. As in torch, none of them can be changed in place while that is
recorded.
"""

from __future__ import annotations

import operator
from functools import reduce
from itertools import accumulate
from typing import Any

from minitorch.autograd.function import Function
from minitorch.autograd.views import link_view
from minitorch.dtypes import promote
from minitorch.kernels.copies import concatenated
from minitorch.ops.indexing import along, read_at, slice_along
from minitorch.ops.shape import reshape, unsqueeze
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor, wrap

__all__ = [
    "cat", "chunk", "concat", "concatenate", "split", "stack", "tensor_split", "unbind",
]  # fmt: skip

# ---------------------------------------------------------------------- cutting


def _places(dim: int, lengths: list[int]) -> list[Any]:
    """Return the index of each piece."""
    return [
        slice_along(dim, end - n, end) for n, end in zip(lengths, accumulate(lengths), strict=True)
    ]


class Split(Function):
    """Cutting along a dimension into pieces of the given lengths."""

    fresh_gradients = True

    @staticmethod
    def forward(ctx: Any, x: Tensor, dim: int, lengths: list[int]) -> tuple[Tensor, ...]:
        """Cut."""
        ctx.dim = dim
        return tuple(wrap(x._array[index]) for index in _places(dim, lengths))

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Join."""
        return Cat.apply(ctx.dim, *gradients), None, None


class Unbind(Function):
    """Cutting along a dimension into all its places, without that dimension."""

    fresh_gradients = True

    @staticmethod
    def forward(ctx: Any, x: Tensor, dim: int) -> tuple[Tensor, ...]:
        """Cut."""
        ctx.dim = dim
        indices: list[Any] = [(*along(dim, i), ...) for i in range(x._array.shape[dim])]
        return tuple(wrap(x._array[index]) for index in indices)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Stack."""
        return stack(gradients, ctx.dim), None


_REFUSAL = (
    "Output {place} of {name}Backward0 is a view and {{what}} modified inplace. This view is the "
    "output of a function that returns multiple views. Such functions do not allow the output "
    "views to be modified inplace. You should replace the inplace operation by an out-of-place one."
)


def _linked(name: str, source: Tensor, pieces: Any, indices: Any) -> tuple[Tensor, ...]:
    """Return `pieces` as views of `source`, each taken from it at its index."""
    for place, (piece, index) in enumerate(zip(pieces, indices, strict=True)):
        link_view(piece, source, read_at, (), {"index": index})
        if piece._view is not None and piece._view.refusal is None:
            piece._view.refusal = _REFUSAL.format(place=place, name=name)
    return tuple(pieces)


def _cut(input: Tensor, dim: int, lengths: list[int]) -> tuple[Tensor, ...]:
    if not lengths:
        return ()
    return _linked("Split", input, Split.apply(input, dim, lengths), _places(dim, lengths))


def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of `split_size_or_sections` places each (or of the sizes given) along `dim`.

    Args:
        tensor: what to cut.
        split_size_or_sections: one size, the last piece being smaller if it does not divide the
            dimension; or a list of sizes.
        dim: where to cut.

    Example:
        >>> import minitorch
        >>> minitorch.arange(5).split(2)
        (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    place = _cuttable("split", tensor, dim)
    total = tensor._array.shape[place]
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size < 0 or (size == 0 and total):
            raise RuntimeError(
                f"split expects split_size be non-negative, but got split_size={size}"
            )
        lengths = [min(size, total - start) for start in range(0, total, size or 1)] or [0]
        return _cut(tensor, place, lengths)
    lengths = [int(n) for n in split_size_or_sections]
    if sum(lengths) != total or min(lengths, default=0) < 0:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size "
            f"at dimension {place}), but got split_sizes={lengths}"
        )
    return _cut(tensor, place, lengths)


def _cuttable(name: str, input: Tensor, dim: int) -> int:
    if input._array.ndim == 0:
        raise RuntimeError(f"{name} expects at least a 1-dimensional tensor")
    return wrap_dim(dim, input._array.ndim)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Return at most `chunks` views of equal size along `dim`, the last perhaps smaller."""
    place = _cuttable("chunk", input, dim)
    chunks = operator.index(chunks)
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    total = input._array.shape[place]
    return split(input, [0] * chunks if total == 0 else -(-total // chunks), place)


def tensor_split(
    input: Tensor,
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    indices: Any = None,
    sections: Any = None,
) -> tuple[Tensor, ...]:
    """Return views along `dim`, cut at the given places or into so many nearly equal parts.

    Args:
        input: what to cut.
        indices_or_sections: a list of places, or the number of parts; the first parts are one
            larger where it does not divide the dimension.
        dim: where to cut.
        indices: the places, instead.
        sections: the number of parts, instead.
    """
    given = [x for x in (indices_or_sections, indices, sections) if x is not None]
    if len(given) != 1:
        raise TypeError(
            "tensor_split(): expected one of 'indices_or_sections', 'indices' and 'sections', got "
            f"{len(given)}"
        )
    cuts = _whole_numbers(given[0])
    place = _cuttable("tensor_split", input, dim)
    total = input._array.shape[place]
    if isinstance(cuts, int):
        count = cuts
        if count <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {count}")
        return _cut(input, place, [total // count + (i < total % count) for i in range(count)])
    cuts = [slice(None, i).indices(total)[1] for i in cuts]
    starts, ends = [0, *cuts], [*cuts, total]
    lengths = [max(0, end - start) for start, end in zip(starts, ends, strict=True)]
    if sum(lengths) == total:
        return _cut(input, place, lengths)
    pieces = [slice_along(place, a, max(a, b)) for a, b in zip(starts, ends, strict=True)]
    return tuple(read_at(input, index=piece) for piece in pieces)


def _whole_numbers(given: Any) -> Any:
    """Return integers, which may be Python's, NumPy's or Tensors, as a list of int; one as int."""
    if isinstance(given, (list, tuple)) or (isinstance(given, Tensor) and given.ndim == 1):
        return [operator.index(i) for i in given]
    return operator.index(given)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Return a view for each place along `dim`, without that dimension."""
    if input._array.ndim == 0:
        raise RuntimeError("Dimension specified as 0 but tensor has no dimensions")
    place = wrap_dim(dim, input._array.ndim)
    count = input._array.shape[place]
    if count == 0:
        return ()
    pieces = Unbind.apply(input, place)
    return _linked("Unbind", input, pieces, [along(place, i) for i in range(count)])


# ---------------------------------------------------------------------- joining


class Cat(Function):
    """Joining along an existing dimension; the gradient is cut at the same places."""

    fresh_gradients = True

    @staticmethod
    def forward(ctx: Any, dim: int, *tensors: Tensor) -> Tensor:
        """Join."""
        arrays = [x._array for x in tensors]
        ctx.dim, ctx.lengths = dim, [a.shape[dim] for a in arrays]
        dtype = reduce(promote, (a.dtype for a in arrays))
        return wrap(concatenated(arrays, dim, dtype))

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        """Cut."""
        return None, *Split.apply(g, ctx.dim, ctx.lengths)


def cat(tensors: Any, dim: int = 0) -> Tensor:
    """Return the tensors joined along dimension `dim`.

    Args:
        tensors: a sequence of tensors.
        dim: the dimension along which they are joined.

    Shape:
        All the same but for dimension `dim`; of empty 1-d tensors only the dtype matters.

    Raises:
        RuntimeError: the other sizes differ.

    Example:
        >>> import minitorch
        >>> minitorch.cat([minitorch.zeros(2), minitorch.ones(1)])
        tensor([0., 0., 1.])
    """
    tensors = list(tensors)
    if not tensors:
        raise ValueError("cat(): expected a non-empty list of Tensors")
    kept = [x for x in tensors if x._array.shape != (0,)] or tensors
    if any(x._array.ndim == 0 for x in kept):
        raise RuntimeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    place = wrap_dim(dim, kept[0]._array.ndim)
    first = list(kept[0].shape)
    if len(kept) < len(tensors):
        nothing = [*first[:place], 0, *first[place + 1 :]]
        kept = [reshape(x, *nothing) if x._array.shape == (0,) else x for x in tensors]
    for number, x in enumerate(kept[1:], 1):
        shape = list(x.shape)
        if len(shape) != len(first):
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}"
            )
        for d, (n, expected) in enumerate(zip(shape, first, strict=True)):
            if d != place and n != expected:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {place}. Expected size "
                    f"{expected} but got size {n} for tensor number {number} in the list. (cat of "
                    f"shapes {first} and {shape})"
                )
    return Cat.apply(place, *kept)


concat = concatenate = cat


def stack(tensors: Any, dim: int = 0) -> Tensor:
    """Return the tensors, which have one shape, joined along a new dimension `dim`."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    for place, x in enumerate(tensors):
        if x.shape != tensors[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at "
                f"entry 0 and {list(x.shape)} at entry {place}"
            )
    place = wrap_dim(dim, tensors[0]._array.ndim + 1)
    return cat([unsqueeze(x, place) for x in tensors], place)
