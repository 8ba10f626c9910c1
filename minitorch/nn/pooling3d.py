"""Layers that keep the largest element or the mean of each window of a volume."""

from __future__ import annotations

from typing import Any

from minitorch.nn import functional as F
from minitorch.nn.pooling import _AvgPool, _MaxPool
from minitorch.tensor import Tensor


class MaxPool3d(_MaxPool):
    r"""Return the largest element of each window of a volume.

    Args:
        kernel_size: depth, height and width of the windows, or one number for all.
        stride: steps between windows; `kernel_size` by default.
        padding: how many elements of minus infinity surround the volume; half the window at most.
        dilation: steps between the elements of a window.
        return_indices: whether to return also, as int64, where in its volume of D * H * W elements
            each maximum lies.
        ceil_mode: whether a last window may reach beyond the volume.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`,
          :math:`D' = \lfloor (D + 2p - d(k - 1) - 1) / s + 1 \rfloor`, or rounded up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.MaxPool3d(3, stride=2, padding=1)(minitorch.zeros(2, 16, 8, 50, 32)).shape
        minitorch.Size([2, 16, 4, 25, 16])
    """

    def forward(self, input: Tensor) -> Any:
        """Return the maxima, and where they lie if that was asked for."""
        return F.max_pool3d(input, *self._arguments())


class AvgPool3d(_AvgPool):
    r"""Return the mean of each window of a volume.

    Args:
        kernel_size: depth, height and width of the windows, or one number for all.
        stride: steps between windows; `kernel_size` by default.
        padding: how many zeros surround the volume; half the window at most.
        ceil_mode: whether a last window may reach beyond the volume.
        count_include_pad: whether these zeros count among the elements of a window.
        divisor_override: if given, what sums are divided by, instead of the number of elements.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`,
          :math:`D' = \lfloor (D + 2p - k) / s + 1 \rfloor`, or rounded up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AvgPool3d((1, 3, 2), stride=1)(minitorch.zeros(2, 1, 4, 5, 3)).shape
        minitorch.Size([2, 1, 4, 3, 2])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the means."""
        return F.avg_pool3d(input, *self._arguments())
