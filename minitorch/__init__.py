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

import warnings
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
    can_cast,
    double,
    dtype,
    finfo,
    float,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    iinfo,
    int,
    int8,
    int16,
    int32,
    int64,
    long,
    promote_types,
    set_default_dtype,
    short,
    uint8,
)
from minitorch.formatting import set_printoptions
from minitorch.kernels import get_num_threads, keep_memory, set_num_threads
from minitorch.ops import *  # noqa: F403 - ops.__all__ is the list
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

# 1 / 0 and log(-1) give inf and nan, in silence, as in torch.
warnings.filterwarnings(
    "ignore", category=RuntimeWarning, module=r"minitorch\.(autograd|kernels|ops)"
)

__all__ = [
    "set_printoptions",
    "promote_types",
    "iinfo",
    "finfo",
    "can_cast",
    "Generator",
    "Size",
    "Tensor",
    "__version__",
    "add",
    "autograd",
    "bool",
    "default_generator",
    "device",
    "div",
    "double",
    "dtype",
    "e",
    "enable_grad",
    "float",
    "float16",
    "float32",
    "float64",
    "get_default_dtype",
    "get_num_threads",
    "get_rng_state",
    "half",
    "inf",
    "inference_mode",
    "initial_seed",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "keep_memory",
    "kernels",
    "load",
    "load_metadata",
    "long",
    "manual_seed",
    "nan",
    "nn",
    "no_grad",
    "ops",
    "optim",
    "pi",
    "pow",
    "save",
    "seed",
    "set_default_dtype",
    "set_grad_enabled",
    "set_num_threads",
    "set_rng_state",
    "short",
    "sub",
    "uint8",
    "utils",
]
__all__ += ops.__all__
