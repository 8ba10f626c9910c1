"""Dropout."""

from __future__ import annotations

from minitorch import ops
from minitorch.nn.functional._inplace import apply_inplace
from minitorch.nn.functional._reduction import require_float_input
from minitorch.notices import warn
from minitorch.tensor import Tensor, wrap

_SELU_AT_MINUS_INFINITY = 1.7580993408473766  # its scale times its alpha, without the sign


def check_probability(p: float) -> None:
    """Raise ValueError unless `p` is a probability."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    r"""Set elements to 0 with probability p, and multiply the others by :math:`1 / (1 - p)`.

    Args:
        input: of any shape.
        p: the probability, independent for each element.
        training: if False the input is returned as it is.
        inplace: whether the result is written over `input`.

    Raises:
        ValueError: if p is not between 0 and 1.

    Reference: Hinton et al., "Improving neural networks by preventing co-adaptation of feature
    detectors", 2012.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.dropout(minitorch.ones(3), training=False)
        tensor([1., 1., 1.])
    """
    check_probability(p)
    if not training or p == 0.0:
        return input
    return apply_inplace(lambda x: ops.dropout(x, p), input, inplace)


def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    r"""Set whole channels of signals to 0 with probability p; multiply the rest by :math:`1/(1-p)`.

    Args:
        input: signals.
        p: the probability, independent for each channel of each sample.
        training: if False the input is returned as it is.
        inplace: whether the result is written over `input`.

    Shape:
        - input :math:`(N, C, L)` or :math:`(C, L)`. Output: the same.

    Raises:
        ValueError: if p is not between 0 and 1.
        RuntimeError: for any other number of dimensions.

    Reference: Tompson et al., "Efficient object localization using convolutional networks", 2015.
    """
    check_probability(p)
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input. Note that "
            "dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, "
            "a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs)."
        )
    return _drop_channels(input, p, training, inplace, input.ndim - 1)


def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    r"""Set whole channels of images to 0 with probability p; multiply the rest by :math:`1/(1-p)`.

    Args:
        input: images. As in torch, three dimensions are a batch of signals, with a warning.
        p: the probability, independent for each channel of each sample.
        training: if False the input is returned as it is.
        inplace: whether the result is written over `input`.

    Shape:
        - input :math:`(N, C, H, W)`. Output: the same.

    Raises:
        ValueError: if p is not between 0 and 1.
        RuntimeError: for less than two dimensions.

    Reference: Tompson et al., "Efficient object localization using convolutional networks", 2015.
    """
    check_probability(p)
    if input.ndim == 3:
        warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise "
            "1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C "
            "is the channel dim. This behavior will change in a future release to interpret the "
            "input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D "
            "channel-wise dropout behavior, please switch to using dropout1d instead.",
        )
    elif input.ndim != 4:
        warn(
            f"dropout2d: Received a {input.ndim}-D input to dropout2d, which is deprecated "
            "and will result in an error in a future release. To retain the behavior "
            "and silence this warning, please use dropout instead. Note that dropout2d "
            "exists to provide channel-wise dropout on inputs with 2 spatial dimensions, "
            "a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).",
        )
    if input.ndim < 2 and training and 0 < p < 1:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return _drop_channels(input, p, training, inplace, 2)


def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    r"""Set whole channels of volumes to 0 with probability p; multiply the rest by 1/(1-p).

    Args:
        input: volumes.
        p: the probability, independent for each channel of each sample.
        training: if False the input is returned as it is.
        inplace: whether the result is written over `input`.

    Shape:
        - input :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`. Output: the same.

    Raises:
        ValueError: if p is not between 0 and 1.

    Reference: Tompson et al., "Efficient object localization using convolutional networks", 2015.
    """
    check_probability(p)
    if input.ndim not in (4, 5):
        warn(
            f"dropout3d: Received a {input.ndim}-D input to dropout3d, which is deprecated "
            "and will result in an error in a future release. To retain the behavior "
            "and silence this warning, please use dropout instead. Note that dropout3d "
            "exists to provide channel-wise dropout on inputs with 3 spatial dimensions, "
            "a channel dimension, and an optional batch dimension (i.e. 4D or 5D inputs).",
        )
    return _drop_channels(input, p, training, inplace, 2 if input.ndim == 5 else 1)


def _drop_channels(input: Tensor, p: float, training: bool, inplace: bool, ndim: int) -> Tensor:
    """Drop what lies at each index of the first `ndim` dimensions as a whole."""
    if not training or p == 0.0:
        return input
    shape = (*input.shape[:ndim], *[1] * (input.ndim - ndim))
    mask = ops.dropout_mask(input, p, shape)
    return apply_inplace(lambda x: ops.mul(x, mask), input, inplace)


def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    r"""Set elements to where SELU tends with probability p, and keep mean and variance.

    With :math:`\alpha = 1.7581` the dropped become :math:`-\alpha`, and all are then multiplied by
    :math:`a = ((1 - p)(1 + p \alpha^2))^{-1/2}` and moved by :math:`a p \alpha`.

    Args:
        input: of any shape; of mean 0 and variance 1, as after a SELU.
        p: the probability, independent for each element.
        training: if False the input is returned as it is.
        inplace: whether the result is written over `input`.

    Raises:
        ValueError: if p is not between 0 and 1.

    Reference: Klambauer et al., "Self-normalizing neural networks", 2017.
    """
    return _alpha_dropout(input, p, training, inplace, input.ndim)


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Do to whole channels what `alpha_dropout` does to elements.

    Args:
        input: of mean 0 and variance 1, as after a SELU.
        p: the probability, independent for each channel of each sample.
        training: if False the input is returned as it is.
        inplace: whether the result is written over `input`.

    Shape:
        - input :math:`(N, C, *)`. Output: the same.

    Raises:
        ValueError: if p is not between 0 and 1.
        RuntimeError: for less than two dimensions.
    """
    return _alpha_dropout(input, p, training, inplace, 2)


def _alpha_dropout(input: Tensor, p: float, training: bool, inplace: bool, ndim: int) -> Tensor:
    """Treat what lies at each index of the first `ndim` dimensions alike."""
    check_probability(p)
    if not training or p == 0.0:
        return input
    if p == 1.0:
        return apply_inplace(lambda x: x * 0, input, inplace)
    if input.ndim < ndim:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    require_float_input(input, ops.zeros(1))
    shape = (*input.shape[:ndim], *[1] * (input.ndim - ndim))
    kept = (ops.dropout_mask(input, p, shape) != 0).astype(input._array.dtype)
    alpha = _SELU_AT_MINUS_INFINITY
    scale = ((alpha**2 * p + 1) * (1 - p)) ** -0.5
    factor, shift = wrap(kept * scale), wrap((kept - 1 + p) * (alpha * scale))
    return apply_inplace(lambda x: x * factor + shift, input, inplace)
