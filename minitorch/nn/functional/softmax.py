"""Functions that turn scores into probabilities along a dimension."""

from __future__ import annotations

from minitorch import dtypes, ops
from minitorch.notices import warn
from minitorch.tensor import Tensor


def _implicit_dim(name: str, ndim: int, stacklevel: int) -> int:
    warn(
        f"Implicit dimension choice for {name} has been deprecated. "
        "Change the call to include dim=X as an argument.",
        further=stacklevel - 3,
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtypes.dtype | None = None,
) -> Tensor:
    r"""Return :math:`e^{x_i} / \sum_j e^{x_j}` along a dimension.

    Args:
        input: the scores.
        dim: the dimension along which the result sums to 1. Leaving it out warns.
        _stacklevel: 3 warns of the user's line that led here, 4 of the call around it, and so on.
        dtype: to which the scores are converted first.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.softmax(minitorch.zeros(1, 4), dim=1)
        tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """
    if dim is None:
        dim = _implicit_dim("softmax", input.ndim, _stacklevel)
    return ops.softmax(input if dtype is None else input.to(dtype), dim)


def softmin(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtypes.dtype | None = None,
) -> Tensor:
    """Return the `softmax` of the negated scores; the arguments are the same."""
    if dim is None:
        dim = _implicit_dim("softmin", input.ndim, _stacklevel)
    return ops.softmax(-(input if dtype is None else input.to(dtype)), dim)


def log_softmax(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtypes.dtype | None = None,
) -> Tensor:
    """Return the logarithm of the `softmax`, more exactly than by way of it.

    The arguments are those of `softmax`.
    """
    if dim is None:
        dim = _implicit_dim("log_softmax", input.ndim, _stacklevel)
    return ops.log_softmax(input if dtype is None else input.to(dtype), dim)
