"""Products with a weight: `linear` and `bilinear`."""

from __future__ import annotations

from minitorch import ops
from minitorch.tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""Apply an affine map to the last dimension: :math:`y = x A^T + b`.

    Args:
        input: the x.
        weight: the A.
        bias: the b.

    Shape:
        - input :math:`(*, H_{in})`, weight :math:`(H_{out}, H_{in})` or :math:`(H_{in})`,
          bias :math:`(H_{out})` or a number. Output: :math:`(*, H_{out})` or :math:`(*)`.

    Raises:
        RuntimeError: if the sizes do not fit.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.linear(minitorch.ones(2, 3), minitorch.ones(4, 3)).shape
        minitorch.Size([2, 4])
    """
    if weight.ndim == 1:
        product = ops.matmul(input, weight)
        return product if bias is None else product + bias
    return ops.linear(input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""Apply a bilinear map to the last dimensions: :math:`y_k = x_1^T A_k x_2 + b_k`.

    Args:
        input1: the :math:`x_1`.
        input2: the :math:`x_2`.
        weight: the A.
        bias: the b.

    Shape:
        - input1 :math:`(*, H_1)`, input2 :math:`(*, H_2)`, weight :math:`(H_{out}, H_1, H_2)`,
          bias :math:`(H_{out})`. Output: :math:`(*, H_{out})`.

    Raises:
        RuntimeError: if the sizes do not fit.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html
    """
    features, size1, size2 = weight.shape
    if input1.shape[:-1] != input2.shape[:-1]:
        raise RuntimeError(
            "bilinear(): input batch dimensions do not match: got "
            f"{list(input1.shape[:-1])} and {list(input2.shape[:-1])}"
        )
    for name, given, expected in (("1", input1.shape[-1], size1), ("2", input2.shape[-1], size2)):
        if given != expected:
            raise RuntimeError(
                f"bilinear(): input{name} size does not match weight size: got {given} but "
                f"expected {expected}"
            )
    batch = input1.shape[:-1]
    flat = ops.reshape(ops.permute(weight, 1, 0, 2), size1, features * size2)
    half = ops.reshape(ops.matmul(input1, flat), *batch, features, size2)  # (*, H_out, H_2)
    out = ops.squeeze(ops.matmul(half, ops.unsqueeze(input2, -1)), -1)  # (*, H_out)
    return out if bias is None else out + bias
