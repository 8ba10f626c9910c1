"""Layers that pool to an output of a given size."""

from __future__ import annotations

from typing import Any

from minitorch.nn import functional as F
from minitorch.nn.functional.adaptive_pooling import OutputSize
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class _Adaptive(Module):
    output_size: Any

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_Adaptive):
    """Return the means of bins that divide a signal as evenly as possible.

    Args:
        output_size: the number of bins.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`. Output: :math:`(N, C, L')`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AdaptiveAvgPool1d(5)(minitorch.zeros(1, 64, 8)).shape
        minitorch.Size([1, 64, 5])
    """

    output_size: int

    def __init__(self, output_size: int) -> None:
        super().__init__(output_size)

    def forward(self, input: Tensor) -> Tensor:
        """Return the means."""
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_Adaptive):
    r"""Return the means of bins that divide an image as evenly as possible.

    Bin i of n covers the rows from :math:`\lfloor i H / n \rfloor` up to, and without,
    :math:`\lceil (i + 1) H / n \rceil`; size 1 gives the mean of each channel.

    Args:
        output_size: height and width of the output, or one number for both; None for that of the
            input.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`. Output: :math:`(N, C, H', W')`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AdaptiveAvgPool2d((5, None))(minitorch.zeros(1, 64, 8, 9)).shape
        minitorch.Size([1, 64, 5, 9])
    """

    output_size: OutputSize

    def __init__(self, output_size: OutputSize) -> None:
        super().__init__(output_size)

    def forward(self, input: Tensor) -> Tensor:
        """Return the means."""
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_Adaptive):
    """Return the means of bins that divide a volume as evenly as possible.

    See `AdaptiveAvgPool2d` for the bins.

    Args:
        output_size: depth, height and width of the output, or one number for all; None for that of
            the input.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AdaptiveAvgPool3d((5, None, 2))(minitorch.zeros(1, 4, 8, 9, 6)).shape
        minitorch.Size([1, 4, 5, 9, 2])
    """

    output_size: OutputSize

    def __init__(self, output_size: OutputSize) -> None:
        super().__init__(output_size)

    def forward(self, input: Tensor) -> Tensor:
        """Return the means."""
        return F.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(_Adaptive):
    """Return the largest elements of bins that divide a signal as evenly as possible.

    Args:
        output_size: the number of bins.
        return_indices: whether to return also where each maximum lies.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`. Output: :math:`(N, C, L')`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AdaptiveMaxPool1d(5)(minitorch.zeros(1, 64, 8)).shape
        minitorch.Size([1, 64, 5])
    """

    output_size: int
    return_indices: bool

    def __init__(self, output_size: int, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """Return the maxima, and where they lie if that was asked for."""
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_Adaptive):
    """Return the largest elements of bins that divide an image as evenly as possible.

    See `AdaptiveAvgPool2d` for the bins.

    Args:
        output_size: height and width of the output, or one number for both; None for that of the
            input.
        return_indices: whether to return also, as int64, where in its plane of H * W elements each
            maximum lies.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`. Output: :math:`(N, C, H', W')`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AdaptiveMaxPool2d((5, 7))(minitorch.zeros(1, 64, 8, 9)).shape
        minitorch.Size([1, 64, 5, 7])
    """

    output_size: OutputSize
    return_indices: bool

    def __init__(self, output_size: OutputSize, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """Return the maxima, and where they lie if that was asked for."""
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_Adaptive):
    """Return the largest elements of bins that divide a volume as evenly as possible.

    See `AdaptiveAvgPool2d` for the bins.

    Args:
        output_size: depth, height and width of the output, or one number for all; None for that of
            the input.
        return_indices: whether to return also, as int64, where in its volume of D * H * W elements
            each maximum lies.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, D', H', W')`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.AdaptiveMaxPool3d((5, 7, 2))(minitorch.zeros(1, 4, 8, 9, 6)).shape
        minitorch.Size([1, 4, 5, 7, 2])
    """

    output_size: OutputSize
    return_indices: bool

    def __init__(self, output_size: OutputSize, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """Return the maxima, and where they lie if that was asked for."""
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)
