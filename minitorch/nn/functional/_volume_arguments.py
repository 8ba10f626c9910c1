"""Reading and checking the arguments of pooling over volumes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np

from minitorch.kernels import Windows
from minitorch.nn.functional._pooling_arguments import lengths, windows
from minitorch.tensor import Tensor


def three_numbers(name: str, argument: str, value: Any) -> tuple[int, int, int]:
    """Return an argument given as a number or as three; RuntimeError for any other count."""
    values = (value,) if isinstance(value, int) else tuple(int(v) for v in value)
    if len(values) == 1:
        return values * 3
    if len(values) != 3:
        middle = "be omitted, a single int, or" if argument == "stride" else "be a single int, or"
        if name.startswith("max"):
            middle = "be either a single int, or" if argument == "dilation" else f"either {middle}"
        raise RuntimeError(f"{name}: {argument} must {middle} a tuple of three ints")
    return values


def volume_windows(
    input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Windows, Windows, Windows]:
    """Return where windows lie in the depth, the rows and the columns of volumes.

    Raises:
        RuntimeError: if `input` is no volume, or for numbers that make no sense.
    """
    if input.ndim not in (4, 5):
        raise RuntimeError("non-empty 4D or 5D (batch mode) tensor expected for input")
    numbers = zip(input.shape[-3:], kernel, stride, padding, dilation, strict=True)
    depth, rows, columns = (windows(n, k, s, p, d, ceil_mode) for n, k, s, p, d in numbers)
    given = {"kernel size": ("k", kernel), "stride": ("d", stride)}
    for text, (letter, three) in {**given, "dilation": ("dilation", dilation)}.items():
        if min(three) <= 0:
            shown = _shown(three, letter)
            raise RuntimeError(f"{text} should be greater than zero, but got {shown}")
    return depth, rows, columns


def check_volume(name: str, input: Tensor) -> None:
    """Raise torch's RuntimeError if anything but the batch is empty."""
    if 0 in input.shape[-4:]:
        raise RuntimeError(  # torch calls the dimension 0, whichever it is
            f"{name}(): Expected input's non-batch dimensions to have positive length, but input "
            f"has a shape of {list(input.shape)} and non-batch dimension 0 has length zero!"
        )


def check_output(input: Tensor, lines: tuple[Windows, ...]) -> None:
    """Raise torch's RuntimeError if no window fits."""
    out = [line.out for line in lines]
    if min(out) < 1:
        channels = input.shape[-4]
        before, after = ("x".join(map(str, (channels, *s))) for s in (input.shape[-3:], out))
        raise RuntimeError(
            f"Given input size: ({before}). Calculated output size: ({after}). Output size is too "
            "small"
        )


def check_kernel(input: Tensor, lines: tuple[Windows, ...]) -> None:
    """Raise torch's RuntimeError if a window is larger than the padded input."""
    if any(line.size + 2 * line.padding < line.kernel for line in lines):
        raise RuntimeError(
            f"input image ({_shown(input.shape[-3:], '')}) smaller than kernel size "
            f"({_shown([line.kernel for line in lines], 'k')})"
        )


def volume_divisors(
    lines: Iterable[Windows], count_include_pad: bool, divisor_override: int | None
) -> Any:
    """Return what the sum of each window is divided by: a number, or an array (Do, Ho, Wo)."""
    if divisor_override is not None:
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        return divisor_override
    return product([lengths(line, count_include_pad) for line in lines])


def product(counts: list[Any]) -> Any:
    """Return the outer product of arrays, or if all its elements are the same that number."""
    if all(len(n) and (np.asarray(n) == n[0]).all() for n in counts):
        return math.prod(int(n[0]) for n in counts)
    return reduce(np.multiply.outer, counts)


def _shown(three: Any, letter: str) -> str:
    return " ".join(f"{letter}{axis}: {n}" for axis, n in zip("THW", three, strict=True))
