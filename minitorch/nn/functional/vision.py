"""Rearranging images: windows as columns, channels as pixels."""

from __future__ import annotations

from typing import Any

from minitorch import ops
from minitorch.kernels import Windows
from minitorch.nn.functional._pooling_arguments import check_kind
from minitorch.tensor import Tensor

Size = int | tuple[int, ...] | list[int]


def unfold(
    input: Tensor, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Tensor:
    r"""Return the windows of images as columns.

    Args:
        input: images.
        kernel_size: height and width of the windows, or one number for both.
        dilation: steps between the elements of a window.
        padding: how many zeros surround the image.
        stride: steps between windows.

    Shape:
        - input :math:`(N, C, H, W)` or :math:`(C, H, W)`.
        - Output: :math:`(N, C k_h k_w, L)`, L being the number of windows,
          :math:`\prod \lfloor (S + 2p - d(k - 1) - 1) / s + 1 \rfloor`.

    Raises:
        RuntimeError: for arguments that make no sense, or if no window fits.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html

    Example:
        >>> import minitorch
        >>> image = minitorch.arange(6.0).reshape(1, 1, 2, 3)
        >>> minitorch.nn.functional.unfold(image, 2)
        tensor([[[0., 1.],
                 [1., 2.],
                 [3., 4.],
                 [4., 5.]]])
    """
    numbers = _numbers(kernel_size, dilation, padding, stride)
    if input.ndim not in (3, 4) or 0 in input.shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(input.shape)}"
        )
    size = (int(input.shape[-2]), int(input.shape[-1]))
    rows, columns = _windows(size, numbers)
    if min(rows.out, columns.out) < 1:
        raise RuntimeError(
            f"Given input with spatial size {size}, {_spoken(numbers)}, calculated shape of the "
            f"array of sliding blocks as ({rows.out}, {columns.out}), but its components must be "
            "at least one."
        )
    check_kind("im2col_out_cpu", input)
    if input.ndim == 4:
        return ops.unfold(input, rows, columns)
    return ops.squeeze(ops.unfold(ops.unsqueeze(input, 0), rows, columns), 0)


def fold(
    input: Tensor,
    output_size: Size,
    kernel_size: Size,
    dilation: Size = 1,
    padding: Size = 0,
    stride: Size = 1,
) -> Tensor:
    r"""Return images as sums of windows, each put where `unfold` would take it from.

    Args:
        input: windows as columns.
        output_size: height and width of the images.
        kernel_size: height and width of the windows, or one number for both.
        dilation: steps between the elements of a window.
        padding: how many elements that surround the image are dropped.
        stride: steps between windows.

    Shape:
        - input :math:`(N, C k_h k_w, L)` or :math:`(C k_h k_w, L)`, L being the number of windows.
        - Output: :math:`(N, C, H, W)`.

    Raises:
        RuntimeError: for arguments that make no sense, or that do not fit the shape of the input.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fold.html

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.fold(minitorch.ones(1, 4, 2), (2, 3), 2)
        tensor([[[[1., 2., 1.],
                  [1., 2., 1.]]]])
    """
    size = _pair("output_size", output_size)
    numbers = _numbers(kernel_size, dilation, padding, stride)
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
            f"non-zero dimensions for input, but got: {list(input.shape)}"
        )
    columns_dim, blocks_dim = input.shape[-2:]
    kernel = numbers["kernel_size"]
    if columns_dim % (kernel[0] * kernel[1]):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, "
            f"but got input.size(1)={columns_dim} and kernel_size={kernel}."
        )
    rows, columns = _windows(size, numbers)
    if rows.out * columns.out != blocks_dim or rows.out < 1:
        raise RuntimeError(
            f"Given output_size={size}, {_spoken(numbers)}, stride={numbers['stride']}, expected "
            "size of input's dimension 2 to match the calculated number of sliding blocks "
            f"{rows.out} * {columns.out} = {rows.out * columns.out}, but got "
            f"input.size(2)={blocks_dim}."
        )
    check_kind("col2im_out_cpu", input)
    if input.ndim == 3:
        return ops.fold(input, rows, columns)
    return ops.squeeze(ops.fold(ops.unsqueeze(input, 0), rows, columns), 0)


def _pair(argument: str, value: Any) -> tuple[int, int]:
    values = (value,) if isinstance(value, int) else tuple(int(v) for v in value)
    if len(values) not in (1, 2):
        raise RuntimeError(f"It is expected {argument} equals to 2, but got size {len(values)}")
    return values[0], values[-1]


def _numbers(
    kernel_size: Size, dilation: Size, padding: Size, stride: Size
) -> dict[str, tuple[int, int]]:
    """Return the arguments as pairs; RuntimeError unless they make sense."""
    given = {
        "kernel_size": kernel_size,
        "dilation": dilation,
        "padding": padding,
        "stride": stride,
    }
    numbers = {name: _pair(name, value) for name, value in given.items()}
    for name, short in (("kernel_size", "kernel"), ("stride", "stride"), ("dilation", "dilation")):
        height, width = numbers[name]
        if min(height, width) <= 0:
            raise RuntimeError(
                f"{name.replace('_', ' ')} should be greater than zero, but got {short}_height: "
                f"{height} {short}_width: {width}"
            )
    height, width = numbers["padding"]
    if min(height, width) < 0:
        raise RuntimeError(
            f"padding should be non-negative, but got pad_height: {height} pad_width: {width}"
        )
    return numbers


def _windows(size: tuple[int, int], numbers: dict[str, tuple[int, int]]) -> tuple[Windows, Windows]:
    """Return where the windows lie in the rows and the columns."""
    lines = []
    for dim, n in enumerate(size):
        kernel, dilation, padding, stride = (values[dim] for values in numbers.values())
        out = (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        lines.append(Windows(n, kernel, stride, padding, dilation, out))
    return lines[0], lines[1]


def _spoken(numbers: dict[str, tuple[int, int]]) -> str:
    return ", ".join(f"{name}={numbers[name]}" for name in ("kernel_size", "dilation", "padding"))
