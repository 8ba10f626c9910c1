"""What is asked of gradients beside using them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from minitorch import nn


def gradient_norm(parameters: Iterable[nn.Parameter]) -> float:
    """The 2-norm of all gradients together, as ``nn.utils.clip_grad_norm_`` measures it."""
    flat = (p.grad.numpy().ravel(order="K") for p in parameters if p.grad is not None)
    return math.sqrt(sum(float(np.vdot(gradient, gradient)) for gradient in flat))
