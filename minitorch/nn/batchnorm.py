"""Normalization over batches, with running statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch.devices import require_cpu
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor, wrap


class NormBase(Module):
    """Parameters and running statistics, one of each for a channel."""

    num_features: int
    eps: float
    momentum: float | None
    affine: bool
    track_running_stats: bool
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    _version = 2  # since it saves num_batches_tracked
    _dimensions: tuple[int, ...] = ()  # that an input may have

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        require_cpu(device, type(self).__name__)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        shape = (num_features,)
        self.register_parameter("weight", empty_parameter(shape, dtype) if affine else None)
        self.register_parameter("bias", empty_parameter(shape, dtype) if affine and bias else None)
        statistics: dict[str, Tensor | None] = {
            "running_mean": None, "running_var": None, "num_batches_tracked": None
        }  # fmt: skip
        if track_running_stats:
            numpy_dtype = dtypes.numpy_dtype(dtype)
            statistics = {
                "running_mean": wrap(np.zeros(shape, numpy_dtype)),
                "running_var": wrap(np.ones(shape, numpy_dtype)),
                "num_batches_tracked": wrap(np.zeros((), np.int64)),
            }
        for name, tensor in statistics.items():
            self.register_buffer(name, tensor)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget what was seen: mean 0, variance 1."""
        if self.running_mean is not None and self.running_var is not None:
            self.running_mean.zero_()
            self.running_var.fill_(1)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set the weight to ones and the bias to zeros, and forget what was seen."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *rest: Any
    ) -> None:
        """Load; a state of the first version lacks the number of batches."""
        key = prefix + "num_batches_tracked"
        version = local_metadata.get("version")
        if (version is None or version < 2) and self.num_batches_tracked is not None:
            state_dict.setdefault(key, wrap(np.zeros((), np.int64)))
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    def _check_input_dim(self, input: Tensor) -> None:
        """Raise ValueError unless the number of dimensions is right."""
        if input.ndim not in self._dimensions:
            allowed = " or ".join(f"{n}D" for n in self._dimensions)
            raise ValueError(f"expected {allowed} input (got {input.ndim}D input)")


class _BatchNorm(NormBase):
    """What batch normalization is for any number of dimensions."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input; in training, move the running statistics."""
        self._check_input_dim(input)
        factor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the mean of all batches so far
                factor = 1 / float(self.num_batches_tracked)
        batch_statistics = self.training or self.running_mean is None or self.running_var is None
        moves = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if moves else None,
            self.running_var if moves else None,
            self.weight,
            self.bias,
            batch_statistics,
            factor,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    r"""Normalize each feature over the batch.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{v + \epsilon}} + \beta

    In training :math:`\mu` and the biased variance v are the batch's; running estimates follow
    them (of the unbiased variance), which take their place in evaluation.

    Args:
        num_features: number of features or channels, C.
        eps: :math:`\epsilon`, which keeps the division finite.
        momentum: how far the running statistics move towards the batch's, from 0 to 1; None for
            the mean of all batches.
        affine: whether to learn :math:`\gamma` and :math:`\beta`.
        track_running_stats: without them the batch's are used in evaluation, too.
        device: ``"cpu"``.
        dtype: of parameters and statistics.
        bias: whether to learn :math:`\beta`, if affine.

    Shape:
        - Input: :math:`(N, C)` or :math:`(N, C, L)`. Output: the same.
        - weight (ones at first), bias (zeros), running_mean, running_var: :math:`(C)`;
          num_batches_tracked: an int64.

    Raises:
        ValueError: for an input of other dimensions, or, in training, with one value a channel.

    Reference: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", 2015.

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.BatchNorm1d(2)
        >>> layer(minitorch.tensor([[1.0, 2.0], [3.0, 2.0]])).tolist()[1][1]
        0.0
        >>> layer.running_mean
        tensor([0.2000, 0.2000])
    """

    _dimensions = (2, 3)


class BatchNorm2d(_BatchNorm):
    r"""Normalize each channel of images over the batch: see `BatchNorm1d`.

    Args:
        num_features: number of channels, C.
        eps: keeps the division finite.
        momentum: how far the running statistics move, from 0 to 1; None for the mean of all.
        affine: whether to learn a weight and a bias.
        track_running_stats: without them the batch's are used in evaluation, too.
        device: ``"cpu"``.
        dtype: of parameters and statistics.
        bias: whether to learn a bias, if affine.

    Shape:
        - Input: :math:`(N, C, H, W)`. Output: the same.

    Raises:
        ValueError: for an input of other dimensions, or, in training, with one value a channel.

    Reference: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", 2015.

    Example:
        >>> import minitorch
        >>> minitorch.nn.BatchNorm2d(3)(minitorch.randn(8, 3, 4, 4)).shape
        minitorch.Size([8, 3, 4, 4])
    """

    _dimensions = (4,)


class BatchNorm3d(_BatchNorm):
    r"""Normalize each channel of volumes over the batch: see `BatchNorm1d`.

    Args:
        num_features: number of channels, C.
        eps: keeps the division finite.
        momentum: how far the running statistics move, from 0 to 1; None for the mean of all.
        affine: whether to learn a weight and a bias.
        track_running_stats: without them the batch's are used in evaluation, too.
        device: ``"cpu"``.
        dtype: of parameters and statistics.
        bias: whether to learn a bias, if affine.

    Shape:
        - Input: :math:`(N, C, D, H, W)`. Output: the same.

    Raises:
        ValueError: for an input of other dimensions, or, in training, with one value a channel.
    """

    _dimensions = (5,)
