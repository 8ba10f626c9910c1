"""Convolution: three maps, each linear in both of its arguments, each the others' gradient."""

from minitorch.kernels.convolution.geometry import Geometry
from minitorch.kernels.convolution.maps import (
    convolution_gradients,
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
    empty_taps,
)

__all__ = [
    "Geometry",
    "convolution_gradients",
    "convolution_input_gradient",
    "convolution_weight_gradient",
    "convolve",
    "empty_taps",
]
