"""Putting maxima back to where they were found."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import ops
from minitorch.nn.functional._pooling_arguments import one_number, two_numbers
from minitorch.tensor import Tensor, wrap


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...] | None = None,
    padding: int | tuple[int, ...] = 0,
    output_size: Any = None,
) -> Tensor:
    r"""Return images that hold the maxima where `max_pool2d` found them, and zeros elsewhere.

    Args:
        input: the maxima.
        indices: where in its plane each of them lies, as `max_pool2d` returned it.
        kernel_size: of the pooling.
        stride: of the pooling; `kernel_size` by default.
        padding: of the pooling.
        output_size: of the images, if several sizes lead to the same maxima.

    Shape:
        - input and indices :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`, by default :math:`H' = (H - 1) s - 2p + k`.

    Raises:
        ValueError: if `output_size` is not one of the sizes that lead to these maxima.
        RuntimeError: if an index lies outside of the image.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> image = minitorch.tensor([[[1.0, 2.0], [4.0, 3.0]]])
        >>> F.max_unpool2d(*F.max_pool2d(image, 2, return_indices=True), 2)
        tensor([[[0., 0.],
                 [4., 0.]]])
    """
    name = "max_unpool2d"
    kernel = two_numbers(name, "kernel_size", kernel_size)
    steps = kernel if stride is None else two_numbers(name, "stride", stride)
    border = two_numbers(name, "padding", padding)
    return _unpool(input, indices, _output_size(input, kernel, steps, border, output_size))


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...] | None = None,
    padding: int | tuple[int, ...] = 0,
    output_size: Any = None,
) -> Tensor:
    """Return signals that hold the maxima where `max_pool1d` found them, and zeros elsewhere.

    See `max_unpool2d`.

    Shape:
        - input and indices :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`, by default :math:`L' = (L - 1) s - 2p + k`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> signal = minitorch.tensor([[1.0, 2.0, 4.0, 3.0]])
        >>> F.max_unpool1d(*F.max_pool1d(signal, 2, return_indices=True), 2)
        tensor([[0., 2., 4., 0.]])
    """
    name = "max_unpool1d"
    kernel = (one_number(name, "kernel_size", kernel_size),)
    steps = kernel if stride is None else (one_number(name, "stride", stride),)
    border = (one_number(name, "padding", padding),)
    size = _output_size(input, kernel, steps, border, output_size)
    out = _unpool(ops.unsqueeze(input, -1), ops.unsqueeze(indices, -1), (*size, 1))
    return ops.squeeze(out, -1)


def _unpool(input: Tensor, indices: Tensor, size: tuple[int, ...]) -> Tensor:
    """Return zeros to which the elements of images were written."""
    if indices.dtype.name != "int64":
        raise RuntimeError(
            f"elements in indices should be type int64 but got: {indices.dtype.name.title()}"
        )
    if input.shape != indices.shape:
        raise RuntimeError(
            "Expected shape of indices to be same as that of the input tensor "
            f"({list(input.shape)}) but got indices tensor with shape: {list(indices.shape)}"
        )
    if input.ndim not in (3, 4):
        raise RuntimeError(
            "Input to max_unpooling2d should be a 3d or 4d Tensor, but got a tensor with "
            f"{input.ndim} dimensions."
        )
    places, area = indices._array, math.prod(size)
    wrong = places[(places < 0) | (places >= area)]
    if len(wrong):
        raise RuntimeError(
            f"Found an invalid max index: {wrong[0]} (output volumes are of size "
            f"{'x'.join(map(str, size))})"
        )
    batch = tuple(input.shape[:-2])
    zeros = wrap(np.zeros((*batch, area), input._array.dtype))
    flat = (ops.flatten(x, input.ndim - 2) for x in (indices, input))
    return ops.reshape(ops.scatter(zeros, input.ndim - 2, *flat), *batch, *size)


def _output_size(
    input: Tensor,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    output_size: Any,
) -> tuple[int, ...]:
    """Return the spatial size of the output; ValueError for one that cannot be."""
    count = len(kernel)
    default = [
        (int(n) - 1) * s + k - 2 * p
        for n, s, k, p in zip(input.shape[-count:], stride, kernel, padding, strict=True)
    ]
    if output_size is None:
        return tuple(default)
    if len(output_size) == count + 2:
        output_size = output_size[2:]
    if len(output_size) != count:
        raise ValueError(
            f"output_size should be a sequence containing {count} or {count + 2} elements, but it "
            f"has a length of '{len(output_size)}'"
        )
    for dim, (size, middle, step) in enumerate(zip(output_size, default, stride, strict=True)):
        if not middle - step < size < middle + step:
            raise ValueError(
                f'invalid output_size "{output_size}" (dim {dim} must be between {middle - step} '
                f"and {middle + step})"
            )
    return tuple(int(n) for n in output_size)
