"""Normalization over the last dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minitorch import ops
from minitorch.nn.functional._normalization import affine_of_nothing, check_types
from minitorch.tensor import Tensor


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    r"""Normalize over the last dimensions.

    Args:
        input: the values.
        normalized_shape: the sizes of the dimensions to normalize over.
        weight: what the normalized values are multiplied by; None for ones.
        bias: what is added to them; None for zeros.
        eps: keeps the division finite.

    Shape:
        - input :math:`(*, normalized\_shape)`, weight and bias :math:`(normalized\_shape)`.
          Output: as the input.

    Raises:
        RuntimeError: if sizes or types do not fit.

    Reference: Ba, Kiros, Hinton, "Layer normalization", 2016.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.layer_norm(minitorch.tensor([[1.0, 3.0]]), (2,))
        tensor([[-1.0000,  1.0000]])
    """
    shape = _checked_shape("layer_norm", "*, ", input, normalized_shape, weight, bias)
    if input.numel() == 0:
        return affine_of_nothing(input, weight, bias)
    return ops.layer_norm(input, shape, weight, bias, eps)


def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    r"""Divide by the root of the mean square over the last dimensions.

    Args:
        input: the values.
        normalized_shape: the sizes of the dimensions to normalize over.
        weight: what the normalized values are multiplied by; None for ones.
        eps: keeps the division finite. Default: the spacing of the dtype's numbers at 1.

    Shape:
        - input :math:`(*, normalized\_shape)`, weight :math:`(normalized\_shape)`. Output: as the
          input.

    Raises:
        RuntimeError: if sizes or types do not fit.

    Reference: Zhang and Sennrich, "Root mean square layer normalization", 2019.

    Example:
        >>> import minitorch
        >>> minitorch.nn.functional.rms_norm(minitorch.tensor([[1.0, 7.0]]), (2,))
        tensor([[0.2000, 1.4000]])
    """
    shape = _checked_shape("rms_norm", "*", input, normalized_shape, weight, None)
    if input.numel() == 0:
        return affine_of_nothing(input, weight, None)
    if eps is None:
        eps = float(np.finfo(np.promote_types(input._array.dtype, np.float32)).eps)
    return ops.rms_norm(input, shape, weight, eps)


def _checked_shape(
    function: str,
    before: str,
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None,
    bias: Tensor | None,
) -> tuple[int, ...]:
    """Return the shape to normalize over; torch's error if something does not fit."""
    if isinstance(normalized_shape, int):
        raise TypeError(
            f"{function}(): argument 'normalized_shape' (position 2) must be tuple of ints, not int"
        )
    shape = tuple(normalized_shape)
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
            f"element, but got normalized_shape = {list(shape)}"
        )
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.shape != shape:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(value.shape)} and normalized_shape = {list(shape)}"
            )
    if input.shape[-len(shape) :] != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [{before}"
            f"{str(list(shape))[1:]}, but got input of size{list(input.shape)}"
        )
    check_types(function, input, weight, bias)
    return shape
