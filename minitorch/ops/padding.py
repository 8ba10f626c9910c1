"""Borders around signals, images and volumes."""

from __future__ import annotations

from typing import Any

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.dtypes import dtype_name
from minitorch.kernels import Border
from minitorch.ops.indexing import read_at
from minitorch.tensor import Tensor

__all__ = ["pad"]


def _undone(pads: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Return the padding that takes away what `pads` add, and adds zeros where they cut."""
    return tuple((-before, -behind) for before, behind in pads)


_constant: Operation = primitive(
    "constant_pad_nd",
    lambda x, *, pads, value: kernels.pad_constant(x, pads, value),
    x=lambda g, pads: _constant(g, pads=_undone(pads), value=0),
)
_from_inside: Operation = primitive(
    "pad",
    lambda x, *, borders, mode: kernels.pad_from_inside(x, borders, mode),
    x=lambda g, borders, mode: _add_borders(g, borders=borders, mode=mode),
)
_add_borders: Operation = primitive(
    "pad_backward",
    lambda g, *, borders, mode: kernels.add_borders(g, borders, mode),
    g=lambda g, borders, mode: _from_inside(g, borders=borders, mode=mode),
)


_MODES = ("reflect", "replicate", "circular")


def pad(
    input: Tensor,
    pad: tuple[int, ...] | list[int],
    mode: str = "constant",
    value: float | None = None,
) -> Tensor:
    """Return `input` with a border around its last dimensions.

    A negative number cuts elements off.

    Args:
        input: the tensor.
        pad: how many elements before and behind, for the last dimension, then the one before it,
            and so on: ``(left, right, top, bottom)``.
        mode: ``"constant"``; ``"reflect"``, the elements mirrored at the outermost one, which is
            not repeated; ``"replicate"``, the outermost element; or ``"circular"``, the elements of
            the other end. All but the first pad the last one, two or three dimensions of a tensor
            that has one or two more.
        value: of a constant border; 0 by default.

    Shape:
        - input :math:`(*, W)`. Output: :math:`(*, left + W + right)`, and so on.

    Raises:
        RuntimeError: if the border is larger than the mode allows.
        NotImplementedError: for a number of dimensions that the mode cannot pad.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html

    Example:
        >>> import minitorch
        >>> row = minitorch.tensor([[1.0, 2.0, 3.0]])
        >>> minitorch.nn.functional.pad(row, (1, 2))
        tensor([[0., 1., 2., 3., 0., 0.]])
        >>> minitorch.nn.functional.pad(row, (1, 2), mode="reflect")
        tensor([[2., 1., 2., 3., 2., 1.]])
    """
    if not isinstance(pad, tuple | list):
        raise TypeError(
            f"pad(): argument 'pad' (position 2) must be tuple of ints, not {type(pad).__name__}"
        )
    if len(pad) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(pad) > 2 * input.ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(pad)} and input of dimension {input.ndim}"
        )
    pairs = [(int(pad[i]), int(pad[i + 1])) for i in range(len(pad) - 2, -1, -2)]
    pads = [(0, 0)] * (input.ndim - len(pairs)) + pairs
    if mode == "constant":
        return _pad_constant(input, pads, value)
    if mode not in _MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value not in (None, 0):
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    count = len(pairs)
    if count not in (1, 2, 3) or input.ndim not in (count + 1, count + 2):
        raise NotImplementedError(
            f"Padding size {len(pad)} is not supported for {input.ndim}D input tensor.\n"
            "Supported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
            "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    return (
        _pad_circular(input, pads) if mode == "circular" else _pad_mirror(input, pads, mode, count)
    )


def _pad_constant(input: Tensor, pads: list[tuple[int, int]], value: float | None) -> Tensor:
    for size, (before, behind) in zip(input.shape, pads, strict=True):
        if _left(size, before, behind) < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
    return _constant(input, pads=tuple(pads), value=0 if value is None else value)


def _pad_circular(input: Tensor, pads: list[tuple[int, int]]) -> Tensor:
    """Pad what is left after cutting."""
    for size, (before, behind) in zip(input.shape, pads, strict=True):
        left = _left(size, before, behind)
        if left < 0:
            raise RuntimeError("Negative padding value is resulting in an empty dimension")
        if max(before, behind) > left:
            raise RuntimeError("Padding value causes wrapping around more than once.")
    cut = _cut(input, pads)
    return _from_inside(cut, borders=_borders(cut, pads), mode="circular")


def _pad_mirror(input: Tensor, pads: list[tuple[int, int]], mode: str, count: int) -> Tensor:
    """Pad the whole input, its last `count` dimensions, then cut."""
    name = {"reflect": "reflection", "replicate": "replication"}[mode]
    _check_not_empty(input, pads)
    if input._array.dtype.kind not in "fiu":
        kind = dtype_name(input._array.dtype)
        raise NotImplementedError(f"\"{name}_pad{count}d\" not implemented for '{kind}'")
    for dim, (before, behind) in enumerate(pads):
        size = input.shape[dim]
        if mode == "reflect" and max(before, behind) >= size and (before or behind):
            raise RuntimeError(
                f"Argument #{2 * (input.ndim - dim) + 2}: Padding size should be less than the "
                f"corresponding input dimension, but got: padding ({before}, {behind}) at "
                f"dimension {dim} of input {list(input.shape)}"
            )
    sizes = [n + sum(pair) for n, pair in zip(input.shape, pads, strict=True)][-count:]
    if max(sizes) < 1 or min(sizes) < 0:
        raise RuntimeError(
            f"input of shape {list(input.shape)} is too small for a padding of {pads[-count:]}: "
            f"its last sizes would be {sizes}"
        )
    return _cut(_from_inside(input, borders=_borders(input, pads), mode=mode), pads)


def _check_not_empty(input: Tensor, pads: list[tuple[int, int]]) -> None:
    """Raise torch's RuntimeError if anything but the batch is empty."""
    padded = next((d for d, pair in enumerate(pads) if pair != (0, 0)), input.ndim - 1)
    without = 1 if input.ndim > len(pads) - padded + 1 else 0
    if 0 in input.shape[without:]:
        least = input.ndim - without
        raise RuntimeError(
            f"Expected {least}D or {least + 1}D (batch mode) tensor with possibly 0 batch size and "
            f"other non-zero dimensions for input, but got: {list(input.shape)}"
        )


def _left(size: int, before: int, behind: int) -> int:
    """Return how many of `size` elements negative numbers leave."""
    return size + min(before, 0) + min(behind, 0)


def _borders(input: Tensor, pads: list[tuple[int, int]]) -> tuple[Border, ...]:
    """Return the borders that are added, as the kernels want them."""
    return tuple(
        (dim, input.shape[dim], max(before, 0), max(behind, 0))
        for dim, (before, behind) in enumerate(pads)
        if before > 0 or behind > 0
    )


def _cut(input: Tensor, pads: list[tuple[int, int]]) -> Tensor:
    """Return `input` without what negative numbers cut off."""
    index: Any = tuple(
        slice(max(-before, 0), size - max(-behind, 0))
        for size, (before, behind) in zip(input.shape, pads, strict=True)
    )
    negative = any(n < 0 for pair in pads for n in pair)
    return read_at(input, index=index) if negative else input
