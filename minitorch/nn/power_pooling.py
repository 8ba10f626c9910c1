"""Layers that take the p-norm of each window."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.functional.pooling import Size
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class _PowerPool(Module):
    norm_type: float
    kernel_size: Size
    stride: Size | None
    ceil_mode: bool

    def __init__(
        self,
        norm_type: float,
        kernel_size: Size,
        stride: Size | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_PowerPool):
    r"""Return :math:`(\sum x^p)^{1/p}` of each window of a signal.

    Args:
        norm_type: the p; for infinity the largest absolute value.
        kernel_size: length of the windows.
        stride: steps between windows; `kernel_size` by default.
        ceil_mode: whether a last window may reach beyond the signal.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`.
        - Output: :math:`(N, C, L')`, :math:`L' = \lfloor (L - k) / s + 1 \rfloor`, or rounded up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.LPPool1d(2, 2)(minitorch.tensor([[3.0, 4.0, 0.0, 2.0]]))
        tensor([[5., 2.]])
    """

    kernel_size: int

    def forward(self, input: Tensor) -> Tensor:
        """Return the norms."""
        norm = float(self.norm_type)
        return F.lp_pool1d(input, norm, self.kernel_size, self.stride, self.ceil_mode)


class LPPool2d(_PowerPool):
    r"""Return :math:`(\sum x^p)^{1/p}` of each window of an image.

    Args:
        norm_type: the p; for infinity the largest absolute value.
        kernel_size: height and width of the windows, or one number for both.
        stride: steps between windows; `kernel_size` by default.
        ceil_mode: whether a last window may reach beyond the image.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, H', W')`, :math:`H' = \lfloor (H - k) / s + 1 \rfloor`, or rounded
          up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.LPPool2d(2, (3, 2), stride=(2, 1))(minitorch.ones(2, 16, 50, 32)).shape
        minitorch.Size([2, 16, 24, 31])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the norms."""
        norm = float(self.norm_type)
        return F.lp_pool2d(input, norm, self.kernel_size, self.stride, self.ceil_mode)


class LPPool3d(_PowerPool):
    r"""Return :math:`(\sum x^p)^{1/p}` of each window of a volume.

    Args:
        norm_type: the p; for infinity the largest absolute value.
        kernel_size: depth, height and width of the windows, or one number for all.
        stride: steps between windows; `kernel_size` by default.
        ceil_mode: whether a last window may reach beyond the volume.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`, :math:`D' = \lfloor (D - k) / s + 1 \rfloor`, or
          rounded up.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.LPPool3d(2, 3, stride=2)(minitorch.ones(2, 4, 9, 5, 5)).shape
        minitorch.Size([2, 4, 4, 2, 2])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the norms."""
        norm = float(self.norm_type)
        return F.lp_pool3d(input, norm, self.kernel_size, self.stride, self.ceil_mode)
