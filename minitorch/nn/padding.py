"""Layers that put a border around signals, images and volumes."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.module import Module
from minitorch.tensor import Tensor

Padding = int | tuple[int, ...]


class _Pad(Module):
    """A border around the last dimensions.

    Args:
        padding: how many elements before and behind, from the last dimension on, or one number for
            all.
    """

    padding: tuple[int, ...]
    _dimensions = 1
    _mode = "constant"

    def __init__(self, padding: Padding) -> None:
        super().__init__()
        count = 2 * self._dimensions
        self.padding = (padding,) * count if isinstance(padding, int) else tuple(padding)
        if len(self.padding) != count:
            raise ValueError(
                f"{type(self).__name__} expects {count} numbers, got padding={self.padding}"
            )

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with its border."""
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"{self.padding}"


class ConstantPad1d(_Pad):
    """Put a border of one value around signals.

    Args:
        padding: ``(left, right)``, or one number for both; a negative one cuts off.
        value: of the border.

    Shape:
        - Input: :math:`(*, L)`. Output: :math:`(*, left + L + right)`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.ConstantPad1d((1, 2), 9.0)(minitorch.zeros(1, 2))
        tensor([[9., 0., 0., 9., 9.]])
    """

    value: float

    def __init__(self, padding: Padding, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with its border."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad2d(ConstantPad1d):
    """Put a border of one value around images.

    Args:
        padding: ``(left, right, top, bottom)``, or one number for all; a negative one cuts off.
        value: of the border.

    Shape:
        - Input: :math:`(*, H, W)`. Output: :math:`(*, top + H + bottom, left + W + right)`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.ConstantPad2d((1, 0, 0, 1), 9.0)(minitorch.zeros(1, 1, 2))
        tensor([[[9., 0., 0.],
                 [9., 9., 9.]]])
    """

    _dimensions = 2


class ConstantPad3d(ConstantPad1d):
    """Put a border of one value around volumes.

    Args:
        padding: ``(left, right, top, bottom, front, back)``, or one number for all; a negative one
            cuts off.
        value: of the border.

    Shape:
        - Input: :math:`(*, D, H, W)`.
        - Output: :math:`(*, front + D + back, top + H + bottom, left + W + right)`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.ConstantPad3d(2, 9.0)(minitorch.ones(1, 1, 3, 3, 1)).shape
        minitorch.Size([1, 1, 7, 7, 5])
    """

    _dimensions = 3


class ZeroPad1d(ConstantPad1d):
    """Put zeros around signals.

    Args:
        padding: ``(left, right)``, or one number for both; a negative one cuts off.

    Shape:
        - Input: :math:`(*, L)`. Output: :math:`(*, left + L + right)`.
    """

    def __init__(self, padding: Padding) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"{self.padding}"


class ZeroPad2d(ZeroPad1d):
    """Put zeros around images.

    Args:
        padding: ``(left, right, top, bottom)``, or one number for all; a negative one cuts off.

    Shape:
        - Input: :math:`(*, H, W)`. Output: :math:`(*, top + H + bottom, left + W + right)`.

    Example:
        >>> import minitorch
        >>> minitorch.nn.ZeroPad2d(2)(minitorch.ones(1, 1, 3, 3)).shape
        minitorch.Size([1, 1, 7, 7])
    """

    _dimensions = 2


class ZeroPad3d(ZeroPad1d):
    """Put zeros around volumes.

    Args:
        padding: ``(left, right, top, bottom, front, back)``, or one number for all; a negative one
            cuts off.

    Shape:
        - Input: :math:`(*, D, H, W)`.
        - Output: :math:`(*, front + D + back, top + H + bottom, left + W + right)`.
    """

    _dimensions = 3


class ReflectionPad1d(_Pad):
    """Put a border around signals that mirrors them; the outermost element is not repeated.

    Args:
        padding: ``(left, right)``, or one number for both; less than L.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`. Output: with :math:`left + L + right` for L.

    Example:
        >>> import minitorch
        >>> minitorch.nn.ReflectionPad1d(2)(minitorch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[3., 2., 1., 2., 3., 2., 1.]])
    """

    _mode = "reflect"


class ReflectionPad2d(ReflectionPad1d):
    """Put a border around images that mirrors them; the outermost element is not repeated.

    Args:
        padding: ``(left, right, top, bottom)``, or one number for all; less than W and H.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, top + H + bottom, left + W + right)`.
    """

    _dimensions = 2


class ReflectionPad3d(ReflectionPad1d):
    """Put a border around volumes that mirrors them; the outermost element is not repeated.

    Args:
        padding: ``(left, right, top, bottom, front, back)``, or one number for all; less than W, H
            and D.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, front + D + back, top + H + bottom, left + W + right)`.
    """

    _dimensions = 3


class ReplicationPad1d(_Pad):
    """Put a border around signals that repeats their outermost elements.

    Args:
        padding: ``(left, right)``, or one number for both.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`. Output: with :math:`left + L + right` for L.

    Example:
        >>> import minitorch
        >>> minitorch.nn.ReplicationPad1d(2)(minitorch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[1., 1., 1., 2., 3., 3., 3.]])
    """

    _mode = "replicate"


class ReplicationPad2d(ReplicationPad1d):
    """Put a border around images that repeats their outermost elements.

    Args:
        padding: ``(left, right, top, bottom)``, or one number for all.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, top + H + bottom, left + W + right)`.
    """

    _dimensions = 2


class ReplicationPad3d(ReplicationPad1d):
    """Put a border around volumes that repeats their outermost elements.

    Args:
        padding: ``(left, right, top, bottom, front, back)``, or one number for all.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, front + D + back, top + H + bottom, left + W + right)`.
    """

    _dimensions = 3


class CircularPad1d(_Pad):
    """Put a border around signals that holds what lies at their other end.

    Args:
        padding: ``(left, right)``, or one number for both; L at most.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`. Output: with :math:`left + L + right` for L.

    Example:
        >>> import minitorch
        >>> minitorch.nn.CircularPad1d(2)(minitorch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[2., 3., 1., 2., 3., 1., 2.]])
    """

    _mode = "circular"


class CircularPad2d(CircularPad1d):
    """Put a border around images that holds what lies at their other end.

    Args:
        padding: ``(left, right, top, bottom)``, or one number for all; W and H at most.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C, top + H + bottom, left + W + right)`.
    """

    _dimensions = 2


class CircularPad3d(CircularPad1d):
    """Put a border around volumes that holds what lies at their other end.

    Args:
        padding: ``(left, right, top, bottom, front, back)``, or one number for all; W, H and D at
            most.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`.
        - Output: :math:`(N, C, front + D + back, top + H + bottom, left + W + right)`.
    """

    _dimensions = 3
