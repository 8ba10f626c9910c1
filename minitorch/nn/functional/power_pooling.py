"""The p-norm of windows of a signal, an image or a volume."""

from __future__ import annotations

import math
from typing import Any

from minitorch import ops
from minitorch.nn.functional.pooling import Size, avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from minitorch.nn.functional.pooling3d import avg_pool3d, max_pool3d
from minitorch.tensor import Tensor


def lp_pool2d(
    input: Tensor,
    norm_type: float,
    kernel_size: Size,
    stride: Size | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    r"""Return the root of the sum of powers of each window of an image.

    .. math:: out = \Bigl(\sum_x x^p\Bigr)^{1/p}

    As in torch the elements keep their signs, so that an odd p sums also negative powers. Where the
    sum is zero, so is the gradient.

    Args:
        input: images.
        norm_type: the p; for infinity the largest absolute value, for minus infinity the smallest.
        kernel_size: height and width of the windows, or one number for both.
        stride: steps between windows; `kernel_size` by default.
        ceil_mode: whether a last window may reach beyond the image.

    Shape:
        - input :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`, :math:`H' = \lfloor (H - k) / s + 1 \rfloor`, or rounded
          up.

    Raises:
        RuntimeError: for arguments that make no sense, or if no window fits.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html

    Example:
        >>> import minitorch
        >>> image = minitorch.tensor([[[[3.0, 0.0], [0.0, 4.0]]]])
        >>> minitorch.nn.functional.lp_pool2d(image, 2, 2)
        tensor([[[[5.]]]])
    """
    height, width = _each(kernel_size, 2)
    pools = (avg_pool2d, max_pool2d)
    return _power_pool(pools, input, norm_type, kernel_size, height * width, stride, ceil_mode)


def lp_pool1d(
    input: Tensor,
    norm_type: float,
    kernel_size: int,
    stride: Size | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    r"""Return the root of the sum of powers of each window of a signal; see `lp_pool2d`.

    Shape:
        - input :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`, :math:`L' = \lfloor (L - k) / s + 1 \rfloor`, or rounded up.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.lp_pool1d(minitorch.tensor([[3.0, 4.0, 0.0, 2.0]]), 2, 2)
        tensor([[5., 2.]])
    """
    pools = (avg_pool1d, max_pool1d)
    return _power_pool(pools, input, norm_type, kernel_size, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Tensor,
    norm_type: float,
    kernel_size: Size,
    stride: Size | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    r"""Return the root of the sum of powers of each window of a volume; see `lp_pool2d`.

    Shape:
        - input :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`, :math:`D' = \lfloor (D - k) / s + 1 \rfloor`, or
          rounded up.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.lp_pool3d(minitorch.ones(1, 1, 1, 2, 2), 2, (1, 2, 2))
        tensor([[[[[2.]]]]])
    """
    depth, height, width = _each(kernel_size, 3)
    pools, count = (avg_pool3d, max_pool3d), depth * height * width
    return _power_pool(pools, input, norm_type, kernel_size, count, stride, ceil_mode)


def _each(value: Size, count: int) -> Any:
    """Return one number `count` times, and several as they are: to unpack them is torch's check."""
    return (value,) * count if isinstance(value, int) else value


def _power_pool(
    pools: Any, input: Tensor, p: float, kernel: Size, count: int, stride: Any, ceil_mode: bool
) -> Tensor:
    """Pool by a mean of powers, or by a maximum where p is infinite.

    Args:
        pools: the functions for the mean and for the maximum.
        input: what they take.
        p: the exponent.
        kernel: size of the windows.
        count: the number of their elements.
        stride: steps between them.
        ceil_mode: whether a last window may reach beyond the input.
    """
    mean, largest = pools
    if p == math.inf:
        return largest(ops.abs(input), kernel, stride, 0, 1, ceil_mode)
    if p == -math.inf:
        return -largest(-ops.abs(input), kernel, stride, 0, 1, ceil_mode)
    out = mean(input**p, kernel, stride, 0, ceil_mode)
    # The sign and the size, each with a gradient of its own, make the gradient at zero zero.
    return (ops.sign(out) * ops.relu(ops.abs(out)) * count) ** (1.0 / p)
