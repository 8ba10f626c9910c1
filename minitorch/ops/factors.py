"""Sums with a factor, ``x + alpha * y``, and the older order of their arguments."""

from __future__ import annotations

from typing import Any

from minitorch.dtypes import result_type
from minitorch.notices import warn
from minitorch.ops.arithmetic import add, mul, sub
from minitorch.tensor import Tensor

__all__ = ["addcdiv", "addcmul", "addition", "subtraction"]


def addition(input: Any, other: Any, *further: Any, alpha: Any = 1) -> Any:
    """Return ``input + alpha * other``; ``(input, alpha, other)`` is an older way to ask for it."""
    if further:
        alpha, other = _older("add", "alpha", alpha, (other, *further))
    return add(input, other if alpha == 1 else _scaled(input, other, alpha))


def subtraction(input: Any, other: Any, *further: Any, alpha: Any = 1) -> Any:
    """Return ``input - alpha * other``; ``(input, alpha, other)`` is an older way to ask for it."""
    if further:
        alpha, other = _older("sub", "alpha", alpha, (other, *further))
    return sub(input, other if alpha == 1 else _scaled(input, other, alpha))


def _older(name: str, factor: str, given: Any, values: tuple[Any, ...], count: int = 1) -> Any:
    """Return the arguments of a call that has the factor before the operands, and warn of it.

    Args:
        name: of the function.
        factor: the name of the factor.
        given: the factor by its name, 1 if it was not given.
        values: what was given after the input, by position.
        count: how many operands there are.
    """
    if len(values) != 1 + count or isinstance(values[0], Tensor) or given != 1:
        raise TypeError(
            f"{name}() takes {1 + count} positional arguments but {1 + len(values)} were given"
        )
    operands = ", ".join(["other"] if count == 1 else ["tensor1", "tensor2"])
    warn(
        f"This overload of {name} is deprecated: {name}(input, {factor}, {operands}). "
        f"Write {name}(input, {operands}, {factor}={factor})."
    )
    return values


def _scaled(input: Any, other: Any, alpha: Any) -> Any:
    """Return ``alpha * other``, which `input` awaits; RuntimeError for a fraction of integers."""
    operands = tuple(getattr(x, "_array", x) for x in (input, other))
    if isinstance(alpha, float) and result_type(operands).kind != "f":
        raise RuntimeError(
            "For integral input tensors, argument alpha must not be a floating point number."
        )
    return mul(other, alpha)


def addcmul(input: Any, tensor1: Any, tensor2: Any, *further: Any, value: float = 1) -> Any:
    """Return ``input + value * tensor1 * tensor2``; `value` may come before the two, as it did."""
    if further:
        value, tensor1, tensor2 = _older("addcmul", "value", value, (tensor1, tensor2, *further), 2)
    product = tensor1 * tensor2
    return input + (product if value == 1 else value * product)


def addcdiv(input: Any, tensor1: Any, tensor2: Any, *further: Any, value: float = 1) -> Any:
    """Return ``input + value * tensor1 / tensor2``; RuntimeError where these two are integers.

    `value` may come before the two, as it did once.
    """
    if further:
        value, tensor1, tensor2 = _older("addcdiv", "value", value, (tensor1, tensor2, *further), 2)
    if result_type(tuple(getattr(x, "_array", x) for x in (tensor1, tensor2))).kind != "f":
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported: bring tensor1 or tensor2 to a "
            "floating dtype"
        )
    return input + (tensor1 if value == 1 else value * tensor1) / tensor2
