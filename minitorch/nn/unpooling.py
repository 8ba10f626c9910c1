"""Layers that put maxima back to where they were found."""

from __future__ import annotations

from typing import Any

from minitorch.nn import functional as F
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class _MaxUnpool(Module):
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    _dimensions = 1

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0,
    ) -> None:
        super().__init__()
        self.kernel_size = self._tuple(kernel_size)
        self.stride = self._tuple(kernel_size if stride is None else stride)
        self.padding = self._tuple(padding)

    def _tuple(self, value: int | tuple[int, ...]) -> tuple[int, ...]:
        return (value,) * self._dimensions if isinstance(value, int) else tuple(value)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """Return signals that hold the maxima where `MaxPool1d` found them, and zeros elsewhere.

    Args:
        kernel_size: of the pooling.
        stride: of the pooling; `kernel_size` by default.
        padding: of the pooling.

    Shape:
        - Input and indices: :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`, by default :math:`L' = (L - 1) s - 2p + k`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
    """

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Return the signals."""
        return F.max_unpool1d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool2d(_MaxUnpool):
    """Return images that hold the maxima where `MaxPool2d` found them, and zeros elsewhere.

    Args:
        kernel_size: of the pooling.
        stride: of the pooling; `kernel_size` by default.
        padding: of the pooling.

    Shape:
        - Input and indices: :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`, by default :math:`H' = (H - 1) s - 2p + k`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html

    Example:
        >>> import minitorch
        >>> pool = minitorch.nn.MaxPool2d(2, return_indices=True)
        >>> minitorch.nn.MaxUnpool2d(2)(*pool(minitorch.tensor([[[1.0, 2.0], [4.0, 3.0]]])))
        tensor([[[0., 0.],
                 [4., 0.]]])
    """

    _dimensions = 2

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Return the images."""
        return F.max_unpool2d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )
