"""Normalization of each place by its neighbours among the channels."""

from __future__ import annotations

from minitorch import ops
from minitorch.nn.functional.pooling import avg_pool2d
from minitorch.nn.functional.pooling3d import avg_pool3d
from minitorch.tensor import Tensor


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    r"""Divide each element by a power of the mean square of neighbouring channels.

    .. math:: y_c = x_c \Bigl(k + \frac{\alpha}{n}
        \sum_{c' = c - \lfloor n / 2 \rfloor}^{c + \lfloor (n - 1) / 2 \rfloor} x_{c'}^2
        \Bigr)^{-\beta}

    Args:
        input: the x; beyond the first and the last channel lie zeros.
        size: number n of the channels that count.
        alpha: :math:`\alpha`.
        beta: :math:`\beta`.
        k: what is added, which keeps the division finite.

    Shape:
        - input :math:`(N, C, *)` with one spatial dimension or more. Output: the same.

    Raises:
        ValueError: for less than three dimensions.
        RuntimeError: if `size` is not positive.

    Reference: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional
    neural networks", 2012.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(1, 3, 1)
        >>> minitorch.nn.functional.local_response_norm(x, 3, alpha=3.0, beta=1.0).flatten()
        tensor([0.3333, 0.2500, 0.3333])
    """
    if input.ndim < 3:
        raise ValueError(
            "Expected 3D or higher dimensionality "
            f"                         input (got {input.ndim} dimensions)"
        )
    if 0 in input.shape:
        return input
    n, channels, first = input.shape[:3]
    squares = input * input
    before, behind = size // 2, (size - 1) // 2
    if input.ndim == 3:
        column = ops.pad(ops.unsqueeze(squares, 1), (0, 0, before, behind))
        mean = ops.squeeze(avg_pool2d(column, (size, 1), 1), 1)
    else:
        column = ops.reshape(squares, (n, 1, channels, first, -1))
        column = ops.pad(column, (0, 0, 0, 0, before, behind))
        mean = ops.reshape(avg_pool3d(column, (size, 1, 1), 1), input.shape)
    return input / (mean * alpha + k) ** beta
