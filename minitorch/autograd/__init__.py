"""The tape: recording, the backward pass, and what users build on it."""

from minitorch.autograd.anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
from minitorch.autograd.differentiate import backward, grad
from minitorch.autograd.function import Function, once_differentiable
from minitorch.autograd.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from minitorch.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck
from minitorch.autograd.node import Node, sequence_nr
from minitorch.autograd.primitive import primitive
from minitorch.autograd.variable import Variable

__all__ = [
    "Function",
    "GradcheckError",
    "Node",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "once_differentiable",
    "primitive",
    "sequence_nr",
    "set_detect_anomaly",
    "set_grad_enabled",
]
