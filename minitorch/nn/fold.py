"""Layers that take windows out of images, and put them together."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.functional.vision import Size
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class Unfold(Module):
    r"""Return the windows of images as columns.

    Args:
        kernel_size: height and width of the windows, or one number for both.
        dilation: steps between the elements of a window.
        padding: how many zeros surround the image.
        stride: steps between windows.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C k_h k_w, L)`, L being the number of windows.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Unfold((2, 3))(minitorch.zeros(2, 5, 3, 4)).shape
        minitorch.Size([2, 30, 4])
    """

    kernel_size: Size
    dilation: Size
    padding: Size
    stride: Size

    def __init__(
        self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        """Return the windows."""
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Module):
    r"""Return images as sums of windows, each put where `Unfold` would take it from.

    Args:
        output_size: height and width of the images.
        kernel_size: height and width of the windows, or one number for both.
        dilation: steps between the elements of a window.
        padding: how many elements that surround the image are dropped.
        stride: steps between windows.

    Shape:
        - Input: :math:`(N, C k_h k_w, L)` or :math:`(C k_h k_w, L)`, L being the number of windows.
        - Output: :math:`(N, C, H, W)`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.Fold((4, 5), (2, 2))(minitorch.zeros(1, 12, 12)).shape
        minitorch.Size([1, 3, 4, 5])
    """

    output_size: Size
    kernel_size: Size
    dilation: Size
    padding: Size
    stride: Size

    def __init__(
        self,
        output_size: Size,
        kernel_size: Size,
        dilation: Size = 1,
        padding: Size = 0,
        stride: Size = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        """Return the images."""
        return F.fold(
            input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )
