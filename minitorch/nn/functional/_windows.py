"""Reading and checking the arguments of convolutions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from minitorch.dtypes import dtype_name
from minitorch.kernels import Geometry
from minitorch.ops.arguments import require_dtype
from minitorch.tensor import Tensor


def numbers(value: Any, count: int, name: str) -> tuple[int, ...]:
    """Return an argument given as one number, or as one for each dimension, as a tuple.

    Raises:
        RuntimeError: if it has another number of values.
    """
    if isinstance(value, int):
        return (value,) * count
    values = tuple(int(v) for v in value)
    if len(values) == 1:
        return values * count
    if len(values) != count:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {count} values to match "
            f"the convolution dimensions, but got {name}={list(values)}"
        )
    return values


def check_batched(input: Tensor, count: int, name: str) -> bool:
    """Return whether `input` has a batch dimension; RuntimeError for a wrong number of them."""
    if input.ndim not in (count + 1, count + 2):
        raise RuntimeError(
            f"Expected {count + 1}D (unbatched) or {count + 2}D (batched) input to {name}, but got "
            f"input of size: {list(input.shape)}"
        )
    return input.ndim == count + 2


def check_types(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    """Raise torch's RuntimeError unless all have one dtype."""
    x, w = input._array, weight._array
    require_dtype(x.dtype, w.dtype)
    if bias is not None and bias._array.dtype != x.dtype:
        raise RuntimeError(
            f"Input type ({dtype_name(x.dtype).lower()}) and bias type "
            f"({dtype_name(bias._array.dtype).lower()}) should be the same"
        )


def check_numbers(stride: Any, padding: Any, dilation: Any, groups: int) -> None:
    """Raise torch's RuntimeError unless the numbers make sense whatever the input is."""
    if any(p < 0 for p in padding):
        raise RuntimeError("negative padding is not supported")
    if any(s <= 0 for s in stride):
        raise RuntimeError("non-positive stride is not supported")
    if any(d <= 0 for d in dilation):
        if len(dilation) == 3:
            raise RuntimeError("non-positive dilation is not supported")
        shown = [*[1] * (2 - len(dilation)), *dilation]
        raise RuntimeError(f"dilation should be greater than zero, but got {shown}")
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")


def check_weight(weight: Tensor, stride: tuple[int, ...], groups: int) -> None:
    """Raise torch's RuntimeError unless the weight fits the dimensions and the groups."""
    if weight.ndim < 3:
        raise RuntimeError("weight should have at least three dimensions")
    if weight.ndim != len(stride) + 2:
        raise RuntimeError(
            f"expected stride to be a single integer value or a list of {weight.ndim - 2} values "
            f"to match the convolution dimensions, but got stride={list(stride)}"
        )
    if weight.shape[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, "
            f"but got weight of size [{list(weight.shape)}] instead"
        )


def check_channels(
    input: Tensor, weight: Tensor, bias: Tensor | None, given: str, expected: int, outputs: int
) -> None:
    """Raise torch's RuntimeError unless the input and the bias have the weight's channels.

    Args:
        input: with a batch dimension.
        weight: of the convolution.
        bias: of the convolution.
        given: how the error begins, ``"groups=1"``.
        expected: how many channels the input should have.
        outputs: how many the bias should have.
    """
    size = list(weight.shape)
    if input.shape[1] != expected:
        raise RuntimeError(
            f"Given {given}, weight of size {size}, expected input{list(input.shape)} to have "
            f"{expected} channels, but got {input.shape[1]} channels instead"
        )
    if bias is not None and tuple(bias.shape) != (outputs,):
        start = f"Given {given}, weight" if given.startswith("transposed") else "Given weight"
        raise RuntimeError(
            f"{start} of size {size}, expected bias to be 1-dimensional with {outputs} elements, "
            f"but got bias of size {list(bias.shape)} instead"
        )


def same_padding(kernel: Any, stride: Any, dilation: Any) -> list[tuple[int, int]]:
    """Return the zeros at both ends of each dimension with which the size stays the same.

    Raises:
        RuntimeError: for a stride, with which there are none.
    """
    if any(s != 1 for s in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


@lru_cache(maxsize=256)
def geometry(
    size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Geometry:
    """Return the geometry of a convolution over 1 or 2 dimensions.

    All arguments are tuples, that of the padding of pairs: the zeros before and behind.

    Raises:
        RuntimeError: if the kernel is larger than the padded input.
    """
    out = output_size(size, kernel, stride, padding, dilation)
    return flat_geometry(size, kernel, stride, [p[0] for p in padding], dilation, groups, out)


def output_size(size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> list[int]:
    """Return the size of a convolution's output, over any number of dimensions.

    Raises:
        RuntimeError: if the kernel is larger than the padded input.
    """
    padded = [n + before + behind for n, (before, behind) in zip(size, padding, strict=True)]
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    if any(r > n for r, n in zip(reach, padded, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({_times(padded)}). Kernel size: "
            f"({_times(reach)}). Kernel size can't be greater than actual input size"
        )
    return [(n - r) // s + 1 for n, r, s in zip(padded, reach, stride, strict=True)]


def flat_geometry(
    size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int, out: Any
) -> Geometry:
    """Return the geometry in two dimensions; one dimension is a row of pixels."""
    return Geometry(
        plane(size, 1),
        plane(kernel, 1),
        plane(stride, 1),
        plane(padding, 0),
        plane(dilation, 1),
        groups,
        plane(out, 1),
    )


def plane(values: Any, fill: int) -> Any:
    """Return one or two numbers as two, the first being `fill` if it was missing."""
    return (*(fill,) * (2 - len(values)), *values)


def transposed_size(
    size: Any, kernel: Any, stride: Any, padding: Any, output_padding: Any, dilation: Any
) -> tuple[int, ...]:
    """Return the size of a transposed convolution's output.

    Raises:
        RuntimeError: if the output padding is too large or nothing would be left.
    """
    _check_output_padding(output_padding, stride, dilation)
    steps = zip(size, kernel, stride, padding, output_padding, dilation, strict=True)
    out = tuple((n - 1) * s - 2 * p + d * (k - 1) + extra + 1 for n, k, s, p, extra, d in steps)
    if any(n < 1 for n in out):
        raise RuntimeError(
            f"Given input size per channel: ({_times(size)}). Calculated output size per channel: "
            f"({_times(out)}). Output size is too small"
        )
    return out


def _check_output_padding(output_padding: Any, stride: Any, dilation: Any) -> None:
    if any(extra < 0 for extra in output_padding):
        raise RuntimeError("negative output_padding is not supported")
    limits = [max(s, d) for s, d in zip(stride, dilation, strict=True)]
    if any(extra >= limit for extra, limit in zip(output_padding, limits, strict=True)):
        given = {
            "output_padding": plane(output_padding, 0),
            "stride": plane(stride, 1),
            "dilation": plane(dilation, 1),
        }
        shown = " ".join(f"{k}_height: {v[0]} {k}_width: {v[1]}" for k, v in given.items())
        raise RuntimeError(
            f"output padding must be smaller than either stride or dilation, but got {shown}"
        )


def _times(sizes: Any) -> str:
    return " x ".join(str(n) for n in sizes)
