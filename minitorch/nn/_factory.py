"""Making the parameters of layers, before `reset_parameters` draws their values."""

from __future__ import annotations

import numpy as np

from minitorch import dtypes
from minitorch.nn.parameter import Parameter
from minitorch.tensor import wrap


def empty_parameter(shape: tuple[int, ...], dtype: dtypes.dtype | None = None) -> Parameter:
    """Return a parameter with undefined values, of the default dtype if none is given."""
    return Parameter(wrap(np.empty(shape, dtypes.numpy_dtype(dtype))))
