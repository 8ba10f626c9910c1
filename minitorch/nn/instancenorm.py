"""Normalization of single samples, with running statistics or without."""

from __future__ import annotations

from typing import Any

from minitorch import dtypes, ops
from minitorch.nn import functional as F
from minitorch.nn.batchnorm import NormBase
from minitorch.notices import warn
from minitorch.tensor import Tensor


class _InstanceNorm(NormBase):
    """What instance normalization is for any number of dimensions."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input; in training, move the running statistics if kept."""
        self._check_input_dim(input)
        channel = input.ndim - self._dimensions[0]  # its dimension
        if input.shape[channel] != self.num_features:
            if self.affine:
                raise ValueError(
                    f"expected input's size at dim={channel} to match num_features "
                    f"({self.num_features}), but got: {input.shape[channel]}."
                )
            warn(
                f"input's size at dim={channel} does not match num_features. You can silence this "
                "warning by not passing in num_features, which is not used because affine=False",
            )
        if channel == 0:  # a sample without a batch
            return ops.squeeze(self._normalized(ops.unsqueeze(input, 0)), 0)
        return self._normalized(input)

    def _normalized(self, input: Tensor) -> Tensor:
        return F.instance_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )


class InstanceNorm1d(_InstanceNorm):
    """Normalize each channel of each sequence by its own mean and variance.

    Args:
        num_features: number of channels, C.
        eps: keeps the division finite.
        momentum: how far the running statistics move, from 0 to 1.
        affine: whether to learn a weight and a bias.
        track_running_stats: whether running statistics are kept, and used in evaluation.
        device: ``"cpu"``.
        dtype: of parameters and statistics.
        bias: whether to learn a bias, if affine.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`. Output: the same.

    Raises:
        ValueError: for an input of other dimensions, or with one value a channel.

    Reference: Ulyanov, Vedaldi, Lempitsky, "Instance normalization: the missing ingredient for fast
    stylization", 2016.

    Example:
        >>> import minitorch
        >>> minitorch.nn.InstanceNorm1d(1)(minitorch.tensor([[[1.0, 3.0]]]))
        tensor([[[-1.0000,  1.0000]]])
    """

    _dimensions = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Normalize each channel of each image by its own mean and variance: see `InstanceNorm1d`.

    Shape:
        - Input: :math:`(N, C, H, W)` or :math:`(C, H, W)`. Output: the same.
    """

    _dimensions = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Normalize each channel of each volume by its own mean and variance: see `InstanceNorm1d`.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`. Output: the same.
    """

    _dimensions = (4, 5)
