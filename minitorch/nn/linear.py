"""Layers that multiply by a learned matrix, and the one that does nothing."""

from __future__ import annotations

import math
from typing import Any

from minitorch import dtypes
from minitorch.devices import require_cpu
from minitorch.kernels import empty_transposed
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor, wrap


class Identity(Module):
    """Return the input.

    Args:
        args: ignored, so that it can stand in for any layer.
        kwargs: ignored too.

    Shape:
        - Input: :math:`(*)`. Output: the same.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Identity(54, unused=True)(minitorch.ones(2))
        tensor([1., 1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` itself."""
        return input


class Linear(Module):
    r"""Apply an affine map to the last dimension: :math:`y = x A^T + b`.

    Args:
        in_features: size of each input sample.
        out_features: size of each output sample.
        bias: whether to learn an additive bias.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input: :math:`(*, H_{in})`. Output: :math:`(*, H_{out})`.
        - weight: :math:`(H_{out}, H_{in})`, bias: :math:`(H_{out})`, both drawn from
          :math:`U(-1/\sqrt{H_{in}}, 1/\sqrt{H_{in}})`.

    Raises:
        RuntimeError: if the last dimension of the input is not `in_features`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Linear(20, 30)
        >>> layer(minitorch.randn(128, 20)).shape
        minitorch.Size([128, 30])
    """

    in_features: int
    out_features: int
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, "Linear")
        self.in_features = in_features
        self.out_features = out_features
        # weight.T is C-contiguous: x @ weight.T is a faster product that way.
        numpy_dtype = dtypes.numpy_dtype(dtype)
        self.weight = Parameter(wrap(empty_transposed((out_features, in_features), numpy_dtype)))
        self.register_parameter("bias", empty_parameter((out_features,), dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weight and the bias anew."""
        # kaiming_uniform_ with a = sqrt(5) has the bound 1 / sqrt(in_features).
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """Return ``input @ weight.T + bias``."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Bilinear(Module):
    r"""Apply a bilinear map: :math:`y_k = x_1^T A_k x_2 + b_k`.

    Args:
        in1_features: size of each first input sample, positive.
        in2_features: size of each second input sample.
        out_features: size of each output sample.
        bias: whether to learn an additive bias.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Inputs: :math:`(*, H_{in1})` and :math:`(*, H_{in2})`. Output: :math:`(*, H_{out})`.
        - weight: :math:`(H_{out}, H_{in1}, H_{in2})`, bias: :math:`(H_{out})`, both drawn from
          :math:`U(-1/\sqrt{H_{in1}}, 1/\sqrt{H_{in1}})`.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Bilinear(20, 30, 40)
        >>> layer(minitorch.randn(128, 20), minitorch.randn(128, 30)).shape
        minitorch.Size([128, 40])
    """

    in1_features: int
    in2_features: int
    out_features: int
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, "Bilinear")
        if in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got ({in1_features=})")
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = empty_parameter((out_features, in1_features, in2_features), dtype)
        self.register_parameter("bias", empty_parameter((out_features,), dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weight and the bias anew."""
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Return the bilinear form of the last dimensions of the two inputs."""
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
