"""Convolutions over one, two and three dimensions, and transposes over one and two."""

from __future__ import annotations

from typing import Any

from minitorch import ops
from minitorch.nn.functional import _windows
from minitorch.nn.functional._volumes import convolve_volumes
from minitorch.tensor import Tensor


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: str | int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    r"""Correlate signals with a learned window.

    .. math:: y_o(i) = b_o + \sum_{c, u} w_{ocu} x_c(s i + d u - p)

    The arguments are those of `conv2d`, with one number for each instead of two.

    Shape:
        - input :math:`(N, C, L)` or :math:`(C, L)`, weight :math:`(O, C / groups, k)`,
          bias :math:`(O)`. Output: :math:`(N, O, L_{out})` or :math:`(O, L_{out})`.

    Raises:
        RuntimeError: if the sizes do not fit.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv1d(minitorch.tensor([[[1.0, 2.0, 4.0]]]), minitorch.tensor([[[-1.0, 1.0]]]))
        tensor([[[1., 2.]]])
    """
    return _convolve(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: str | int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    r"""Correlate images with a learned window.

    .. math:: y_o(i, j) = b_o + \sum_{c, u, v} w_{ocuv} x_c(s i + d u - p, s j + d v - p)

    Args:
        input: the images x.
        weight: the windows w.
        bias: the b.
        stride: steps s between neighbouring windows, one number or two.
        padding: zeros p around the image, one number or two; ``"valid"`` for none, ``"same"`` for
            as many as make the output as large as the input (with a stride of 1).
        dilation: steps d between the taps of a window, one number or two.
        groups: the channels are divided into so many groups, each convolved on its own.

    Shape:
        - input :math:`(N, C, H, W)` or :math:`(C, H, W)`, weight :math:`(O, C / groups, k_h, k_w)`,
          bias :math:`(O)`. Output: :math:`(N, O, H_{out}, W_{out})` or
          :math:`(O, H_{out}, W_{out})` with
          :math:`H_{out} = \lfloor (H + 2p - d (k_h - 1) - 1) / s \rfloor + 1`.

    Raises:
        RuntimeError: if the sizes do not fit.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv2d(minitorch.ones(1, 4, 5, 5), minitorch.ones(8, 4, 3, 3), padding=1).shape
        minitorch.Size([1, 8, 5, 5])
    """
    return _convolve(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: str | int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    r"""Correlate volumes with a learned window.

    The formula and the arguments are those of `conv2d`, with three numbers for each instead of two.

    Shape:
        - input :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`,
          weight :math:`(O, C / groups, k_d, k_h, k_w)`, bias :math:`(O)`.
          Output: :math:`(N, O, D_{out}, H_{out}, W_{out})` or without N.

    Raises:
        RuntimeError: if the sizes do not fit.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv3d(minitorch.ones(1, 4, 5, 5, 6), minitorch.ones(8, 4, 3, 3, 3), padding=1).shape
        minitorch.Size([1, 8, 5, 5, 6])
    """
    return _convolve(3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    output_padding: int | tuple[int, ...] = 0,
    groups: int = 1,
    dilation: int | tuple[int, ...] = 1,
) -> Tensor:
    r"""Apply the transpose of `conv1d`, which is the gradient of its input.

    The arguments are those of `conv_transpose2d`, with one number for each instead of two.

    Shape:
        - input :math:`(N, C, L)` or :math:`(C, L)`, weight :math:`(C, O / groups, k)`,
          bias :math:`(O)`. Output: :math:`(N, O, L_{out})` or :math:`(O, L_{out})`.

    Raises:
        RuntimeError: if the sizes do not fit.

    Reference:
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv_transpose1d(minitorch.tensor([[[1.0, 2.0]]]), minitorch.ones(1, 1, 2), stride=2)
        tensor([[[1., 1., 2., 2.]]])
    """
    return _transpose(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    output_padding: int | tuple[int, ...] = 0,
    groups: int = 1,
    dilation: int | tuple[int, ...] = 1,
) -> Tensor:
    r"""Apply the transpose of `conv2d`, which is the gradient of its input.

    Each pixel of the input adds the window, times its value, to the output.

    Args:
        input: the images.
        weight: the windows.
        bias: added to each channel of the output.
        stride: steps between the windows, one number or two.
        padding: rows and columns that are cut off at each side of the output.
        output_padding: rows and columns added at the bottom and at the right of the output: of the
            sizes of which a convolution makes the input's, the one that is meant.
        groups: the channels are divided into so many groups, each convolved on its own.
        dilation: steps between the taps of a window.

    Shape:
        - input :math:`(N, C, H, W)` or :math:`(C, H, W)`, weight :math:`(C, O / groups, k_h, k_w)`,
          bias :math:`(O)`. Output: :math:`(N, O, H_{out}, W_{out})` or
          :math:`(O, H_{out}, W_{out})` with
          :math:`H_{out} = (H - 1) s - 2p + d (k_h - 1) + p_{out} + 1`.

    Raises:
        RuntimeError: if the sizes do not fit.

    Reference:
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x, weight = minitorch.ones(1, 4, 5, 5), minitorch.ones(4, 8, 3, 3)
        >>> F.conv_transpose2d(x, weight, stride=2, padding=1, output_padding=1).shape
        minitorch.Size([1, 8, 10, 10])
    """
    return _transpose(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def _convolve(
    count: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Tensor:
    """Convolve over `count` dimensions."""
    batched = _windows.check_batched(input, count, f"conv{count}d")
    steps = _windows.numbers(stride, count, "stride")
    apart = _windows.numbers(dilation, count, "dilation")
    _windows.check_weight(weight, steps, max(groups, 1))
    kernel = tuple(weight.shape[2:])
    zeros = _padding(padding, kernel, steps, apart)
    _windows.check_numbers(steps, [p[0] for p in zeros], apart, groups)
    _windows.check_types(input, weight, bias)
    x = input if batched else ops.unsqueeze(input, 0)
    channels, outputs = weight.shape[1] * groups, weight.shape[0]
    _windows.check_channels(x, weight, bias, f"groups={groups}", channels, outputs)
    if count == 3:
        y = convolve_volumes(x, weight, bias, steps, zeros, apart, groups)
        return y if batched else ops.squeeze(y, 0)
    geometry = _windows.geometry(tuple(x.shape[2:]), kernel, steps, zeros, apart, groups)
    y = ops.convolve(_plane(x, count), _plane(weight, count), bias, geometry)
    return _unplane(y, count, batched)


def _transpose(
    count: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Tensor:
    """Apply the transpose of a convolution over `count` dimensions."""
    if isinstance(padding, str):
        raise TypeError(
            f"conv_transpose{count}d(): argument 'padding' must be tuple of ints, not str"
        )
    batched = _windows.check_batched(input, count, f"conv_transpose{count}d")
    steps = _windows.numbers(stride, count, "stride")
    apart = _windows.numbers(dilation, count, "dilation")
    zeros = _windows.numbers(padding, count, "padding")
    extra = _windows.numbers(output_padding, count, "output_padding")
    _windows.check_weight(weight, steps, max(groups, 1))
    _windows.check_numbers(steps, zeros, apart, groups)
    _windows.check_types(input, weight, bias)
    x = input if batched else ops.unsqueeze(input, 0)
    outputs, kernel = weight.shape[1] * groups, tuple(weight.shape[2:])
    _windows.check_channels(x, weight, bias, "transposed=1", weight.shape[0], outputs)
    size = _windows.transposed_size(x.shape[2:], kernel, steps, zeros, extra, apart)
    geometry = _windows.flat_geometry(size, kernel, steps, zeros, apart, groups, x.shape[2:])
    y = ops.convolve_transpose(_plane(x, count), _plane(weight, count), bias, geometry)
    return _unplane(y, count, batched)


def _padding(padding: Any, kernel: Any, stride: Any, dilation: Any) -> tuple[Any, ...]:
    """Return the zeros before and behind, for each dimension."""
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding == "same":
        return tuple(_windows.same_padding(kernel, stride, dilation))
    if isinstance(padding, str):
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    return tuple([(p, p) for p in _windows.numbers(padding, len(kernel), "padding")])


def _plane(x: Tensor, count: int) -> Tensor:
    """Return a signal as an image of one row."""
    return ops.unsqueeze(x, 2) if count == 1 else x


def _unplane(y: Tensor, count: int, batched: bool) -> Tensor:
    """Undo `_plane`, and take the batch dimension away if the caller gave none."""
    if count == 1:
        y = ops.squeeze(y, 2)
    return y if batched else ops.squeeze(y, 0)
