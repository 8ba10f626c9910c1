"""What every loss does last: the mean, the sum, or nothing."""

from __future__ import annotations

from minitorch import ops
from minitorch.dtypes import dtype_name
from minitorch.notices import warn
from minitorch.tensor import Tensor


def reduction_name(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """Return the reduction to apply, translating torch's two older arguments if they are given.

    Raises:
        ValueError: if `reduction` is none of ``"mean"``, ``"sum"``, ``"none"``.
    """
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
        warn(
            "size_average and reduce args will be deprecated, please use "
            f"reduction='{reduction}' instead.",
        )
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """Return the mean or the sum of the elements of `loss`, or `loss` itself."""
    if reduction == "mean":
        return ops.mean(loss)
    return ops.sum(loss) if reduction == "sum" else loss


def require_float_input(input: Tensor, result: Tensor) -> None:
    """Raise torch's RuntimeError for integers that a floating loss would be written over."""
    if input._array.dtype.kind != "f":
        raise RuntimeError(
            f"result type {dtype_name(result.dtype)} can't be cast to the desired output type "
            f"{dtype_name(input.dtype)}"
        )


def warn_unless_same_size(input: Tensor, target: Tensor) -> None:
    """Warn if the two shapes differ, as broadcasting them is seldom meant."""
    if input._array.shape != target._array.shape:
        warn(
            f"Using a target size ({target.size()}) that is different to the input size "
            f"({input.size()}). This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
        )
