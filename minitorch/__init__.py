"""PyTorch, rebuilt from scratch in Python and NumPy: torch's names and torch's numbers.

Example:
    >>> import minitorch
    >>> x = minitorch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> y = (x @ x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([[ 7., 11.],
            [ 9., 13.]])
"""

from math import e, inf, nan, pi

from minitorch import autograd, kernels, methods, ops
from minitorch.autograd import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from minitorch.devices import device
from minitorch.dtypes import (
    bool,
    double,
    dtype,
    float,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    int,
    int8,
    int16,
    int32,
    int64,
    long,
    set_default_dtype,
    short,
    uint8,
)
from minitorch.kernels import get_num_threads, keep_memory, set_num_threads
from minitorch.ops import *  # noqa: F403
from minitorch.ops import addition as add
from minitorch.ops import divide as div
from minitorch.ops import power as pow
from minitorch.ops import subtraction as sub
from minitorch.random import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)
from minitorch.tensor import Size, Tensor

methods.bind()

from minitorch import nn, optim, utils  # noqa: E402 - they need the bound methods
from minitorch.serialization import load, load_metadata, save  # noqa: E402

__version__ = "0.1.0"


def is_tensor(obj: object) -> bool:  # type: ignore[valid-type]
    """Return whether `obj` is a Tensor."""
    return isinstance(obj, Tensor)
