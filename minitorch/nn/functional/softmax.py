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


def gumbel_softmax(
    logits: Tensor,
    tau: float = 1,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
) -> Tensor:
    r"""Return a random choice along a dimension, softened so that it can be differentiated.

    :math:`\mathrm{softmax}((x_i + g_i) / \tau)`, where the :math:`g_i` are drawn from the Gumbel
    distribution: the largest of the :math:`x_i + g_i` is i with the probability that the softmax of
    x gives it.

    Args:
        logits: logarithms of probabilities, up to a constant.
        tau: the temperature. The lower, the nearer the result is to one-hot.
        hard: whether the result is one-hot, with the gradient of the soft one.
        eps: deprecated in PyTorch, where it has no effect either: another value than the default
            warns.
        dim: the dimension along which is chosen.

    Shape:
        - Output: as `logits`.

    Reference: Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax", 2017.

    Example:
        >>> import minitorch
        >>> one = minitorch.nn.functional.gumbel_softmax(minitorch.zeros(2, 5), hard=True)
        >>> one.sum(1).tolist(), one.max(1).values.tolist()
        ([1.0, 1.0], [1.0, 1.0])
    """
    if eps != 1e-10:
        warn("`eps` parameter is deprecated and has no effect.")
    gumbels = -ops.empty_like(logits).exponential_().log()
    soft = ops.softmax((logits + gumbels) / tau, dim)
    if not hard:
        return soft
    index = ops.max(soft, dim, keepdim=True)[1]
    chosen = ops.zeros_like(logits).scatter_(dim, index, 1.0)
    return chosen - soft.detach() + soft
