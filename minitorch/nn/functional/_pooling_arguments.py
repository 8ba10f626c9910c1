"""Reading and checking the arguments of pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.dtypes import dtype_name
from minitorch.kernels import Windows
from minitorch.tensor import Tensor


def two_numbers(name: str, argument: str, value: Any) -> tuple[int, int]:
    """Return an argument given as a number or as a pair; RuntimeError for any other count."""
    values = (value,) if isinstance(value, int) else tuple(int(v) for v in value)
    if len(values) == 1:
        return values * 2
    if len(values) != 2:
        middle = {
            "stride": "must either be omitted, a single int, or",
            "dilation": "must be either a single int, or",
        }.get(argument, "must either be a single int, or")
        raise RuntimeError(f"{name}: {argument} {middle} a tuple of two ints")
    return values


def one_number(name: str, argument: str, value: Any) -> int:
    """Return an argument given as a number or as the only one in a tuple."""
    values = (value,) if isinstance(value, int) else tuple(int(v) for v in value)
    if len(values) == 1:
        return values[0]
    if name.startswith("max"):
        raise RuntimeError(
            f"{name}() {argument} must be an int, list of ints or tuple of ints of size 1 but got "
            f"size {len(values)}"
        )
    raise RuntimeError(f"{name}() argument '{argument}' should contain one int (got {len(values)})")


def check_images(input: Tensor) -> None:
    """Raise torch's RuntimeError unless `input` is (N, C, H, W) or (C, H, W), only N being 0."""
    shape = list(input.shape)
    if input.ndim not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{shape}"
        )


def check_signals(name: str, input: Tensor) -> None:
    """Raise torch's RuntimeError unless `input` is (N, C, L) or (C, L)."""
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 "
            f"'self' (while checking arguments for {name})"
        )


def check_signal_numbers(kernel: int, stride: int, padding: int, dilation: int) -> None:
    """Raise torch's RuntimeError unless the arguments of `max_pool1d` make sense."""
    for argument, n in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if n <= 0:
            raise RuntimeError(f"max_pool1d() {argument} must be greater than zero, but got {n}")
    if padding < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {padding}")
    if padding > kernel // 2:
        raise RuntimeError(
            "max_pool1d() padding should be at most half of kernel size, but got "
            f"padding={padding} and kernel_size={kernel}"
        )


def check_kind(name: str, input: Tensor, kinds: str = "f") -> None:
    """Raise torch's NotImplementedError unless the elements are of one of NumPy's `kinds`."""
    if input._array.dtype.kind not in kinds:
        raise NotImplementedError(
            f"\"{name}\" not implemented for '{dtype_name(input._array.dtype)}'"
        )


def windows(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> Windows:
    """Return where windows lie along a dimension.

    With `ceil_mode` the last may reach beyond the input, as long as it begins in it or in the
    padding before it.

    Raises:
        RuntimeError: for numbers that make no sense.
    """
    if stride == 0:
        raise RuntimeError("stride should not be zero")
    if padding < 0:
        raise RuntimeError(f"pad must be non-negative, but got pad: {padding}")
    reach = dilation * (kernel - 1) + 1
    if padding > reach // 2:
        raise RuntimeError(
            "pad should be at most half of effective kernel size, but got "
            f"pad={padding}, kernel_size={kernel} and dilation={dilation}"
        )
    room = size + 2 * padding - reach
    out = (room + stride - 1 if ceil_mode else room) // stride + 1
    if ceil_mode and (out - 1) * stride >= size + padding:
        out -= 1
    line = Windows(size, kernel, stride, padding, dilation, out)
    if padding and dilation > 1 and np.any(line.places + line.first * dilation >= size):
        raise RuntimeError(
            f"an input of size {size} leaves windows empty with kernel_size={kernel}, "
            f"padding={padding} and dilation={dilation}"
        )
    return line


def image_windows(
    input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Windows, Windows]:
    """Return where windows lie in the rows and the columns of images.

    Raises:
        RuntimeError: for numbers that make no sense, or if no window fits.
    """
    for text, numbers in (("kernel size", kernel), ("stride", stride), ("dilation", dilation)):
        if any(n < 0 or (n == 0 and text == "dilation") for n in numbers):
            raise RuntimeError(_not_positive(text, *numbers))
    height, width = input.shape[-2:]
    rows, columns = (
        windows(n, k, s, p, d, ceil_mode)
        for n, k, s, p, d in zip((height, width), kernel, stride, padding, dilation, strict=True)
    )
    if 0 in kernel:
        raise RuntimeError(_not_positive("kernel size", *kernel))
    if rows.out < 1 or columns.out < 1:
        channels = input.shape[-3]
        raise RuntimeError(
            f"Given input size: ({channels}x{height}x{width}). Calculated output size: "
            f"({channels}x{rows.out}x{columns.out}). Output size is too small"
        )
    return rows, columns


def _not_positive(text: str, height: int, width: int) -> str:
    letters = {"kernel size": ("kH", "kW"), "stride": ("dH", "dW")}
    first, second = letters.get(text, ("dilationH", "dilationW"))
    return f"{text} should be greater than zero, but got {first}: {height} {second}: {width}"


def divisors(
    rows: Windows, columns: Windows, count_include_pad: bool, divisor_override: int | None
) -> Any:
    """Return what the sum of each window is divided by: a number, or an array (Ho, Wo)."""
    if divisor_override is not None:
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        return divisor_override
    count = np.outer(lengths(rows, count_include_pad), lengths(columns, count_include_pad))
    return int(count.flat[0]) if np.all(count == count.flat[0]) else count


def lengths(line: Windows, count_include_pad: bool) -> np.ndarray:
    """Return how many elements of each window lie in the input, or in it and its padding."""
    margin = line.padding if count_include_pad else 0
    ends = np.minimum(line.places + line.kernel, line.size + line.padding)
    return np.minimum(ends, line.size + margin) - np.maximum(line.places, -margin)
